//! The words of `assets/faces/grammar.mjs`, and those that people use for the same.

use super::{Attribute, Parsed};
use crate::files::faces::ATTRIBUTES;

/// Words that name a value wherever they stand: word, attribute, value.
const VALUES: [(&str, &str, &str); 35] = [
    ("smiling", "mood", "smiling"),
    ("happy", "mood", "smiling"),
    ("cheerful", "mood", "smiling"),
    ("smile", "mood", "smiling"),
    ("smiles", "mood", "smiling"),
    ("glad", "mood", "smiling"),
    ("sad", "mood", "sad"),
    ("unhappy", "mood", "sad"),
    ("gloomy", "mood", "sad"),
    ("frowning", "mood", "sad"),
    ("surprised", "mood", "surprised"),
    ("astonished", "mood", "surprised"),
    ("amazed", "mood", "surprised"),
    ("short", "hair", "short"),
    ("long", "hair", "long"),
    ("bob", "hair", "bob"),
    ("curly", "hair", "curly"),
    ("curls", "hair", "curly"),
    ("bun", "hair", "bun"),
    ("bald", "hair", "bald"),
    ("mohawk", "hair", "mohawk"),
    ("glasses", "eyewear", "glasses"),
    ("spectacles", "eyewear", "glasses"),
    ("eyeglasses", "eyewear", "glasses"),
    ("sunglasses", "eyewear", "sunglasses"),
    ("shades", "eyewear", "sunglasses"),
    ("beard", "beard", "yes"),
    ("beards", "beard", "yes"),
    ("bearded", "beard", "yes"),
    ("beardless", "beard", "no"),
    ("shaven", "beard", "no"),
    ("flower", "flowers", "yes"),
    ("flowers", "flowers", "yes"),
    ("blossom", "flowers", "yes"),
    ("blossoms", "flowers", "yes"),
];

/// Words that a colour before them belongs to, and the attribute that it is a value of.
const THINGS: [(&str, &str); 13] = [
    ("hair", "hair_color"),
    ("haired", "hair_color"),
    ("curls", "hair_color"),
    ("bob", "hair_color"),
    ("bun", "hair_color"),
    ("mohawk", "hair_color"),
    ("skin", "skin"),
    ("skinned", "skin"),
    ("complexion", "skin"),
    ("background", "background"),
    ("backdrop", "background"),
    ("behind", "background"),
    ("wall", "background"),
];

/// Other words for a colour.
const COLORS: [(&str, &str); 8] = [
    ("blonde", "blond"),
    ("ginger", "red"),
    ("gray", "grey"),
    ("light", "pale"),
    ("fair", "pale"),
    ("tanned", "tan"),
    ("violet", "purple"),
    ("lilac", "purple"),
];

/// People whose colour is that of their skin, or else of their hair.
const PEOPLE: [&str; 12] = [
    "face", "faces", "person", "woman", "man", "girl", "boy", "lady", "guy", "somebody", "someone",
    "head",
];

/// Words that are understood and ask for nothing.
const FILLERS: [&str; 46] = [
    "a",
    "an",
    "the",
    "and",
    "or",
    "of",
    "in",
    "on",
    "with",
    "without",
    "no",
    "not",
    "nor",
    "has",
    "have",
    "having",
    "is",
    "are",
    "who",
    "that",
    "to",
    "at",
    "it",
    "its",
    "his",
    "her",
    "their",
    "hair",
    "skin",
    "background",
    "looking",
    "looks",
    "cut",
    "worn",
    "wearing",
    "wears",
    "little",
    "some",
    "full",
    "top",
    "clear",
    "very",
    "before",
    "against",
    "picture",
    "drawing",
];

/// Attributes whose first value says that the thing is not there.
const ABSENT: [&str; 3] = ["eyewear", "beard", "flowers"];
/// Where a colour is looked for that stands with no thing.
const COLORED: [&str; 3] = ["hair_color", "skin", "background"];

/// Whether a word is understood without asking for anything.
pub(super) fn is_filler(word: &str) -> bool {
    FILLERS.contains(&word)
}

/// Reads the words of `caption` into `parsed`; `small` are they in small letters.
pub(super) fn read(caption: &str, small: &[String], attributes: &[Attribute], parsed: &mut Parsed) {
    let mut reader = Reader {
        attributes,
        parsed,
        pending: Vec::new(),
        thing: None,
        after_on: false,
        negated: false,
    };
    let mut end = 0;
    for (i, word) in small.iter().enumerate() {
        let start = reader.parsed.words[i].start;
        if caption[end..start].contains([',', '.', ';', '!', '?', '\n']) {
            reader.clause_ends();
        }
        reader.word(i, word);
        end = reader.parsed.words[i].end;
    }
    reader.clause_ends();
    reader.assume_absent();
}

/// What is remembered from word to word.
struct Reader<'a> {
    attributes: &'a [Attribute],
    parsed: &'a mut Parsed,
    /// Colours that wait for their thing: word and colour.
    pending: Vec<(usize, String)>,
    /// The last thing of this clause that colours belong to.
    thing: Option<&'static str>,
    /// Whether "on" was said after it: "on blue".
    after_on: bool,
    negated: bool,
}

impl Reader<'_> {
    fn word(&mut self, i: usize, word: &str) {
        self.parsed.words[i].is_known |= is_filler(word) || PEOPLE.contains(&word);
        match word {
            "with" | "has" | "having" => self.clause_ends(),
            "no" | "not" | "without" => self.negated = true,
            "on" | "before" | "against" => self.after_on = true,
            _ => {}
        }
        if PEOPLE.contains(&word) {
            self.belongs(&["skin", "hair_color"]);
        }
        let color = COLORS.iter().find(|(other, _)| *other == word);
        let color = color.map_or(word, |(_, color)| color);
        let is_color = |name: &&str| self.value(name, color).is_some();
        // "blond" and "yellow" mean one thing only, and still wait for it: "yellow hair" is unknown.
        if COLORED.iter().any(is_color) {
            self.pending.push((i, color.to_owned()));
            return;
        }
        if let Some((_, thing)) = THINGS.iter().find(|(name, _)| *name == word) {
            self.parsed.words[i].is_known = true;
            if word == "hair" && self.negated {
                self.ask(i, "hair", "bald");
            }
            self.belongs(&[*thing]);
            (self.thing, self.after_on) = (Some(*thing), false);
        }
        let named = VALUES.iter().find(|(name, _, _)| *name == word);
        let Some((_, attribute, value)) = named else {
            return;
        };
        let can_be_absent = ABSENT.contains(attribute);
        if can_be_absent && self.negated {
            self.ask_index(i, attribute, 0);
        } else if !self.negated {
            let dark = |(_, color): &(usize, String)| color == "dark" || color == "black";
            let value = match *value {
                "glasses" if self.pending.iter().any(dark) => "sunglasses",
                value => value,
            };
            self.ask(i, attribute, value);
            // Flowers are white, and glasses may be dark: nothing more is asked for by that.
            let said = |color: &str| match *attribute {
                "eyewear" => color == "dark" || color == "black",
                "flowers" => color == "white",
                _ => false,
            };
            if can_be_absent {
                for (word, color) in self.pending.drain(..) {
                    self.parsed.words[word].is_known = said(&color);
                    if said(&color) {
                        self.parsed.words[word].meaning = self.parsed.words[i].meaning;
                    }
                }
            }
        }
        if can_be_absent {
            self.after_on = false;
        }
    }

    /// The waiting colours are of the first of these attributes that can have them.
    fn belongs(&mut self, attributes: &[&'static str]) {
        if self.negated {
            self.pending.clear();
            return;
        }
        for (i, color) in std::mem::take(&mut self.pending) {
            let mut found = attributes.iter();
            if let Some(attribute) = found.find(|name| self.value(name, &color).is_some()) {
                self.ask(i, attribute, &color);
            }
        }
    }

    /// Colours that still wait belong to the background after "on", else to the last thing ("hair
    /// red"), else to what can have that colour.
    fn clause_ends(&mut self) {
        match (self.after_on, self.thing) {
            (true, _) => self.belongs(&["background"]),
            (false, Some(thing)) => self.belongs(&[thing]),
            (false, None) => self.belongs(&COLORED),
        }
        (self.thing, self.after_on, self.negated) = (None, false, false);
    }

    fn assume_absent(&mut self) {
        if self.parsed.rows.iter().all(|&row| row == 0) {
            return; // nothing was said at all: anything may come
        }
        for name in ABSENT {
            let at = self.attributes.iter().position(|a| a.name == name);
            if let Some(at) = at.filter(|&at| self.parsed.rows[at] == 0) {
                self.parsed.rows[at] = 1;
                self.parsed.absent.push(at);
            }
        }
    }

    fn value(&self, attribute: &str, value: &str) -> Option<(usize, usize)> {
        let at = self.attributes.iter().position(|a| a.name == attribute)?;
        Some((at, self.attributes[at].value(value)?))
    }

    fn ask(&mut self, i: usize, attribute: &str, value: &str) {
        if let Some((attribute, value)) = self.value(attribute, value) {
            self.parsed.ask(i, attribute, value);
        }
    }

    fn ask_index(&mut self, i: usize, attribute: &str, value: usize) {
        let found = self.attributes.iter().position(|a| a.name == attribute);
        if let Some(attribute) = found {
            self.parsed.ask(i, attribute, value);
        }
    }
}

/// A caption of these values, in the order of `files::faces::ATTRIBUTES`, as the shipped captions are:
/// "a smiling face with curly red hair and glasses, tan skin, blue background". Values past the last
/// one of an attribute are left out.
#[must_use]
pub fn in_words(values: &[u8]) -> String {
    let word = |name: &str| -> Option<&'static str> {
        let at = ATTRIBUTES.iter().position(|a| a.name == name)?;
        let value = usize::from(*values.get(at)?);
        ATTRIBUTES[at].values.get(value).copied()
    };
    let color = word("hair_color").unwrap_or_default();
    let hair = match word("hair") {
        Some("bald") => format!("a bald head and a little {color} hair"),
        Some(shape @ ("bob" | "mohawk" | "bun")) => format!("a {color} {shape}"),
        Some(shape) => format!("{shape} {color} hair"),
        None => format!("{color} hair"),
    };
    let mut things = vec![hair];
    let eyewear = word("eyewear").filter(|eyewear| *eyewear != "none");
    things.extend(eyewear.map(str::to_owned));
    for (name, thing) in [("beard", "a beard"), ("flowers", "flowers")] {
        let there = word(name).filter(|there| *there == "yes");
        things.extend(there.map(|_| thing.to_owned()));
    }
    let last = things.pop().unwrap_or_default();
    let things = match things.join(", ") {
        before if before.is_empty() => last,
        before => format!("{before} and {last}"),
    };
    let [mood, skin, background] = ["mood", "skin", "background"].map(word);
    format!(
        "a {} face with {things}, {} skin, {} background",
        mood.unwrap_or_default(),
        skin.unwrap_or_default(),
        background.unwrap_or_default()
    )
}
