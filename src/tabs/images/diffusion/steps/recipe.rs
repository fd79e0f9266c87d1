//! What a picture is made by: words, chance and settings. All of it goes into the PNG, and comes back
//! from there.

use crate::labs::diffusion::captions::{Attribute, Parsed, of_faces, parse};
use crate::labs::diffusion::parameters::Parameters;
use crate::labs::diffusion::sampling::Settings;
use crate::labs::diffusion::{About, Denoiser};
use crate::refusal::Result;
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// What is asked for when the view is seen first.
const FIRST: &str = "a smiling face with curly red hair and glasses, tan skin, blue background";

/// Attributes whose first value says that the thing is not there: no word for them means that.
const ABSENT: [&str; 3] = ["eyewear", "beard", "flowers"];

/// Words, chance and settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Recipe {
    /// What the picture shows.
    pub(super) caption: String,
    /// A second caption, mixed with the first.
    pub(super) second: String,
    /// How much of the mixture the second one is, 0..=1.
    pub(super) share: f64,
    pub(super) seed: u64,
    pub(super) settings: Settings,
}

impl Default for Recipe {
    fn default() -> Self {
        Self {
            caption: FIRST.into(),
            second: String::new(),
            share: 0.0,
            seed: 1,
            settings: Settings::default(),
        }
    }
}

impl Recipe {
    /// The caption as the model reads it.
    pub(super) fn parsed(&self, attributes: &[Attribute]) -> Parsed {
        parse(&self.caption, attributes)
    }

    /// Whether a second caption plays a part.
    pub(super) fn is_mixed(&self) -> bool {
        self.share > 0.0 && !self.second.trim().is_empty()
    }

    /// What the model is told: one vector, mixed where there are two captions.
    pub(super) fn condition(&self, denoiser: &Denoiser) -> Result<Vec<f32>> {
        let attributes = &denoiser.about().attributes;
        let mut condition = denoiser.condition(&self.parsed(attributes).rows)?;
        if self.is_mixed() {
            let second = denoiser.condition(&parse(&self.second, attributes).rows)?;
            for (a, b) in condition.iter_mut().zip(second) {
                *a += self.share as f32 * (b - *a);
            }
        }
        Ok(condition)
    }

    /// Whether the same picture comes of it: words that mean the same make no difference.
    pub(super) fn makes_the_same(&self, other: &Self, attributes: &[Attribute]) -> bool {
        let rows = |text: &str| parse(text, attributes).rows;
        let mix = |recipe: &Self| {
            let second = recipe.is_mixed();
            second.then(|| (rows(&recipe.second), recipe.share.to_bits()))
        };
        (self.seed, self.settings) == (other.seed, other.settings)
            && rows(&self.caption) == rows(&other.caption)
            && mix(self) == mix(other)
    }

    /// What is written into the PNG.
    pub(super) fn parameters(&self, about: &About) -> Parameters {
        let second = self.is_mixed().then(|| (self.second.clone(), self.share));
        Parameters {
            model: about.name.clone(),
            caption: self.caption.clone(),
            mixed_with: second,
            seed: self.seed,
            count: 1,
            side: about.side,
            settings: self.settings,
            strength: None,
        }
    }
}

impl From<Parameters> for Recipe {
    fn from(parameters: Parameters) -> Self {
        let (second, share) = parameters.mixed_with.unwrap_or_default();
        Self {
            caption: parameters.caption,
            second,
            share,
            seed: parameters.seed,
            settings: parameters.settings,
        }
    }
}

/// Whether an attribute may go unmentioned without meaning "not there".
pub(super) fn can_be_open(attribute: &Attribute) -> bool {
    !ABSENT.contains(&attribute.name.as_str())
}

/// A caption that is read as these rows: what is 0 is left unsaid.
pub(super) fn caption_of(rows: &[u32], attributes: &[Attribute]) -> String {
    let word = |name: &str| -> Option<&str> {
        let at = attributes.iter().position(|a| a.name == name)?;
        let value = rows.get(at)?.checked_sub(1)?;
        attributes[at]
            .values
            .get(value as usize)
            .map(String::as_str)
    };
    if attributes != of_faces() {
        let said = attributes.iter().filter_map(|a| word(&a.name));
        return said.collect::<Vec<_>>().join(", ");
    }
    let color = word("hair_color");
    let hair = match (word("hair"), color) {
        (Some("bald"), Some(color)) => Some(format!("a bald head and a little {color} hair")),
        (Some("bald"), None) => Some("a bald head".into()),
        (Some(shape @ ("bob" | "mohawk" | "bun")), color) => {
            let words = [Some("a"), color, Some(shape)];
            Some(words.into_iter().flatten().collect::<Vec<_>>().join(" "))
        }
        (None, None) => None,
        (shape, color) => {
            let words = [shape, color, Some("hair")];
            Some(words.into_iter().flatten().collect::<Vec<_>>().join(" "))
        }
    };
    let mut things: Vec<String> = hair.into_iter().collect();
    things.extend(word("eyewear").filter(|w| *w != "none").map(str::to_owned));
    for (name, thing) in [("beard", "a beard"), ("flowers", "flowers")] {
        things.extend(word(name).filter(|w| *w == "yes").map(|_| thing.to_owned()));
    }
    let mut caption = match word("mood") {
        Some(mood) => format!("a {mood} face"),
        None => "a face".into(),
    };
    if let Some(last) = things.pop() {
        caption += " with ";
        if !things.is_empty() {
            let _ = write!(caption, "{} and ", things.join(", "));
        }
        caption += &last;
    }
    for thing in ["skin", "background"] {
        if let Some(color) = word(thing) {
            let _ = write!(caption, ", {color} {thing}");
        }
    }
    caption
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labs::diffusion::captions::of_digits;
    use crate::rng::Rng;

    #[test]
    fn a_caption_made_of_rows_is_read_as_those_rows() {
        let faces = of_faces();
        let mut rng = Rng::new(5, "rows");
        for _ in 0..2000 {
            let row = |a: &Attribute| {
                let least = usize::from(!can_be_open(a));
                (least + rng.below(a.values.len() + 1 - least)) as u32
            };
            let rows: Vec<u32> = faces.iter().map(row).collect();
            let caption = caption_of(&rows, &faces);
            let read = parse(&caption, &faces);
            // When nothing is said at all, anything may come.
            if read.rows.iter().any(|&row| row > 0) {
                assert_eq!(read.rows, rows, "{caption}");
            }
            assert!(read.unknown.is_empty(), "{caption}");
        }
        let digits = of_digits();
        assert_eq!(caption_of(&[8], &digits), "7");
        assert_eq!(parse("7", &digits).rows, [8]);
    }

    #[test]
    fn parameters_give_the_recipe_back() {
        let recipe = Recipe {
            second: "a sad face".into(),
            share: 0.25,
            seed: u64::MAX,
            ..Recipe::default()
        };
        let about = About {
            name: "faces".into(),
            side: 32,
            n_channels: 3,
            attributes: of_faces(),
            schedule: crate::labs::diffusion::Schedule::Cosine,
            prediction: crate::labs::diffusion::Prediction::X0,
            n_weights: 1,
            steps: None,
            source: String::new(),
            license: String::new(),
        };
        assert_eq!(Recipe::from(recipe.parameters(&about)), recipe);
    }

    #[test]
    fn words_that_mean_the_same_make_the_same_picture() {
        let faces = of_faces();
        let happy = Recipe {
            caption: "a happy man, ginger hair".into(),
            ..Recipe::default()
        };
        let smiling = Recipe {
            caption: "smiling, red hair".into(),
            second: "a sad face".into(),
            ..Recipe::default()
        };
        assert!(happy.makes_the_same(&smiling, &faces));
        let mixed = Recipe {
            share: 0.5,
            ..smiling.clone()
        };
        assert!(!mixed.makes_the_same(&smiling, &faces));
    }
}
