//! A text with its tokens, kept up to date while it is edited.
//!
//! No split pattern looks back: where a piece ends depends on the text from its start on, and on
//! little beyond its end (the white space that follows it, a contraction, a special token). So after
//! an edit the pieces well before it stay, splitting starts again a little before it, and stops where
//! it meets a boundary of the old pieces in the text that did not change.

use super::engine::{self, Before};
use super::{Piece, Specials, Tokenizer};
use std::ops::Range;

/// No pattern looks further past a piece than this, white space aside: `'` and two letters, one of
/// which may be two bytes long.
const LOOK_AHEAD_BYTES: usize = 8;

/// A text, its words (the pieces that are merged on their own) and its tokens.
#[derive(Debug, Clone)]
pub struct Encoded {
    text: String,
    specials: Specials,
    words: Vec<Word>,
    tokens: Vec<Piece>,
}

/// A piece of the split, or a special token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Word {
    start: usize,
    first_token: usize,
    is_special: bool,
}

impl Encoded {
    /// Encodes `text` from its beginning.
    #[must_use]
    pub fn new(tokenizer: &Tokenizer, text: String, specials: Specials) -> Self {
        let mut encoded = Self {
            text: String::new(),
            specials,
            words: Vec::new(),
            tokens: Vec::with_capacity(text.len() / 4 + 1),
        };
        let mut before = Before::Nothing;
        for (range, special) in tokenizer.words_from(&text, 0, specials) {
            push_word(
                tokenizer,
                &text,
                (range, special, before),
                &mut encoded.words,
                &mut encoded.tokens,
            );
            before = after(special.is_some());
        }
        encoded.text = text;
        encoded
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether special tokens in the text are those tokens.
    #[must_use]
    pub fn specials(&self) -> Specials {
        self.specials
    }

    /// Its tokens, in order.
    #[must_use]
    pub fn tokens(&self) -> &[Piece] {
        &self.tokens
    }

    /// How many pieces the split made, special tokens included.
    #[must_use]
    pub fn n_words(&self) -> usize {
        self.words.len()
    }

    /// The bytes of the text that word `i` has.
    #[must_use]
    pub fn word(&self, i: usize) -> Range<usize> {
        let end = self.words.get(i + 1).map_or(self.text.len(), |w| w.start);
        self.words.get(i).map_or(end..end, |word| word.start..end)
    }

    /// The tokens of word `i`.
    #[must_use]
    pub fn tokens_of_word(&self, i: usize) -> Range<usize> {
        let next = self.words.get(i + 1);
        let end = next.map_or(self.tokens.len(), |word| word.first_token);
        let word = self.words.get(i);
        word.map_or(end..end, |word| word.first_token..end)
    }

    /// Whether word `i` is a special token.
    #[must_use]
    pub fn word_is_special(&self, i: usize) -> bool {
        self.words.get(i).is_some_and(|word| word.is_special)
    }

    /// The word that token `i` belongs to.
    #[must_use]
    pub fn word_of_token(&self, i: usize) -> usize {
        self.words
            .partition_point(|word| word.first_token <= i)
            .saturating_sub(1)
    }

    /// Whether a word begins with token `i`.
    #[must_use]
    pub fn begins_word(&self, i: usize) -> bool {
        let found = self.words.binary_search_by_key(&i, |word| word.first_token);
        found.is_ok()
    }

    /// About how many bytes [`Self::update`] would encode.
    #[must_use]
    pub fn cost(&self, tokenizer: &Tokenizer, text: &str) -> usize {
        let (prefix, suffix) = common_ends(&self.text, text);
        if prefix == text.len() && prefix == self.text.len() {
            return 0;
        }
        let from = self.word(self.restart(tokenizer, prefix)).start;
        let changed_end = self.text.len() - suffix;
        let next = self.words.partition_point(|word| word.start < changed_end);
        let end = self.word(next).start.max(changed_end);
        (end + text.len() - from).saturating_sub(self.text.len())
    }

    /// Makes it the encoding of `text`, which is the present text after an edit, and returns which
    /// bytes of it were encoded again.
    pub fn update(&mut self, tokenizer: &Tokenizer, text: &str) -> Range<usize> {
        let (prefix, suffix) = common_ends(&self.text, text);
        if prefix == text.len() && prefix == self.text.len() {
            return prefix..prefix;
        }
        let restart = self.restart(tokenizer, prefix);
        let from = self.word(restart).start.min(prefix);
        let (mut words, mut tokens) = (Vec::new(), Vec::new());
        let mut resume = self.words.len();
        let mut end = text.len();
        let mut before = self.before(restart);
        for (range, special) in tokenizer.words_from(text, from, self.specials) {
            if range.start >= text.len() - suffix {
                let was = range.start + self.text.len() - text.len();
                if let Ok(met) = self.words.binary_search_by_key(&was, |word| word.start)
                    && self.before(met) == before
                {
                    resume = met;
                    end = range.start;
                    break;
                }
            }
            let word = (range, special, before);
            push_word(tokenizer, text, word, &mut words, &mut tokens);
            before = after(special.is_some());
        }
        self.splice(restart..resume, words, tokens, text.len());
        self.text.clear();
        self.text.push_str(text);
        from..end
    }

    /// What comes before word `i`.
    #[must_use]
    pub fn before(&self, i: usize) -> Before {
        match i.checked_sub(1) {
            None => Before::Nothing,
            Some(last) => after(self.word_is_special(last)),
        }
    }

    /// The first word that an edit after `prefix` bytes may change.
    fn restart(&self, tokenizer: &Tokenizer, prefix: usize) -> usize {
        let longest_special = match self.specials {
            Specials::AsText => 0,
            Specials::Parse => tokenizer.specials.first().map_or(0, |(text, _)| text.len()),
        };
        let safe = prefix.saturating_sub(longest_special + LOOK_AHEAD_BYTES);
        let safe = self.text.floor_char_boundary(safe);
        let word_end = self.text[..safe].trim_end().len();
        let safe = word_end.saturating_sub(LOOK_AHEAD_BYTES);
        self.words
            .partition_point(|word| word.start <= safe)
            .saturating_sub(1)
    }

    /// Puts new words in the place of `old`, and moves those after them.
    fn splice(
        &mut self,
        old: Range<usize>,
        mut words: Vec<Word>,
        tokens: Vec<Piece>,
        n_bytes: usize,
    ) {
        let first = self.words.get(old.start);
        let first_token = first.map_or(self.tokens.len(), |word| word.first_token);
        let after = self.words.get(old.end);
        let end_token = after.map_or(self.tokens.len(), |word| word.first_token);
        for word in &mut words {
            word.first_token += first_token;
        }
        let n_bytes_before = self.text.len();
        let moved = |at: usize| at + n_bytes - n_bytes_before;
        for word in &mut self.words[old.end..] {
            word.start = moved(word.start);
            word.first_token = word.first_token + first_token + tokens.len() - end_token;
        }
        for token in &mut self.tokens[end_token..] {
            token.start = moved(token.start);
            token.end = moved(token.end);
        }
        self.words.splice(old, words);
        self.tokens.splice(first_token..end_token, tokens);
    }
}

/// Encodes one word (its place, its id if it is a special token, what comes before it) after others.
fn push_word(
    tokenizer: &Tokenizer,
    text: &str,
    (range, special, before): (Range<usize>, Option<u32>, Before),
    words: &mut Vec<Word>,
    tokens: &mut Vec<Piece>,
) {
    words.push(Word {
        start: range.start,
        first_token: tokens.len(),
        is_special: special.is_some(),
    });
    if let Some(id) = special {
        let (start, end) = (range.start, range.end);
        tokens.push(Piece { id, start, end });
        return;
    }
    let engine = &tokenizer.engine;
    engine.word(tokenizer, text, range, before, tokens);
}

/// What a word that is or is not a special token is for the next.
fn after(is_special: bool) -> Before {
    if is_special {
        Before::Special
    } else {
        Before::Text
    }
}

/// How many bytes two texts have in common at the start, and after that at the end.
fn common_ends(old: &str, new: &str) -> (usize, usize) {
    let (old, new) = (old.as_bytes(), new.as_bytes());
    let most = old.len().min(new.len());
    let prefix = common_start(&old[..most], &new[..most]);
    let rest = most - prefix;
    let (old, new) = (&old[old.len() - rest..], &new[new.len() - rest..]);
    (prefix, common_end(old, new))
}

/// Blocks first: equal ones are compared as fast as memory is read.
fn common_start(a: &[u8], b: &[u8]) -> usize {
    const BLOCK: usize = 256;
    let blocks = a.chunks(BLOCK).zip(b.chunks(BLOCK));
    let same = blocks.take_while(|(a, b)| a == b).count() * BLOCK;
    let same = same.min(a.len());
    let rest = a[same..].iter().zip(&b[same..]);
    same + rest.take_while(|(a, b)| a == b).count()
}

/// As [`common_start`], from the end of two texts of one length.
fn common_end(a: &[u8], b: &[u8]) -> usize {
    const BLOCK: usize = 256;
    let blocks = a.rchunks(BLOCK).zip(b.rchunks(BLOCK));
    let same = blocks.take_while(|(a, b)| a == b).count() * BLOCK;
    let same = same.min(a.len());
    let left = a.len() - same;
    let rest = a[..left].iter().rev().zip(b[..left].iter().rev());
    same + rest.take_while(|(a, b)| a == b).count()
}

/// The words of a text from a boundary on, with the id of those that are special tokens.
pub(super) struct Words<'a> {
    tokenizer: &'a Tokenizer,
    text: &'a str,
    specials: Specials,
    at: usize,
    next_special: Option<(Range<usize>, u32)>,
    /// The pieces of the stretch before it, and where that starts.
    pieces: Option<(usize, engine::Words<'a>)>,
}

impl Tokenizer {
    /// The words of `text` from byte `at` on, which must be where a word begins.
    pub(super) fn words_from<'a>(
        &'a self,
        text: &'a str,
        at: usize,
        specials: Specials,
    ) -> Words<'a> {
        Words {
            tokenizer: self,
            text,
            specials,
            at,
            next_special: None,
            pieces: None,
        }
    }
}

impl Iterator for Words<'_> {
    type Item = (Range<usize>, Option<u32>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some((base, pieces)) = &mut self.pieces {
                if let Some(piece) = pieces.next() {
                    let range = *base + piece.start..*base + piece.end;
                    self.at = range.end;
                    return Some((range, None));
                }
                self.pieces = None;
            }
            if let Some((range, id)) = self.next_special.take() {
                self.at = range.end;
                return Some((range, Some(id)));
            }
            if self.at >= self.text.len() {
                return None;
            }
            if self.specials == Specials::Parse {
                self.next_special = self.tokenizer.next_special(self.text, self.at);
            }
            let end = self.next_special.as_ref();
            let end = end.map_or(self.text.len(), |(range, _)| range.start);
            if end > self.at {
                let stretch = &self.text[self.at..end];
                self.pieces = Some((self.at, self.tokenizer.engine.words(stretch)));
            }
        }
    }
}

#[cfg(test)]
mod tests;
