//! What is drawn of the page: the rows in sight, the selection, the caret; and what a screen reader is
//! told of it.

use super::flow::Place;
use super::history::Kind;
use super::page::{Page, row_ranges};
use super::selection::Selection;
use super::{TextEditor, keys::Composing};
use eframe::egui::accesskit::{Action, ActionData, Role};
use eframe::egui::emath::TSTransform;
use eframe::egui::output::IMEOutput;
use eframe::egui::text::{CCursor, CCursorRange};
use eframe::egui::text_selection::accesskit_text::update_accesskit_for_text_widget;
use eframe::egui::text_selection::visuals::paint_text_cursor;
use eframe::egui::{
    Galley, IMEPurpose, Id, Pos2, Rect, Response, Sense, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};
use std::ops::Range;
use std::sync::Arc;

/// A longer text is told to the screen reader by its part in sight.
const MOST_TOLD: usize = 64 << 10;

/// The frame around an editor, as egui's own has it.
pub(super) fn frame(ui: &Ui, id: Id, rect: Rect) {
    let visuals = ui.visuals();
    let hovered = ui.ctx().read_response(id).is_some_and(|r| r.hovered());
    let stroke = if ui.memory(|memory| memory.has_focus(id)) {
        visuals.selection.stroke
    } else if hovered {
        visuals.widgets.hovered.bg_stroke
    } else {
        visuals.widgets.inactive.bg_stroke
    };
    let rounding = visuals.widgets.inactive.corner_radius;
    let fill = visuals.text_edit_bg_color();
    ui.painter()
        .rect(rect, rounding, fill, stroke, StrokeKind::Inside);
}

/// A piece in sight, with its rows.
struct Sheet {
    place: Place,
    galley: Arc<Galley>,
    rows: Vec<(Range<usize>, bool)>,
    min: Pos2,
}

impl Page<'_> {
    /// Draws the rows in `view`, which is a part of the page, and answers the mouse.
    pub(super) fn show(
        &mut self,
        ui: &mut Ui,
        id: Id,
        origin: Pos2,
        view: Rect,
        editor: &TextEditor<'_>,
    ) -> Response {
        let may_drag =
            ui.input(|input| !input.has_touch_screen()) || ui.memory(|memory| memory.has_focus(id));
        let sense = if may_drag {
            Sense::click_and_drag()
        } else {
            Sense::click()
        };
        let mut response = ui.interact(ui.clip_rect(), id, sense);
        self.point(ui, &response, origin);
        if self.changed {
            response.mark_changed();
        }
        let sheets = self.sheets(origin, view);
        let has_focus = response.has_focus();
        if self.text.is_empty() && !editor.hint.is_empty() {
            let weak = ui.visuals().weak_text_color();
            let hint = self.ink.galley(editor.hint);
            let painter = ui.painter();
            painter.galley_with_override_text_color(origin + self.ink.padding, hint, weak);
        }
        for sheet in &sheets {
            if has_focus && self.state.composing.is_none() {
                self.selected(ui, sheet);
            }
            let galley = Arc::clone(&sheet.galley);
            ui.painter().galley(sheet.min, galley, self.ink.color);
            if let Some(composing) = &self.state.composing {
                self.composed(ui, sheet, composing);
            }
        }
        if has_focus {
            self.caret(ui, origin, &response);
        }
        self.tell(ui, &response, editor, &sheets);
        response
    }

    fn sheets(&mut self, origin: Pos2, view: Rect) -> Vec<Sheet> {
        let row_height = self.ink.row_height;
        let row_at = |y: f32| ((y - self.ink.padding.y) / row_height).max(0.0) as usize;
        let rows = row_at(view.top())..row_at(view.bottom()) + 1;
        let mut ink = self.ink;
        self.state.flow.settle(self.text, &rows, &mut ink);
        let places = self.state.flow.in_rows(&rows);
        let sheet = |place: Place| {
            let laid_out = place.laid_out(self.text);
            let galley = self.ink.galley(laid_out);
            let above = vec2(0.0, place.first_row as f32 * row_height);
            Sheet {
                rows: row_ranges(&galley, laid_out),
                galley,
                place,
                min: origin + self.ink.padding + above,
            }
        };
        places.into_iter().map(sheet).collect()
    }

    /// The part of each row that `range` covers, on the screen.
    fn stripes(&self, sheet: &Sheet, range: &Range<usize>) -> Vec<Rect> {
        let Place { start, end, .. } = sheet.place;
        if range.end <= start || end <= range.start || range.is_empty() {
            return Vec::new();
        }
        let laid_out = sheet.place.laid_out(self.text);
        let ends_line = laid_out.len() < end - start;
        let mut stripes = Vec::new();
        for (i, (bytes, ends)) in sheet.rows.iter().enumerate() {
            let Some(row) = sheet.galley.rows.get(i) else {
                continue;
            };
            let has_line_end = *ends || (ends_line && i + 1 == sheet.rows.len());
            let first = range.start.saturating_sub(start).max(bytes.start);
            let last = (range.end - start).min(bytes.end + usize::from(has_line_end));
            if first >= last {
                continue;
            }
            let x = |at: usize| {
                let column = laid_out[bytes.start..at.min(bytes.end)].chars().count();
                row.pos.x + row.x_offset(column.into())
            };
            // A line end is as wide as half a row is high.
            let line_end = if last > bytes.end {
                self.ink.row_height * 0.5
            } else {
                0.0
            };
            let top = sheet.min.y + row.pos.y;
            stripes.push(Rect::from_min_max(
                pos2(sheet.min.x + x(first), top),
                pos2(sheet.min.x + x(last) + line_end, top + self.ink.row_height),
            ));
        }
        stripes
    }

    fn selected(&self, ui: &Ui, sheet: &Sheet) {
        let fill = ui.visuals().selection.bg_fill;
        for stripe in self.stripes(sheet, &self.state.selection.range()) {
            ui.painter().rect_filled(stripe, 0.0, fill);
        }
    }

    /// Lines under what an input method composes, a thicker one under what is being chosen.
    fn composed(&self, ui: &Ui, sheet: &Sheet, composing: &Composing) {
        let look = &ui.visuals().ime_composition;
        let start = composing.range.start;
        let active = composing.active.clone().unwrap_or(0..0);
        let active = start + active.start..start + active.end;
        for (range, stroke) in [
            (&composing.range, look.inactive_underline_stroke),
            (&active, look.active_underline_stroke),
        ] {
            for stripe in self.stripes(sheet, range) {
                ui.painter()
                    .hline(stripe.x_range(), stripe.bottom(), stroke);
            }
        }
    }

    fn caret(&mut self, ui: &Ui, origin: Pos2, response: &Response) {
        let Selection {
            caret, on_next_row, ..
        } = self.state.selection;
        let row_height = self.ink.row_height;
        let spot = self.spot(caret, on_next_row);
        let at = vec2(spot.x, spot.row as f32 * row_height);
        let min = origin + self.ink.padding + at;
        let rect = Rect::from_min_size(min, vec2(0.0, row_height)).expand(1.5);
        if self.changed {
            self.state.last_interaction = self.time;
        }
        if ui.input(|input| input.focused) {
            let since = self.time - self.state.last_interaction;
            paint_text_cursor(ui, ui.painter(), rect, since);
        }
        let to_screen = ui.ctx().layer_transform_to_global(ui.layer_id());
        let to_screen = to_screen.unwrap_or_default();
        ui.output_mut(|output| {
            output.ime = Some(IMEOutput {
                purpose: IMEPurpose::Normal,
                rect: to_screen * response.rect,
                cursor_rect: to_screen * rect,
                should_interrupt_composition: false,
            });
        });
    }

    /// Tells AccessKit: the name, the text, and around the caret each row with its letters.
    fn tell(&mut self, ui: &Ui, response: &Response, editor: &TextEditor<'_>, sheets: &[Sheet]) {
        let told = if self.text.len() <= MOST_TOLD {
            self.text.as_str()
        } else {
            let first = sheets.first().map_or(0, |sheet| sheet.place.start);
            let last = sheets.last().map_or(0, |sheet| sheet.place.end);
            &self.text[first..last]
        };
        response.widget_info(|| WidgetInfo::text_edit(ui.is_enabled(), told, told, editor.hint));
        ui.ctx().accesskit_node_builder(response.id, |node| {
            node.set_role(Role::MultilineTextInput);
            node.set_label(editor.label);
            node.add_action(Action::SetValue);
            node.add_action(Action::ReplaceSelectedText);
        });
        let Selection { anchor, caret, .. } = self.state.selection;
        let holds = |sheet: &&Sheet| (sheet.place.start..=sheet.place.end).contains(&caret);
        let Some(sheet) = sheets.iter().rev().find(holds).or(sheets.first()) else {
            return;
        };
        let laid_out = sheet.place.laid_out(self.text);
        let cursor = |at: usize| {
            let at = at.clamp(sheet.place.start, sheet.place.start + laid_out.len());
            CCursor::new(laid_out[..at - sheet.place.start].chars().count())
        };
        let cursors = CCursorRange::two(cursor(anchor), cursor(caret));
        let cursors = response.has_focus().then_some(cursors);
        let to_screen = TSTransform::from_translation(sheet.min.to_vec2());
        update_accesskit_for_text_widget(ui.ctx(), response.id, cursors, to_screen, &sheet.galley);
    }

    /// Does what a screen reader asks for.
    pub(super) fn obey(&mut self, ui: &Ui, id: Id) {
        for (action, kind) in [
            (Action::SetValue, Kind::Other),
            (Action::ReplaceSelectedText, Kind::Typing),
        ] {
            let asked: Vec<String> = ui.input(|input| {
                let requests = input.accesskit_action_requests(id, action);
                requests
                    .filter_map(|request| match &request.data {
                        Some(ActionData::Value(value)) => Some(value.to_string()),
                        _ => None,
                    })
                    .collect()
            });
            for value in asked {
                let range = match action {
                    Action::SetValue => 0..self.text.len(),
                    _ => self.state.selection.range(),
                };
                self.replace(kind, range, &value);
            }
        }
    }
}
