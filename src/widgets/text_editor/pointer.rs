//! What the mouse does: a click puts the caret, a second takes the word, a third the line, a drag or
//! Shift extends; the middle button pastes.

use super::history::Kind;
use super::page::Page;
use super::selection::{Selection, Unit};
use eframe::egui::{CursorIcon, Event, Pos2, Response, Ui};
use std::ops::Range;

/// Presses closer than this in seconds and points count up.
const AGAIN_SECS: f64 = 0.35;
const AGAIN_DISTANCE: f32 = 6.0;
/// How many rows past the edge a drag goes per frame.
const PAST_EDGE: f32 = 2.0;

/// The last press of the mouse.
#[derive(Debug, Clone)]
pub(super) struct Pressed {
    time: f64,
    at: Pos2,
    count: u32,
    unit: Unit,
    /// What the press selected: it stays selected while the drag goes on.
    kept: Range<usize>,
}

impl Default for Pressed {
    fn default() -> Self {
        Self {
            time: f64::NEG_INFINITY,
            at: Pos2::ZERO,
            count: 0,
            unit: Unit::Letter,
            kept: 0..0,
        }
    }
}

impl Page<'_> {
    /// Answers the mouse. `origin` is the upper left corner of the page on the screen.
    pub(super) fn point(&mut self, ui: &Ui, response: &Response, origin: Pos2) {
        if response.hovered() {
            ui.set_cursor_icon(CursorIcon::Text);
            ui.output_mut(|output| output.mutable_text_under_cursor = true);
        }
        if let Some(pointer) = response.interact_pointer_pos() {
            let is_pressed =
                response.hovered() && ui.input(|input| input.pointer.primary_pressed());
            let touched = response.clicked() && !response.sense.senses_drag();
            if is_pressed || touched {
                let shift = ui.input(|input| input.modifiers.shift);
                let hit = self.under(pointer, origin);
                self.press(pointer, hit, shift);
                response.request_focus();
            } else if ui.is_being_dragged(response.id) {
                let rect = ui.clip_rect();
                let past = PAST_EDGE * self.ink.row_height;
                let y = pointer.y.clamp(rect.top() - past, rect.bottom() + past);
                let hit = self.under(Pos2::new(pointer.x, y), origin);
                self.drag(hit);
                if y < rect.top() || y > rect.bottom() {
                    self.state.follow = true;
                    ui.ctx().request_repaint();
                }
            }
        }
        if response.contains_pointer() {
            self.middle_click(ui, response, origin);
        }
        let selected = self.state.selection.range();
        if selected != self.state.reported && !ui.input(|input| input.pointer.any_down()) {
            if !selected.is_empty() {
                let words = self.text[selected.clone()].to_owned();
                let command = eframe::egui::OutputCommand::TextSelectionSettled(words);
                ui.ctx().send_cmd(command);
            }
            self.state.reported = selected;
        }
    }

    fn under(&mut self, pointer: Pos2, origin: Pos2) -> (usize, bool) {
        let at = pointer - origin - self.ink.padding;
        let row = (at.y / self.ink.row_height).floor();
        if row < 0.0 {
            return (0, true);
        }
        if row as usize >= self.state.flow.n_rows() {
            return (self.text.len(), true);
        }
        self.hit(row as usize, at.x)
    }

    fn press(&mut self, pointer: Pos2, (at, on_next_row): (usize, bool), shift: bool) {
        let last = &self.state.pressed;
        let again = self.time - last.time < AGAIN_SECS
            && (pointer - last.at).length() < AGAIN_DISTANCE
            && last.count < 3;
        let count = if again { last.count + 1 } else { 1 };
        let unit = match count {
            1 => Unit::Letter,
            2 => Unit::Word,
            _ => Unit::Line,
        };
        let now = self.state.selection;
        let kept = if shift {
            let kept = last.kept.clone();
            let selected = now.range();
            let is_inside = selected.start <= kept.start && kept.end <= selected.end;
            if is_inside && !kept.is_empty() {
                kept
            } else {
                now.anchor..now.anchor
            }
        } else {
            unit.at(self.text, at)
        };
        self.state.pressed = Pressed {
            time: self.time,
            at: pointer,
            count,
            unit,
            kept,
        };
        self.state.composing = None;
        self.drag((at, on_next_row));
    }

    /// Selects from what was pressed to the unit at `at`.
    fn drag(&mut self, (at, on_next_row): (usize, bool)) {
        let Pressed { unit, kept, .. } = &self.state.pressed;
        let kept = kept.start.min(self.text.len())..kept.end.min(self.text.len());
        let here = unit.at(self.text, at);
        let (anchor, caret) = if at < kept.start {
            (kept.end, here.start)
        } else if at > kept.end || kept.is_empty() {
            (kept.start, here.end)
        } else {
            (kept.start, kept.end)
        };
        self.state.selection = Selection {
            on_next_row,
            ..Selection::between(anchor, caret)
        };
        self.state.last_interaction = self.time;
    }

    fn middle_click(&mut self, ui: &Ui, response: &Response, origin: Pos2) {
        let pasted = ui.input(|input| {
            input.events.iter().find_map(|event| match event {
                Event::MiddleClickPaste { pos, text } => Some((*pos, text.clone())),
                _ => None,
            })
        });
        if let Some((pointer, text)) = pasted {
            let (at, _) = self.under(pointer, origin);
            self.replace(Kind::Other, at..at, &text);
            response.request_focus();
            ui.ctx().request_repaint();
        }
    }
}
