//! Trainings to try: two that work, two that fail as GANs fail, and what helps against that.

use super::setup::Setup;
use crate::labs::gan::Loss;
use crate::labs::gan::pictures::Settings;
use crate::tabs::images::learned_from::From;

/// A training to try.
pub(super) struct Preset {
    /// What its button says.
    pub(super) label: &'static str,
    /// What will be seen, in a sentence.
    pub(super) tooltip: &'static str,
    /// What to look at while it goes on.
    pub(super) look_at: &'static str,
    /// Makes the setup what it should be.
    apply: fn(&mut Setup),
}

/// All of them, in the order they are shown.
pub(super) const PRESETS: [Preset; 4] = [
    Preset {
        label: "Faces in five minutes",
        tooltip: "The faces that ship, at 32 × 32, with settings that work.",
        look_at: "First the background has a colour, then there is hair around skin, then eyes. D's verdict on made pictures stays well above 0 %: neither side wins.",
        apply: |setup| {
            setup.from = From::Faces;
            setup.side = 32;
            setup.minutes = 5.0;
            setup.settings = Settings::default();
        },
    },
    Preset {
        label: "Digits in a minute",
        tooltip: "Handwritten digits at 16 × 16: small networks, quick to learn.",
        look_at: "Strokes after seconds, digits within a minute. Some stay between two digits: to G that is no mistake, as long as D takes them for real.",
        apply: |setup| {
            setup.from = From::Digits;
            setup.minutes = 1.0;
            setup.settings = Settings::default();
        },
    },
    Preset {
        label: "D too good",
        tooltip: "The discriminator learns much faster, and G has the loss of the first paper: its gradient vanishes.",
        look_at: "D's verdict on made pictures falls to 0 %, and with it G's gradient, by orders of magnitude (the chart of G's gradient is logarithmic). Then the pictures stand still: G is told nothing any more.",
        apply: |setup| {
            setup.from = From::Digits;
            setup.minutes = 3.0;
            setup.settings = Settings {
                loss: Loss::Log,
                learning_rate_d: 1e-3,
                learning_rate_g: 2e-4,
                d_steps: 5,
                spectral_norm: false,
                input_noise: 0.0,
                label_smoothing: 0.0,
                ..Settings::default()
            };
        },
    },
    Preset {
        label: "Mode collapse",
        tooltip: "The generator runs ahead of D and finds that a single good forgery is enough.",
        look_at: "The 64 made pictures become alike although their z differ: “variety” falls far below that of real pictures, and the judge finds only one or two of the ten digits. G jumps from one forgery to the next as D catches up.",
        apply: |setup| {
            setup.from = From::Digits;
            setup.minutes = 3.0;
            setup.settings = Settings {
                loss: Loss::NonSaturating,
                learning_rate_d: 5e-5,
                learning_rate_g: 5e-3,
                d_steps: 1,
                spectral_norm: false,
                input_noise: 0.0,
                label_smoothing: 0.0,
                ema: 0.0,
                ..Settings::default()
            };
        },
    },
];

impl Preset {
    /// Makes the setup what this preset shows.
    pub(super) fn apply(&self, setup: &mut Setup) {
        (self.apply)(setup);
    }

    /// Whether the setup is this preset's.
    pub(super) fn is(&self, setup: &Setup) -> bool {
        let mut own = setup.clone();
        self.apply(&mut own);
        own == *setup
    }
}

/// Something that helps against the failures; it is pressed while training goes on.
pub(super) struct Remedy {
    /// What its button says.
    pub(super) label: &'static str,
    /// Why it helps, in a sentence.
    pub(super) tooltip: &'static str,
    is_on: fn(&Settings) -> bool,
    set: fn(&mut Settings, bool),
}

/// All of them.
pub(super) const REMEDIES: [Remedy; 5] = [
    Remedy {
        label: "Noise on D's inputs",
        tooltip: "Real and made pictures overlap once both are noisy, so that D cannot become sure: it must come before D is. On its own it does not undo the damage; with the loss below it does.",
        is_on: |settings| settings.input_noise > 0.0,
        set: |settings, on| settings.input_noise = if on { 0.3 } else { 0.0 },
    },
    Remedy {
        label: "Non-saturating loss",
        tooltip: "G raises the logarithm of D's verdict instead of lowering that of its opposite: steepest exactly where D is sure.",
        is_on: |settings| settings.loss == Loss::NonSaturating,
        set: |settings, on| {
            settings.loss = if on { Loss::NonSaturating } else { Loss::Log };
        },
    },
    Remedy {
        label: "Fewer D steps",
        tooltip: "One step of D for each step of G: D does not run ahead.",
        is_on: |settings| settings.d_steps == 1,
        set: |settings, on| settings.d_steps = if on { 1 } else { 5 },
    },
    Remedy {
        label: "Label smoothing",
        tooltip: "D is asked for 90 % where a picture is real, never for certainty: its verdicts stay moderate.",
        is_on: |settings| settings.label_smoothing > 0.0,
        set: |settings, on| settings.label_smoothing = if on { 0.1 } else { 0.0 },
    },
    Remedy {
        label: "Equal learning rates",
        tooltip: "Both move by steps of the same size, so that neither leaves the other behind.",
        is_on: |settings| settings.learning_rate_d.to_bits() == settings.learning_rate_g.to_bits(),
        set: |settings, on| {
            let usual = Settings::default();
            if on {
                settings.learning_rate_d = usual.learning_rate_d;
                settings.learning_rate_g = usual.learning_rate_d;
            } else {
                settings.learning_rate_g = settings.learning_rate_d * 5.0;
            }
        },
    },
];

impl Remedy {
    /// Whether it is in use.
    pub(super) fn is_on(&self, settings: &Settings) -> bool {
        (self.is_on)(settings)
    }

    /// Uses it, or no longer.
    pub(super) fn toggle(&self, settings: &mut Settings) {
        let on = !self.is_on(settings);
        (self.set)(settings, on);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preset_is_known_again_and_no_two_are_the_same() {
        for (i, preset) in PRESETS.iter().enumerate() {
            let mut setup = Setup::default();
            preset.apply(&mut setup);
            let which: Vec<usize> = (0..PRESETS.len())
                .filter(|&other| PRESETS[other].is(&setup))
                .collect();
            assert_eq!(which, [i]);
        }
    }

    #[test]
    fn what_helps_can_be_used_and_left_again() {
        let mut setup = Setup::default();
        PRESETS[2].apply(&mut setup);
        for remedy in &REMEDIES {
            let before = remedy.is_on(&setup.settings);
            remedy.toggle(&mut setup.settings);
            assert_eq!(remedy.is_on(&setup.settings), !before, "{}", remedy.label);
            remedy.toggle(&mut setup.settings);
            assert_eq!(remedy.is_on(&setup.settings), before, "{}", remedy.label);
        }
    }
}
