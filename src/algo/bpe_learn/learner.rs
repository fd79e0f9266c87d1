//! Learning one merge at a time, forward and back, with everything in view.

use super::corpus::{Before, Corpus};
use super::{Learned, Pair};
use std::cmp::Reverse;

/// The paper's mark for the end of a word, as the subword-nmt program writes it.
pub const END_OF_WORD: &str = "</w>";

/// Which of several equally common pairs is merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ties {
    /// The one that comes first in the corpus as it stands, words in their order: what the paper's
    /// program does.
    FirstInCorpus,
    /// The one whose left id is smaller, then whose right id is: what Hugging Face's `tokenizers`
    /// does.
    SmallerIds,
}

impl Ties {
    /// The rule, as a sentence for people.
    #[must_use]
    pub fn rule(self) -> &'static str {
        match self {
            Self::FirstInCorpus => {
                "Of equally common pairs, the one that comes first in the corpus."
            }
            Self::SmallerIds => {
                "Of equally common pairs, the one with the smaller left id; then with the smaller right id."
            }
        }
    }
}

/// A pair of neighbours and how often it stands in the corpus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PairCount {
    /// The left token.
    pub left: u32,
    /// The right token.
    pub right: u32,
    /// How often they stand side by side, each word as often as it stands.
    pub count: u64,
}

/// One merge: a pair that became a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merge {
    /// The left token.
    pub left: u32,
    /// The right token.
    pub right: u32,
    /// What they became.
    pub new: u32,
    /// How often the pair stood in the corpus.
    pub count: u64,
    /// The other pairs that were as common, smallest ids first; [`Ties`] decided.
    pub tied: Vec<Pair>,
    /// Tokens in the corpus before it.
    pub n_tokens_before: u64,
    /// Tokens in the corpus after it.
    pub n_tokens_after: u64,
}

/// A corpus in the middle of learning.
#[derive(Debug, Clone)]
pub struct Learner {
    corpus: Corpus,
    tokens: Vec<Vec<u8>>,
    end_of_word: Option<u32>,
    ties: Ties,
    merges: Vec<Merge>,
    /// For each merge the words it changed.
    history: Vec<Before>,
}

impl Learner {
    /// Begins with `words` and their counts as single bytes, token `b` being byte `b`. With a mark
    /// (usually [`END_OF_WORD`]) every word ends in one more symbol, token 256, so that `est` at the
    /// end of a word and inside it can become different tokens.
    #[must_use]
    pub fn new<W: AsRef<[u8]>>(words: &[(W, u64)], end_of_word: Option<&str>, ties: Ties) -> Self {
        let mut tokens: Vec<Vec<u8>> = (0..=255_u8).map(|byte| vec![byte]).collect();
        tokens.extend(end_of_word.map(|mark| mark.as_bytes().to_vec()));
        let end_of_word = end_of_word.map(|_| 256);
        let mut corpus = Corpus::default();
        for (word, n) in words {
            let bytes = word.as_ref().iter().map(|&byte| u32::from(byte));
            corpus.push(bytes.chain(end_of_word), *n);
        }
        corpus.pairs.settle();
        Self {
            corpus,
            tokens,
            end_of_word,
            ties,
            merges: Vec::new(),
            history: Vec::new(),
        }
    }

    /// The `n` commonest pairs, best first; of equals the smaller ids first. [`Self::best`] may prefer
    /// another of the equals.
    #[must_use]
    pub fn pairs(&self, n: usize) -> Vec<PairCount> {
        let order = |p: &PairCount| (Reverse(p.count), p.left, p.right);
        let mut pairs: Vec<PairCount> = self
            .corpus
            .pairs
            .iter()
            .map(|((left, right), count)| PairCount { left, right, count })
            .collect();
        if n == 0 {
            return Vec::new();
        }
        if pairs.len() > n {
            pairs.select_nth_unstable_by_key(n - 1, order);
            pairs.truncate(n);
        }
        pairs.sort_unstable_by_key(order);
        pairs
    }

    /// How many different pairs stand in the corpus.
    #[must_use]
    pub fn n_pairs(&self) -> usize {
        self.corpus.pairs.iter().count()
    }

    /// The pair that [`Self::step`] would merge, and the others that are as common. `None` when no
    /// pair stands twice: learning is over.
    pub fn best(&mut self) -> Option<(PairCount, Vec<Pair>)> {
        let (smallest, count) = self.corpus.pairs.commonest().filter(|&(_, n)| n > 1)?;
        let mut tied = self.corpus.pairs.tied();
        let (left, right) = match self.ties {
            Ties::FirstInCorpus if tied.len() > 1 => self.corpus.first_of(&tied)?,
            _ => smallest,
        };
        tied.retain(|&pair| pair != (left, right));
        Some((PairCount { left, right, count }, tied))
    }

    /// Merges the commonest pair, wherever it stands.
    pub fn step(&mut self) -> Option<&Merge> {
        let (PairCount { left, right, count }, tied) = self.best()?;
        let new = self.tokens.len() as u32;
        let bytes = [left, right].map(|id| &self.tokens[id as usize][..]);
        self.tokens.push(bytes.concat());
        let n_tokens_before = self.corpus.n_tokens();
        let mut before = Before::new();
        self.corpus.merge((left, right), new, Some(&mut before));
        self.history.push(before);
        self.merges.push(Merge {
            left,
            right,
            new,
            count,
            tied,
            n_tokens_before,
            n_tokens_after: self.corpus.n_tokens(),
        });
        self.merges.last()
    }

    /// Takes the last merge back; returns it.
    pub fn back(&mut self) -> Option<Merge> {
        let before = self.history.pop()?;
        self.corpus.unmerge(before);
        self.tokens.pop();
        self.merges.pop()
    }

    /// The merges so far; the index is the rank.
    #[must_use]
    pub fn merges(&self) -> &[Merge] {
        &self.merges
    }

    /// The corpus as it is written now: the tokens of each word, with its count.
    #[must_use]
    pub fn words(&self) -> impl ExactSizeIterator<Item = (&[u32], u64)> {
        self.corpus.words()
    }

    /// Tokens in the corpus now, each word as often as it stands.
    #[must_use]
    pub fn n_tokens(&self) -> u64 {
        self.corpus.n_tokens()
    }

    /// The bytes of every token: 256 bytes, the mark if there is one (as its own letters), then one
    /// per merge. The index is the id.
    #[must_use]
    pub fn tokens(&self) -> &[Vec<u8>] {
        &self.tokens
    }

    /// The id of the end-of-word mark.
    #[must_use]
    pub fn end_of_word(&self) -> Option<u32> {
        self.end_of_word
    }

    /// The vocabulary so far, to be saved or encoded with. `None` where words end in a mark: no
    /// common file has a place for it.
    #[must_use]
    pub fn learned(&self) -> Option<Learned> {
        let merges = self.merges.iter();
        self.end_of_word.is_none().then(|| Learned {
            tokens: self.tokens.clone(),
            merges: merges.clone().map(|m| (m.left, m.right, m.new)).collect(),
            counts: merges.map(|m| m.count).collect(),
        })
    }

    /// Who wins a tie.
    #[must_use]
    pub fn ties(&self) -> Ties {
        self.ties
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAPER: [(&str, u64); 4] = [("low", 5), ("lower", 2), ("newest", 6), ("widest", 3)];

    fn text(learner: &Learner, id: u32) -> String {
        String::from_utf8_lossy(&learner.tokens()[id as usize]).into_owned()
    }

    #[test]
    fn the_papers_corpus_gives_the_merges_of_the_papers_program() {
        // What the program in the paper's figure 1 prints with this dictionary (Python 3.7 or later,
        // whose dictionaries keep their order).
        let printed = "e s|es t|est </w>|l o|lo w|n e|ne w|new est</w>|low </w>|w i";
        let mut learner = Learner::new(&PAPER, Some(END_OF_WORD), Ties::FirstInCorpus);
        for line in printed.split('|') {
            let Merge { left, right, .. } = *learner.step().unwrap();
            assert_eq!(
                format!("{} {}", text(&learner, left), text(&learner, right)),
                line
            );
        }
        let counts: Vec<u64> = learner.merges().iter().map(|merge| merge.count).collect();
        assert_eq!(counts, [9, 9, 9, 7, 7, 6, 6, 6, 5, 3]);
    }

    #[test]
    fn a_tie_is_listed_and_goes_to_the_pair_that_comes_first() {
        let mut learner = Learner::new(&PAPER, Some(END_OF_WORD), Ties::FirstInCorpus);
        let (best, tied) = learner.best().unwrap();
        assert_eq!((best.left, best.right, best.count), (101, 115, 9));
        // s t and t </w> stand nine times too.
        assert_eq!(tied, [(115, 116), (116, 256)]);
        assert_eq!(
            learner.pairs(3).iter().map(|p| p.count).collect::<Vec<_>>(),
            [9, 9, 9]
        );
        assert!(learner.pairs(0).is_empty());
        // After e s, by ids alone t </w> = (116, 256) would come before es t = (257, 116).
        learner.step();
        assert_eq!(learner.best().unwrap().0.left, 257);
        let mut by_ids = Learner::new(&PAPER, Some(END_OF_WORD), Ties::SmallerIds);
        by_ids.step();
        assert_eq!(by_ids.best().unwrap().0.left, 116);
    }

    #[test]
    fn each_merge_says_how_many_tokens_it_saved() {
        let mut learner = Learner::new(&PAPER, Some(END_OF_WORD), Ties::FirstInCorpus);
        // 5 × 4 + 2 × 6 + 6 × 7 + 3 × 7 letters and marks.
        assert_eq!(learner.n_tokens(), 95);
        let merge = learner.step().unwrap();
        assert_eq!((merge.n_tokens_before, merge.n_tokens_after), (95, 86));
        assert_eq!(
            learner.words().nth(2).unwrap(),
            (&[110, 101, 119, 257, 116, 256][..], 6)
        );
    }

    #[test]
    fn back_undoes_a_step_to_the_letter() {
        let mut learner = Learner::new(&PAPER, None, Ties::FirstInCorpus);
        let look = |learner: &Learner| {
            let words: Vec<Vec<u32>> = learner.words().map(|(word, _)| word.to_vec()).collect();
            (
                words,
                learner.pairs(100),
                learner.n_tokens(),
                learner.tokens().to_vec(),
            )
        };
        let mut seen = vec![look(&learner)];
        while learner.step().is_some() {
            seen.push(look(&learner));
        }
        let merges = learner.merges().to_vec();
        assert!(learner.best().is_none());
        for earlier in seen.iter().rev().skip(1) {
            assert!(learner.back().is_some());
            assert_eq!(look(&learner), *earlier);
        }
        assert_eq!(learner.back(), None);
        while learner.step().is_some() {}
        assert_eq!(learner.merges(), merges);
    }

    #[test]
    fn an_empty_corpus_has_nothing_to_learn() {
        let mut learner = Learner::new::<&str>(&[], Some(END_OF_WORD), Ties::SmallerIds);
        assert!(learner.step().is_none() && learner.pairs(5).is_empty());
        let mut once = Learner::new(&[("", 3), ("a", 2), ("bc", 1)], None, Ties::SmallerIds);
        assert!(once.step().is_none());
        assert_eq!(once.learned().unwrap().tokens.len(), 256);
        assert_eq!(once.n_pairs(), 1);
    }
}
