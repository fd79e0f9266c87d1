//! From the tab's state to what is drawn: pure functions.

pub(super) use crate::widgets::count::{grouped, signed};

use super::side::Side;
use crate::labs::tokenizer::{Piece, Tokenizer, code_point};
use crate::tabs::StatusItem;
use crate::widgets::token_text::visible;

/// A text to try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Preset {
    pub(super) name: &'static str,
    pub(super) text: &'static str,
    pub(super) hint: &'static str,
}

/// What there is to try.
pub(super) const PRESETS: [Preset; 7] = [
    Preset {
        name: "strawberry six ways",
        text: "strawberry Strawberry STRAWBERRY\nstrawberries straw-berry st raw berry",
        hint: "One word, written six ways, is six different rows of numbers: this is why models miscount its letters.",
    },
    Preset {
        name: "reindeer, reinjury",
        text: "reindeer reinjury reindeer's re-injury",
        hint: "“rein” in both, though only one of them is about injury again: merges know frequency, not meaning.",
    },
    Preset {
        name: "digits",
        text: "7 42 365 1984 12345 1234567\n127 + 677 = 804\n3.14159265358979",
        hint: "How a number is cut decides what a model must learn to add. Compare GPT-2, cl100k and SmolLM2.",
    },
    Preset {
        name: "code indentation",
        text: "def f(x):\n    if x > 0:\n        return x * 2\n    else:\n\treturn None\n",
        hint: "GPT-2 spends a token on almost every space; later vocabularies merge the indentation.",
    },
    Preset {
        name: "Who'd use…",
        text: "Who'd use \"后\" vs. \"後\"?",
        hint: "Two Chinese characters of three bytes each: some vocabularies know them whole, others only their bytes.",
    },
    Preset {
        name: "emoji",
        text: "🍓 👩‍🔬 🏳️‍🌈 👍🏽 🇫🇷",
        hint: "One picture may be several characters, and each of those several tokens. Switch the bytes on.",
    },
    Preset {
        name: "eight languages",
        text: "All human beings are born free. Alle Menschen sind frei geboren. Watu wote wamezaliwa huru.\nВсе люди рождаются свободными. يولد جميع الناس أحرارا.\nसभी मनुष्य स्वतन्त्र जन्म लेते हैं। 人人生而自由。 すべての人間は生まれながらにして自由である。",
        hint: "The same thought in eight languages; the vocabulary was not learned from all of them alike.",
    },
];

/// The line over the stage.
pub(super) fn title(vocabulary: Option<&str>, word: Option<&str>, languages: bool) -> String {
    match (vocabulary, word) {
        (None, _) => "Text becomes numbers, piece by piece".into(),
        (Some(name), _) if languages => format!("What it costs to be read by {name}"),
        (Some(name), Some(word)) => {
            format!(
                "How {name} made tokens of “{}”",
                shortened(&visible(word.as_bytes()), 24)
            )
        }
        (Some(name), None) => format!("Your text as the numbers {name} makes of it"),
    }
}

/// The first `most` characters, and … where there are more.
pub(super) fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Value and unit of the four counts of a text: tokens, characters, bytes, characters per token.
pub(super) fn counts(side: &Side) -> [(String, &'static str); 4] {
    let n_tokens = side.encoded().map_or(0, |encoded| encoded.tokens().len());
    let n_bytes = side.encoded().map_or(0, |encoded| encoded.text().len());
    let ratio = match n_tokens {
        0 => "–".to_owned(),
        n => format!("{:.2}", side.n_chars as f64 / n as f64),
    };
    let unit = |n: usize, one, more| if n == 1 { one } else { more };
    [
        (grouped(n_tokens), unit(n_tokens, "token", "tokens")),
        (
            grouped(side.n_chars),
            unit(side.n_chars, "character", "characters"),
        ),
        (grouped(n_bytes), unit(n_bytes, "byte", "bytes")),
        (ratio, "characters per token"),
    ]
}

/// What there is to say of one token, as pairs of a name and a value.
pub(super) fn facts(tokenizer: &Tokenizer, token: Piece) -> Vec<(&'static str, String)> {
    let bytes = tokenizer.token_bytes(token.id);
    let hex: Vec<String> = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
    let special = tokenizer.is_special(token.id);
    let score = tokenizer.score(token.id).filter(|_| !special);
    let rank = match tokenizer.merge_rank(token.id) {
        _ if score.is_some() => {
            let score = score.map_or_else(String::new, signed);
            format!("score {score}: the highest is merged first")
        }
        Some(rank) => format!("merge {} (0 was learned first)", grouped(rank as usize)),
        None if special => "none: it was added by hand".into(),
        None if bytes.len() == 1 => "none: a single byte, there from the start".into(),
        None => "none".into(),
    };
    vec![
        ("id", token.id.to_string()),
        ("rank", rank),
        ("bytes", shortened(&hex.join(" "), 95)),
        ("code points", code_points(bytes)),
        (
            "offset",
            format!("bytes {}–{} of the text", token.start, token.end),
        ),
        (
            "special",
            if special {
                "yes: a sign for the model, not text".into()
            } else {
                "no".into()
            },
        ),
    ]
}

/// "U+0020 SPACE" and "U+0073 LATIN SMALL LETTER S" on lines of their own, with the parts of
/// characters as such.
fn code_points(bytes: &[u8]) -> String {
    const MOST: usize = 8;
    let mut points = Vec::new();
    for chunk in bytes.utf8_chunks() {
        points.extend(chunk.valid().chars().map(code_point));
        match chunk.invalid().len() {
            0 => {}
            1 => points.push("1 byte of a character".into()),
            n => points.push(format!("{n} bytes of a character")),
        }
    }
    let more = points.len().saturating_sub(MOST);
    points.truncate(MOST);
    if more > 0 {
        points.push(format!("and {more} more"));
    }
    points.join("\n")
}

/// Facts for the status line.
pub(super) fn status(side: Option<&Side>) -> Vec<StatusItem> {
    let Some(side) = side else {
        return Vec::new();
    };
    let n_tokens = side.tokenizer.vocabulary().tokens.len();
    vec![
        StatusItem {
            label: "vocabulary".into(),
            value: format!("{} ids", grouped(n_tokens)),
            tooltip: "How many different numbers this vocabulary can make of a text.".into(),
        },
        StatusItem {
            label: "encoded again".into(),
            value: format!("{} bytes", grouped(side.n_bytes_last)),
            tooltip: "How much of the text the last change had encoded again; the rest was kept."
                .into(),
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labs::tokenizer::Specials;

    fn facts_of(text: &str, i: usize) -> Vec<(&'static str, String)> {
        let gpt2 = Tokenizer::open("gpt2").unwrap();
        facts(&gpt2, gpt2.pieces(text, Specials::Parse)[i])
    }

    #[test]
    fn a_token_is_told_by_its_bytes_code_points_rank_and_place() {
        // " is" is token 318 of GPT-2, and its merge has rank 62 in vocab.bpe.
        let facts = facts_of("it is", 1);
        assert_eq!(facts[0].1, "318");
        assert_eq!(facts[1].1, "merge 62 (0 was learned first)");
        assert_eq!(facts[2].1, "20 69 73");
        assert_eq!(
            facts[3].1,
            "U+0020 SPACE\nU+0069 LATIN SMALL LETTER I\nU+0073 LATIN SMALL LETTER S"
        );
        assert_eq!(facts[4].1, "bytes 2–5 of the text");
    }

    #[test]
    fn half_a_character_has_no_code_point() {
        // F0 9F | 8D | 93 in GPT-2: token 8582 is the two bytes that most emoji begin with.
        let facts = facts_of("🍓", 0);
        assert_eq!(facts[0].1, "8582");
        assert_eq!(facts[2].1, "F0 9F");
        assert_eq!(facts[3].1, "2 bytes of a character");
    }

    #[test]
    fn a_special_token_says_that_it_is_one() {
        let facts = facts_of("<|endoftext|>", 0);
        assert_eq!(facts[1].1, "none: it was added by hand");
        assert!(facts[5].1.starts_with("yes"));
    }

    #[test]
    fn long_words_are_cut_in_the_title_and_white_space_is_seen() {
        let title = title(
            Some("GPT-2"),
            Some(" a very long piece of text indeed"),
            false,
        );
        assert_eq!(
            title,
            "How GPT-2 made tokens of “·a·very·long·piece·of·te…”"
        );
    }
}
