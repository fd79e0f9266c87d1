//! What of the plane is shown: each part can be switched off, and its switch is its legend.

use super::plot::{ARROW_UNIT, LONGEST_ARROW, Square, heat_color, inks, pull_of_length};
use crate::labs::gan::Reading;
use crate::labs::gan::plane::Turn;
use crate::theme::{self, size};
use crate::widgets::fine_lines::{add_arrow, add_diamond, add_disc};
use crate::widgets::lines::written;
use eframe::egui::{
    Align2, Mesh, Pos2, Rect, Role, Sense, Shape, Stroke, StrokeKind, TextStyle, Ui, WidgetInfo,
    pos2, vec2,
};
use serde::{Deserialize, Serialize};

/// The parts that are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Layers {
    /// The discriminator.
    pub(super) heat: bool,
    pub(super) reals: bool,
    pub(super) fakes: bool,
    /// Where G is pulled.
    pub(super) arrows: bool,
    /// Where G carries an even grid.
    pub(super) grid: bool,
}

impl Default for Layers {
    fn default() -> Self {
        Self {
            heat: true,
            reals: true,
            fakes: true,
            arrows: true,
            grid: false,
        }
    }
}

/// The sign of a part, beside its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Real,
    Fake,
    Arrow,
    Grid,
    Heat,
}

impl Layers {
    /// The switches in one row, each with the sign it stands for.
    pub(super) fn switches(&mut self, ui: &mut Ui) {
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = vec2(size::HALF, size::HALF);
            for (on, sign, label, hint) in [
                (
                    &mut self.reals,
                    Sign::Real,
                    "real",
                    "Points of the distribution that is to be learned.",
                ),
                (
                    &mut self.fakes,
                    Sign::Fake,
                    "generated",
                    "What the generator makes of random numbers z, always of the same ones (fake).",
                ),
                (
                    &mut self.arrows,
                    Sign::Arrow,
                    "pull",
                    "Where the generator's loss pulls each generated point: minus the gradient of its loss by that point.",
                ),
                (
                    &mut self.grid,
                    Sign::Grid,
                    "grid",
                    "Where the generator carries an even grid of z: narrow cells are where it makes many points.",
                ),
                (
                    &mut self.heat,
                    Sign::Heat,
                    "verdict",
                    "What the discriminator says at every place of the plane (heat map).",
                ),
            ] {
                let paint = |ui: &Ui, center: Pos2, on: bool| paint_sign(ui, sign, center, on);
                if switch(ui, *on, label, hint, paint) {
                    *on = !*on;
                }
            }
        });
    }
}

/// A switch with the sign of what it shows, which `sign` paints. Whether it was pressed.
pub(in crate::tabs::images) fn switch(
    ui: &mut Ui,
    on: bool,
    label: &str,
    hint: &str,
    sign: impl FnOnce(&Ui, Pos2, bool),
) -> bool {
    let colors = theme::palette(ui.ctx());
    let font = TextStyle::Small.resolve(ui.style());
    let ink = if on { colors.text } else { colors.text_weak };
    let galley = ui.painter().layout_no_wrap(label.to_owned(), font, ink);
    let wide = vec2(galley.size().x + 29.0, 26.0);
    let (rect, response) = ui.allocate_exact_size(wide, Sense::click());
    response.widget_info(|| {
        let words = format!("Show {label}");
        WidgetInfo::selected(Role::CheckBox, true, on, words)
    });
    let edge = if response.hovered() || response.has_focus() {
        Stroke::new(1.5, colors.accent)
    } else {
        Stroke::new(1.0, if on { colors.outline } else { colors.line })
    };
    let fill = if on { colors.control } else { colors.panel };
    let painter = ui.painter();
    painter.rect(rect, 13.0, fill, edge, StrokeKind::Inside);
    let center = pos2(rect.left() + 13.0, rect.center().y);
    sign(ui, center, on);
    let at = pos2(rect.left() + 22.0, rect.center().y - galley.size().y * 0.5);
    painter.galley(at, galley, ink);
    response.on_hover_text(hint).clicked()
}

fn paint_sign(ui: &Ui, sign: Sign, center: Pos2, on: bool) {
    let colors = theme::palette(ui.ctx());
    let [real, fake] = inks(colors);
    let faded = |color: eframe::egui::Color32| if on { color } else { colors.line };
    let mut mesh = Mesh::default();
    let square = Rect::from_center_size(center, vec2(11.0, 11.0));
    match sign {
        Sign::Real => add_disc(&mut mesh, center, 4.5, faded(real)),
        Sign::Fake => add_diamond(&mut mesh, center, 5.5, faded(fake)),
        Sign::Arrow => {
            let reach = vec2(6.0, -4.0);
            let ink = faded(colors.text);
            add_arrow(&mut mesh, center - reach, center + reach, 1.8, ink);
        }
        Sign::Grid => {
            let stroke = Stroke::new(1.0, faded(colors.text));
            let painter = ui.painter();
            for part in [0.0, 0.5, 1.0] {
                let x = square.left() + square.width() * part;
                let y = square.top() + square.height() * part;
                painter.vline(x, square.y_range(), stroke);
                painter.hline(square.x_range(), y, stroke);
            }
        }
        Sign::Heat => {
            for (i, leaning) in [-1.0, -0.4, 0.4, 1.0].into_iter().enumerate() {
                let left = square.left() + square.width() * 0.25 * i as f32;
                let part = Rect::from_min_size(
                    pos2(left, square.top()),
                    vec2(square.width() * 0.25, square.height()),
                );
                let color = faded(heat_color(colors, leaning));
                ui.painter().rect_filled(part, 0.0, color);
            }
        }
    }
    ui.painter().add(Shape::mesh(mesh));
}

/// The legend of the heat map's colours, and how long an arrow is.
pub(super) fn legend(ui: &mut Ui, turn: &Turn, square: Square, layers: Layers) {
    let font = TextStyle::Small.resolve(ui.style());
    let height = font.size * 1.4 + 12.0;
    let wide = vec2(square.rect.width().min(ui.available_width()), height);
    let (rect, response) = ui.allocate_exact_size(wide, Sense::hover());
    let [low, middle, high] = scale_words(turn);
    let words = format!(
        "Legend: {}, from {low} in red over {middle} to {high} in blue",
        turn.reading.name()
    );
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &words));
    let colors = theme::palette(ui.ctx());
    let painter = ui.painter();
    let text = |x: f32, anchor: Align2, words: &str| {
        let at = pos2(x, rect.top() + 11.0);
        painter.text(at, anchor, words, font.clone(), colors.text_weak);
    };
    let bar = Rect::from_min_size(rect.min, vec2((rect.width() * 0.62).min(360.0), 8.0));
    if layers.heat {
        let n = 60;
        let step = bar.width() / n as f32;
        for i in 0..n {
            let leaning = 2.0 * (i as f32 + 0.5) / n as f32 - 1.0;
            let corner = pos2(bar.left() + step * i as f32, bar.top());
            let cell = Rect::from_min_size(corner, vec2(step + 0.5, bar.height()));
            painter.rect_filled(cell, 0.0, heat_color(colors, leaning));
        }
        let edge = Stroke::new(1.0, colors.outline);
        painter.rect_stroke(bar, 0.0, edge, StrokeKind::Inside);
        text(bar.left(), Align2::LEFT_TOP, &low);
        text(bar.center().x, Align2::CENTER_TOP, &middle);
        text(bar.right(), Align2::RIGHT_TOP, &high);
    }
    if layers.arrows {
        let length = 28.0;
        let left = rect.right() - length - 4.0;
        let mut mesh = Mesh::default();
        let (from, to) = (
            pos2(left, rect.top() + 4.0),
            pos2(left + length, rect.top() + 4.0),
        );
        add_arrow(&mut mesh, from, to, 1.6, colors.text);
        painter.add(Shape::mesh(mesh));
        let pull = written(pull_of_length(square, length));
        text(rect.right(), Align2::RIGHT_TOP, &format!("pull of {pull}"));
    }
    let hint = match turn.reading {
        Reading::Probability => {
            "The probability that the discriminator gives a point of being real. White is undecided."
        }
        Reading::Label | Reading::Margin | Reading::Score => {
            "What the discriminator says of a point. White is where it calls a point neither real nor fake."
        }
    };
    response.on_hover_text(format!(
        "{hint} An arrow's length is the length of the gradient, up to {}.",
        written(LONGEST_ARROW / ARROW_UNIT)
    ));
}

/// What stands below the two ends of the scale and its middle.
fn scale_words(turn: &Turn) -> [String; 3] {
    match turn.reading {
        Reading::Probability | Reading::Label => ["0 fake", "0.5", "1 real"].map(String::from),
        Reading::Margin => ["−1 fake", "0", "1 real"].map(String::from),
        Reading::Score => {
            let far = turn.greatest_distance();
            [
                format!("{} fake", written(turn.boundary - far)),
                written(turn.boundary),
                format!("{} real", written(turn.boundary + far)),
            ]
        }
    }
}
