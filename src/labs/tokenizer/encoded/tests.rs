//! Texts edited by chance, against the same texts encoded at once.

use super::*;
use crate::rng::Rng;
use std::sync::LazyLock;

static ALL: LazyLock<Vec<Tokenizer>> = LazyLock::new(|| {
    let names = ["gpt2", "cl100k", "o200k", "stories"];
    let mut all: Vec<_> = names
        .iter()
        .map(|name| Tokenizer::open(name).unwrap())
        .collect();
    // SmolLM2's way of splitting, on a vocabulary that is always here.
    let mut digits = all[0].vocabulary().clone();
    digits.split = "smollm".into();
    all.push(Tokenizer::new(digits).unwrap());
    for kind in ["bpe", "unigram", "unigram_bytes"] {
        let path = format!(
            "{}/tests/data/sentence_piece_{kind}.model",
            env!("CARGO_MANIFEST_DIR")
        );
        all.push(Tokenizer::open(&path).unwrap());
    }
    all
});

/// What breaks tokenizers: every class of character next to every other.
const SCRAPS: [&str; 37] = [
    "<s>",
    "▁",
    "whale",
    "a",
    "word",
    "HTTPx",
    "Straße",
    "ǅ",
    "ſ",
    "'",
    "'ll",
    "'ſ",
    "'S",
    "0",
    "1234",
    "½",
    " ",
    "  ",
    "\n",
    "\r\n",
    "\t",
    "\u{a0}",
    "\u{85}",
    "\u{3000}",
    "\u{feff}",
    "\u{301}",
    "!",
    "?!",
    "/",
    "后",
    "🍓",
    "👩\u{200d}🔬",
    "<|endoftext|>",
    "<|endof",
    "text|>",
    "<|im_start|>",
    "¡ \n /",
];

fn check(encoded: &Encoded, tokenizer: &Tokenizer) {
    let whole = Encoded::new(tokenizer, encoded.text.clone(), encoded.specials);
    assert_eq!(encoded.words, whole.words, "{:?}", encoded.text);
    assert_eq!(encoded.tokens, whole.tokens, "{:?}", encoded.text);
}

#[test]
fn a_text_encoded_while_it_is_edited_is_the_text_encoded_at_once() {
    let mut random = Rng::new(7, "edits");
    let mut below = |n: usize| random.below(n);
    for tokenizer in ALL.iter() {
        for specials in [Specials::AsText, Specials::Parse] {
            let mut text = String::new();
            let mut encoded = Encoded::new(tokenizer, String::new(), specials);
            for _ in 0..1200 {
                let place = text.floor_char_boundary(below(text.len() + 1));
                let mut end = place;
                if below(3) == 0 || text.len() > 400 {
                    end = text.ceil_char_boundary((place + below(40)).min(text.len()));
                }
                let mut new = String::new();
                for _ in 0..below(4) {
                    new.push_str(SCRAPS[below(SCRAPS.len())]);
                }
                text.replace_range(place..end, &new);
                encoded.update(tokenizer, &text);
                assert_eq!(encoded.text(), text);
                check(&encoded, tokenizer);
            }
        }
    }
}

#[test]
fn tokens_and_words_are_those_of_the_tokenizer() {
    let text = "Who'd use \"后\" vs. \"後\"? <|endoftext|> 🍓";
    for tokenizer in ALL.iter() {
        for specials in [Specials::AsText, Specials::Parse] {
            let encoded = Encoded::new(tokenizer, text.into(), specials);
            assert_eq!(encoded.tokens(), tokenizer.pieces(text, specials));
            let all = 0..encoded.n_words();
            let words = all.clone().filter(|&i| !encoded.word_is_special(i));
            let words: Vec<_> = words.map(|i| encoded.word(i)).collect();
            assert_eq!(words, tokenizer.words(text, specials));
            for i in all {
                for token in encoded.tokens_of_word(i) {
                    assert_eq!(encoded.word_of_token(token), i);
                }
            }
        }
    }
}

#[test]
fn a_letter_typed_into_a_book_costs_a_few_words() {
    let tokenizer = &ALL[1];
    let mut text = "It was a bright cold day in April, and the clocks. ".repeat(4000);
    let mut encoded = Encoded::new(tokenizer, text.clone(), Specials::Parse);
    for place in [0, 3, 100_000, text.len() - 1, text.len()] {
        text.insert(place, 'x');
        assert!(encoded.cost(tokenizer, &text) < 200);
        let again = encoded.update(tokenizer, &text);
        assert!(again.contains(&place) && again.len() < 200, "{again:?}");
    }
    check(&encoded, tokenizer);
    let len = text.len();
    assert_eq!(encoded.update(tokenizer, &text), len..len);
}
