//! What to try: games that go well and the two failures of the lecture, each with what to look at and
//! with changes that help. What is said here is measured by this file's tests.

use super::settings::{Optimizer, Settings, Training};
use super::shape::Shape;
use crate::labs::gan::Loss;

/// A game to try.
#[derive(Debug, Clone)]
pub struct Preset {
    /// Its name on a button.
    pub name: &'static str,
    /// What happens and why.
    pub about: &'static str,
    /// What to look at, and after how many turns.
    pub look_at: &'static str,
    /// The settings it starts anew with.
    pub settings: Settings,
    /// Changes that help, each by itself, made while it plays or before.
    pub remedies: Vec<Remedy>,
}

/// One change to the settings.
#[derive(Debug, Clone, Copy)]
pub struct Remedy {
    /// Its name on a button.
    pub name: &'static str,
    /// Why it helps.
    pub why: &'static str,
    /// Makes the change.
    pub change: fn(&mut Settings),
}

/// Everything to try, in the order of a lecture.
#[must_use]
pub fn presets() -> Vec<Preset> {
    vec![well(), too_good(), collapse()]
}

fn well() -> Preset {
    Preset {
        name: "A fair game",
        about: "Both networks learn at about the same pace. The fakes find the ring within a few hundred turns, then spread along it.",
        look_at: "After 600 turns (10 s): the JS divergence has fallen from above 0.5 to between 0.1 and 0.25, 8 of 8 parts are covered, and D is right on little more than half of the points.",
        settings: Settings::default(),
        remedies: Vec::new(),
    }
}

fn too_good() -> Preset {
    Preset {
        name: "A discriminator too good",
        about: "D takes 20 steps for each of G's and soon tells every fake. G lowers ln(1 − D(G(z))), which is flat where D is sure of a fake: its gradient is D(G(z)) times D's slope, and D(G(z)) is almost 0.",
        look_at: "G's gradient: from 2.5 before the first turn to a hundredth of that or less within 40 turns, while D is right on all points. The JS divergence stays at ln 2 = 0.693: the fakes hardly move.",
        settings: Settings {
            shape: Shape::FourDisjoint,
            loss: Loss::Log,
            d: Training {
                n_layers: 2,
                width: 32,
                optimizer: Optimizer::Adam,
                learning_rate: 0.01,
                n_steps: 20,
            },
            g: Training {
                n_layers: 2,
                width: 32,
                optimizer: Optimizer::Sgd,
                learning_rate: 0.001,
                n_steps: 1,
            },
            seed: 76,
            ..Settings::default()
        },
        remedies: vec![
            Remedy {
                name: "Non-saturating loss",
                why: "G raises ln D(G(z)) instead: steepest just where D is sure of a fake.",
                change: |settings| settings.loss = Loss::NonSaturating,
            },
            Remedy {
                name: "Noise on D's inputs",
                why: "Blurred, real and fake overlap, so that no D can be sure, and its slope reaches further.",
                change: |settings| settings.input_noise = 0.3,
            },
            Remedy {
                name: "Fewer D steps",
                why: "One step of D for each of G's leaves it unsure for longer.",
                change: |settings| {
                    settings.d.n_steps = 1;
                    settings.d.learning_rate = 0.002;
                },
            },
            Remedy {
                name: "Label smoothing",
                why: "D is asked for 0.8 on real samples, not 1: it has no more reason to grow ever steeper. G's gradient falls less far, and steadily.",
                change: |settings| settings.label_smoothing = 0.2,
            },
            Remedy {
                name: "Wasserstein with penalty",
                why: "A critic has no probability that could reach 0: its slope is held near 1 everywhere.",
                change: |settings| settings.loss = Loss::WassersteinPenalty,
            },
        ],
    }
}

fn collapse() -> Preset {
    Preset {
        name: "Mode collapse",
        about: "G takes 10 steps for each of D's. It runs to wherever D is most easily fooled, with all of its points at once; D learns that this place is fake, and G runs on.",
        look_at: "The fakes: one clump that jumps about. Parts covered: 0 or 1 of 4 at most times, and the warped grid is folded to a point.",
        settings: Settings {
            shape: Shape::FourDisjoint,
            loss: Loss::NonSaturating,
            d: Training {
                n_layers: 2,
                width: 32,
                optimizer: Optimizer::Adam,
                learning_rate: 0.002,
                n_steps: 1,
            },
            g: Training {
                n_layers: 2,
                width: 32,
                optimizer: Optimizer::Adam,
                learning_rate: 0.002,
                n_steps: 10,
            },
            seed: 1,
            ..Settings::default()
        },
        remedies: vec![
            Remedy {
                name: "One G step",
                why: "A D that keeps up sees the whole of what G makes before G has left.",
                change: |settings| settings.g.n_steps = 1,
            },
            Remedy {
                name: "One G step, three D steps",
                why: "The nearer D is to its best, the more its slope says about the whole distribution.",
                change: |settings| (settings.g.n_steps, settings.d.n_steps) = (1, 3),
            },
            Remedy {
                name: "One G step, Wasserstein",
                why: "A critic rewards mass that goes to a mode that has too little, also when G fools it elsewhere.",
                change: |settings| {
                    (settings.g.n_steps, settings.d.n_steps) = (1, 3);
                    settings.loss = Loss::WassersteinPenalty;
                },
            },
            Remedy {
                name: "One G step, noise on D's inputs",
                why: "Blurred, the modes overlap, and mass can flow from one to the next.",
                change: |settings| {
                    settings.g.n_steps = 1;
                    settings.input_noise = 0.1;
                },
            },
        ],
    }
}
