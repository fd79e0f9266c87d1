//! The bench of the whole text: Train at the top, then the text, how to cut it, how many merges; and
//! what to do with what was learned.

use super::group;
use super::saving;
use super::small_bench::splits;
use super::whole::{COMMON_N_MERGES, N_MERGES, Source, Whole};
use super::words::grouped;
use crate::tabs::TabContext;
use crate::tabs::parts::caption;
use crate::tabs::saving::Saving;
use crate::theme;
use crate::widgets::run_button::run_button;
use eframe::egui::{self, ScrollArea, TextEdit, Ui};

pub(super) fn show(whole: &mut Whole, saving: &mut Saving, ui: &mut Ui, cx: &mut TabContext<'_>) {
    run(whole, ui, cx);
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .show(ui, |ui| {
            group(ui, "Text (what is learned from)");
            source(whole, ui, cx);
            group(ui, "Vocabulary");
            recipe(whole, ui);
            group(ui, "What was learned");
            results(whole, saving, ui);
            ui.add_space(theme::size::GROUP);
        });
}

fn run(whole: &mut Whole, ui: &mut Ui, cx: &mut TabContext<'_>) {
    let at_work = whole.is_at_work();
    let start = format!("Train {} merges", grouped(whole.recipe.n_merges as u64));
    let hints = [
        "Learn a vocabulary from the text chosen below.",
        "Stop now; the merges learned so far are kept and can be saved.",
    ];
    let enabled = at_work || whole.can_train();
    let button = run_button(ui, at_work, enabled, [start.as_str(), "Stop"], hints);
    if button.clicked() && at_work {
        whole.stop();
    } else if button.clicked() {
        whole.train(cx);
    }
}

fn source(whole: &mut Whole, ui: &mut Ui, cx: &mut TabContext<'_>) {
    match whole.source() {
        None => caption(
            ui,
            "No text yet: choose one, drop one on the window, or take the stories.",
        ),
        Some(source) => ui.label(source.name()),
    };
    let hint = "Where the text file is, in UTF-8. Press Enter to take it.";
    let field = ui
        .add(
            TextEdit::singleline(&mut whole.path)
                .desired_width(f32::INFINITY)
                .hint_text("path of a text file"),
        )
        .on_hover_text(hint);
    ui.ctx()
        .accesskit_node_builder(field.id, |node| node.set_label("Path of a text"));
    if field.lost_focus() {
        whole.take_typed();
    }
    ui.horizontal(|ui| {
        buttons(whole, ui, cx);
    });
}

/// The two ways to a text, on the bench and on the empty stage.
pub(super) fn buttons(whole: &mut Whole, ui: &mut Ui, cx: &mut TabContext<'_>) {
    let choose = ui.button("Choose a text…").on_hover_text(
        "Choose a text file in the system's own dialog: a book, code, anything in UTF-8.",
    );
    if choose.clicked() {
        whole.choose(cx);
    }
    let stories =
        egui::Button::selectable(whole.source() == Some(&Source::Stories), "Little stories")
            .frame_when_inactive(true);
    let stories = ui.add(stories).on_hover_text(
        "2 MB of little stories that Glassbox writes by itself from a grammar, always the same.",
    );
    if stories.clicked() {
        whole.take_stories();
    }
}

fn recipe(whole: &mut Whole, ui: &mut Ui) {
    splits(&mut whole.recipe.split, ui);
    let hint = "How many tokens are learned on top of the 256 bytes. GPT-2 has 50,000.";
    ui.horizontal(|ui| {
        let label = ui.label("merges").on_hover_text(hint);
        ui.add(
            egui::DragValue::new(&mut whole.recipe.n_merges)
                .range(N_MERGES)
                .speed(20.0),
        )
        .labelled_by(label.id)
        .on_hover_text(hint);
    });
    ui.horizontal(|ui| {
        for n in COMMON_N_MERGES {
            let chosen = whole.recipe.n_merges == n;
            let button = egui::Button::selectable(chosen, grouped(n as u64));
            let button = ui.add(button.frame_when_inactive(true));
            if button.on_hover_text(hint).clicked() {
                whole.recipe.n_merges = n;
            }
        }
    });
}

fn results(whole: &mut Whole, saving: &mut Saving, ui: &mut Ui) {
    let can = whole.trained().is_some();
    if !can {
        caption(
            ui,
            "Nothing yet. What is learned can be saved, and encoded with.",
        );
    }
    let asked = saving::buttons(can, "Train first.", ui);
    if let Some((form, what)) = asked.and_then(|form| Some((form, whole.to_save()?))) {
        saving.ask(saving::document(form, what));
    }
    ui.add_enabled_ui(can, |ui| {
        let encode = ui
            .button("Encode with it")
            .on_hover_text("See your own text in the tokens that were just learned.");
        if encode.clicked() {
            whole.want_to_encode();
        }
    });
}
