//! The bench: Generate always at the top, then what to try, how to sample, when to end, which model.

use super::super::model_panel;
use super::prompt::{LETTERS, Mode, PRESETS, Preset};
use super::{Desk, WriteView, sampling_panel};
use crate::command::Command;
use crate::labs::text::{Overflow, SMALLEST, new_seed};
use crate::tabs::TabContext;
use crate::tabs::parts::group;
use crate::theme;
use crate::widgets::meter::Meter;
use crate::widgets::run_button::run_button;
use eframe::egui::{self, RichText, Ui};

use super::view::{grouped, tokens};

/// The most tokens one answer can be asked for.
const MOST_TOKENS: usize = 4096;

pub(super) fn show(tab: &mut WriteView, ui: &mut Ui, desk: &mut Desk, cx: &mut TabContext<'_>) {
    run(tab, ui, cx);
    egui::ScrollArea::vertical()
        .auto_shrink([false, false])
        .show(ui, |ui| {
            presets(tab, ui);
            group(ui, "Sampling (how a token is drawn)");
            sampling_panel::show(&mut tab.controls.sampling, ui);
            group(ui, "Length and ending");
            length(tab, ui);
            group(ui, "Model");
            model_panel::show(ui, desk, cx);
            ui.add_space(theme::size::GROUP);
        });
}

/// Generate or Stop, and going on.
fn run(tab: &mut WriteView, ui: &mut Ui, cx: &mut TabContext<'_>) {
    let writing = tab.is_writing();
    let ready = writing || tab.model.is_some();
    let labels = [Command::Run.label(), Command::Stop.label()];
    let hints = [Command::Run.tooltip(), Command::Stop.tooltip()];
    if run_button(ui, writing, ready, labels, hints).clicked() {
        if writing {
            tab.stop();
        } else {
            tab.generate(cx);
        }
    }
    ui.horizontal(|ui| {
        let can_go_on = !writing && tab.tree.leaf().is_some() && tab.is_own_text();
        let go_on = ui
            .add_enabled(can_go_on, egui::Button::new("Go on"))
            .on_hover_text("Write more after the text shown, instead of a new text.");
        if go_on.clicked() {
            tab.write_on(cx);
        }
        for (command, can) in [
            (Command::Undo, tab.tree.can_undo() && !writing),
            (Command::Redo, tab.tree.can_redo() && !writing),
        ] {
            let button = ui
                .add_enabled(can, egui::Button::new(command.label()))
                .on_hover_text(command.tooltip());
            if button.clicked() && command == Command::Undo {
                tab.undo();
            } else if button.clicked() {
                tab.redo();
            }
        }
    });
}

fn presets(tab: &mut WriteView, ui: &mut Ui) {
    let can_chat = tab
        .model
        .as_ref()
        .is_some_and(|loaded| loaded.has_chat_template());
    let sorts = tab
        .model
        .as_ref()
        .is_some_and(|loaded| loaded.name == SMALLEST);
    let presets: &[Preset] = if sorts { &LETTERS } else { &PRESETS };
    ui.add_space(theme::size::GRID);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = egui::Vec2::splat(theme::size::HALF);
        ui.spacing_mut().button_padding = egui::vec2(8.0, 3.0);
        ui.spacing_mut().interact_size.y = 26.0;
        ui.label(RichText::new("Try:").color(theme::palette(ui.ctx()).text_weak));
        for &preset in presets {
            if preset.mode == Mode::Chat && !can_chat {
                continue;
            }
            let text = RichText::new(preset.name).text_style(egui::TextStyle::Small);
            if ui.button(text).on_hover_text(preset.text).clicked() {
                tab.prompt.take(preset);
            }
        }
    });
}

fn length(tab: &mut WriteView, ui: &mut Ui) {
    let controls = &mut tab.controls;
    row(
        ui,
        "tokens",
        "The most tokens to write in one answer.",
        |ui| ui.add(egui::Slider::new(&mut controls.max_tokens, 1..=MOST_TOKENS).logarithmic(true)),
    );
    row(
        ui,
        "seed",
        "Where the random draws start: the same seed and settings give the same text.",
        |ui| {
            let seed = ui.add(egui::DragValue::new(&mut controls.seed));
            let new = ui
                .button("New seed")
                .on_hover_text("Draw differently next time.");
            if new.clicked() {
                controls.seed = new_seed(controls.seed);
            }
            seed
        },
    );
    let label = ui
        .label("stop strings, one a line")
        .on_hover_text("The answer ends when one of these appears. \\n stands for a line end.");
    ui.add(
        egui::TextEdit::multiline(&mut controls.stop)
            .desired_rows(1)
            .desired_width(f32::INFINITY)
            .font(egui::TextStyle::Monospace),
    )
    .labelled_by(label.id);
    context_meter(tab, ui);
}

/// How full the context is and will be, and what happens at its end: the person chooses.
fn context_meter(tab: &mut WriteView, ui: &mut Ui) {
    let Some(n_ctx) = tab.model.as_ref().map(|loaded| loaded.n_ctx) else {
        return;
    };
    let n_prompt = match tab.prompt.seen() {
        Some(Ok(seen)) => seen.ids.len(),
        _ => 0,
    };
    let n_used = n_prompt + tab.tree.current_path().len();
    let planned = tab.controls.max_tokens;
    let words = format!(
        "context: {} of {} used, {} more asked for",
        tokens(n_used),
        grouped(n_ctx),
        grouped(planned)
    );
    ui.add_space(theme::size::HALF);
    Meter {
        name: "Context",
        value: n_used as f64,
        planned: planned as f64,
        full: n_ctx as f64,
        words: &words,
    }
    .show(ui);
    ui.horizontal(|ui| {
        ui.label("at its end:").on_hover_text(
            "A model sees only so many tokens at once. When they are used up, the answer can end, or the oldest quarter can be forgotten.",
        );
        let overflow = &mut tab.controls.overflow;
        ui.radio_value(overflow, Overflow::Stop, "stop");
        ui.radio_value(overflow, Overflow::DropOldest, "drop the oldest");
    });
}

/// A label and its control on one line; the label names the control for AccessKit.
pub(super) fn row(
    ui: &mut Ui,
    name: &str,
    hint: &str,
    control: impl FnOnce(&mut Ui) -> egui::Response,
) {
    ui.horizontal(|ui| {
        ui.spacing_mut().slider_width = 104.0;
        let height = ui.spacing().interact_size.y;
        let label = ui
            .allocate_ui_with_layout(
                egui::vec2(96.0, height),
                egui::Layout::left_to_right(egui::Align::Center),
                |ui| {
                    ui.set_min_width(96.0);
                    ui.label(name)
                },
            )
            .inner
            .on_hover_text(hint);
        theme::dress_sliders(ui);
        control(ui).labelled_by(label.id).on_hover_text(hint);
    });
}
