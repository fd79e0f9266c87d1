//! The words of an array that has none inside: a list beside it, one a line or as JSON.

use crate::files::shown::{count, size};
use crate::files::source::Source;
use crate::refusal::{self, Refusal};
use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};

/// A list is read at once. Three million words of `GoogleNews` are 40 MB.
const MAX_BYTES: u64 = 256 << 20;

/// Words in order, in one text.
#[derive(Debug, Default)]
pub(super) struct WordList {
    text: String,
    ends: Vec<usize>,
}

impl WordList {
    /// The words of the array that is `source`, from the list beside it, and that list's path.
    pub fn of(source: &Source, n_rows: usize, width: usize) -> refusal::Result<(Self, PathBuf)> {
        let list = Self::path_beside(source.path()).filter(|_| source.is_file());
        let list = list.ok_or_else(|| missing(source, n_rows, width))?;
        Ok((Self::open(&list)?, list))
    }

    /// Where the list is beside the array at `path`. `None` where there is none.
    pub fn path_beside(path: &Path) -> Option<PathBuf> {
        looked_for(path).into_iter().find(|list| list.is_file())
    }

    fn open(path: &Path) -> refusal::Result<Self> {
        let source = Source::open(path)?;
        if source.len() > MAX_BYTES {
            return Err(source.unsupported(
                format!(
                    "A list of words of {} is too long; {} is the most.",
                    size(source.len()),
                    size(MAX_BYTES)
                ),
                "Cut it, and the array, to the most frequent words.",
            ));
        }
        let bytes = source.read(0, source.len())?;
        let list = if path.extension().is_some_and(|e| e == "json") {
            Self::from_json(&bytes).map_err(|e| {
                source.damaged(
                    "word list",
                    format!("It is neither a list of words nor numbers by word: {e}."),
                )
            })?
        } else {
            Self::from_lines(&bytes)
        };
        Ok(list)
    }

    /// One word a line; where every line goes on with a number (a count), without it.
    pub fn from_lines(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let lines = || text.lines().map(str::trim_end);
        let counted = |line: &str| {
            let (word, n) = line.rsplit_once([' ', '\t'])?;
            n.parse::<u64>().is_ok().then_some(word.len())
        };
        let all_counted = lines().all(|line| counted(line).is_some());
        let mut list = Self::default();
        for line in lines() {
            let n = if all_counted { counted(line) } else { None };
            list.push(&line[..n.unwrap_or(line.len())]);
        }
        list
    }

    /// One word a line, whatever is in it.
    pub fn from_lines_as_they_are(bytes: &[u8]) -> Self {
        let mut list = Self::default();
        for line in String::from_utf8_lossy(bytes).split('\n') {
            list.push(line);
        }
        list
    }

    /// `["the", "of", …]`, or `{"the": 0, "of": 1, …}`.
    fn from_json(bytes: &[u8]) -> serde_json::Result<Self> {
        let mut reader = serde_json::Deserializer::from_slice(bytes);
        let list = serde::Deserializer::deserialize_any(&mut reader, Json)?;
        reader.end()?;
        Ok(list)
    }

    fn push(&mut self, word: &str) {
        self.text.push_str(word);
        self.ends.push(self.text.len());
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Word `i`.
    pub fn get(&self, i: usize) -> &str {
        let start = i.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start..self.ends[i]]
    }
}

/// Where the words of the array at `path` may be, best first.
fn looked_for(path: &Path) -> Vec<PathBuf> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let mut names = vec![
        format!("{stem}.txt"),
        format!("{stem}.json"),
        format!("{stem}.words.txt"),
        format!("{stem}.vocab"),
    ];
    names.extend(["words.txt", "vocab.txt", "words.json", "vocab.json"].map(String::from));
    let paths = names.into_iter().map(|name| path.with_file_name(name));
    paths.filter(|list| list != path).collect()
}

/// The refusal of an array of `n_rows` rows without words.
fn missing(source: &Source, n_rows: usize, width: usize) -> Refusal {
    let names = looked_for(source.path());
    let names = names
        .iter()
        .map(|list| format!("`{}`", crate::files::shown::file_name(list)));
    source.unsupported(
        format!(
            "It has {} rows of {} numbers, and no words: beside it was looked for {}.",
            count(n_rows as u64),
            count(width as u64),
            names.collect::<Vec<_>>().join(", ")
        ),
        "Put a list of its words there, one a line, in the order of the rows.",
    )
}

/// Reads either form into one text, so that `["","",…]` takes no more memory than it does on disk.
struct Json;

impl<'de> Visitor<'de> for Json {
    type Value = WordList;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("words")
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<WordList, S::Error> {
        let mut list = WordList::default();
        while seq.next_element_seed(Word(&mut list))?.is_some() {}
        Ok(list)
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<WordList, M::Error> {
        let mut unordered = WordList::default();
        let mut order: Vec<u32> = Vec::new(); // where each comes
        while map.next_key_seed(Word(&mut unordered))?.is_some() {
            order.push(map.next_value()?);
        }
        let mut at = vec![u32::MAX; order.len()];
        for (i, &place) in order.iter().enumerate() {
            match at.get_mut(place as usize) {
                Some(free) if *free == u32::MAX => *free = i as u32,
                _ => {
                    return Err(M::Error::custom(format_args!(
                        "the numbers are not 0 to {}, once each",
                        order.len() - 1
                    )));
                }
            }
        }
        let mut list = WordList::default();
        for i in at {
            list.push(unordered.get(i as usize));
        }
        Ok(list)
    }
}

/// One string, put at the end of the list.
struct Word<'a>(&'a mut WordList);

impl<'de> DeserializeSeed<'de> for Word<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let word: Cow<'de, str> = serde::Deserialize::deserialize(deserializer)?;
        self.0.push(&word);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(list: &WordList) -> Vec<&str> {
        (0..list.len()).map(|i| list.get(i)).collect()
    }

    #[test]
    fn a_list_is_one_word_a_line_with_or_without_counts() {
        assert_eq!(
            words(&WordList::from_lines(b"the\nof course\r\nand")),
            ["the", "of course", "and"]
        );
        assert_eq!(
            words(&WordList::from_lines(b"the 1061396\nof 593677\n")),
            ["the", "of"]
        );
        assert_eq!(
            words(&WordList::from_lines(b"route 66\nthe\n")),
            ["route 66", "the"]
        );
    }

    #[test]
    fn json_is_a_list_or_numbers_by_word() {
        let list = WordList::from_json(br#"["the", "\u00fcber"]"#).unwrap();
        assert_eq!(words(&list), ["the", "über"]);
        let list = WordList::from_json(br#"{"of": 1, "the": 0}"#).unwrap();
        assert_eq!(words(&list), ["the", "of"]);
        for wrong in [
            r#"{"of": 1, "the": 1}"#,
            r#"{"of": 5}"#,
            "[1, 2]",
            "[\"a\"",
            "7",
        ] {
            assert!(WordList::from_json(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }
}
