//! Learning against the trainer of Hugging Face's tokenizers 0.23: the same merges in the same order.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test says what it skips, and fails loudly"
)]

use glassbox::labs::bpe_learning::{Recipe, train};
use glassbox::rng::Rng;
use std::ops::ControlFlow;
use tokenizers::models::TrainerWrapper;
use tokenizers::models::bpe::{BPE, BpeTrainer};
use tokenizers::pre_tokenizers::byte_level::ByteLevel;

const MOBY_DICK: &str = "../shared/reference/text/moby_dick.txt";

/// Their merges, as the visible letters of `tokenizer.json`.
fn theirs(text: &str, n_merges: usize) -> Vec<(String, String)> {
    let by_bytes = ByteLevel::new(false, true, true);
    let mut tokenizer = tokenizers::Tokenizer::new(BPE::default());
    tokenizer.with_pre_tokenizer(Some(by_bytes));
    let trainer = BpeTrainer::builder()
        .vocab_size(256 + n_merges)
        .initial_alphabet(ByteLevel::alphabet().into_iter().collect())
        .show_progress(false)
        .build();
    let mut trainer = TrainerWrapper::BpeTrainer(trainer);
    // Parts end where a line break is between two letters, as no pattern looks across that.
    let mut parts = vec![String::new()];
    for line in text.split_inclusive('\n') {
        let last = parts.last_mut().unwrap();
        let begins = line.starts_with(|c: char| c.is_ascii_alphabetic());
        let ends = last.ends_with('\n')
            && last.len() > 1
            && last.as_bytes()[last.len() - 2].is_ascii_alphabetic();
        if last.len() > 10_000 && begins && ends {
            parts.push(line.to_owned());
        } else {
            last.push_str(line);
        }
    }
    assert_eq!(parts.concat(), text);
    tokenizer.train(&mut trainer, parts.into_iter()).unwrap();
    let file: serde_json::Value =
        serde_json::from_str(&tokenizer.to_string(false).unwrap()).unwrap();
    let merges = file["model"]["merges"].as_array().unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    merges
        .iter()
        .map(|pair| (text(&pair[0]), text(&pair[1])))
        .collect()
}

/// Ours, in the same letters.
fn ours(text: &str, n_merges: usize) -> Vec<(String, String)> {
    let recipe = Recipe {
        n_merges,
        split: "gpt2".into(),
        ties_as_tokenizers: true,
    };
    let learned = train(text, &recipe, &mut |_| ControlFlow::Continue(()))
        .unwrap()
        .learned;
    let mut alphabet: Vec<char> = ByteLevel::alphabet().into_iter().collect();
    alphabet.sort_unstable();
    // In order of their letters, visible bytes first.
    let mut bytes: Vec<u8> = (0..=255).collect();
    bytes.sort_by_key(|b| !matches!(b, b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff));
    let mut letters = ['\0'; 256];
    for (byte, letter) in bytes.into_iter().zip(alphabet) {
        letters[usize::from(byte)] = letter;
    }
    let name = |id: u32| -> String {
        let bytes = &learned.tokens[id as usize];
        bytes
            .iter()
            .map(|&byte| letters[usize::from(byte)])
            .collect()
    };
    learned
        .merges
        .iter()
        .map(|&(l, r, _)| (name(l), name(r)))
        .collect()
}

/// 5 MB of sentences in a language made up by `seed`: rare words, common words (Zipf's law), letters
/// of one to four bytes, numbers, code, odd spaces.
fn made_up_text(seed: u64) -> String {
    let mut rng = Rng::new(seed, "text");
    let letters: Vec<char> = "eeeetttaaoinshrdlucmfwypvbgk\u{e9}\u{f8}\u{430}\u{4f60}\u{1f600}"
        .chars()
        .collect();
    let words: Vec<String> = (0..30_000)
        .map(|_| {
            (0..2 + rng.below(8))
                .map(|_| *rng.pick(&letters).unwrap())
                .collect()
        })
        .collect();
    let mut text = String::new();
    while text.len() < 5_000_000 {
        // Rank r stands about 1 / r times as often as the first.
        let rank = (words.len() as f64).powf(rng.uniform()) as usize;
        text += &words[rank.min(words.len() - 1)];
        match rng.below(60) {
            0 => text += ".\n\n  ",
            1 => text += ",  ",
            2 => text += &[" ", &rng.below(100_000).to_string(), " "].concat(),
            3 => text += "();\r\n\t",
            4 => text += "'s ",
            5 => text += "\n",
            _ => text += " ",
        }
    }
    text
}

#[test]
fn the_merges_of_five_megabytes_are_those_of_tokenizers_ties_included() {
    let text = made_up_text(3);
    let (ours, theirs) = (ours(&text, 6000), theirs(&text, 6000));
    assert_eq!(ours.len(), 6000);
    assert!(
        ours == theirs,
        "first difference at merge {:?}",
        ours.iter().zip(&theirs).position(|(a, b)| a != b)
    );
}

#[test]
fn a_novels_merges_are_those_of_tokenizers() {
    let Ok(text) = std::fs::read_to_string(MOBY_DICK) else {
        println!("skipped: {MOBY_DICK} is not here");
        return;
    };
    let (ours, theirs) = (ours(&text, 8000), theirs(&text, 8000));
    assert!(
        ours == theirs,
        "first difference at merge {:?}",
        ours.iter().zip(&theirs).position(|(a, b)| a != b)
    );
}
