//! The names of Unicode's code points, from a small table: `assets/make_unicode_names.py` writes it and
//! says how it is laid out.
//!
//! Names are stored as numbers of words, each name as what it adds to the one before; ideographs are
//! named by rule, and so are Hangul syllables.

use std::fmt::Write as _;

/// Names between two places where decoding can begin.
const BLOCK: usize = 32;
/// Below this a byte is a whole number; from it on it begins one of two bytes.
const TWO_BYTES: u8 = 0xC0;

/// The table, its parts found but nothing decoded.
#[derive(Debug, Clone, Copy)]
pub struct UnicodeNames<'a> {
    rules: &'a [u8],
    n_rules: usize,
    /// The length of each word, and all words without a gap.
    lengths: &'a [u8],
    words: &'a [u8],
    /// Runs of code points that have names: the first of three bytes, how many of two.
    runs: &'a [u8],
    /// Where each block begins in `names`, three bytes each.
    blocks: &'a [u8],
    names: &'a [u8],
}

impl<'a> UnicodeNames<'a> {
    /// Finds the parts of `table`; `None` where it is no such table.
    #[must_use]
    pub fn new(table: &'a [u8]) -> Option<Self> {
        let mut rest = table;
        let [b'U', b'N', b'I', b'N', 1, n_rules, words_low, words_high] = *take(&mut rest, 8)?
        else {
            return None;
        };
        let n_words = usize::from(u16::from_le_bytes([words_low, words_high]));
        let n_runs = number(take(&mut rest, 4)?);
        let n_names = number(take(&mut rest, 4)?);
        let rules = rest;
        for _ in 0..n_rules {
            let length = *take(&mut rest, 7)?.last()?;
            take(&mut rest, length.into())?;
        }
        let lengths = take(&mut rest, n_words)?;
        let n_letters = lengths.iter().map(|&length| usize::from(length)).sum();
        Some(Self {
            rules,
            n_rules: n_rules.into(),
            lengths,
            words: take(&mut rest, n_letters)?,
            runs: take(&mut rest, n_runs.checked_mul(5)?)?,
            blocks: take(&mut rest, n_names.div_ceil(BLOCK).checked_mul(3)?)?,
            names: rest,
        })
    }

    /// What Unicode calls `c`; for a control character, its first alias. `None` for one that has no
    /// name: unassigned, private use.
    #[must_use]
    pub fn name(&self, c: char) -> Option<String> {
        let code = c as u32;
        if (0xAC00..=0xD7A3).contains(&code) {
            return Some(hangul(code - 0xAC00));
        }
        self.by_rule(code).or_else(|| self.listed(code as usize))
    }

    /// "CJK UNIFIED IDEOGRAPH-540E".
    fn by_rule(&self, code: u32) -> Option<String> {
        let mut rest = self.rules;
        for _ in 0..self.n_rules {
            let (first, last) = (number(take(&mut rest, 3)?), number(take(&mut rest, 3)?));
            let &[length] = take(&mut rest, 1)? else {
                return None;
            };
            let beginning = std::str::from_utf8(take(&mut rest, length.into())?).ok()?;
            if (first..=last).contains(&(code as usize)) {
                return Some(format!("{beginning}{code:X}"));
            }
        }
        None
    }

    fn listed(&self, code: usize) -> Option<String> {
        let mut n_before = 0;
        for run in self.runs.chunks_exact(5) {
            let (first, n) = (number(&run[..3]), number(&run[3..]));
            if (first..first + n).contains(&code) {
                return self.nth(n_before + code - first);
            }
            n_before += n;
        }
        None
    }

    /// The name at that place of the list.
    fn nth(&self, place: usize) -> Option<String> {
        let start = self.blocks.get(place / BLOCK * 3..)?.get(..3)?;
        let mut rest = self.names.get(number(start)..)?;
        let mut ids = Vec::new();
        for _ in 0..=place % BLOCK {
            let &[shape] = take(&mut rest, 1)? else {
                return None;
            };
            ids.truncate(usize::from(shape >> 4));
            for _ in 0..shape & 15 {
                ids.push(word_id(&mut rest)?);
            }
        }
        let words: Option<Vec<&str>> = ids.into_iter().map(|id| self.word(id)).collect();
        Some(words?.join(" "))
    }

    fn word(&self, id: usize) -> Option<&'a str> {
        let length = usize::from(*self.lengths.get(id)?);
        let before = self.lengths[..id].iter().map(|&n| usize::from(n)).sum();
        let letters = self.words.get(before..)?.get(..length)?;
        std::str::from_utf8(letters).ok()
    }
}

/// The first `n` bytes of `rest`, which moves on behind them.
fn take<'a>(rest: &mut &'a [u8], n: usize) -> Option<&'a [u8]> {
    let (taken, left) = rest.split_at_checked(n)?;
    *rest = left;
    Some(taken)
}

/// A number of up to four bytes, the lowest first.
fn number(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .rev()
        .fold(0, |value, &byte| value << 8 | usize::from(byte))
}

fn word_id(rest: &mut &[u8]) -> Option<usize> {
    let first = *take(rest, 1)?.first()?;
    if first < TWO_BYTES {
        return Some(first.into());
    }
    let second = usize::from(*take(rest, 1)?.first()?);
    let high = usize::from(first - TWO_BYTES);
    Some((high << 8 | second) + usize::from(TWO_BYTES))
}

/// "HANGUL SYLLABLE DDEULG": a syllable by its place (The Unicode Standard, 3.12).
fn hangul(place: u32) -> String {
    const LEADING: [&str; 19] = [
        "G", "GG", "N", "D", "DD", "R", "M", "B", "BB", "S", "SS", "", "J", "JJ", "C", "K", "T",
        "P", "H",
    ];
    const VOWELS: [&str; 21] = [
        "A", "AE", "YA", "YAE", "EO", "E", "YEO", "YE", "O", "WA", "WAE", "OE", "YO", "U", "WEO",
        "WE", "WI", "YU", "EU", "YI", "I",
    ];
    const TRAILING: [&str; 28] = [
        "", "G", "GG", "GS", "N", "NJ", "NH", "D", "L", "LG", "LM", "LB", "LS", "LT", "LP", "LH",
        "M", "B", "BS", "S", "SS", "NG", "J", "C", "K", "T", "P", "H",
    ];
    let place = place as usize;
    let mut name = String::from("HANGUL SYLLABLE ");
    let (leading, vowel, trailing) = (place / 588, place % 588 / 28, place % 28);
    _ = write!(
        name,
        "{}{}{}",
        LEADING[leading], VOWELS[vowel], TRAILING[trailing]
    );
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &[u8] = include_bytes!("../../assets/unicode_names.bin");
    /// "00E9;LATIN SMALL LETTER E WITH ACUTE": what Python's `unicodedata2` 18.0 says; the control
    /// characters' names are Unicode's aliases.
    const PYTHON: &str = include_str!("../../tests/data/unicode_names.txt");

    #[test]
    fn names_are_those_of_pythons_unicodedata() {
        let names = UnicodeNames::new(TABLE).unwrap();
        let mut n = 0;
        for line in PYTHON.lines() {
            let (code, expected) = line.split_once(';').unwrap();
            let c = char::from_u32(u32::from_str_radix(code, 16).unwrap()).unwrap();
            assert_eq!(names.name(c).unwrap_or_default(), expected, "U+{code}");
            n += 1;
        }
        assert!(n > 400);
        assert_eq!(names.name('\n').unwrap(), "LINE FEED");
    }

    #[test]
    fn a_table_cut_short_or_damaged_names_something_else_or_nothing() {
        assert!(UnicodeNames::new(b"UNIN").is_none());
        assert!(UnicodeNames::new(&TABLE[..9000]).is_none());
        for n_bytes in (0..TABLE.len()).step_by(1009) {
            if let Some(names) = UnicodeNames::new(&TABLE[..n_bytes]) {
                for c in ['a', '🍓', '后', '\u{1FBFA}'] {
                    let _ = names.name(c);
                }
            }
        }
        let mut damaged = TABLE.to_vec();
        for at in (20..damaged.len()).step_by(7) {
            damaged[at] ^= 0xFF;
        }
        if let Some(names) = UnicodeNames::new(&damaged) {
            for c in ('\0'..='\u{FFFF}').step_by(61) {
                let _ = names.name(c);
            }
        }
    }
}
