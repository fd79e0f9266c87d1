//! What of the plane is shown: each part can be switched off, and its switch is its legend.

use super::plot::ARROW_SECS;
use crate::tabs::images::plane::layers::switch;
use crate::tabs::images::plane::plot::inks;
use crate::theme::{self, size};
use crate::widgets::fine_lines::{add_arrow, add_diamond, add_disc, add_line};
use eframe::egui::{Mesh, Pos2, Shape, Ui, vec2};
use serde::{Deserialize, Serialize};

/// Adds the sign of a part: into this mesh, at this place, and whether the part is shown.
type Sign = fn(&mut Mesh, &Ui, Pos2, bool);

/// The parts that are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Layers {
    /// Points of the distribution that is learned.
    pub(super) reals: bool,
    /// What noise has become so far.
    pub(super) made: bool,
    /// Where a point at any place is led.
    pub(super) arrows: bool,
    /// The ways of some points.
    pub(super) ways: bool,
}

impl Default for Layers {
    fn default() -> Self {
        Self {
            reals: true,
            made: true,
            arrows: true,
            ways: true,
        }
    }
}

impl Layers {
    /// The switches, each with the sign it stands for, in the row that is being laid out.
    pub(super) fn switches(&mut self, ui: &mut Ui) {
        ui.spacing_mut().item_spacing = vec2(size::HALF, size::HALF);
        let arrows = format!(
            "Where a point at this place is led now: as far as it would get in {ARROW_SECS} of the way (s from 1 to 0)."
        );
        let parts: [(&mut bool, &str, &str, Sign); 4] = [
            (
                &mut self.reals,
                "data",
                "Points of the distribution that is learned.",
                |mesh, ui, at, on| {
                    let [real, _] = inks(theme::palette(ui.ctx()));
                    add_disc(mesh, at, 4.5, faded(ui, real, on));
                },
            ),
            (
                &mut self.made,
                "points",
                "What noise has become by this moment.",
                |mesh, ui, at, on| {
                    let [_, made] = inks(theme::palette(ui.ctx()));
                    add_diamond(mesh, at, 5.5, faded(ui, made, on));
                },
            ),
            (&mut self.arrows, "arrows", &arrows, |mesh, ui, at, on| {
                let ink = faded(ui, theme::palette(ui.ctx()).text, on);
                let reach = vec2(6.0, -4.0);
                add_arrow(mesh, at - reach, at + reach, 1.8, ink);
            }),
            (
                &mut self.ways,
                "ways",
                "The ways of some points: gone so far in red, to come in grey.",
                |mesh, ui, at, on| {
                    let [_, made] = inks(theme::palette(ui.ctx()));
                    let corners = [vec2(-6.0, 4.0), vec2(-1.0, -3.0), vec2(6.0, -4.0)];
                    for pair in corners.windows(2) {
                        let ends = [at + pair[0], at + pair[1]];
                        add_line(mesh, ends, 2.0, faded(ui, made, on));
                    }
                },
            ),
        ];
        for (on, label, hint, sign) in parts {
            let paint = |ui: &Ui, at: Pos2, on: bool| {
                let mut mesh = Mesh::default();
                sign(&mut mesh, ui, at, on);
                ui.painter().add(Shape::mesh(mesh));
            };
            if switch(ui, *on, label, hint, paint) {
                *on = !*on;
            }
        }
    }
}

fn faded(ui: &Ui, color: eframe::egui::Color32, on: bool) -> eframe::egui::Color32 {
    if on {
        color
    } else {
        theme::palette(ui.ctx()).line
    }
}
