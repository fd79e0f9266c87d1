//! The card of what draws pictures or reads them: our own kinds of weight files, which say what they are.

use super::Card;
use crate::files::metadata::MetaValue;
use crate::files::png_text::Texts;
use crate::files::shown::{shortened, shown};
use crate::files::weights::WeightFile;
use serde_json::Value;

/// Letters of a text that are shown.
const MOST_LETTERS: usize = 400;

impl Card {
    /// Describes a file that says under `glassbox.kind` what it is; whether it does.
    pub(super) fn describe_pictures(&mut self, file: &WeightFile) -> bool {
        let text = |key: &str| file.meta(key).and_then(MetaValue::as_str);
        let number = |about: &Value, key: &str| about[key].as_u64();
        match text("glassbox.kind") {
            Some("gan") => {
                "picture generator".clone_into(&mut self.kind);
                self.architecture = Some("dcgan".to_owned());
                self.usable_as.push("images".to_owned());
                let config = serde_json::from_str(text("config").unwrap_or_default());
                let config: Value = config.unwrap_or_default();
                if let (Some(d_z), Some(side)) = (number(&config, "d_z"), number(&config, "side")) {
                    self.notes.push(format!(
                        "It draws pictures of {side} × {side} pixels from {d_z} numbers."
                    ));
                }
            }
            Some("gan training") => {
                "picture training".clone_into(&mut self.kind);
                self.usable_as.push("images".to_owned());
                self.notes.push(
                    "It is a training of a generator that can go on where it stopped.".to_owned(),
                );
            }
            Some("judge") => {
                "judge of pictures".clone_into(&mut self.kind);
                self.notes
                    .push("It reads what pictures of faces or digits show.".to_owned());
            }
            _ => return false,
        }
        true
    }

    /// Tells the texts that a PNG carries, and whether they say what it was made with.
    pub(super) fn describe_texts(&mut self, texts: &Texts) {
        for (key, text) in &texts.texts {
            let entry = (shown(key), shortened(&shown(text), MOST_LETTERS));
            self.metadata.push(entry);
        }
        if texts.get("parameters").or(texts.get("glassbox")).is_some() {
            self.notes =
                vec!["It says what it was made with: the Images tab can make it again.".to_owned()];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn the_generator_and_the_judges_that_ship_say_what_they_are() {
        let card = |name: &str| Card::of(&Path::new("models").join(name)).unwrap();
        let generator = card("gan_faces.safetensors");
        assert_eq!(generator.kind, "picture generator");
        assert_eq!(generator.usable_as, ["images"]);
        assert!(
            generator.notes[0].contains("64 numbers"),
            "{:?}",
            generator.notes
        );
        assert_eq!(card("judge_faces.safetensors").kind, "judge of pictures");
    }
}
