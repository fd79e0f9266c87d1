//! What is selected, and where words and lines begin: in bytes of the text.

use eframe::egui::text::{CCursor, CharIndex};
use eframe::egui::text_selection::text_cursor_state::{
    byte_index_from_char_index, ccursor_next_word, ccursor_previous_word,
    char_index_from_byte_index,
};
use std::ops::Range;

/// How far a word is looked for; a longer one is jumped in parts.
const WORD: usize = 4 << 10;

/// From where the selection was begun to the caret, which moves.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Selection {
    /// The end that stays.
    pub(super) anchor: usize,
    /// The end that moves.
    pub(super) caret: usize,
    /// Where a row ends without a line end, whether the caret stands at the start of the next row.
    pub(super) on_next_row: bool,
    /// The x that moving up and down keeps to.
    pub(super) x: Option<f32>,
}

impl Selection {
    /// Nothing selected, the caret at byte `at`.
    pub(super) fn caret(at: usize) -> Self {
        Self::between(at, at)
    }

    pub(super) fn between(anchor: usize, caret: usize) -> Self {
        Self {
            anchor,
            caret,
            on_next_row: true,
            x: None,
        }
    }

    pub(super) fn range(&self) -> Range<usize> {
        self.anchor.min(self.caret)..self.anchor.max(self.caret)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.anchor == self.caret
    }

    /// Where both ends are after `range` gave way to `n_inserted` bytes somewhere else.
    pub(super) fn moved(self, range: &Range<usize>, n_inserted: usize) -> Self {
        let moved = |at: usize| match at {
            at if at <= range.start => at,
            at if at >= range.end => at - range.len() + n_inserted,
            _ => range.start + n_inserted,
        };
        Self {
            anchor: moved(self.anchor),
            caret: moved(self.caret),
            ..self
        }
    }
}

/// By what a drag or a click with Shift selects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// Letters.
    Letter,
    /// Words: after a double click.
    Word,
    /// Lines: after a triple click.
    Line,
}

impl Unit {
    /// The whole unit at byte `at`.
    pub(super) fn at(self, text: &str, at: usize) -> Range<usize> {
        match self {
            Self::Letter => at..at,
            Self::Word => word_at(text, at),
            Self::Line => line_at(text, at),
        }
    }
}

pub(super) fn previous_letter(text: &str, at: usize) -> usize {
    at - text[..at].chars().next_back().map_or(0, char::len_utf8)
}

pub(super) fn next_letter(text: &str, at: usize) -> usize {
    at + text[at..].chars().next().map_or(0, char::len_utf8)
}

/// Where the word before byte `at` begins.
pub(super) fn previous_word(text: &str, at: usize) -> usize {
    let from = text.ceil_char_boundary(at.saturating_sub(WORD));
    from + within(&text[from..at], at - from, ccursor_previous_word)
}

/// Where the word after byte `at` ends.
pub(super) fn next_word(text: &str, at: usize) -> usize {
    let end = text.floor_char_boundary(at.saturating_add(WORD).min(text.len()));
    at + within(&text[at..end], 0, ccursor_next_word)
}

fn within(text: &str, at: usize, go: impl Fn(&str, CCursor) -> CCursor) -> usize {
    let at = char_index_from_byte_index(text, at.into());
    let CharIndex(there) = go(text, CCursor::new(at)).index;
    byte_index_from_char_index(text, CharIndex(there)).0
}

/// The paragraph that byte `at` is in, without its line end.
pub(super) fn line_at(text: &str, at: usize) -> Range<usize> {
    let start = text[..at].rfind('\n').map_or(0, |line_end| line_end + 1);
    let end = text[at..].find('\n').map_or(text.len(), |n| at + n);
    start..end
}

fn word_at(text: &str, at: usize) -> Range<usize> {
    let line = line_at(text, at);
    let start = text.ceil_char_boundary(line.start.max(at.saturating_sub(WORD)));
    let end = text.floor_char_boundary(line.end.min(at + WORD));
    let around = &text[start..end];
    let first = within(around, at - start, ccursor_previous_word);
    let last = within(around, at - start, ccursor_next_word);
    start + first..start + last
}

/// What changed from `old` to `new`: the bytes of `old` that gave way, and how many came in.
pub(super) fn difference(old: &str, new: &str) -> (Range<usize>, usize) {
    let same = |pair: &(u8, u8)| pair.0 == pair.1;
    let start = old.bytes().zip(new.bytes()).take_while(same).count();
    let start = old.floor_char_boundary(start.min(new.floor_char_boundary(start)));
    let (old_rest, new_rest) = (&old[start..], &new[start..]);
    let ends = old_rest.bytes().rev().zip(new_rest.bytes().rev());
    let mut n_same = ends.take_while(same).count();
    while !old.is_char_boundary(old.len() - n_same) {
        n_same -= 1;
    }
    (start..old.len() - n_same, new.len() - n_same - start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_jumped_as_in_other_editors() {
        let text = "abc def\nghi";
        assert_eq!(next_word(text, 0), 3);
        assert_eq!(next_word(text, 3), 7);
        assert_eq!(next_word(text, 9), 11);
        assert_eq!(previous_word(text, 11), 8);
        assert_eq!(previous_word(text, 6), 4);
        assert_eq!(previous_word(text, 0), 0);
    }

    #[test]
    fn a_double_click_takes_the_word_and_a_triple_click_the_line() {
        let text = "zwölf Boxer\njagen";
        assert_eq!(Unit::Word.at(text, 2), 0..6);
        assert_eq!(Unit::Word.at(text, 8), 7..12);
        assert_eq!(Unit::Line.at(text, 8), 0..12);
        assert_eq!(Unit::Line.at(text, text.len()), 13..18);
    }

    #[test]
    fn the_difference_of_two_texts_is_where_they_differ() {
        assert_eq!(difference("abcd", "abXcd"), (2..2, 1));
        assert_eq!(difference("aaaa", "aaa"), (3..4, 0));
        assert_eq!(difference("", "abc"), (0..0, 3));
        // ä and å share their first byte, and 后 and 向 too.
        assert_eq!(difference("xäy", "xåy"), (1..3, 2));
        for (old, new) in [("后", "向后"), ("ää", "äää"), ("€", "¬")] {
            let (range, n) = difference(old, new);
            let mut made = old.to_owned();
            made.replace_range(range.clone(), &new[range.start..range.start + n]);
            assert_eq!(made, new);
        }
    }
}
