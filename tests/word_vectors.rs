//! Word vectors as gensim, NumPy and safetensors write them (`tests/data/make_word_vector_fixtures.py`),
//! and their cards.

#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it did not expect"
)]

use glassbox::files::card::Card;
use glassbox::files::word_vectors::{Rows, WordVectors};
use glassbox::refusal::Result;
use std::ops::ControlFlow;
use std::path::PathBuf;

const WORDS: [&str; 5] = ["the", "New_York", "Österreich", "東京", "kitten"];

fn fixture(name: &str) -> PathBuf {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/word_vectors");
    PathBuf::from(folder).join(name)
}

fn open(name: &str) -> Result<WordVectors> {
    WordVectors::open(&fixture(name), &mut |_| ControlFlow::Continue(()))
}

/// Number `j` of row `i`, as the script that made the files has it.
fn number(i: usize, j: usize) -> f32 {
    ((4 * i + j) as f32 - 7.25) / 8.0
}

#[test]
fn every_format_gives_the_words_and_the_numbers_its_own_program_saved() {
    for (name, format) in [
        ("gensim.bin", "word2vec binary"),
        ("gensim.txt", "word2vec text"),
        ("glove.txt", "GloVe text"),
        ("f32.npy", "NumPy array"),
        ("f64.npy", "NumPy array"),
        ("f16.npy", "NumPy array"),
        ("listed.safetensors", "safetensors"),
        ("inside.safetensors", "safetensors"),
    ] {
        let set = open(name).unwrap();
        assert_eq!((set.len(), set.width()), (5, 4), "{name}");
        assert_eq!(set.format(), format);
        for (i, word) in WORDS.into_iter().enumerate() {
            assert_eq!(set.word(i), word, "{name}");
            assert_eq!(set.index(word), Some(i), "{name}");
            let mut row = [0.0; 4];
            set.row(i, &mut row);
            let expected: [f32; 4] = std::array::from_fn(|j| number(i, j));
            assert_eq!(row, expected, "{name}");
            let norm = expected.iter().map(|x| x * x).sum::<f32>().sqrt();
            assert!((set.norms()[i] - norm).abs() < 1e-6, "{name}");
        }
        assert!(set.check().is_ok());
    }
}

#[test]
fn half_precision_stays_half_precision() {
    let set = open("f16.npy").unwrap();
    let Rows::F16 { values } = set.rows() else {
        unreachable!("{:?}", set.rows())
    };
    assert_eq!(values.len(), 20);
    assert_eq!(values[16], 0x3c60); // 1.09375
}

#[test]
fn what_a_file_says_of_itself_is_told() {
    let set = open("inside.safetensors").unwrap();
    assert_eq!(
        (set.name(), set.source()),
        ("five words", "made by a test.")
    );
    let listed = open("listed.safetensors").unwrap();
    assert!(listed.notes()[0].contains("`listed.json`"));
}

#[test]
fn other_orders_of_bytes_and_columns_are_refused_with_the_line_that_mends_them() {
    for (name, next) in [
        ("big_endian.npy", "astype('<f4')"),
        ("columns.npy", "ascontiguousarray"),
    ] {
        let refusal = open(name).unwrap_err();
        assert!(refusal.next.contains(next), "{refusal}");
    }
}

#[test]
fn a_card_tells_how_many_words_there_are_before_they_are_read() {
    for (name, dtype, words_in) in [
        ("gensim.bin", "F32", None),
        ("gensim.txt", "text", None),
        ("f32.npy", "F32", Some("words.txt")),
        ("listed.safetensors", "F32", Some("listed.json")),
        ("inside.safetensors", "F32", None),
    ] {
        let card = Card::of(&fixture(name)).unwrap();
        assert_eq!(card.kind, "word vectors", "{name}");
        assert_eq!(card.usable_as, ["embeddings"], "{name}");
        assert_eq!(card.n_parameters, 20, "{name}");
        assert_eq!(card.dtype_counts[0].0, dtype, "{name}");
        let notes = card.notes.join(" ");
        assert!(notes.contains("5 words, 4 numbers each"), "{name}: {notes}");
        assert_eq!(
            notes.contains("Its words are those of"),
            words_in.is_some(),
            "{name}"
        );
        assert!(
            notes.contains(words_in.unwrap_or_default()),
            "{name}: {notes}"
        );
    }
    let card = Card::of(&fixture("glove.txt")).unwrap();
    assert!(card.notes[0].starts_with("About "), "{:?}", card.notes);
}

#[test]
fn the_built_in_set_has_a_card() {
    let card = Card::of_built_in_vectors().unwrap();
    assert_eq!(card.usable_as, ["embeddings"]);
    assert!(
        card.notes
            .iter()
            .any(|note| note.contains("50,036 words, 100 numbers each"))
    );
    assert!(
        card.notes.iter().any(|note| note.contains("PDDL")),
        "{:?}",
        card.notes
    );
}
