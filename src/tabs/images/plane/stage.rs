//! The stage: the plane, and beside it the networks and the curves, as many of them as there is room for.

use super::plot::Square;
use super::{PlaneView, curves, drawing, layers, networks, pointing};
use crate::tabs::parts::part;
use crate::theme::{self, size};
use eframe::egui::{Button, Rect, RichText, Ui, pos2, vec2};
use serde::{Deserialize, Serialize};

/// Narrower than this, one part is shown at a time.
const ROOM_FOR_TWO: f32 = 620.0;

/// At least so high, the networks and the curves stand below each other.
const ROOM_FOR_BOTH: f32 = 600.0;

/// A part of the stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Pane {
    /// Points, arrows and what the discriminator says.
    #[default]
    Plane,
    /// Both networks with their weights.
    Networks,
    /// Losses and measures over the turns.
    Curves,
}

impl Pane {
    fn label(self) -> &'static str {
        match self {
            Self::Plane => "Plane",
            Self::Networks => "Networks",
            Self::Curves => "Curves",
        }
    }

    fn hint(self) -> &'static str {
        match self {
            Self::Plane => "The points, and what the discriminator says of every place.",
            Self::Networks => "Both networks with their weights; click a line to type another.",
            Self::Curves => "Losses, who is right how often, divergence, and modes, turn by turn.",
        }
    }
}

pub(super) fn show(view: &mut PlaneView, ui: &mut Ui) {
    let area = ui.available_rect_before_wrap();
    if area.width() < ROOM_FOR_TWO {
        choose(view, ui, &[Pane::Plane, Pane::Networks, Pane::Curves]);
        let rest = ui.available_rect_before_wrap();
        part(ui, rest, |ui| match view.pane {
            Pane::Plane => plane(view, ui),
            Pane::Networks => networks::show(view, ui),
            Pane::Curves => curves::show(view, ui),
        });
        return;
    }
    let below = below_the_square(ui);
    let side = (area.height() - below).min(area.width() * 0.52).max(120.0);
    let left = Rect::from_min_size(area.min, vec2(side + 20.0, area.height()));
    let right = Rect::from_min_max(pos2(left.right() + size::GROUP, area.top()), area.max);
    part(ui, left, |ui| plane(view, ui));
    part(ui, right, |ui| {
        if right.height() >= ROOM_FOR_BOTH {
            let upper = right.with_max_y(right.top() + right.height() * 0.45);
            part(ui, upper, |ui| networks::show(view, ui));
            let lower = right.with_min_y(upper.bottom() + size::GRID);
            part(ui, lower, |ui| curves::show(view, ui));
            return;
        }
        choose(view, ui, &[Pane::Networks, Pane::Curves]);
        match view.pane {
            Pane::Networks => networks::show(view, ui),
            Pane::Plane | Pane::Curves => curves::show(view, ui),
        }
    });
}

/// Room that the switches and the legend take.
fn below_the_square(ui: &Ui) -> f32 {
    let font = eframe::egui::TextStyle::Small.resolve(ui.style());
    font.size * 2.8 + 26.0 + 16.0 + 4.0 * size::GRID
}

/// The parts as small buttons, the shown one marked.
fn choose(view: &mut PlaneView, ui: &mut Ui, panes: &[Pane]) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = size::HALF;
        ui.spacing_mut().button_padding = vec2(10.0, 3.0);
        ui.spacing_mut().interact_size.y = 26.0;
        let shown = if panes.contains(&view.pane) {
            view.pane
        } else {
            Pane::Curves
        };
        for &pane in panes {
            let button = Button::selectable(pane == shown, pane.label());
            let button = ui.add(button.frame_when_inactive(true));
            if button.on_hover_text(pane.hint()).clicked() {
                view.pane = pane;
            }
        }
    });
    ui.add_space(size::HALF);
}

/// The square with its switches and its legend.
fn plane(view: &mut PlaneView, ui: &mut Ui) {
    let area = ui.available_rect_before_wrap();
    let room = area.with_max_y(area.bottom() - below_the_square(ui) + 20.0);
    let square = Square::in_area(ui, room);
    let Some(frame) = view.film.here().cloned() else {
        let words = "Two networks are being made…";
        ui.add_space(area.height() * 0.3);
        ui.label(RichText::new(words).text_style(theme::style::subheading()));
        return;
    };
    let turn = &frame.turn;
    view.drawing_of_turn
        .show(ui, square, turn, frame.number, view.layers);
    if view.drawing.is_some() {
        drawing::on_the_plane(view, ui, square);
    } else {
        pointing::on_the_plane(view, ui, square, &frame);
    }
    let bottom = square.rect.bottom() + 20.0;
    let below = Rect::from_min_max(
        pos2(square.rect.left(), bottom),
        pos2(area.right(), area.bottom()),
    );
    part(ui, below, |ui| {
        if view.drawing.is_some() {
            drawing::buttons(view, ui);
        } else {
            view.layers.switches(ui);
            ui.add_space(size::HALF);
            layers::legend(ui, turn, square, view.layers);
        }
    });
}
