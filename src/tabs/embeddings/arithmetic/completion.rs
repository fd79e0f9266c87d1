//! Words that begin as the one being typed does: which word that is, what is offered, what is chosen.

use crate::labs::embeddings::quoted;
use crate::tabs::TabContext;
use crate::tabs::embeddings::latest::Latest;
use crate::tabs::embeddings::views::Desk;
use std::ops::Range;

/// So many words are offered.
const N_OFFERED: usize = 8;

/// A set and the beginning of a word.
type Key = (u64, String);

/// What is offered while a word is typed.
#[derive(Debug, Default)]
pub(super) struct Completion {
    /// The word being typed, in bytes of the line.
    typed: Option<(Range<usize>, String)>,
    finding: Latest<Key, Vec<String>>,
    found: Option<(Key, Vec<String>)>,
    /// The offer that the arrow keys reached.
    pub(super) chosen: Option<usize>,
    /// Whether offers are wanted: a letter was typed, and none was taken since.
    is_open: bool,
    /// Whether the pointer is over the offers.
    pub(super) is_pointed_at: bool,
}

impl Completion {
    /// A letter was typed, or the cursor moved, in a line that reads `text`.
    pub(super) fn typed(&mut self, text: &str, cursor: usize, changed: bool) {
        let word = word_before(text, cursor);
        let typed = word.map(|at| (at.clone(), text[at].to_owned()));
        if changed {
            self.is_open = true;
        }
        if typed != self.typed {
            self.typed = typed;
            self.chosen = None;
            self.is_open &= changed;
        }
    }

    /// Offers nothing until the next letter.
    pub(super) fn close(&mut self) {
        self.is_open = false;
        self.chosen = None;
        self.is_pointed_at = false;
    }

    /// What is offered now.
    pub(super) fn offers(&self) -> &[String] {
        let (Some((_, typed)), Some(((_, prefix), words))) = (&self.typed, &self.found) else {
            return &[];
        };
        let is_all = words.len() == 1 && words[0] == *typed;
        if self.is_open && typed == prefix && !is_all {
            words
        } else {
            &[]
        }
    }

    /// One offer down (1) or up (−1), round and round.
    pub(super) fn step(&mut self, by: isize) {
        let n = self.offers().len() as isize;
        if n > 0 {
            let at = self.chosen.map_or(if by > 0 { 0 } else { n - 1 }, |at| {
                (at as isize + by).rem_euclid(n)
            });
            self.chosen = Some(at as usize);
        }
    }

    /// The line with offer `i` in the place of what was typed, and where the cursor goes, in
    /// characters.
    pub(super) fn accept(&mut self, i: usize, text: &str) -> Option<(String, usize)> {
        let word = quoted(self.offers().get(i)?);
        let (at, _) = self.typed.take()?;
        let mut text = text.to_owned();
        text.get(at.clone())?;
        text.replace_range(at.clone(), &word);
        self.close();
        let cursor = text[..at.start + word.len()].chars().count();
        Some((text, cursor))
    }

    /// Where the word that is typed begins, in bytes.
    pub(super) fn start(&self) -> Option<usize> {
        self.typed.as_ref().map(|(at, _)| at.start)
    }

    /// Looks for words that begin so.
    pub(super) fn follow(&mut self, desk: &Desk, cx: &mut TabContext<'_>) {
        let typed = self.typed.as_ref().filter(|_| self.is_open);
        let space = desk.sets.space().cloned();
        let wanted = typed
            .filter(|_| space.is_some())
            .map(|(_, prefix)| (desk.sets.number(), prefix.clone()));
        let arrived = self.finding.follow(wanted, cx, move |key, _| {
            Some(space.as_ref()?.complete(&key.1, N_OFFERED))
        });
        if let Some(found) = arrived {
            self.found = Some(found);
        }
    }

    pub(super) fn is_working(&self) -> bool {
        self.finding.is_working()
    }
}

/// The word that ends at the cursor (a count of characters) and nowhere else, in bytes.
fn word_before(text: &str, cursor: usize) -> Option<Range<usize>> {
    let is_letter = |c: char| c.is_alphanumeric() || matches!(c, '_' | '\'' | '’' | '.');
    let end = text
        .char_indices()
        .nth(cursor)
        .map_or(text.len(), |(at, _)| at);
    if text[end..].starts_with(is_letter) {
        return None;
    }
    let start = text[..end]
        .char_indices()
        .rev()
        .take_while(|&(_, c)| is_letter(c))
        .last()?
        .0;
    let is_number = text[start..end]
        .bytes()
        .all(|b| matches!(b, b'0'..=b'9' | b'.'));
    (!is_number).then_some(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_before_the_cursor_is_completed_and_no_other() {
        assert_eq!(word_before("king - wom", 10), Some(7..10));
        assert_eq!(word_before("king - wom", 4), Some(0..4));
        assert_eq!(word_before("king - wom", 2), None);
        assert_eq!(word_before("king - ", 7), None);
        assert_eq!(word_before("0.8", 3), None);
        assert_eq!(word_before("na", 2), Some(0..2));
        assert_eq!(word_before("naïv + a", 4), Some(0..5));
    }

    #[test]
    fn an_offer_takes_the_place_of_what_was_typed() {
        let mut completion = Completion::default();
        let text = "é + wom - man";
        completion.typed(text, 7, true);
        assert_eq!(completion.start(), Some(5));
        completion.found = Some(((0, "wom".into()), vec!["woman".into(), "women".into()]));
        assert_eq!(completion.offers().len(), 2);
        completion.step(-1);
        assert_eq!(completion.chosen, Some(1));
        completion.step(1);
        assert_eq!(completion.chosen, Some(0));
        let accepted = completion.accept(0, text);
        assert_eq!(accepted, Some(("é + woman - man".into(), 9)));
        assert!(completion.offers().is_empty());
    }
}
