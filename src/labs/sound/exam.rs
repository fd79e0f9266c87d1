//! Whether phrases made out of noise are what was asked for: the judge listens, that is, looks at them.
//!
//! The judge is a small network that learned to name what rendered phrases are from their
//! spectrograms. What it never learned from it names right as often as [`Judge::held_out`] says; how
//! often it agrees with the captions of made phrases can hardly be more.

use super::phrases::{Label, SIDE, attributes};
use crate::labs::diffusion::{Denoiser, Drawing, draw};
use crate::labs::judge::{Judge, Right};
use crate::refusal::{Refusal, Result};
use crate::rng::Rng;
use std::ops::ControlFlow;

/// What is measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Exam {
    /// Phrases that are made, each from a caption drawn as those that are learned from.
    pub n_phrases: usize,
    /// Steps of DDIM.
    pub n_steps: usize,
    /// How strongly the captions count.
    pub guidance: f64,
    /// The captions, and the noise that each phrase begins with.
    pub seed: u64,
}

impl Default for Exam {
    /// As the figures in models/README.md are measured.
    fn default() -> Self {
        Self {
            n_phrases: 280,
            n_steps: 25,
            guidance: 3.0,
            seed: 0,
        }
    }
}

/// How a model passed.
#[derive(Debug, Clone, PartialEq)]
pub struct Passed {
    /// Phrases that were made.
    pub n_phrases: usize,
    /// For instrument, mood, tempo and pattern how often the judge names what was asked for, where
    /// something was: drums have no mood.
    pub right: Vec<Right>,
}

/// Makes the phrases of an exam and has the judge name what it sees. `go_on` is asked between parts;
/// `None` when it says no.
///
/// # Errors
/// A model of other things than phrases.
pub fn examine(
    denoiser: &Denoiser,
    judge: &Judge,
    exam: &Exam,
    go_on: &mut dyn FnMut() -> ControlFlow<()>,
) -> Result<Option<Passed>> {
    let about = denoiser.about();
    let asked_of_judge = judge.questions().iter().map(|question| &question.name);
    if about.attributes != attributes() || about.side != SIDE {
        return Err(no_phrases(&about.name));
    }
    if !asked_of_judge.eq(about.attributes.iter().map(|a| &a.name)) {
        return Err(no_phrases("this judge"));
    }
    let mut rng = Rng::new(exam.seed, "the captions of an exam");
    let labels: Vec<Label> = (0..exam.n_phrases)
        .map(|_| Label::random(&mut rng))
        .collect();
    let drawing = Drawing {
        rows: labels
            .iter()
            .map(|label| label.row().map(u32::from).to_vec())
            .collect(),
        seed: exam.seed,
        n_steps: exam.n_steps,
        guidance: exam.guidance,
    };
    let Some(pictures) = draw(denoiser, &drawing, go_on)? else {
        return Ok(None);
    };
    let Some(looked) = judge.look(&pictures, go_on)? else {
        return Ok(None);
    };
    let right = judge.questions().iter().enumerate().map(|(at, question)| {
        let (mut n_asked, mut n_right) = (0, 0);
        for (rows, reading) in drawing.rows.iter().zip(&looked.readings) {
            let Some(asked) = about.attributes[at]
                .values
                .get(rows[at].wrapping_sub(1) as usize)
            else {
                continue;
            };
            let seen = reading
                .best(at)
                .and_then(|(best, _)| question.answers.get(best));
            n_asked += 1;
            n_right += usize::from(seen == Some(asked));
        }
        Right {
            question: question.name.clone(),
            share: f64::from(n_right as u32) / f64::from(n_asked.max(1)),
        }
    });
    Ok(Some(Passed {
        n_phrases: labels.len(),
        right: right.collect(),
    }))
}

impl Passed {
    /// "the judge names the instrument asked for in 91.1 % of 280 phrases, the mood in …".
    #[must_use]
    pub fn in_words(&self) -> String {
        let share =
            |right: &Right| format!("the {} in {:.1} %", right.question, 100.0 * right.share);
        let shares: Vec<String> = self.right.iter().map(share).collect();
        format!(
            "of {} phrases the judge names as it was asked for {}",
            self.n_phrases,
            shares.join(", ")
        )
    }
}

fn no_phrases(name: &str) -> Refusal {
    Refusal::unchanged(
        format!("`{name}` knows nothing of phrases of music"),
        "Its attributes are not instrument, mood, tempo and pattern.",
        "Choose a model that `glassbox train sound` wrote, and the judge that ships.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_model_that_ships_makes_what_it_is_asked_for() {
        let denoiser = Denoiser::of_sounds().unwrap();
        let judge = Judge::phrases().unwrap();
        let exam = Exam {
            n_phrases: 24,
            n_steps: 8,
            ..Exam::default()
        };
        let go_on = &mut || ControlFlow::Continue(());
        let passed = examine(&denoiser, &judge, &exam, go_on).unwrap().unwrap();
        let names = passed.right.iter().map(|right| right.question.as_str());
        assert!(names.eq(["instrument", "mood", "tempo", "pattern"]));
        // The figure of many phrases in many steps stands in models/README.md; this is a few in few.
        assert!(passed.right[0].share >= 0.7, "{}", passed.in_words());
        let stop = &mut || ControlFlow::Break(());
        assert_eq!(examine(&denoiser, &judge, &exam, stop).unwrap(), None);
    }

    #[test]
    fn a_model_of_faces_and_a_judge_of_faces_are_refused() {
        let exam = Exam {
            n_phrases: 1,
            n_steps: 1,
            ..Exam::default()
        };
        let go_on = &mut || ControlFlow::Continue(());
        let sounds = Denoiser::of_sounds().unwrap();
        let faces = Judge::faces().unwrap();
        assert!(examine(&sounds, &faces, &exam, go_on).is_err());
        let pictures = Denoiser::bundled().unwrap();
        let judge = Judge::phrases().unwrap();
        assert!(examine(&pictures, &judge, &exam, go_on).is_err());
    }

    #[test]
    fn the_judge_that_ships_was_right_about_what_it_never_learned_from() {
        let judge = Judge::phrases().unwrap();
        for right in judge.held_out() {
            assert!(right.share >= 0.9, "{}: {}", right.question, right.share);
        }
        assert_eq!(judge.held_out().len(), 4);
        assert!(judge.held_out()[0].share >= 0.95);
    }
}
