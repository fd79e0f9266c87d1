//! Ids that people have published, and what is refused.

use super::*;

fn gpt2() -> Tokenizer {
    Tokenizer::built_in("gpt2").unwrap().unwrap()
}

#[test]
fn known_texts_have_the_ids_people_have_published() {
    let known: [(&str, &[u32]); 5] = [
        (" is", &[318]),
        (" quickly", &[2952]),
        (
            "Data visualization empowers users to",
            &[6601, 32704, 795, 30132, 2985, 284],
        ),
        (
            "Artificial Intelligence is transforming the",
            &[8001, 9542, 9345, 318, 25449, 262],
        ),
        (
            "As the spaceship was approaching the",
            &[1722, 262, 40663, 373, 13885, 262],
        ),
    ];
    let tokenizer = gpt2();
    for (text, ids) in known {
        assert_eq!(tokenizer.encode(text, Specials::AsText), ids, "{text}");
        assert_eq!(tokenizer.decode(ids).unwrap(), text.as_bytes());
    }
    let cl100k = Tokenizer::built_in("cl100k").unwrap().unwrap();
    assert_eq!(
        cl100k.encode("hello123!!!? (안녕하세요!) 😉", Specials::AsText),
        [
            15339, 4513, 12340, 30, 320, 31495, 230, 75265, 243, 92245, 16715, 57037
        ]
    );
}

#[test]
fn pieces_touch_and_cover_the_text_even_inside_characters() {
    let text = "naïve 안녕 😉";
    let pieces = gpt2().pieces(text, Specials::AsText);
    assert_eq!(pieces.first().unwrap().start, 0);
    assert_eq!(pieces.last().unwrap().end, text.len());
    assert!(pieces.windows(2).all(|pair| pair[0].end == pair[1].start));
    assert!(
        pieces
            .iter()
            .any(|piece| !text.is_char_boundary(piece.start))
    );
}

#[test]
fn special_tokens_are_text_unless_asked_for() {
    let tokenizer = gpt2();
    let text = "a<|endoftext|>b<|endoftext|";
    let ids = tokenizer.encode(text, Specials::Parse);
    assert_eq!(ids[..3], [64, 50256, 65]);
    assert!(!tokenizer.encode(text, Specials::AsText).contains(&50256));
    assert!(tokenizer.is_special(50256) && !tokenizer.is_special(64));
    assert_eq!(tokenizer.decode(&ids).unwrap(), text.as_bytes());
    assert_eq!(tokenizer.words(text, Specials::Parse)[..2], [0..1, 14..15]);
    let cl100k = Tokenizer::built_in("cl100k").unwrap().unwrap();
    assert_eq!(
        cl100k.encode("<|im_start|><|im_end|>", Specials::Parse),
        [100_264, 100_265]
    );
}

#[test]
fn ids_outside_the_vocabulary_are_refused() {
    assert!(gpt2().decode(&[50256]).is_ok());
    let refusal = gpt2().decode(&[318, 50257]).unwrap_err();
    assert_eq!(refusal.what, "The vocabulary “gpt2” has no token 50257");
}

#[test]
fn an_unknown_split_is_refused_by_name() {
    let mut vocabulary = gpt2().vocabulary().clone();
    vocabulary.split = "llama-bpe".into();
    let refusal = Tokenizer::new(vocabulary).unwrap_err();
    assert!(refusal.evidence.contains("llama-bpe"));
}

#[test]
fn a_name_that_nothing_has_is_refused_with_those_there_are() {
    let refusal = Tokenizer::open("gpt5").unwrap_err();
    assert_eq!(refusal.what, "There is no vocabulary “gpt5”");
    assert!(refusal.evidence.contains("cl100k"));
    assert!(Tokenizer::open("a/tokenizer.json").is_err());
}

#[test]
fn a_word_comes_with_its_merges() {
    let steps = gpt2().steps(" is", Before::Text);
    let made: Vec<_> = steps.iter().map(|step| step.new).collect();
    assert_eq!(made, [271, 318]);
}
