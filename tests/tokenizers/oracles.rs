//! The implementations that ours must agree with, and the comparison.

use glassbox::files::vocabulary::Vocabulary;
use glassbox::labs::tokenizer::{Specials, Tokenizer};
use std::path::Path;
use std::sync::LazyLock;
use tiktoken_rs::CoreBPE;
use tokenizers::models::bpe::{BPE, Vocab};
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::digits::Digits;
use tokenizers::pre_tokenizers::sequence::Sequence;

const SMOLLM2: &str = "models/SmolLM2-135M-Instruct.Q4_1.gguf";

/// Ours beside the implementation it must agree with.
pub struct Pair {
    pub ours: Tokenizer,
    pub oracle: Oracle,
}

pub enum Oracle {
    Tiktoken(&'static CoreBPE),
    HuggingFace(Box<tokenizers::Tokenizer>),
}

/// All of them.
pub static PAIRS: LazyLock<Vec<Pair>> = LazyLock::new(|| {
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

/// The same ids as the oracles; decoding gives the text; each token stands where its bytes are.
pub fn compare(text: &str) {
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
