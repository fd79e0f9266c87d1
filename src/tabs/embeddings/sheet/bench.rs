//! The bench of the table: examples, rows and axes, the clipboard, and what the measures mean.

use super::SheetView;
use crate::labs::embeddings::sheet::{EXAMPLES, MAX_AXES, MAX_ROWS, Meaning, Sheet};
use crate::tabs::parts::{caption, group, wrapped};
use crate::theme;
use eframe::egui::{self, RichText, ScrollArea, TextEdit, Ui};

pub(super) fn show(view: &mut SheetView, ui: &mut Ui) {
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .show(ui, |ui| {
            examples(view, ui);
            group(ui, "Table");
            shape(view, ui);
            group(ui, "Spreadsheet");
            clipboard(view, ui);
            group(ui, "What to look for");
            caption(ui, hint(view.meaning));
            ui.add_space(theme::size::GROUP);
        });
}

fn hint(meaning: Meaning) -> &'static str {
    match meaning {
        Meaning::Analogy => {
            "Change a number and see which row the sum points at. Cosine compares directions alone: (10, 10) and (50, 50) agree, (5, 20) does not, though it is nearer to (10, 10). In a trained model nobody names the axes and there are hundreds; the arithmetic is this one."
        }
        Meaning::Taste => {
            "Give 1 to the songs you like and −1 to one you cannot stand. What is played next is the nearest row that you did not name: that is how a recommendation works, with numbers learned from what people listen to instead of chosen by hand."
        }
    }
}

fn examples(view: &mut SheetView, ui: &mut Ui) {
    wrapped(ui, |ui| {
        ui.label(RichText::new("Try:").color(theme::palette(ui.ctx()).text_weak));
        for example in EXAMPLES {
            let text = RichText::new(example.name).text_style(egui::TextStyle::Small);
            if ui.button(text).on_hover_text(example.hint).clicked() {
                view.take(example.sheet(), example.meaning);
            }
        }
    });
}

/// More rows, more axes, no weights.
fn shape(view: &mut SheetView, ui: &mut Ui) {
    let mut sheet = view.sheet().clone();
    let n_axes = sheet.axes.len();
    ui.horizontal(|ui| {
        let add = ui
            .add_enabled(sheet.rows.len() < MAX_ROWS, egui::Button::new("Add row"))
            .on_hover_text("One more thing, with zeros to be changed.");
        if add.clicked() {
            sheet.add_row();
        }
        let add = ui
            .add_enabled(n_axes < MAX_AXES, egui::Button::new("Add axis"))
            .on_hover_text("One more property, zero in every row.");
        if add.clicked() {
            sheet.add_axis();
        }
    });
    ui.horizontal(|ui| {
        let clear = ui
            .add_enabled(
                sheet.terms().next().is_some(),
                egui::Button::new("Clear weights"),
            )
            .on_hover_text("No row is in the sum any more.");
        if clear.clicked() {
            for row in &mut sheet.rows {
                row.weight = 0.0;
            }
        }
        let last = sheet.axes.last().cloned().unwrap_or_default();
        let remove = ui
            .add_enabled(n_axes > 1, egui::Button::new("Remove axis"))
            .on_hover_text(format!("Takes the last axis, {last}, out of every row."));
        if remove.clicked() {
            sheet.remove_axis(n_axes - 1);
        }
    });
    view.change(sheet, "the shape of the table");
}

/// Out to a spreadsheet and back.
fn clipboard(view: &mut SheetView, ui: &mut Ui) {
    let copy = ui
        .button("Copy table")
        .on_hover_text("Cells between tabs, as every spreadsheet takes them.");
    if copy.clicked() {
        ui.ctx().copy_text(view.sheet().to_table());
    }
    let id = egui::Id::unique("pasted table");
    let mut pasted: String = ui.data(|data| data.get_temp(id)).unwrap_or_default();
    let response = ui.add(
        TextEdit::multiline(&mut pasted)
            .desired_rows(2)
            .desired_width(f32::INFINITY)
            .hint_text("Paste a table of your own here…"),
    );
    ui.ctx()
        .accesskit_node_builder(response.id, |node| node.set_label("Pasted table"));
    if response.changed() && !pasted.trim().is_empty() {
        match Sheet::from_table(&pasted) {
            Ok(sheet) => {
                view.take(sheet, view.meaning);
                pasted.clear();
            }
            Err(refusal) => view.refused = Some(refusal),
        }
    }
    ui.data_mut(|data| data.insert_temp(id, pasted));
    if let Some(refusal) = &view.refused {
        let colors = theme::palette(ui.ctx());
        ui.label(RichText::new(&refusal.what).color(colors.warning));
        caption(ui, refusal.evidence.as_str());
        caption(ui, refusal.next.as_str());
    }
}
