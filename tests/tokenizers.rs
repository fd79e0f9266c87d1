//! Token ids against other implementations: tiktoken-rs 0.12.1 (which has the vocabularies, patterns
//! and merging of tiktoken 0.12) for GPT-2, GPT-4 and GPT-4o, and Hugging Face's tokenizers 0.23.2 for
//! `SmolLM2`, built from the vocabulary and merges of its file.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test says what it skips, and fails loudly"
)]

use glassbox::files::vocabulary::Vocabulary;
use glassbox::labs::tokenizer::{Specials, Tokenizer};
use glassbox::rng::Rng;
use proptest::prelude::*;
use std::path::Path;
use std::sync::LazyLock;
use tiktoken_rs::CoreBPE;
use tokenizers::models::bpe::{BPE, Vocab};
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::digits::Digits;
use tokenizers::pre_tokenizers::sequence::Sequence;

const SMOLLM2: &str = "models/SmolLM2-135M-Instruct.Q4_1.gguf";
const MOBY_DICK: &str = "../shared/reference/text/moby_dick.txt";

/// Ours beside the implementation it must agree with.
struct Pair {
    ours: Tokenizer,
    oracle: Oracle,
}

enum Oracle {
    Tiktoken(&'static CoreBPE),
    HuggingFace(Box<tokenizers::Tokenizer>),
}

static PAIRS: LazyLock<Vec<Pair>> = LazyLock::new(|| {
    let built_in = [
        ("gpt2", tiktoken_rs::r50k_base_singleton()),
        ("cl100k", tiktoken_rs::cl100k_base_singleton()),
        ("o200k", tiktoken_rs::o200k_base_singleton()),
    ];
    let mut pairs: Vec<Pair> = built_in
        .into_iter()
        .map(|(name, oracle)| Pair {
            ours: Tokenizer::open(name).unwrap(),
            oracle: Oracle::Tiktoken(oracle),
        })
        .collect();
    if Path::new(SMOLLM2).is_file() {
        let vocabulary = Vocabulary::open(Path::new(SMOLLM2)).unwrap();
        pairs.push(Pair {
            oracle: Oracle::HuggingFace(Box::new(hugging_face(&vocabulary))),
            ours: Tokenizer::new(vocabulary).unwrap(),
        });
    } else {
        println!("skipped: {SMOLLM2} is not here, so SmolLM2's vocabulary is not compared");
    }
    pairs
});

/// `SmolLM2`'s tokenizer.json has BPE after `Digits { individual_digits: true }` and `ByteLevel`.
fn hugging_face(vocabulary: &Vocabulary) -> tokenizers::Tokenizer {
    let letters = byte_letters();
    let spelled = |id: usize| -> String {
        let bytes = vocabulary.tokens[id].iter();
        bytes.map(|&byte| letters[usize::from(byte)]).collect()
    };
    let ids = 0..vocabulary.tokens.len();
    let vocab: Vocab = ids.map(|id| (spelled(id), id as u32)).collect();
    let merges = vocabulary.merges.iter();
    let merges = merges.map(|&(left, right, _)| (spelled(left as usize), spelled(right as usize)));
    let bpe = BPE::builder().vocab_and_merges(vocab, merges.collect());
    let mut tokenizer = tokenizers::Tokenizer::new(bpe.build().unwrap());
    tokenizer.with_pre_tokenizer(Some(Sequence::new(vec![
        Digits::new(true).into(),
        ByteLevel::new(false, true, true).into(),
    ])));
    tokenizer
}

/// The letters by which GPT-2's files write bytes: printable ones as themselves, the others from
/// U+0100 on.
fn byte_letters() -> Vec<char> {
    let mut others = '\u{100}'..;
    (0..=255_u8)
        .map(|byte| match byte {
            b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff => char::from(byte),
            _ => others.next().unwrap(),
        })
        .collect()
}

fn compare(text: &str) {
    for Pair { ours, oracle } in &*PAIRS {
        let name = &ours.vocabulary().name;
        let ids = ours.encode(text, Specials::AsText);
        let expected = match oracle {
            Oracle::Tiktoken(oracle) => oracle.encode_ordinary(text),
            Oracle::HuggingFace(oracle) => {
                oracle.encode_fast(text, false).unwrap().get_ids().to_vec()
            }
        };
        if ids != expected {
            let differs = ids
                .iter()
                .zip(&expected)
                .take_while(|(a, b)| a == b)
                .count();
            let until = ours.decode(&ids[..differs]).unwrap().len();
            let around: String = text.chars().take(200).collect();
            assert_eq!(
                ids.get(differs..(differs + 8).min(ids.len())),
                expected.get(differs..(differs + 8).min(expected.len())),
                "{name}: from byte {until} of {around:?}"
            );
        }
        let unknown = ours.unknown_bytes(text);
        let mut bytes = text.as_bytes().to_vec();
        bytes.retain(|byte| !unknown.contains(byte));
        assert_eq!(
            ours.decode(&ids).unwrap(),
            bytes,
            "{name}: {:?}",
            text.chars().take(200)
        );
        let pieces = ours.pieces(text, Specials::AsText);
        assert!(pieces.iter().map(|piece| piece.id).eq(ids));
        for piece in &pieces {
            let mut place = text.as_bytes()[piece.start..piece.end].to_vec();
            place.retain(|byte| !unknown.contains(byte));
            assert_eq!(place, ours.token_bytes(piece.id));
        }
    }
}

/// What has made tokenizers disagree: every kind of space, digit, apostrophe, mark and joiner.
const ATOMS: &[&str] = &[
    " ",
    "  ",
    "   ",
    "\n",
    "\r\n",
    "\r",
    "\t",
    "\u{b}",
    "\u{c}",
    "\u{85}",
    "\u{a0}",
    "\u{1680}",
    "\u{2003}",
    "\u{2028}",
    "\u{2029}",
    "\u{202f}",
    "\u{3000}",
    "\u{200b}",
    "\u{200c}",
    "\u{200d}",
    "\u{feff}",
    "\u{180e}",
    "\u{1c}",
    "\u{1f}",
    "\0",
    "\u{7f}",
    "\u{ad}",
    "\u{fffd}",
    "\u{fffe}",
    "\u{10ffff}",
    "\u{e000}",
    "'",
    "''",
    "’",
    "'s",
    "'S",
    "'ſ",
    "’s",
    "'t",
    "'re",
    "'RE",
    "'rE",
    "'ve",
    "'m",
    "'ll",
    "'LL",
    "'lL",
    "'d",
    "'l",
    "'r",
    "'v",
    "'K",
    "'k",
    "´s",
    "`s",
    "ʼs",
    "a",
    "B",
    "hello",
    "World",
    "HTTP",
    "camelCase",
    "iPhone",
    "ß",
    "ẞ",
    "ǅ",
    "ŉ",
    "İ",
    "ı",
    "ﬁ",
    "Σς",
    "ʰ",
    "ª",
    "º",
    "ß's",
    "é",
    "e\u{301}",
    "\u{301}",
    "\u{301}\u{302}",
    "\u{20dd}",
    "\u{93f}",
    "का",
    "क्ष",
    "ไทย",
    "ภาษา",
    "中文",
    "日本語",
    "カタカナ",
    "한국어",
    "각",
    "العربية",
    "עברית",
    "\u{5b0}",
    "ქართული",
    "Ქ",
    "հայերեն",
    "ᏣᎳᎩ",
    "ꭰ",
    "አማርኛ",
    "தமிழ்",
    "မြန်မာ",
    "ខ្មែរ",
    "བོད་",
    "𐐀𐐨",
    "𝒜𝓫",
    "𝟘𝟙",
    "Ⅷ",
    "ⅷ",
    "①",
    "½",
    "²",
    "٣٤",
    "१२३",
    "〇",
    "一二",
    "𒐀",
    "0",
    "1",
    "12",
    "123",
    "1234",
    "1234567",
    "3.14",
    "1,000",
    "０１２",
    "!",
    "?!",
    "...",
    "…",
    "--",
    "—",
    "/",
    "//",
    "\\n",
    "#",
    "@",
    "$",
    "€",
    "£",
    "\"",
    "“",
    "”",
    "«",
    "(",
    ")",
    "_",
    "__",
    "*",
    "<|endoftext|>",
    "<|im_start|>",
    "http://a.b/c?d=e",
    "😀",
    "👍🏽",
    "👨‍👩‍👧‍👦",
    "🇫🇷",
    "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "❤️",
    "☎",
    "1️⃣",
    "🫠",
    "\u{1f3fb}",
    "\u{fe0f}",
    "♂️",
    "→",
    "∑",
    "±",
    "º",
];

fn random_text(rng: &mut Rng, n_atoms: usize) -> String {
    (0..n_atoms)
        .filter_map(|_| rng.pick(ATOMS))
        .copied()
        .collect()
}

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
