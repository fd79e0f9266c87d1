//! What to try: settings that make the two fail as the lecture says, what to look at then, and what
//! helps, each at one press.

use super::PlaneView;
use super::film::Quantity;
use super::shelf;
use crate::labs::gan::plane::{Preset, Remedy, presets};
use crate::tabs::parts::{caption, group, wrapped};
use crate::theme::{self, size, style};
use crate::widgets::lines::written;
use eframe::egui::{Button, Frame, Margin, RichText, Ui};
use std::sync::LazyLock;

static PRESETS: LazyLock<Vec<Preset>> = LazyLock::new(presets);

pub(super) fn show(view: &mut PlaneView, ui: &mut Ui) {
    group(ui, "Try");
    let mut pressed = None;
    wrapped(ui, |ui| {
        for (i, preset) in PRESETS.iter().enumerate() {
            let label = label(preset);
            let chosen = view.preset == Some(i);
            let button = Button::selectable(chosen, label).frame_when_inactive(true);
            if ui.add(button).on_hover_text(preset.about).clicked() {
                pressed = Some(i);
            }
        }
    });
    if let Some(i) = pressed {
        view.try_preset(i);
    }
    if let Some(preset) = view.preset.and_then(|i| PRESETS.get(i)) {
        told(view, preset, ui);
    }
    shelf::settings_of_the_turn(view, ui);
}

impl PlaneView {
    /// Starts a preset from its first turn.
    fn try_preset(&mut self, i: usize) {
        let Some(preset) = PRESETS.get(i) else {
            return;
        };
        self.settings = preset.settings.clone();
        self.preset = Some(i);
        self.drawing = None;
        self.start_anew();
        self.play();
    }

    /// The same start with what a remedy changes; the branch without it is kept to compare with.
    fn take_remedy(&mut self, preset: &Preset, remedy: &Remedy) {
        self.settings = preset.settings.clone();
        (remedy.change)(&mut self.settings);
        self.start_anew();
        self.play();
    }
}

/// What to look at, the numbers of it, and what helps.
fn told(view: &mut PlaneView, preset: &Preset, ui: &mut Ui) {
    let colors = theme::palette(ui.ctx());
    let card = Frame::new()
        .fill(colors.accent_soft)
        .corner_radius(size::CARD_RADIUS)
        .inner_margin(Margin::same(12));
    let mut remedy = None;
    let mut done = false;
    card.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = size::HALF;
        ui.label(preset.about);
        ui.add_space(size::HALF);
        ui.label(RichText::new("What to look at").text_style(style::strong()));
        ui.label(preset.look_at);
        for line in numbers(view) {
            ui.label(RichText::new(line).text_style(style::small_mono()));
        }
        if !preset.remedies.is_empty() {
            ui.add_space(size::HALF);
            ui.label(RichText::new("What helps").text_style(style::strong()));
            let words = "The same start with this changed; this training stays as a branch.";
            caption(ui, words);
            wrapped(ui, |ui| {
                for one in &preset.remedies {
                    let mut changed = preset.settings.clone();
                    (one.change)(&mut changed);
                    let taken = changed == view.settings;
                    let button = Button::selectable(taken, one.name).frame_when_inactive(true);
                    if ui.add(button).on_hover_text(one.why).clicked() {
                        remedy = Some(one);
                    }
                }
            });
        }
        done = ui
            .add(Button::new(RichText::new("Close").small()).frame(false))
            .on_hover_text("Put these words away; the settings stay.")
            .clicked();
    });
    if let Some(remedy) = remedy {
        view.take_remedy(preset, remedy);
    }
    if done {
        view.preset = None;
    }
}

/// "Try: a fair game"
fn label(preset: &Preset) -> String {
    let mut letters = preset.name.chars();
    let first = letters.next().map(|first| first.to_lowercase().to_string());
    format!("Try: {}{}", first.unwrap_or_default(), letters.as_str())
}

/// The numbers that show it, at first and on the stage.
fn numbers(view: &PlaneView) -> Vec<String> {
    let (Some(branch), Some(frame)) = (view.film.branch(), view.film.here()) else {
        return Vec::new();
    };
    let at = frame.turn.turn as f32;
    let curves = &branch.curves;
    let now = curves.turns.partition_point(|&turn| turn <= at).max(1) - 1;
    let told = |name: &str, quantity: Quantity| {
        let values = curves.get(quantity);
        let first = values.first().copied().unwrap_or(f32::NAN);
        let now = values.get(now).copied().unwrap_or(f32::NAN);
        format!("{name} {} → {}", written(first), written(now))
    };
    let most = curves.get(Quantity::Covered).iter().take(now + 1);
    let most = most.copied().fold(0.0, f32::max);
    let covered = &frame.turn.coverage;
    vec![
        told("gradient of G:", Quantity::GradientG),
        told("JS, nats:", Quantity::Js),
        format!(
            "modes: {} of {}, at best {most:.0}",
            covered.n_covered,
            covered.n_parts()
        ),
    ]
}
