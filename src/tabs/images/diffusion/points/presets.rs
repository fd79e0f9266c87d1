//! What to try, and what to look at then.

use super::PointsView;
use super::setup::{Setup, What};
use crate::labs::diffusion::plane::{Shape, moons, spiral};
use crate::tabs::parts::{caption, group, wrapped};
use eframe::egui::{Button, Ui};

struct Preset {
    name: &'static str,
    look_at: &'static str,
    change: fn(&mut Setup),
}

const PRESETS: [Preset; 5] = [
    Preset {
        name: "Try: a spiral",
        look_at: "Both learn the same shape. Scrub the strip: the ways of diffusion bend, those of flow matching are nearly straight.",
        change: |setup| {
            *setup = Setup {
                shape: spiral(),
                ..Setup::default()
            };
        },
    },
    Preset {
        name: "Try: all in one step",
        look_at: "In one step every point goes to the same place, the middle of the data: nothing is known of a point under full noise but the mean. Raise the steps and watch the shape come.",
        change: |setup| {
            *setup = Setup {
                shape: Shape::TwoGaussians,
                n_steps: 1,
                ..Setup::default()
            };
        },
    },
    Preset {
        name: "Try: four steps",
        look_at: "With so few steps each is long. Flow matching, whose ways are straighter, lands nearer to the data: compare JS.",
        change: |setup| {
            *setup = Setup {
                shape: moons(),
                n_steps: 4,
                ..Setup::default()
            };
        },
    },
    Preset {
        name: "Try: ε against v",
        look_at: "The same process, other answers. Near full noise the arrows of ε are wild: the clean point is found by dividing by nearly nothing.",
        change: |setup| {
            *setup = Setup {
                shape: spiral(),
                what: [What::Epsilon, What::V],
                ..Setup::default()
            };
        },
    },
    Preset {
        name: "Try: clouds far apart",
        look_at: "Where does noise decide which cloud it goes to? Watch the ways part early, and the arrows between the clouds.",
        change: |setup| {
            *setup = Setup {
                shape: Shape::FourDisjoint,
                ..Setup::default()
            };
        },
    },
];

pub(super) fn show(view: &mut PointsView, ui: &mut Ui) {
    group(ui, "Try");
    let mut chosen = None;
    wrapped(ui, |ui| {
        for preset in &PRESETS {
            let is_on = preset.changed(&view.setup) == view.setup;
            let button = Button::selectable(is_on, preset.name).frame_when_inactive(true);
            if ui.add(button).on_hover_text(preset.look_at).clicked() {
                chosen = Some(preset);
            }
        }
    });
    if let Some(preset) = chosen {
        view.setup = preset.changed(&view.setup);
        view.drawing = None;
        view.step = None;
        view.start_anew();
        view.trains = true;
    }
    let mut presets = PRESETS.iter();
    match presets.find(|preset| preset.changed(&view.setup) == view.setup) {
        Some(preset) => caption(ui, preset.look_at),
        None => caption(ui, "Each begins a training at once."),
    };
}

impl Preset {
    /// What is chosen under it; the seed stays.
    fn changed(&self, setup: &Setup) -> Setup {
        let mut changed = setup.clone();
        (self.change)(&mut changed);
        changed.seed = setup.seed;
        changed
    }
}
