//! What was changed, so that it can be undone: each change with what it removed and what it put there.
//! Letters typed one after the other are one change until a word ends or the person pauses.

use super::selection::Selection;
use std::collections::VecDeque;
use std::ops::Range;

/// A pause that ends a change, in seconds.
const PAUSE_SECS: f64 = 1.5;
/// How many changes are kept, and how many bytes they may hold.
const MOST_CHANGES: usize = 1000;
const MOST_BYTES: usize = 64 << 20;

/// How a change came about: changes of one kind that follow each other are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Letters were typed.
    Typing,
    /// Letters were deleted.
    Deleting,
    /// An input method is composing.
    Composing,
    /// Anything else.
    Other,
}

#[derive(Debug, Clone)]
struct Change {
    kind: Kind,
    at: usize,
    removed: String,
    inserted: String,
    before: Selection,
    time: f64,
}

/// The changes that can be undone, and those that were and can be made again.
#[derive(Debug, Clone, Default)]
pub(super) struct History {
    done: VecDeque<Change>,
    undone: Vec<Change>,
    n_bytes: usize,
}

/// What to do to the text to undo or to repeat a change.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Step {
    pub(super) range: Range<usize>,
    pub(super) with: String,
    pub(super) selection: Selection,
}

impl History {
    /// Remembers that `removed` at byte `at` gave way to `inserted`.
    pub(super) fn record(
        &mut self,
        kind: Kind,
        (at, removed, inserted): (usize, &str, &str),
        before: Selection,
        time: f64,
    ) {
        for undone in self.undone.drain(..) {
            self.n_bytes = self.n_bytes.saturating_sub(undone.n_bytes());
        }
        self.n_bytes += removed.len() + inserted.len();
        let last = self.done.back_mut();
        if !last.is_some_and(|last| last.goes_on(kind, at, removed, inserted, time)) {
            self.done.push_back(Change {
                kind,
                at,
                removed: removed.to_owned(),
                inserted: inserted.to_owned(),
                before,
                time,
            });
        }
        while self.done.len() > MOST_CHANGES || (self.n_bytes > MOST_BYTES && self.done.len() > 1) {
            if let Some(oldest) = self.done.pop_front() {
                self.n_bytes = self.n_bytes.saturating_sub(oldest.n_bytes());
            }
        }
    }

    pub(super) fn undo(&mut self) -> Option<Step> {
        let change = self.done.pop_back()?;
        let step = Step {
            range: change.at..change.at + change.inserted.len(),
            with: change.removed.clone(),
            selection: change.before,
        };
        self.undone.push(change);
        Some(step)
    }

    pub(super) fn redo(&mut self) -> Option<Step> {
        let change = self.undone.pop()?;
        let step = Step {
            range: change.at..change.at + change.removed.len(),
            with: change.inserted.clone(),
            selection: Selection::caret(change.at + change.inserted.len()),
        };
        self.done.push_back(change);
        Some(step)
    }
}

impl Change {
    fn n_bytes(&self) -> usize {
        self.removed.len() + self.inserted.len()
    }

    /// Takes a further change in, if it only goes on with this one.
    fn goes_on(&mut self, kind: Kind, at: usize, removed: &str, inserted: &str, time: f64) -> bool {
        if self.kind != kind || (kind != Kind::Composing && time - self.time > PAUSE_SECS) {
            return false;
        }
        match kind {
            Kind::Typing => {
                let ends_word = self.inserted.ends_with(char::is_whitespace)
                    && !inserted.starts_with(char::is_whitespace);
                if at != self.at + self.inserted.len() || !removed.is_empty() || ends_word {
                    return false;
                }
                self.inserted.push_str(inserted);
            }
            Kind::Deleting if at + removed.len() == self.at => {
                self.removed.insert_str(0, removed);
                self.at = at;
            }
            Kind::Deleting if at == self.at => self.removed.push_str(removed),
            Kind::Composing if at == self.at && removed == self.inserted => {
                inserted.clone_into(&mut self.inserted);
            }
            _ => return false,
        }
        self.time = time;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A text with its history.
    struct Page(String, History);

    impl Page {
        fn put(&mut self, kind: Kind, range: Range<usize>, with: &str, time: f64) {
            let removed = self.0[range.clone()].to_owned();
            let before = Selection::caret(range.start);
            self.1
                .record(kind, (range.start, &removed, with), before, time);
            self.0.replace_range(range, with);
        }

        fn step(&mut self, step: Option<Step>) -> &str {
            if let Some(step) = step {
                self.0.replace_range(step.range, &step.with);
            }
            &self.0
        }

        fn undo(&mut self) -> &str {
            let step = self.1.undo();
            self.step(step)
        }

        fn redo(&mut self) -> &str {
            let step = self.1.redo();
            self.step(step)
        }
    }

    fn typed(text: &str) -> Page {
        let mut page = Page(String::new(), History::default());
        for (at, letter) in text.char_indices() {
            let mut bytes = [0; 4];
            let letter = letter.encode_utf8(&mut bytes);
            page.put(Kind::Typing, at..at, letter, 0.1 * at as f64);
        }
        page
    }

    #[test]
    fn typing_is_undone_word_by_word_and_made_again() {
        let mut page = typed("one two");
        assert_eq!(page.undo(), "one ");
        assert_eq!(page.undo(), "");
        assert_eq!(page.undo(), "");
        assert_eq!(page.redo(), "one ");
        assert_eq!(page.redo(), "one two");
        assert_eq!(page.redo(), "one two");
    }

    #[test]
    fn a_new_change_ends_what_could_be_made_again() {
        let mut page = typed("one two");
        page.undo();
        page.put(Kind::Typing, 4..4, "x", 9.0);
        assert_eq!(page.redo(), "one x");
    }

    #[test]
    fn letters_deleted_in_either_direction_come_back_together() {
        let mut page = typed("abcd");
        page.put(Kind::Deleting, 2..3, "", 1.0);
        page.put(Kind::Deleting, 1..2, "", 1.1);
        page.put(Kind::Deleting, 1..2, "", 1.2);
        assert_eq!(page.0, "a");
        assert_eq!(page.undo(), "abcd");
    }

    #[test]
    fn a_composition_is_one_change_however_often_it_was_revised() {
        let mut page = typed("ab");
        page.put(Kind::Composing, 2..2, "n", 1.0);
        page.put(Kind::Composing, 2..3, "に", 9.0);
        page.put(Kind::Composing, 2..5, "日本", 19.0);
        assert_eq!(page.undo(), "ab");
        assert_eq!(page.redo(), "ab日本");
    }

    #[test]
    fn a_pause_ends_a_change() {
        let mut page = typed("ab");
        page.put(Kind::Typing, 2..2, "c", 60.0);
        assert_eq!(page.undo(), "ab");
    }
}
