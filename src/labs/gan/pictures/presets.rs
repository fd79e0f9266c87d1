//! Trainings to try: two that work, the two failures of the lecture, and what helps against them.
//!
//! What the words promise was seen in runs of `examples`: `presets_fail_as_they_say` in the tests.

use super::{Settings, Source};
use crate::labs::gan::Loss;

/// A training to try.
#[derive(Debug, Clone, PartialEq)]
pub struct Preset {
    /// What its button says.
    pub name: &'static str,
    /// What will be seen, in a sentence.
    pub tooltip: &'static str,
    /// What to look at while it goes on.
    pub look_at: &'static str,
    /// What is learned from.
    pub source: Source,
    /// Pixels along a side.
    pub side: usize,
    /// Minutes of work.
    pub minutes: f64,
    /// What it starts with.
    pub settings: Settings,
}

/// All of them, in the order they are shown.
#[must_use]
pub fn presets() -> [Preset; 4] {
    [
        Preset {
            name: "Faces in five minutes",
            tooltip: "The faces that ship, at 32 × 32, with settings that work.",
            look_at: "First the background has a colour, then there is hair around skin, then eyes. D's verdict on made pictures stays well above 0 %: neither side wins.",
            source: Source::Faces,
            side: 32,
            minutes: 5.0,
            settings: Settings::default(),
        },
        Preset {
            name: "Digits in a minute",
            tooltip: "Handwritten digits at 16 × 16: small networks, quick to learn.",
            look_at: "Strokes after seconds, digits within a minute. Some stay between two digits: to G that is no mistake, as long as D takes them for real.",
            source: Source::Digits,
            side: 16,
            minutes: 1.0,
            settings: Settings::default(),
        },
        Preset {
            name: "D too good",
            tooltip: "The discriminator learns much faster, and G has the loss of the first paper: its gradient vanishes.",
            look_at: "D's verdict on made pictures falls to 0 %, and with it G's gradient, by orders of magnitude. Then the pictures stand still: G is told nothing any more.",
            source: Source::Digits,
            side: 16,
            minutes: 3.0,
            settings: Settings {
                loss: Loss::Log,
                learning_rate_d: 1e-3,
                learning_rate_g: 2e-4,
                d_steps: 5,
                spectral_norm: false,
                ..Settings::default()
            },
        },
        Preset {
            name: "Mode collapse",
            tooltip: "The generator runs ahead of D and finds that a single good forgery is enough.",
            look_at: "The 64 made pictures become alike although their z differ. G jumps from one forgery to the next as D catches up.",
            source: Source::Digits,
            side: 16,
            minutes: 3.0,
            settings: Settings {
                loss: Loss::NonSaturating,
                learning_rate_d: 5e-5,
                learning_rate_g: 5e-3,
                spectral_norm: false,
                ema: 0.0,
                ..Settings::default()
            },
        },
    ]
}
