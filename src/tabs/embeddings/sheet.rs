//! Your own dimensions: a table of numbers that a person makes, the arithmetic of its rows, and the
//! rows drawn as arrows. State and answers are here; [`table`], [`drawing`] and [`bench`] draw.

mod bench;
mod drawing;
mod nearness;
mod table;

use super::explain_panel::{self, Asked, Done, Measure};
use super::history::History;
use super::views::{Desk, View};
use crate::command::Command;
use crate::labs::embeddings::sheet::{EXAMPLES, Meaning, Near, Outcome, Sheet};
use crate::refusal::Refusal;
use crate::tabs::TabContext;
use crate::tabs::parts::part;
use crate::theme;
use eframe::egui::{ScrollArea, Ui, vec2};
use serde_json::{Value, json};

/// Narrower than this, the drawing stands below the table.
const ROOM_FOR_BOTH: f32 = 720.0;

/// The table and what came of it.
#[derive(Debug)]
pub(super) struct SheetView {
    sheet: Sheet,
    outcome: Option<Outcome>,
    /// What adding up means in this table.
    pub(super) meaning: Meaning,
    history: History<Sheet>,
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
            history: History::default(),
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
        if self.history.change(&mut self.sheet, sheet, name) {
            self.look_again();
        }
    }

    /// Another table, and what adding up means in it.
    pub(super) fn take(&mut self, sheet: Sheet, meaning: Meaning) {
        self.history.close_step();
        self.meaning = meaning;
        self.asked = None;
        self.change(sheet, "another table");
        self.history.close_step();
    }

    fn look_again(&mut self) {
        self.outcome = self.sheet.outcome();
        self.refused = None;
        if self.asked.is_some_and(|(row, _)| self.near(row).is_none()) {
            self.asked = None;
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
            before: None,
        })
    }
}

impl View<Desk> for SheetView {
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
                    table::show(self, ui);
                    ui.add_space(theme::size::GROUP);
                    let side = room.x.min(460.0);
                    drawing::show(self, ui, vec2(room.x, side));
                });
            return;
        }
        let area = ui.available_rect_before_wrap();
        let wanted = table::width(ui, &self.sheet);
        let width = wanted.min(area.width() * 0.68);
        let left = area.with_max_x(area.left() + width);
        let right = area.with_min_x(left.right() + theme::size::GROUP);
        part(ui, left, |ui| {
            ScrollArea::vertical()
                .id_salt("table")
                .auto_shrink([false, false])
                .show(ui, |ui| table::show(self, ui));
        });
        part(ui, right, |ui| {
            let size = ui.available_size();
            drawing::show(self, ui, size);
        });
    }

    fn bench(&mut self, ui: &mut Ui, _desk: &mut Desk, _cx: &mut TabContext<'_>) {
        bench::show(self, ui);
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
            Command::Undo => self.history.can_undo(),
            Command::Redo => self.history.can_redo(),
            _ => false,
        }
    }

    fn command(&mut self, command: Command, _desk: &mut Desk, _cx: &mut TabContext<'_>) {
        match command {
            Command::Undo => self.history.undo(&mut self.sheet),
            Command::Redo => self.history.redo(&mut self.sheet),
            _ => return,
        }
        self.look_again();
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

#[cfg(test)]
mod tests {
    use super::*;

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
