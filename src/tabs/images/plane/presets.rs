//! What to try: settings that make the two fail as the lecture says, what to look at then, and what
//! helps, each at one press.

use super::PlaneView;
use super::film::Quantity;
use super::shelf;
use crate::labs::gan::plane::presets::{Preset, Remedy};
use crate::tabs::parts::{caption, group, wrapped};
use crate::theme::{self, size, style};
use crate::widgets::lines::written;
use eframe::egui::{Button, Frame, Margin, RichText, Ui};

pub(super) fn show(view: &mut PlaneView, ui: &mut Ui) {
    group(ui, "Try");
    let mut pressed = None;
    wrapped(ui, |ui| {
        for preset in Preset::ALL {
            let chosen = view.preset == Some(preset);
            let label = format!("Try: {}", preset.name());
            let button = Button::selectable(chosen, label).frame_when_inactive(true);
            if ui.add(button).on_hover_text(preset.hint()).clicked() {
                pressed = Some(preset);
            }
        }
    });
    if let Some(preset) = pressed {
        view.try_preset(preset);
    }
    if let Some(preset) = view.preset {
        told(view, preset, ui);
    }
    shelf::settings_of_the_turn(view, ui);
}

impl PlaneView {
    /// Starts a preset from its first turn.
    fn try_preset(&mut self, preset: Preset) {
        self.settings = preset.settings();
        self.preset = Some(preset);
        self.drawing = None;
        self.start_anew();
        self.play();
    }

    /// The same start with what a remedy changes; the branch without it is kept to compare with.
    fn take_remedy(&mut self, remedy: Remedy) {
        remedy.apply(&mut self.settings);
        self.start_anew();
        self.play();
    }
}

/// What to look at, the numbers of it, and what helps.
fn told(view: &mut PlaneView, preset: Preset, ui: &mut Ui) {
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
        ui.label(RichText::new("What to look at").text_style(style::strong()));
        ui.label(preset.words());
        for line in numbers(view, preset) {
            ui.label(RichText::new(line).text_style(style::small_mono()));
        }
        let helps = Remedy::ALL
            .into_iter()
            .filter(|remedy| remedy.helps(preset));
        let helps: Vec<Remedy> = helps.collect();
        if !helps.is_empty() {
            ui.add_space(size::HALF);
            ui.label(RichText::new("What helps").text_style(style::strong()));
            caption(
                ui,
                "The same start with one thing changed; this training stays as a branch.",
            );
            wrapped(ui, |ui| {
                for one in helps {
                    let taken = one.is_taken(&view.settings);
                    let button = Button::selectable(taken, one.name()).frame_when_inactive(true);
                    if ui.add(button).on_hover_text(one.words()).clicked() {
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
        view.take_remedy(remedy);
    }
    if done {
        view.preset = None;
    }
}

/// The numbers that show it, first and now.
fn numbers(view: &PlaneView, preset: Preset) -> Vec<String> {
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
        format!("{name}: {} → {}", written(first), written(now))
    };
    match preset {
        Preset::TooGood => vec![
            told("G's gradient", Quantity::GradientG),
            told("D right on fakes, %", Quantity::AccuracyFake),
        ],
        Preset::Collapse => {
            let most = curves.get(Quantity::Covered).iter().take(now + 1);
            let most = most.copied().fold(0.0, f32::max);
            let covered = &frame.turn.coverage;
            vec![
                format!(
                    "modes covered: {} of {}, at best {most:.0}",
                    covered.n_covered,
                    covered.n_parts()
                ),
                told("JS, nats", Quantity::Js),
            ]
        }
        Preset::Fair => vec![
            told("JS, nats", Quantity::Js),
            told("D right on real, %", Quantity::AccuracyReal),
            told("D right on fakes, %", Quantity::AccuracyFake),
        ],
    }
}
