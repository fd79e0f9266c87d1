//! Token ids against other implementations: tiktoken-rs 0.12.1 (which has the vocabularies, patterns
//! and merging of tiktoken 0.12) for GPT-2, GPT-4 and GPT-4o, and Hugging Face's tokenizers 0.23.2 for
//! `SmolLM2`, built from the vocabulary and merges of its file.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test says what it skips, and fails loudly"
)]

mod oracles;
mod published;
mod splits;
mod texts;

use glassbox::algo::bpe::Bpe;
use glassbox::labs::tokenizer::Tokenizer;
use glassbox::rng::Rng;
use oracles::compare;
use proptest::prelude::*;
use texts::{ATOMS, random_text};

const MOBY_DICK: &str = "../shared/reference/text/moby_dick.txt";

#[test]
fn mixtures_of_everything_difficult_have_the_oracles_ids() {
    let mut rng = Rng::new(0, "tokenizers");
    for _ in 0..6_000 {
        let n_atoms = 1 + rng.below(12);
        compare(&random_text(&mut rng, n_atoms));
    }
    for atom in ATOMS {
        for other in ATOMS {
            compare(&format!("{atom}{other}"));
        }
    }
    for _ in 0..20 {
        compare(&random_text(&mut rng, 2_000));
    }
}

#[test]
fn every_character_of_unicode_has_the_oracles_ids_in_every_company() {
    // The planes that hold anything, and one that holds nothing.
    let planes = ('\0'..='\u{33ff0}')
        .chain('\u{e0000}'..='\u{e0fff}')
        .chain('\u{f0000}'..='\u{f00ff}');
    let mut text = String::new();
    for letter in planes {
        text.extend([
            letter, ' ', letter, 'a', letter, 'B', letter, letter, '1', letter, '\'', letter,
        ]);
        text.extend(["'s", " ", "!", "\n"]);
        if text.len() > 4_000 {
            compare(&text);
            text.clear();
        }
    }
    compare(&text);
}

#[test]
fn white_space_and_digits_of_every_length_have_the_oracles_ids() {
    for space in [" ", "\n", "\t", "\r\n", "\u{a0}", "\u{3000}", " \n", "\n "] {
        for n in (0..40).chain([63, 64, 65, 127, 128, 129, 500]) {
            let run = space.repeat(n);
            compare(&run);
            compare(&format!("a{run}b{run}7{run}!{run}"));
        }
    }
    for n in 0..40 {
        let digits: String = "31415926535897932384626433832795028841971"
            .chars()
            .take(n)
            .collect();
        compare(&digits);
        compare(&format!("x{digits} {digits}  {digits}\n{digits}y٣{digits}"));
    }
}

#[test]
fn texts_of_any_size_have_the_oracles_ids() {
    compare("");
    compare(&" ".repeat(100_000));
    compare(&format!("a{}b", " ".repeat(100_000)));
    compare(&"\n".repeat(10_000));
    compare(&"a".repeat(1 << 20));
    compare(&"7".repeat(10_000));
    compare(&"!?".repeat(10_000));
    compare(&"한".repeat(20_000));
    let mut rng = Rng::new(1, "tokenizers");
    let letters: String = (0..1 << 20)
        .map(|_| char::from(b'a' + rng.below(26) as u8))
        .collect();
    compare(&letters);
    let chinese: String = (0..40_000)
        .filter_map(|_| char::from_u32(0x4e00 + rng.below(3000) as u32))
        .collect();
    compare(&chinese);
    let two: String = (0..100_000).filter_map(|_| rng.pick(&['a', 'b'])).collect();
    compare(&two);
}

/// Words that hold every byte, valid as text or not, each as one piece.
#[test]
fn bytes_of_any_kind_come_back_from_their_tokens() {
    let mut rng = Rng::new(2, "tokenizers");
    for name in ["gpt2", "cl100k", "o200k"] {
        let mut tokens = Tokenizer::open(name).unwrap().vocabulary().tokens.clone();
        tokens.truncate(if name == "gpt2" { 50_256 } else { 100_256 });
        let bpe = Bpe::from_ranks(&tokens);
        for n_bytes in (0..300).chain([10_000, 1 << 20]) {
            let bytes: Vec<u8> = (0..n_bytes).map(|_| rng.below(256) as u8).collect();
            let mut ids = Vec::new();
            bpe.encode(&bytes, &mut ids);
            let back = ids.iter().flat_map(|&id| &tokens[id as usize]);
            assert!(back.eq(&bytes), "{name}: {n_bytes} bytes");
        }
    }
}

#[test]
fn a_whole_book_has_the_oracles_ids() {
    let Ok(book) = std::fs::read_to_string(MOBY_DICK) else {
        println!("skipped: {MOBY_DICK} is not here");
        return;
    };
    compare(&book);
    book.lines().for_each(compare);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn any_text_has_the_oracles_ids(text in any::<String>()) {
        compare(&text);
    }

    #[test]
    fn any_mixture_has_the_oracles_ids(atoms in proptest::collection::vec(proptest::sample::select(ATOMS), 0..8)) {
        compare(&atoms.concat());
    }
}
