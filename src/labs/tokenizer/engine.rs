//! What turns a stretch of text into tokens: byte-level BPE on words, or SentencePiece.

use super::{Piece, Tokenizer};
use crate::algo::bpe::{Bpe, MergeStep};
pub use crate::algo::sentence_piece::Before;
use crate::algo::sentence_piece::{self, Charsmap, Inventory, Normalizer};
use crate::algo::split::{self, Split};
use crate::files::vocabulary::Vocabulary;
use crate::files::vocabulary::sentence_piece::{AddsSpace, Method, Role, SentencePiece};
use crate::refusal::{Refusal, Result};
use std::collections::HashSet;
use std::ops::Range;

/// The words of a stretch, as byte ranges of it.
pub(super) enum Words<'a> {
    Split(split::Pieces<'a>),
    Cut(sentence_piece::Cuts<'a>),
}

impl Iterator for Words<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Split(pieces) => pieces.next(),
            Self::Cut(cuts) => cuts.next(),
        }
    }
}

/// Where the tokens `ids` of a word or stretch stand in `text`. Bytes that no token has are passed
/// over.
fn place(
    tokenizer: &Tokenizer,
    bpe: &Bpe,
    text: &str,
    stretch: Range<usize>,
    ids: &[u32],
    out: &mut Vec<Piece>,
) {
    let (bytes, end) = (text.as_bytes(), stretch.end);
    let mut at = stretch.start;
    for &id in ids {
        let mut left = tokenizer.token_bytes(id).len();
        while left > 0 && at < end && !bpe.knows(bytes[at]) {
            at += 1;
        }
        let start = at;
        while left > 0 && at < end {
            left -= usize::from(bpe.knows(bytes[at]));
            at += 1;
        }
        out.push(Piece { id, start, end: at });
    }
}

#[derive(Debug, Clone)]
pub(super) enum Engine {
    /// Words are split off by a pattern; each becomes tokens from single bytes on.
    Bytes { split: Split, bpe: Box<Bpe> },
    /// Pieces with their spaces, from characters on.
    Pieces(Box<sentence_piece::SentencePiece>),
}

impl Engine {
    pub fn new(vocabulary: &Vocabulary, special_ids: &HashSet<u32>) -> Result<Self> {
        if let Some(spec) = &vocabulary.sentence_piece {
            return Ok(Self::Pieces(Box::new(of_pieces(vocabulary, spec)?)));
        }
        let split = Split::by_name(&vocabulary.split).ok_or_else(|| unknown_split(vocabulary))?;
        let with_id = vocabulary.tokens.iter().zip(0_u32..);
        let ordinary: Vec<&[u8]> = with_id
            .map(|(token, id)| {
                if special_ids.contains(&id) {
                    &[]
                } else {
                    &token[..]
                }
            })
            .collect();
        let bpe = if vocabulary.merges.is_empty() {
            Bpe::from_ranks(&ordinary)
        } else {
            let bpe = Bpe::new(&ordinary, &vocabulary.merges)?;
            if vocabulary.takes_whole_pieces {
                bpe.with_whole_pieces(&ordinary)
            } else {
                bpe
            }
        };
        let bpe = Box::new(bpe);
        Ok(Self::Bytes { split, bpe })
    }

    /// Appends the ids of a stretch of text without special tokens.
    pub fn encode(&self, stretch: &str, before: Before, ids: &mut Vec<u32>) {
        match self {
            Self::Bytes { split, bpe } => {
                let mut encoder = bpe.encoder(stretch.len());
                for piece in split.pieces(stretch) {
                    encoder.encode(stretch.as_bytes(), piece, ids);
                }
            }
            Self::Pieces(pieces) => pieces.encode(stretch, before, |id, _| ids.push(id)),
        }
    }

    /// The same with the bytes of `text` that each came from.
    pub fn pieces(
        &self,
        tokenizer: &Tokenizer,
        text: &str,
        stretch: Range<usize>,
        before: Before,
        out: &mut Vec<Piece>,
    ) {
        let first = stretch.start;
        match self {
            Self::Bytes { bpe, .. } => {
                let mut ids = Vec::with_capacity(stretch.len() / 4 + 1);
                self.encode(&text[stretch.clone()], before, &mut ids);
                place(tokenizer, bpe, text, stretch, &ids, out);
            }
            Self::Pieces(pieces) => pieces.encode(&text[stretch], before, |id, place| {
                let (start, end) = (first + place.start, first + place.end);
                out.push(Piece { id, start, end });
            }),
        }
    }

    /// Appends the tokens of one word, with the bytes of `text` that each came from.
    pub fn word(
        &self,
        tokenizer: &Tokenizer,
        text: &str,
        word: Range<usize>,
        before: Before,
        out: &mut Vec<Piece>,
    ) {
        match self {
            Self::Bytes { bpe, .. } => {
                let mut ids = Vec::with_capacity(4);
                bpe.encode(&text.as_bytes()[word.clone()], &mut ids);
                place(tokenizer, bpe, text, word, &ids, out);
            }
            Self::Pieces(_) => self.pieces(tokenizer, text, word, before, out),
        }
    }

    /// The words of a stretch, one after the other: what becomes tokens each by itself.
    pub fn words<'a>(&'a self, stretch: &'a str) -> Words<'a> {
        match self {
            Self::Bytes { split, .. } => Words::Split(split.pieces(stretch)),
            Self::Pieces(pieces) => Words::Cut(pieces.words(stretch)),
        }
    }

    /// Calls `each` with every token that a merge makes, and the merge's rank.
    pub fn each_merge(&self, mut each: impl FnMut(u32, u32)) {
        match self {
            Self::Bytes { bpe, .. } => {
                for (&(_, _, new), rank) in bpe.merges().iter().zip(0_u32..) {
                    each(new, rank);
                }
            }
            Self::Pieces(pieces) => pieces.each_rank(each),
        }
    }

    /// How text is cut before merging, for people to read.
    pub fn split_pattern(&self) -> &'static str {
        match self {
            Self::Bytes { split, .. } => split.pattern(),
            Self::Pieces(_) => {
                "nothing: SentencePiece merges across the whole text, spaces included"
            }
        }
    }

    /// Whether tokens are made by merges.
    pub fn merges(&self) -> bool {
        match self {
            Self::Bytes { .. } => true,
            Self::Pieces(pieces) => pieces.joins(),
        }
    }

    /// What `word` is before any merge, and its bytes that no token has.
    pub fn leaves(&self, word: &str, before: Before) -> (Vec<u32>, Vec<u8>) {
        match self {
            Self::Bytes { bpe, .. } => {
                let (known, left_out): (Vec<u8>, Vec<u8>) =
                    word.bytes().partition(|&byte| bpe.knows(byte));
                let ids = known.iter().filter_map(|&byte| bpe.byte_id(byte));
                (ids.collect(), left_out)
            }
            Self::Pieces(pieces) => (pieces.leaves(word, before), Vec::new()),
        }
    }

    /// The rank of the merge of two tokens, and what they become.
    pub fn pair(&self, left: u32, right: u32) -> Option<(u32, u32)> {
        match self {
            Self::Bytes { bpe, .. } => {
                let rank = bpe.rank(left, right)?;
                Some((rank, bpe.merges().get(rank as usize)?.2))
            }
            Self::Pieces(pieces) => pieces.pair(left, right),
        }
    }

    /// Appends the ids of a word by itself.
    pub fn encode_word(&self, word: &str, before: Before, ids: &mut Vec<u32>) {
        match self {
            Self::Bytes { bpe, .. } => bpe.encode(word.as_bytes(), ids),
            Self::Pieces(pieces) => ids.extend(pieces.encode_alone(word, before)),
        }
    }

    pub fn steps(&self, word: &str, before: Before) -> Vec<MergeStep> {
        match self {
            Self::Bytes { bpe, .. } => bpe.steps(word.as_bytes()),
            Self::Pieces(pieces) => pieces.steps(word, before),
        }
    }

    /// Whether a space is put before a text, or before what follows a special token.
    pub fn puts_space(&self, before: Before) -> bool {
        match self {
            Self::Bytes { .. } => false,
            Self::Pieces(pieces) => pieces.adds_space(before),
        }
    }

    /// Whether spaces before, after and beside a space are dropped.
    pub fn drops_spaces(&self) -> bool {
        matches!(self, Self::Pieces(pieces) if pieces.drops_spaces())
    }

    /// Whether text with this byte keeps it: in SentencePiece, what has no piece becomes the unknown
    /// piece instead.
    pub fn knows(&self, byte: u8) -> bool {
        match self {
            Self::Bytes { bpe, .. } => bpe.knows(byte),
            Self::Pieces(_) => true,
        }
    }
}

/// A SentencePiece vocabulary, ready to encode with.
fn of_pieces(
    vocabulary: &Vocabulary,
    spec: &SentencePiece,
) -> Result<sentence_piece::SentencePiece> {
    let contradicts = |evidence: &str| {
        Refusal::unchanged(
            format!("The vocabulary “{}” contradicts itself", vocabulary.name),
            evidence,
            "Get the file again from where it was published.",
        )
    };
    let n = vocabulary.tokens.len();
    let needs_scores = spec.method != Method::Bpe || vocabulary.merges.is_empty();
    if spec.roles.len() != n || needs_scores && spec.scores.len() != n {
        return Err(contradicts("Not every token has a role and a score."));
    }
    let is_id = |id: u32| (id as usize) < n;
    let mut named = vocabulary
        .merges
        .iter()
        .flat_map(|&(l, r, new)| [l, r, new]);
    if !named.all(is_id) || !spec.unknown.is_none_or(is_id) {
        return Err(contradicts("It names tokens that it does not have."));
    }
    let mut byte_ids = [None; 256];
    let (mut whole, mut unused) = (Vec::new(), Vec::new());
    let mut pieces: Vec<&[u8]> = Vec::with_capacity(n);
    for ((id, token), role) in (0..).zip(&vocabulary.tokens).zip(&spec.roles) {
        pieces.push(match role {
            Role::Text | Role::Whole | Role::Unused => token,
            Role::Unknown | Role::Control | Role::Byte => &[],
        });
        match (role, &token[..]) {
            (Role::Whole, _) => whole.push(id),
            (Role::Unused, _) => unused.push(id),
            (Role::Byte, &[byte]) => byte_ids[usize::from(byte)] = Some(id),
            _ => {}
        }
    }
    let charsmap = if spec.charsmap.is_empty() {
        None
    } else {
        let charsmap = Charsmap::new(&spec.charsmap);
        Some(charsmap.ok_or_else(|| contradicts("Its table of characters does not hold."))?)
    };
    let adds_space = match spec.adds_space {
        AddsSpace::Never => sentence_piece::AddsSpace::Never,
        AddsSpace::Always => sentence_piece::AddsSpace::Always,
        AddsSpace::UnlessThere => sentence_piece::AddsSpace::UnlessThere,
        AddsSpace::AtStartUnlessThere => sentence_piece::AddsSpace::AtStartUnlessThere,
    };
    let scores = &spec.scores;
    let method = match spec.method {
        Method::Bpe if needs_scores => sentence_piece::Method::Scores(scores),
        Method::Bpe => sentence_piece::Method::Merges(&vocabulary.merges),
        Method::Unigram => sentence_piece::Method::Unigram {
            scores,
            in_f32: true,
        },
        Method::UnigramInF64 => sentence_piece::Method::Unigram {
            scores,
            in_f32: false,
        },
    };
    let inventory = Inventory {
        pieces: &pieces,
        whole: &whole,
        unused: &unused,
        byte_ids,
        unknown: spec.unknown,
        fuse_unknown: spec.fuse_unknown,
        splits_spaces: spec.splits_spaces,
    };
    let normalizer = Normalizer::new(charsmap, adds_space, spec.removes_extra_spaces);
    Ok(sentence_piece::SentencePiece::new(
        &inventory, method, normalizer,
    ))
}

fn unknown_split(vocabulary: &Vocabulary) -> Refusal {
    let known: Vec<_> = Split::ALL.iter().map(|split| split.name()).collect();
    Refusal::unchanged(
        format!(
            "The vocabulary “{}” splits text in a way that Glassbox does not know",
            vocabulary.name
        ),
        format!(
            "Its pattern is “{}”; known are {}.",
            vocabulary.split,
            known.join(", ")
        ),
        "Choose another vocabulary or model.",
    )
}
