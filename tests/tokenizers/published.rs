//! Ids that others published, and special tokens.

use crate::oracles::{Oracle, PAIRS};
use glassbox::labs::tokenizer::{Specials, Tokenizer};

#[test]
fn known_texts_have_the_published_ids() {
    let encode = |vocab, text| {
        Tokenizer::open(vocab)
            .unwrap()
            .encode(text, Specials::AsText)
    };
    let texts = |vocab: &str, text| -> Vec<String> {
        let tokenizer = Tokenizer::open(vocab).unwrap();
        let ids = tokenizer.encode(text, Specials::AsText);
        let bytes = ids.iter().map(|&id| tokenizer.token_bytes(id));
        bytes
            .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
            .collect()
    };
    assert_eq!(texts("gpt2", " reinjury"), [" rein", "jury"]);
    // "i n d" was learned before "Ġre in", so the two words part early.
    assert_eq!(texts("gpt2", " reindeer"), [" re", "ind", "eer"]);
    assert_eq!(
        encode("cl100k", "hello123!!!? (안녕하세요!) 😉"),
        [
            15339, 4513, 12340, 30, 320, 31495, 230, 75265, 243, 92245, 16715, 57037
        ]
    );
    let mixed = texts("cl100k", "Who'd use \"后\" vs. \"後\"?");
    assert_eq!(
        mixed,
        [
            "Who", "'d", " use", " \"", "后", "\"", " vs", ".", " \"", "後", "\"?"
        ]
    );
    let strawberries = [
        "strawberry",
        " strawberry",
        "Strawberry",
        " Strawberry",
        "\"strawberry",
        "STRAWBERRY",
    ];
    let mut seen: Vec<_> = strawberries
        .iter()
        .map(|text| encode("cl100k", text))
        .collect();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), strawberries.len());
}

#[test]
fn special_tokens_are_found_where_tiktoken_finds_them() {
    for pair in PAIRS.iter() {
        let Oracle::Tiktoken(oracle) = pair.oracle else {
            continue;
        };
        for text in [
            "<|endoftext|>",
            " <|endoftext|> a<|endoftext|><|endoftext|>b<|endoftext",
            "<|<|endoftext|>|>",
        ] {
            assert_eq!(
                pair.ours.encode(text, Specials::Parse),
                oracle.encode_with_special_tokens(text)
            );
        }
    }
}
