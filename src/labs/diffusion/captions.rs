//! Captions in plain words, read as the conditions that a model was trained with.
//!
//! A model of ours knows a few [`Attribute`]s, each with a few values. [`parse`] says for each word
//! of a caption what it means, and for each attribute which value was asked for. Faces have a
//! grammar of their own, the one that `assets/faces/grammar.mjs` writes captions by: a colour belongs
//! to the thing named after it ("blue hair" and "a blue background"), and what a caption does not
//! speak of, glasses, a beard, flowers, is not there. Phrases of music have words of their own. With other attributes a value's own name
//! is its word. What no rule knows is named, never guessed.

mod faces;
mod phrases;
#[cfg(test)]
mod tests;

pub use faces::in_words;

use crate::files::faces::ATTRIBUTES;
use crate::labs::sound::phrases::attributes as attributes_of_phrases;
use serde::{Deserialize, Serialize};

/// Words of a caption that are read; more are counted and left.
pub const MAX_WORDS: usize = 256;

/// Something every picture has one value of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribute {
    /// "`hair_color`".
    pub name: String,
    /// "black", "brown", …
    pub values: Vec<String>,
}

impl Attribute {
    fn value(&self, word: &str) -> Option<usize> {
        self.values.iter().position(|value| value == word)
    }
}

/// The attributes of the faces that ship.
#[must_use]
pub fn of_faces() -> Vec<Attribute> {
    let attribute = |a: &crate::files::faces::Attribute| Attribute {
        name: a.name.to_owned(),
        values: a.values.iter().map(|&v| v.to_owned()).collect(),
    };
    ATTRIBUTES.iter().map(attribute).collect()
}

/// The one attribute of the digits that ship: which digit it is.
#[must_use]
pub fn of_digits() -> Vec<Attribute> {
    vec![Attribute {
        name: "digit".to_owned(),
        values: (0..10).map(|digit| digit.to_string()).collect(),
    }]
}

/// A caption as it was understood.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parsed {
    /// For each attribute the row that the model looks up: 0 where nothing is said, else the value's
    /// index + 1.
    pub rows: Vec<u32>,
    /// Every word that was read, in order.
    pub words: Vec<Word>,
    /// The words that mean nothing to the model, each once, in small letters.
    pub unknown: Vec<String>,
    /// Where a caption contradicts itself ("red and blue hair"): the last one holds.
    pub overruled: Vec<Overruled>,
    /// Attributes that no word speaks of, and that are therefore taken to be absent: no glasses.
    pub absent: Vec<usize>,
    /// Words past the first [`MAX_WORDS`]: they were not read.
    pub n_unread: usize,
}

/// One word of a caption.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    /// The byte that it begins at.
    pub start: usize,
    /// The byte after its last.
    pub end: usize,
    /// The attribute and the value that it asks for, as indices.
    pub meaning: Option<(usize, usize)>,
    /// Whether it is known at all: "with" is, and asks for nothing.
    pub is_known: bool,
}

/// One value that another took the place of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overruled {
    /// Of this attribute.
    pub attribute: usize,
    /// The value that was asked for first.
    pub earlier: usize,
    /// The one that holds.
    pub later: usize,
}

/// Reads a caption for a model that knows these attributes. Takes time in proportion to its length.
#[must_use]
pub fn parse(caption: &str, attributes: &[Attribute]) -> Parsed {
    let mut parsed = Parsed {
        rows: vec![0; attributes.len()],
        ..Parsed::default()
    };
    let mut spans = spans(caption);
    let read: Vec<(usize, usize)> = spans.by_ref().take(MAX_WORDS).collect();
    parsed.n_unread = spans.count();
    parsed.words = read
        .iter()
        .map(|&(start, end)| Word {
            start,
            end,
            meaning: None,
            is_known: false,
        })
        .collect();
    let small: Vec<String> = read
        .iter()
        .map(|&(start, end)| caption[start..end].to_lowercase())
        .collect();
    let of_faces = of_faces();
    if attributes.starts_with(&of_faces) {
        faces::read(caption, &small, attributes, &mut parsed);
        // Words that a person taught the model stand for themselves.
        for (i, word) in small.iter().enumerate() {
            let mut taught = attributes.iter().enumerate().skip(of_faces.len());
            if let Some((at, value)) = taught.find_map(|(at, a)| Some((at, a.value(word)?))) {
                parsed.ask(i, at, value);
            }
        }
    } else if attributes == attributes_of_phrases() {
        phrases::read(&small, attributes, &mut parsed);
    } else {
        for (i, word) in small.iter().enumerate() {
            let named = |a: &Attribute| a.value(word).or_else(|| a.value(number(word)?));
            let mut found = attributes.iter().enumerate();
            match found.find_map(|(at, a)| Some((at, named(a)?))) {
                Some((attribute, value)) => parsed.ask(i, attribute, value),
                None => parsed.words[i].is_known = faces::is_filler(word),
            }
        }
    }
    for (word, small) in parsed.words.iter().zip(small) {
        if !word.is_known && !parsed.unknown.contains(&small) {
            parsed.unknown.push(small);
        }
    }
    parsed
}

impl Parsed {
    /// Word `i` asks for this value.
    fn ask(&mut self, i: usize, attribute: usize, value: usize) {
        let row = value as u32 + 1;
        let before = std::mem::replace(&mut self.rows[attribute], row);
        if before != 0 && before != row {
            self.overruled.push(Overruled {
                attribute,
                earlier: before as usize - 1,
                later: value,
            });
        }
        self.words[i].meaning = Some((attribute, value));
        self.words[i].is_known = true;
    }
}

/// Where each run of letters and digits begins and ends.
fn spans(text: &str) -> impl Iterator<Item = (usize, usize)> {
    let mut letters = text.char_indices().peekable();
    std::iter::from_fn(move || {
        let (start, _) = letters.find(|(_, c)| c.is_alphanumeric())?;
        while letters.next_if(|(_, c)| c.is_alphanumeric()).is_some() {}
        let end = letters.peek().map_or(text.len(), |&(at, _)| at);
        Some((start, end))
    })
}

/// "7" for "seven".
fn number(word: &str) -> Option<&'static str> {
    let names = [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
    ];
    let digits = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
    let at = names.iter().position(|name| *name == word)?;
    digits.get(at).copied()
}
