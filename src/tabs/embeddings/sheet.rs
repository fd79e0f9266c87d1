//! Your own dimensions: a table of numbers that a person makes, the arithmetic of its rows, and the
//! rows drawn as arrows. State and answers are here; [`super::sheet_table`], [`super::sheet_drawing`]
//! and [`super::sheet_bench`] draw.

use super::explain_panel::{self, Asked, Done, Measure};
use super::views::{Desk, View};
use super::{sheet_bench, sheet_drawing, sheet_table};
use crate::command::Command;
use crate::labs::embeddings::sheet::{EXAMPLES, Meaning, Near, Outcome, Sheet};
use crate::refusal::Refusal;
use crate::tabs::TabContext;
use crate::theme;
use eframe::egui::{Rect, ScrollArea, Ui, UiBuilder, vec2};
use serde_json::{Value, json};

/// So many steps can be undone.
const MOST_UNDONE: usize = 200;

/// Narrower than this, the drawing stands below the table.
const ROOM_FOR_BOTH: f32 = 720.0;

/// The table and what came of it.
#[derive(Debug)]
pub(super) struct SheetView {
    sheet: Sheet,
    outcome: Option<Outcome>,
    /// What adding up means in this table.
    pub(super) meaning: Meaning,
    undone: Vec<Sheet>,
    done: Vec<Sheet>,
    /// The cell that is being changed: its changes are one step.
    editing: Option<String>,
    asked: Option<(usize, Measure)>,
    /// Why the last paste was no table.
    pub(super) refused: Option<Refusal>,
}

impl Default for SheetView {
    fn default() -> Self {
        let mut view = Self {
            sheet: EXAMPLES[0].sheet(),
            outcome: None,
            meaning: EXAMPLES[0].meaning,
            undone: Vec::new(),
            done: Vec::new(),
            editing: None,
            asked: None,
            refused: None,
        };
        view.outcome = view.sheet.outcome();
        view
    }
}

impl SheetView {
    pub(super) fn sheet(&self) -> &Sheet {
        &self.sheet
    }

    pub(super) fn outcome(&self) -> Option<&Outcome> {
        self.outcome.as_ref()
    }

    /// The row that the arithmetic found.
    pub(super) fn answer(&self) -> Option<Near> {
        self.outcome.as_ref()?.best()
    }

    /// How a row stands to the sum.
    pub(super) fn near(&self, row: usize) -> Option<Near> {
        let near = &self.outcome.as_ref()?.near;
        near.iter().find(|near| near.row == row).copied()
    }

    /// Puts a changed table in the place of the one there. Changes with the same name, one after the
    /// other, are undone together.
    pub(super) fn change(&mut self, sheet: Sheet, name: &str) {
        if sheet == self.sheet {
            return;
        }
        let before = std::mem::replace(&mut self.sheet, sheet);
        if self.editing.as_deref() != Some(name) {
            self.undone.push(before);
            if self.undone.len() > MOST_UNDONE {
                self.undone.remove(0);
            }
        }
        self.editing = Some(name.to_owned());
        self.done.clear();
        self.look_again();
    }

    /// Another table, and what adding up means in it.
    pub(super) fn take(&mut self, sheet: Sheet, meaning: Meaning) {
        self.editing = None;
        self.meaning = meaning;
        self.asked = None;
        self.change(sheet, "another table");
        self.editing = None;
    }

    fn look_again(&mut self) {
        self.outcome = self.sheet.outcome();
        self.refused = None;
        if self.asked.is_some_and(|(row, _)| self.near(row).is_none()) {
            self.asked = None;
        }
    }

    fn undo(&mut self) {
        if let Some(before) = self.undone.pop() {
            self.done.push(std::mem::replace(&mut self.sheet, before));
            self.editing = None;
            self.look_again();
        }
    }

    fn redo(&mut self) {
        if let Some(after) = self.done.pop() {
            self.undone.push(std::mem::replace(&mut self.sheet, after));
            self.editing = None;
            self.look_again();
        }
    }

    /// Opens the equation of one number.
    pub(super) fn ask(&mut self, row: usize, measure: Measure) {
        self.asked = Some((row, measure));
    }

    pub(super) fn is_asked(&self, row: usize) -> bool {
        self.asked.is_some_and(|(asked, _)| asked == row)
    }

    fn equation(&self) -> Option<Asked> {
        let (row, measure) = self.asked?;
        let near = self.near(row)?;
        let shown = match measure {
            Measure::Cosine => near.cosine?,
            Measure::Dot => near.dot,
            Measure::Distance => near.distance,
        };
        Some(Asked {
            measure,
            shown,
            explanation: self.sheet.explain(row)?,
        })
    }
}

impl View for SheetView {
    fn title(&self, _desk: &Desk) -> String {
        match self.meaning {
            Meaning::Analogy => "Arithmetic with dimensions of your own".into(),
            Meaning::Taste => "A recommendation is the nearest arrow".into(),
        }
    }

    fn stage(&mut self, ui: &mut Ui, _desk: &mut Desk, _cx: &mut TabContext<'_>) {
        let room = ui.available_size();
        if room.x < ROOM_FOR_BOTH {
            ScrollArea::vertical()
                .auto_shrink([false, false])
                .show(ui, |ui| {
                    sheet_table::show(self, ui);
                    ui.add_space(theme::size::GROUP);
                    let side = room.x.min(460.0);
                    sheet_drawing::show(self, ui, vec2(room.x, side));
                });
            return;
        }
        let area = ui.available_rect_before_wrap();
        let wanted = sheet_table::width(self.sheet.axes.len());
        let width = wanted.min(area.width() * 0.68);
        let left = area.with_max_x(area.left() + width);
        let right = area.with_min_x(left.right() + theme::size::GROUP);
        part(ui, left, |ui| {
            ScrollArea::vertical()
                .id_salt("table")
                .auto_shrink([false, false])
                .show(ui, |ui| sheet_table::show(self, ui));
        });
        part(ui, right, |ui| {
            let size = ui.available_size();
            sheet_drawing::show(self, ui, size);
        });
    }

    fn bench(&mut self, ui: &mut Ui, _desk: &mut Desk, _cx: &mut TabContext<'_>) {
        sheet_bench::show(self, ui);
    }

    fn has_explain(&self) -> bool {
        self.equation().is_some()
    }

    fn explain(&mut self, ui: &mut Ui, _desk: &mut Desk, _cx: &mut TabContext<'_>) {
        let done = self
            .equation()
            .and_then(|asked| explain_panel::show(ui, &asked));
        match (done, self.asked) {
            (Some(Done::Closed), _) => self.asked = None,
            (Some(Done::Asked(measure)), Some((row, _))) => self.asked = Some((row, measure)),
            _ => {}
        }
    }

    fn can(&self, command: Command, _desk: &Desk) -> bool {
        match command {
            Command::Undo => !self.undone.is_empty(),
            Command::Redo => !self.done.is_empty(),
            _ => false,
        }
    }

    fn command(&mut self, command: Command, _desk: &mut Desk, _cx: &mut TabContext<'_>) {
        match command {
            Command::Undo => self.undo(),
            Command::Redo => self.redo(),
            _ => {}
        }
    }

    fn save(&self) -> Value {
        json!({ "sheet": self.sheet, "taste": self.meaning == Meaning::Taste })
    }

    fn restore(&mut self, saved: &Value) {
        let sheet = serde_json::from_value::<Sheet>(saved["sheet"].clone());
        if let Some(sheet) = sheet.ok().and_then(Sheet::checked) {
            self.sheet = sheet;
            self.meaning = if saved["taste"] == true {
                Meaning::Taste
            } else {
                Meaning::Analogy
            };
            self.look_again();
        }
    }
}

/// Draws inside `area` and nowhere else.
fn part(ui: &mut Ui, area: Rect, contents: impl FnOnce(&mut Ui)) {
    let builder = UiBuilder::new()
        .max_rect(area)
        .layout(eframe::egui::Layout::top_down(eframe::egui::Align::LEFT));
    ui.scope_builder(builder, |ui| {
        ui.set_clip_rect(ui.clip_rect().intersect(area.expand(2.0)));
        contents(ui);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_weight(view: &SheetView, row: usize, weight: f64) -> Sheet {
        let mut sheet = view.sheet().clone();
        sheet.rows[row].weight = weight;
        sheet
    }

    #[test]
    fn a_drag_over_one_cell_is_undone_in_one_step() {
        let mut view = SheetView::default();
        let begun = view.sheet().clone();
        for i in 1..=10 {
            view.change(with_weight(&view, 0, 1.0 - f64::from(i) / 10.0), "king");
        }
        view.change(with_weight(&view, 1, 1.0), "queen");
        view.undo();
        assert_eq!(view.sheet().rows[0].weight, 0.0);
        view.undo();
        assert_eq!(view.sheet(), &begun);
        assert!(view.undone.is_empty());
        view.redo();
        view.redo();
        assert_eq!(view.sheet().rows[1].weight, 1.0);
    }

    #[test]
    fn an_equation_closes_when_its_number_is_gone() {
        let mut view = SheetView::default();
        view.ask(1, Measure::Cosine);
        let asked = view.equation().unwrap();
        assert_eq!(Some(asked.shown), asked.explanation.cosine);
        let mut none = view.sheet().clone();
        for row in &mut none.rows {
            row.weight = 0.0;
        }
        view.change(none, "no weights");
        assert!(view.equation().is_none() && view.outcome().is_none());
    }

    #[test]
    fn what_was_made_comes_back_and_what_is_damaged_is_left() {
        let mut view = SheetView::default();
        view.take(EXAMPLES[2].sheet(), Meaning::Taste);
        let saved = view.save();
        let mut again = SheetView::default();
        again.restore(&saved);
        assert_eq!(again.save(), saved);
        again.restore(&json!({ "sheet": { "axes": [], "rows": [] } }));
        again.restore(&json!(7));
        assert_eq!(again.save(), saved);
    }
}
