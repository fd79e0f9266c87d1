//! A slider for the weight of each word: the arrow follows while it is dragged.

use super::Arithmetic;
use super::plane::term_color;
use crate::theme;
use eframe::egui::{Align, Layout, RichText, Sense, Slider, Ui, vec2};

/// The room that one word and its slider have.
const CELL: f32 = 230.0;
const HEIGHT: f32 = 28.0;
/// Beyond so many words there is no room for a slider each.
const MOST: usize = 9;

pub(super) fn show(view: &mut Arithmetic, ui: &mut Ui) {
    let terms = view.terms.clone();
    if terms.is_empty() || terms.len() > MOST {
        return;
    }
    let mut changed = None;
    let mut released = false;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(theme::size::GRID, theme::size::HALF);
        for (i, (word, weight)) in terms.iter().enumerate() {
            ui.allocate_ui_with_layout(
                vec2(CELL.min(ui.max_rect().width()), HEIGHT),
                Layout::left_to_right(Align::Center),
                |ui| {
                    let (now, done) = cell(ui, i, word, *weight);
                    if now != *weight {
                        changed = Some((i, now));
                    }
                    released |= done;
                },
            );
        }
    });
    ui.add_space(theme::size::HALF);
    if let Some((i, weight)) = changed {
        view.weigh(i, weight);
    }
    if released {
        view.let_go();
    }
}

/// A word with its slider. Returns the weight and whether the slider was let go.
fn cell(ui: &mut Ui, i: usize, word: &str, weight: f64) -> (f64, bool) {
    let colors = theme::palette(ui.ctx());
    theme::dress_sliders(ui);
    ui.spacing_mut().item_spacing.x = 6.0;
    ui.spacing_mut().slider_width = 84.0;
    let (dot, _) = ui.allocate_exact_size(vec2(10.0, 10.0), Sense::hover());
    ui.painter()
        .circle_filled(dot.center(), 5.0, term_color(colors, i));
    let name = ui.allocate_ui_with_layout(
        vec2(56.0, HEIGHT),
        Layout::left_to_right(Align::Center),
        |ui| {
            ui.set_min_width(56.0);
            ui.add(eframe::egui::Label::new(RichText::new(word).small()).truncate())
        },
    );
    let mut now = weight;
    let slider = Slider::new(&mut now, -2.0..=2.0)
        .step_by(0.05)
        .fixed_decimals(2)
        .clamping(eframe::egui::SliderClamping::Edits);
    let response = ui
        .add(slider)
        .labelled_by(name.inner.id)
        .on_hover_text("How often this word is in the sum. Drag it and watch the arrow.");
    let label = format!("Weight of {word}");
    ui.ctx()
        .accesskit_node_builder(response.id, |node| node.set_label(label));
    (now, response.drag_stopped() || response.lost_focus())
}
