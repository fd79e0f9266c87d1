//! A small corpus learned before people's eyes: [`Learner`] with a way forward that remembers where it
//! was already, and a [`Look`] at everything that is shown.

use super::{END_OF_WORD, Learner, Merge, Pair, PairCount, Split, Ties, words_of};
use crate::refusal::{Refusal, Result};

/// More than these bytes are no small corpus: [`super::train`] learns from them.
pub const MAX_SMALL_BYTES: usize = 1 << 16;

/// A corpus in the middle of learning, with what was learned beyond it and taken back.
#[derive(Debug, Clone)]
pub struct Stepwise {
    learner: Learner,
    /// Merges taken back, the next one last.
    ahead: Vec<Merge>,
    n_tokens_at_first: u64,
}

/// What is on show at one moment.
#[derive(Debug, Clone, Default)]
pub struct Look {
    /// The pair that is merged next, and the others that are as common. `None` when learning is over.
    pub next: Option<(PairCount, Vec<Pair>)>,
    /// The commonest pairs, the next one first.
    pub pairs: Vec<PairCount>,
    /// How many different pairs there are.
    pub n_pairs: usize,
    /// The different words as tokens, with their counts.
    pub words: Vec<(Vec<u32>, u64)>,
    /// Tokens in the corpus, each word as often as it stands.
    pub n_tokens: u64,
}

impl Stepwise {
    /// Begins with lines of a word and its count, in the order of the paper's program. With
    /// `end_of_word` each word ends in the paper's mark.
    ///
    /// # Errors
    /// A line that is no word and count, or more than [`MAX_SMALL_BYTES`].
    pub fn from_words(lines: &str, end_of_word: bool, ties: Ties) -> Result<Self> {
        check_size(lines)?;
        let mark = end_of_word.then_some(END_OF_WORD);
        Ok(Self::new(Learner::new(&words_of(lines)?, mark, ties)))
    }

    /// Begins with the pieces of a text, cut by the pattern that `split` names.
    ///
    /// # Errors
    /// A way of splitting that is not known, an empty text, or more than [`MAX_SMALL_BYTES`].
    pub fn from_text(text: &str, split: &str, ties: Ties) -> Result<Self> {
        check_size(text)?;
        let split = Split::by_name(split).ok_or_else(|| {
            Refusal::unchanged(
                format!("There is no way of splitting called “{split}”"),
                "Known are gpt2, smollm, cl100k and o200k.",
                "Choose one of these.",
            )
        })?;
        let mut words: Vec<(&[u8], u64)> = Vec::new();
        let mut place = std::collections::HashMap::new();
        for range in split.pieces(text) {
            let piece = &text.as_bytes()[range];
            let i = *place.entry(piece).or_insert(words.len());
            match words.get_mut(i) {
                Some((_, count)) => *count += 1,
                None => words.push((piece, 1)),
            }
        }
        if words.is_empty() {
            return Err(Refusal::unchanged(
                "There is no text to learn from",
                "The corpus is empty.",
                "Write something, or choose one of the examples.",
            ));
        }
        Ok(Self::new(Learner::new(&words, None, ties)))
    }

    fn new(learner: Learner) -> Self {
        Self {
            n_tokens_at_first: learner.n_tokens(),
            learner,
            ahead: Vec::new(),
        }
    }

    /// Merges the commonest pair; false when learning is over.
    pub fn step(&mut self) -> bool {
        self.ahead.pop();
        self.learner.step().is_some()
    }

    /// Takes the last merge back; false at the beginning.
    pub fn back(&mut self) -> bool {
        let merge = self.learner.back();
        let went = merge.is_some();
        self.ahead.extend(merge);
        went
    }

    /// Goes to the moment after `n_merges` merges, or as near as there is.
    pub fn go_to(&mut self, n_merges: usize) {
        while self.n_merges() > n_merges && self.back() {}
        while self.n_merges() < n_merges && self.step() {}
    }

    /// Merges so far.
    #[must_use]
    pub fn n_merges(&self) -> usize {
        self.learner.merges().len()
    }

    /// Every merge that was ever reached, those taken back too, in their order.
    pub fn reached(&self) -> impl Iterator<Item = &Merge> {
        self.learner.merges().iter().chain(self.ahead.iter().rev())
    }

    /// The merge that was made last.
    #[must_use]
    pub fn last(&self) -> Option<&Merge> {
        self.learner.merges().last()
    }

    /// The bytes of the token that `merge` (one of [`Self::reached`]) made.
    #[must_use]
    pub fn bytes_of(&self, merge: &Merge) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.push_bytes(merge.new, &mut bytes);
        bytes
    }

    /// A token that was taken back has no bytes any more, but its parts are known.
    fn push_bytes(&self, id: u32, bytes: &mut Vec<u8>) {
        if let Some(token) = self.learner.tokens().get(id as usize) {
            bytes.extend_from_slice(token);
        } else if let Some(merge) = self.ahead.iter().find(|merge| merge.new == id) {
            self.push_bytes(merge.left, bytes);
            self.push_bytes(merge.right, bytes);
        }
    }

    /// Tokens in the corpus before any merge, then after each of [`Self::reached`].
    #[must_use]
    pub fn n_tokens_by_merge(&self) -> Vec<u64> {
        let after = self.reached().map(|merge| merge.n_tokens_after);
        std::iter::once(self.n_tokens_at_first)
            .chain(after)
            .collect()
    }

    /// The learner itself.
    #[must_use]
    pub fn learner(&self) -> &Learner {
        &self.learner
    }

    /// Everything on show now, with the `n` commonest pairs.
    #[must_use]
    pub fn look(&mut self, n: usize) -> Look {
        let next = self.learner.best();
        let mut pairs = self.learner.pairs(n);
        if let Some((best, _)) = next {
            pairs.retain(|pair| *pair != best);
            pairs.insert(0, best);
            pairs.truncate(n);
        }
        Look {
            next,
            pairs,
            n_pairs: self.learner.n_pairs(),
            words: self
                .learner
                .words()
                .map(|(ids, n)| (ids.to_vec(), n))
                .collect(),
            n_tokens: self.learner.n_tokens(),
        }
    }
}

fn check_size(corpus: &str) -> Result<()> {
    if corpus.len() <= MAX_SMALL_BYTES {
        return Ok(());
    }
    Err(Refusal::unchanged(
        "This corpus is too long to be shown step by step",
        format!(
            "It has {} bytes; {MAX_SMALL_BYTES} is the most.",
            corpus.len()
        ),
        "Save it as a file and open it under “Whole text”.",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAPER: &str = "low 5\nlower 2\nnewest 6\nwidest 3";

    fn paper() -> Stepwise {
        Stepwise::from_words(PAPER, true, Ties::FirstInCorpus).unwrap()
    }

    fn made(stepwise: &Stepwise) -> Vec<String> {
        let reached = stepwise.reached().map(|merge| stepwise.bytes_of(merge));
        reached
            .map(|bytes| String::from_utf8(bytes).unwrap())
            .collect()
    }

    #[test]
    fn what_was_taken_back_is_remembered_until_it_is_reached_again() {
        let mut stepwise = paper();
        stepwise.go_to(5);
        // The first merges of the program in the paper's figure 1.
        let papers = ["es", "est", "est</w>", "lo", "low"];
        assert_eq!(made(&stepwise), papers);
        stepwise.go_to(1);
        assert_eq!(stepwise.n_merges(), 1);
        assert_eq!(made(&stepwise), papers);
        assert_eq!(stepwise.n_tokens_by_merge(), [95, 86, 77, 68, 61, 54]);
        assert!(stepwise.step());
        assert_eq!(made(&stepwise), papers);
        stepwise.go_to(1000);
        assert!(stepwise.look(5).next.is_none() && !stepwise.step());
        stepwise.go_to(0);
        assert!(!stepwise.back());
    }

    #[test]
    fn the_next_pair_stands_first_however_many_are_as_common() {
        let mut stepwise = paper();
        let look = stepwise.look(2);
        let next = look.next.unwrap().0;
        assert_eq!((next.left, next.right, next.count), (101, 115, 9));
        assert_eq!((look.pairs[0], look.pairs.len()), (next, 2));
        assert_eq!(look.words.len(), 4);
    }

    #[test]
    fn a_text_is_cut_into_pieces_that_are_counted() {
        let text = "Who'd use \"后\" vs. \"後\"?";
        let mut stepwise = Stepwise::from_text(text, "gpt2", Ties::FirstInCorpus).unwrap();
        let look = stepwise.look(20);
        assert_eq!(look.n_tokens, text.len() as u64);
        // Who|'d| use| "|后|"| vs|.| "|後|"?
        let n_pieces: u64 = look.words.iter().map(|(_, n)| n).sum();
        assert_eq!((look.words.len(), n_pieces), (10, 11));
        // Only the space before the quotation mark stands twice.
        assert!(stepwise.step() && !stepwise.step());
    }

    #[test]
    fn what_is_no_small_corpus_is_refused() {
        let from = |text: &str, split| Stepwise::from_text(text, split, Ties::SmallerIds);
        assert!(from("", "gpt2").is_err());
        assert!(from("a", "words").is_err());
        assert!(from(&"a ".repeat(MAX_SMALL_BYTES), "gpt2").is_err());
        assert!(Stepwise::from_words("a b c", true, Ties::SmallerIds).is_err());
    }
}
