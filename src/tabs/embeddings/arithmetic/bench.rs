//! The bench of the arithmetic: what to try, the word expected, how "near" is meant, the set in use,
//! and what can be taken away.

use super::Arithmetic;
use super::question::{N_SHOWN, PRESETS};
use crate::command::Command;
use crate::tabs::embeddings::explain_panel::Measure;
use crate::tabs::embeddings::set_panel;
use crate::tabs::embeddings::views::{Desk, View};
use crate::tabs::parts::{caption, group, wrapped};
use crate::tabs::{StatusItem, TabContext};
use crate::theme;
use crate::widgets::count::grouped;
use eframe::egui::{self, Button, DragValue, RichText, ScrollArea, TextEdit, Ui};

pub(super) fn show(view: &mut Arithmetic, ui: &mut Ui, desk: &mut Desk, cx: &mut TabContext<'_>) {
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .show(ui, |ui| {
            presets(view, ui);
            group(ui, "Word you expect");
            expected(view, ui);
            group(ui, "Nearest by");
            nearest_by(view, ui);
            group(ui, "Vectors");
            set_panel::show(ui, desk);
            group(ui, "Take it away");
            take_away(view, ui, desk, cx);
            ui.add_space(theme::size::GROUP);
        });
}

/// Facts for the status line.
pub(super) fn status(desk: &Desk) -> Vec<StatusItem> {
    let Some(space) = desk.sets.space() else {
        return Vec::new();
    };
    let vectors = space.vectors();
    vec![StatusItem {
        label: "Words".into(),
        value: format!("{} × {}", grouped(vectors.len()), vectors.width()),
        tooltip: "How many words the set has, and how many numbers each word is; every search looks at all of them.".into(),
    }]
}

fn presets(view: &mut Arithmetic, ui: &mut Ui) {
    wrapped(ui, |ui| {
        ui.label(RichText::new("Try:").color(theme::palette(ui.ctx()).text_weak));
        for preset in PRESETS {
            let text = RichText::new(preset.name).text_style(egui::TextStyle::Small);
            let hint = format!("{}\n{}", preset.expression, preset.hint);
            if ui.button(text).on_hover_text(hint).clicked() {
                let question = preset.on(&view.question);
                view.ask_anew(question);
            }
        }
    });
}

fn expected(view: &mut Arithmetic, ui: &mut Ui) {
    let mut question = view.question.clone();
    let response = ui.add(
        TextEdit::singleline(&mut question.expected)
            .desired_width(f32::INFINITY)
            .char_limit(200)
            .hint_text("any word"),
    );
    ui.ctx()
        .accesskit_node_builder(response.id, |node| node.set_label("Expected word"));
    response
        .on_hover_text("Say it before you look: its rank among all words is told, hit or miss.");
    view.ask(question, "expected word");
}

fn nearest_by(view: &mut Arithmetic, ui: &mut Ui) {
    let mut question = view.question.clone();
    wrapped(ui, |ui| {
        for measure in Measure::ALL {
            let button = Button::selectable(question.measure == measure, measure.label());
            let response = ui.add(button.frame_when_inactive(true));
            if response.on_hover_text(measure.tooltip()).clicked() {
                question.measure = measure;
            }
        }
    });
    ui.checkbox(&mut question.raw, "Keep the lengths of the file")
        .on_hover_text("Off: every vector is first brought to length 1, as word2vec and gensim do, and the three measures agree. On: long vectors, those of common words most often, weigh more.");
    ui.checkbox(&mut question.strike, "Strike the inputs out")
        .on_hover_text("The nearest word of all is most often one of the question's own. Every demonstration strikes them out; few say so.");
    ui.horizontal(|ui| {
        let label = ui.label("words shown");
        ui.add(DragValue::new(&mut question.top).range(N_SHOWN))
            .labelled_by(label.id)
            .on_hover_text("How many of the nearest words to show.");
    });
    view.ask(question, "how near is meant");
}

fn take_away(view: &mut Arithmetic, ui: &mut Ui, desk: &mut Desk, cx: &mut TabContext<'_>) {
    let has_answer = view.answer().is_some();
    ui.horizontal(|ui| {
        let copy = ui
            .add_enabled(has_answer, Button::new("Copy"))
            .on_hover_text("The nearest words as a table, for a spreadsheet.");
        if copy.clicked()
            && let Some(table) = view.table()
        {
            ui.ctx().copy_text(table);
        }
        let save = ui
            .add_enabled(has_answer, Button::new("Save as JSON…"))
            .on_hover_text("Every number, with the set that it is from.");
        if save.clicked() {
            view.command(Command::ExportJson, desk, cx);
        }
    });
    caption(
        ui,
        "Undo: Ctrl+Z. The same on the command line: glassbox embed.",
    );
}
