//! What kind of character each of Unicode's 1,114,112 code points is, in 40 KB.
//!
//! The categories come from the `regex-syntax` crate, the tables that tiktoken's regular expressions
//! use, compiled at first use: the code points are cut into blocks of 128, and equal blocks (most are)
//! are stored once.

use std::collections::HashMap;
use std::sync::LazyLock;

/// A set of the flags below.
pub(super) type Class = u8;

/// Category L.
pub(super) const LETTER: Class = 1;
/// Category N.
pub(super) const NUMBER: Class = 2;
/// Property `White_Space`.
pub(super) const SPACE: Class = 4;
/// Categories Lu, Lt, Lm, Lo and M: what a capitalised word begins with.
pub(super) const UPPER: Class = 8;
/// Categories Ll, Lm, Lo and M: what it goes on with.
pub(super) const LOWER: Class = 16;

const FLAGS: [(&str, Class); 5] = [
    (r"\p{L}", LETTER),
    (r"\p{N}", NUMBER),
    (r"\s", SPACE),
    (r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", UPPER),
    (r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]", LOWER),
];

const BLOCK: usize = 128;

static TABLE: LazyLock<Table> = LazyLock::new(Table::build);

/// The class of the character at byte `at` of `text`, and its length in bytes; `None` at the end.
#[inline]
pub(super) fn class_at(text: &str, at: usize) -> Option<(Class, usize)> {
    let byte = *text.as_bytes().get(at)?;
    if byte.is_ascii() {
        return Some((ASCII[usize::from(byte)], 1));
    }
    beyond_ascii(text, at)
}

#[inline(never)]
fn beyond_ascii(text: &str, at: usize) -> Option<(Class, usize)> {
    let letter = text.get(at..)?.chars().next()?;
    Some((TABLE.class(letter), letter.len_utf8()))
}

/// The first byte from `at` on that is no ASCII character with any flag of `class`.
#[inline]
pub(super) fn ascii_run(bytes: &[u8], mut at: usize, class: Class) -> usize {
    while let Some(&byte) = bytes.get(at)
        && ASCII[usize::from(byte)] & class != 0
    {
        at += 1;
    }
    at
}

/// The same for ASCII, without waiting for the table; no flag for other bytes.
static ASCII: [Class; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 128 {
        classes[byte as usize] = match byte {
            b'A'..=b'Z' => LETTER | UPPER,
            b'a'..=b'z' => LETTER | LOWER,
            b'0'..=b'9' => NUMBER,
            b'\t'..=b'\r' | b' ' => SPACE,
            _ => 0,
        };
        byte += 1;
    }
    classes
};

struct Table {
    /// For each block of code points, which of `blocks` is like it.
    index: Vec<u16>,
    blocks: Vec<[Class; BLOCK]>,
}

impl Table {
    fn build() -> Self {
        let mut classes = vec![0; char::MAX as usize + 1];
        for (pattern, flag) in FLAGS {
            for (first, last) in ranges(pattern) {
                for class in &mut classes[first as usize..=last as usize] {
                    *class |= flag;
                }
            }
        }
        let mut seen = HashMap::new();
        let mut blocks = Vec::new();
        let index = classes.as_chunks::<BLOCK>().0.iter().map(|block| {
            *seen.entry(*block).or_insert_with(|| {
                blocks.push(*block);
                (blocks.len() - 1) as u16
            })
        });
        let index = index.collect();
        Self { index, blocks }
    }

    fn class(&self, letter: char) -> Class {
        let code = letter as usize;
        self.blocks[usize::from(self.index[code / BLOCK])][code % BLOCK]
    }
}

/// The code points that a character class of a regular expression means.
fn ranges(class: &str) -> Vec<(char, char)> {
    let parsed = regex_syntax::parse(class);
    match parsed.as_ref().map(regex_syntax::hir::Hir::kind) {
        Ok(regex_syntax::hir::HirKind::Class(regex_syntax::hir::Class::Unicode(class))) => class
            .iter()
            .map(|range| (range.start(), range.end()))
            .collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_for_ascii_agrees_with_unicode() {
        for byte in 0..128_u8 {
            assert_eq!(
                TABLE.class(char::from(byte)),
                ASCII[usize::from(byte)],
                "{byte}"
            );
        }
    }

    #[test]
    fn characters_have_the_categories_that_unicode_gives_them() {
        let known = [
            ('é', LETTER | LOWER),
            ('Σ', LETTER | UPPER),
            ('ǅ', LETTER | UPPER),
            ('ʰ', LETTER | UPPER | LOWER),
            ('後', LETTER | UPPER | LOWER),
            ('\u{301}', UPPER | LOWER),
            ('½', NUMBER),
            ('Ⅷ', NUMBER),
            ('٣', NUMBER),
            ('\u{85}', SPACE),
            ('\u{3000}', SPACE),
            ('\u{200b}', 0),
            ('\u{feff}', 0),
            ('😉', 0),
            ('\u{10ffff}', 0),
        ];
        for (letter, class) in known {
            assert_eq!(TABLE.class(letter), class, "{letter:?}");
        }
    }

    #[test]
    fn white_space_is_what_the_standard_library_says() {
        for letter in '\0'..=char::MAX {
            assert_eq!(
                TABLE.class(letter) & SPACE != 0,
                letter.is_whitespace(),
                "{letter:?}"
            );
        }
    }
}
