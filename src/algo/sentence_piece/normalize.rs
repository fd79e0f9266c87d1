//! What happens to a text before it is cut: rules for characters, a space before it, fewer spaces.

use super::Before;
use super::charsmap::Charsmap;
use super::prefixes::Prefixes;

/// A space as files write it.
const SPACE: char = '\u{2581}';

/// When a space is put before a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AddsSpace {
    /// Never.
    #[default]
    Never,
    /// Always.
    Always,
    /// Unless the text begins with one.
    UnlessThere,
    /// Where nothing comes before the text, unless it begins with one.
    AtStartUnlessThere,
}

/// What a model does to a text before cutting it.
#[derive(Debug, Clone, Default)]
pub struct Normalizer {
    /// Rules for characters.
    charsmap: Option<Charsmap>,
    adds_space: AddsSpace,
    removes_extra_spaces: bool,
    /// Pieces of the text that no rule touches.
    whole: Prefixes,
}

/// A text as it is cut, and where each of its bytes comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Normalized {
    pub text: Vec<u8>,
    /// One more than bytes: the last is the end.
    pub origin: Vec<usize>,
}

impl Normalizer {
    /// Rules for characters; when a space is put before the text; whether spaces before, after and
    /// beside a space are dropped.
    #[must_use]
    pub fn new(
        charsmap: Option<Charsmap>,
        adds_space: AddsSpace,
        removes_extra_spaces: bool,
    ) -> Self {
        Self {
            charsmap,
            adds_space,
            removes_extra_spaces,
            whole: Prefixes::default(),
        }
    }

    pub(super) fn with_whole(mut self, whole: &Prefixes) -> Self {
        let without_spaces = whole.pieces().filter(|(_, piece)| !piece.contains(&b' '));
        let without_spaces = without_spaces.map(|(id, piece)| (id, piece.to_vec()));
        self.whole = Prefixes::new(without_spaces.collect());
        self
    }

    pub(super) fn adds(&self, before: Before) -> bool {
        match self.adds_space {
            _ if before == Before::Text => false,
            AddsSpace::Never => false,
            AddsSpace::Always | AddsSpace::UnlessThere => true,
            AddsSpace::AtStartUnlessThere => before == Before::Nothing,
        }
    }

    pub(super) fn drops_spaces(&self) -> bool {
        self.removes_extra_spaces
    }

    /// Whether every space of a text is in what is cut, once.
    pub(super) fn keeps_spaces(&self) -> bool {
        !self.removes_extra_spaces && self.charsmap.is_none()
    }

    pub(super) fn normalize(&self, text: &str, before: Before) -> Normalized {
        self.put(text, self.adds(before))
    }

    fn put(&self, text: &str, space_first: bool) -> Normalized {
        let mut out = Normalized {
            text: Vec::with_capacity(text.len() + 1),
            origin: Vec::with_capacity(text.len() + 2),
        };
        let mut at = 0;
        if self.removes_extra_spaces {
            while at < text.len() {
                let (n, replaced) = self.step(&text[at..]);
                if replaced != " " {
                    break;
                }
                at += n;
            }
        }
        let is_enough = self.adds_space != AddsSpace::Always;
        let has_one = || is_enough && text[at..].starts_with([' ', SPACE]);
        if at < text.len() && space_first && !has_one() {
            out.push(" ", at, 0);
        }
        let mut after_space = self.removes_extra_spaces;
        while at < text.len() {
            let (n, replaced) = self.step(&text[at..]);
            let kept = if after_space {
                replaced.trim_start_matches(' ')
            } else {
                replaced
            };
            if !kept.is_empty() {
                after_space = self.removes_extra_spaces && kept.ends_with(' ');
                out.push(kept, at, n);
            }
            at += n;
        }
        if self.removes_extra_spaces {
            while out.text.last() == Some(&b' ') {
                out.text.pop();
                out.origin.pop();
            }
        }
        out.origin.push(text.len());
        out
    }

    /// How many bytes the next step takes, and what they become.
    fn step<'a>(&'a self, rest: &'a str) -> (usize, &'a str) {
        if let Some((_, n)) = self.whole.longest(rest.as_bytes())
            && let Some(kept) = rest.get(..n)
        {
            return (n, kept);
        }
        let rule = self.charsmap.as_ref();
        if let Some((n, result)) = rule.and_then(|rules| rules.longest(rest.as_bytes())) {
            return (n, result);
        }
        let n = rest.chars().next().map_or(0, char::len_utf8);
        (n, &rest[..n])
    }
}

impl Normalized {
    /// Appends `text`, which `n` bytes from `at` on became. Where no rule changed it, each byte keeps
    /// its place.
    fn push(&mut self, text: &str, at: usize, n: usize) {
        for (i, c) in text.char_indices() {
            let at = if text.len() == n { at + i } else { at };
            if c == SPACE {
                self.text.push(b' ');
                self.origin.push(at);
            } else {
                let bytes = &text.as_bytes()[i..i + c.len_utf8()];
                self.text.extend_from_slice(bytes);
                let step = usize::from(text.len() == n);
                self.origin.extend((0..bytes.len()).map(|k| at + k * step));
            }
        }
    }
}
