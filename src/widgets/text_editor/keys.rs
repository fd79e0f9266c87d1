//! What keys, the clipboard and input methods do: the same as in egui's own editor, and the page keys.

use super::history::Kind;
use super::page::Page;
use super::selection::{
    Selection, line_at, next_letter, next_word, previous_letter, previous_word,
};
use eframe::egui::os::OperatingSystem;
use eframe::egui::{Event, EventFilter, ImeEvent, Key, Modifiers, Ui};
use std::ops::Range;

/// The keys that are the editor's while it has the focus; Tab and Escape leave it.
pub(super) const FILTER: EventFilter = EventFilter {
    tab: false,
    horizontal_arrows: true,
    vertical_arrows: true,
    escape: false,
};

/// What an input method is composing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Composing {
    /// Where it stands in the text.
    pub(super) range: Range<usize>,
    /// The part that the person is choosing, counted from its start.
    pub(super) active: Option<Range<usize>>,
}

impl Page<'_> {
    /// Answers what was typed since the last frame.
    pub(super) fn listen(&mut self, ui: &Ui) {
        for event in ui.input(|input| input.filtered_events(&FILTER)) {
            self.answer(ui, &event);
        }
    }

    fn answer(&mut self, ui: &Ui, event: &Event) {
        let selected = self.state.selection.range();
        match event {
            Event::Copy | Event::Cut if selected.is_empty() => {}
            Event::Copy => ui.copy_text(self.text[selected].to_owned()),
            Event::Cut => {
                ui.copy_text(self.text[selected.clone()].to_owned());
                self.replace(Kind::Other, selected, "");
            }
            Event::Paste(text) => self.replace(Kind::Other, selected, text),
            Event::Text(text) if text != "\n" && text != "\r" => {
                self.replace(Kind::Typing, selected, text);
            }
            Event::Key {
                key,
                pressed: true,
                modifiers,
                ..
            } => self.key(ui.os(), *key, *modifiers),
            Event::Ime(event) => self.compose(event),
            _ => {}
        }
    }

    fn key(&mut self, os: OperatingSystem, key: Key, modifiers: Modifiers) {
        if os == OperatingSystem::Mac && modifiers.ctrl && !modifiers.shift {
            let as_arrow = match key {
                Key::A => Some(Key::Home),
                Key::E => Some(Key::End),
                Key::P => Some(Key::ArrowUp),
                Key::N => Some(Key::ArrowDown),
                Key::B => Some(Key::ArrowLeft),
                Key::F => Some(Key::ArrowRight),
                _ => None,
            };
            if let Some(key) = as_arrow {
                self.go(key, Modifiers::NONE);
                return;
            }
        }
        match key {
            Key::A if modifiers.command => {
                self.select(Selection::between(0, self.text.len()));
            }
            Key::Y if modifiers.command => self.redo(),
            Key::Z if modifiers.command && modifiers.shift => self.redo(),
            Key::Z if modifiers.command => {
                let step = self.state.history.undo();
                self.step(step);
            }
            Key::Enter if !modifiers.command => {
                let selected = self.state.selection.range();
                self.replace(Kind::Typing, selected, "\n");
            }
            Key::Delete if modifiers.shift && os == OperatingSystem::Windows => {} // a cut follows
            Key::Backspace | Key::Delete | Key::H | Key::K | Key::U | Key::W => {
                if let Some(range) = self.deleted_by(key, modifiers) {
                    self.replace(Kind::Deleting, range, "");
                }
            }
            _ => self.go(key, modifiers),
        }
    }

    fn redo(&mut self) {
        let step = self.state.history.redo();
        self.step(step);
    }

    /// What a key deletes; `None` if it does not delete.
    fn deleted_by(&self, key: Key, modifiers: Modifiers) -> Option<Range<usize>> {
        let Selection { caret, .. } = self.state.selection;
        let selected = self.state.selection.range();
        let by_word = modifiers.alt || modifiers.ctrl;
        let line = || line_at(self.text, caret);
        let of_one = match key {
            Key::Backspace if modifiers.mac_cmd => line().start..caret,
            Key::Backspace if by_word => previous_word(self.text, caret)..caret,
            Key::Backspace => previous_letter(self.text, caret)..caret,
            Key::Delete if modifiers.mac_cmd => caret..line().end,
            Key::Delete if by_word => caret..next_word(self.text, caret),
            Key::Delete => caret..next_letter(self.text, caret),
            _ if !modifiers.ctrl => return None,
            Key::H => previous_letter(self.text, caret)..caret,
            Key::W => previous_word(self.text, caret)..caret,
            Key::K => caret..line().end,
            _ => line().start..caret,
        };
        Some(if selected.is_empty() {
            of_one
        } else {
            selected
        })
    }

    /// Moves the caret; with Shift the other end of the selection stays.
    fn go(&mut self, key: Key, modifiers: Modifiers) {
        let now = self.state.selection;
        let selected = now.range();
        let by_word = modifiers.alt || modifiers.ctrl;
        let letter = |at| (at, true, None);
        let (caret, on_next_row, x) = match key {
            Key::ArrowLeft if modifiers.is_none() && !now.is_empty() => letter(selected.start),
            Key::ArrowRight if modifiers.is_none() && !now.is_empty() => letter(selected.end),
            Key::ArrowLeft if by_word => letter(previous_word(self.text, now.caret)),
            Key::ArrowRight if by_word => letter(next_word(self.text, now.caret)),
            Key::ArrowLeft if modifiers.mac_cmd => self.row_edge(f32::NEG_INFINITY),
            Key::ArrowRight if modifiers.mac_cmd => self.row_edge(f32::INFINITY),
            Key::ArrowLeft => letter(previous_letter(self.text, now.caret)),
            Key::ArrowRight => letter(next_letter(self.text, now.caret)),
            Key::ArrowUp if modifiers.command => letter(0),
            Key::ArrowDown if modifiers.command => letter(self.text.len()),
            Key::ArrowUp => self.rows_away(-1),
            Key::ArrowDown => self.rows_away(1),
            Key::PageUp => self.rows_away(-self.page_rows()),
            Key::PageDown => self.rows_away(self.page_rows()),
            Key::Home if modifiers.ctrl => letter(0),
            Key::End if modifiers.ctrl => letter(self.text.len()),
            Key::Home => self.row_edge(f32::NEG_INFINITY),
            Key::End => self.row_edge(f32::INFINITY),
            _ => return,
        };
        let anchor = if modifiers.shift { now.anchor } else { caret };
        self.select(Selection {
            anchor,
            caret,
            on_next_row,
            x,
        });
    }

    /// One row less than there are in sight, so that one stays.
    fn page_rows(&self) -> isize {
        (self.state.rows_in_sight as isize - 1).max(1)
    }

    fn row_edge(&mut self, x: f32) -> (usize, bool, Option<f32>) {
        let now = self.state.selection;
        let spot = self.spot(now.caret, now.on_next_row);
        let (at, on_next_row) = self.hit(spot.row, x);
        (at, on_next_row, None)
    }

    fn rows_away(&mut self, n: isize) -> (usize, bool, Option<f32>) {
        let now = self.state.selection;
        let spot = self.spot(now.caret, now.on_next_row);
        let x = now.x.unwrap_or(spot.x);
        match spot.row.checked_add_signed(n) {
            None => (0, true, None),
            Some(row) if row >= self.state.flow.n_rows() => (self.text.len(), true, None),
            Some(row) => {
                let (at, on_next_row) = self.hit(row, x);
                (at, on_next_row, Some(x))
            }
        }
    }

    /// Follows an input method: what it composes stands in the text, selected, until it is committed.
    fn compose(&mut self, event: &ImeEvent) {
        let composing = self.state.composing.take();
        let was_composing = composing.is_some();
        let range = composing.map_or_else(|| self.state.selection.range(), |c| c.range);
        match event {
            ImeEvent::Preedit { text, .. } | ImeEvent::Commit(text)
                if (text.is_empty() && !was_composing) || text == "\n" || text == "\r" => {}
            ImeEvent::Preedit {
                text,
                active_range_chars,
            } => {
                self.replace(Kind::Composing, range.clone(), text);
                if !text.is_empty() {
                    let byte = |n| text.char_indices().nth(n).map_or(text.len(), |(at, _)| at);
                    let active = active_range_chars.clone();
                    self.state.composing = Some(Composing {
                        range: range.start..range.start + text.len(),
                        active: active.map(|active| byte(active.start)..byte(active.end)),
                    });
                }
            }
            ImeEvent::Commit(text) => self.replace(Kind::Composing, range, text),
            ImeEvent::DeleteSurrounding {
                before_chars,
                after_chars,
            } => {
                let before = self.text[..range.start].char_indices().rev();
                let start = match before_chars.checked_sub(1) {
                    Some(n) => before.map(|(at, _)| at).nth(n).unwrap_or(0),
                    None => range.start,
                };
                let after = self.text[range.end..].char_indices();
                let end = after.map(|(at, _)| range.end + at).nth(*after_chars);
                let end = end.unwrap_or(self.text.len());
                self.replace(Kind::Other, range.end..end, "");
                self.replace(Kind::Other, start..range.start, "");
            }
            _ => {}
        }
    }
}
