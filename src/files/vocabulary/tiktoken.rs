//! tiktoken's vocabulary files: a line per token, its bytes in base64 and its rank, which is its id.

use super::Vocabulary;
use crate::refusal::{Refusal, Result};

/// Ids beyond this are no vocabulary; the largest known has 201,088.
const MAX_ID: u32 = 1 << 20;

const ASSUMED: &str = "A file of ranks does not say how text is split before BPE, nor which special \
                       tokens there are: GPT-4's way of splitting and no special tokens are assumed.";

/// A published vocabulary, known by how many ranks its file has.
struct Published {
    n_ranks: usize,
    name: &'static str,
    split: &'static str,
    special_tokens: &'static [(u32, &'static str)],
}

const PUBLISHED: [Published; 4] = [
    Published {
        n_ranks: 50_256,
        name: "gpt2",
        split: "gpt2",
        special_tokens: &[(50_256, "<|endoftext|>")],
    },
    Published {
        n_ranks: 50_280,
        name: "p50k",
        split: "gpt2",
        special_tokens: &[(50_256, "<|endoftext|>")],
    },
    Published {
        n_ranks: 100_256,
        name: "cl100k",
        split: "cl100k",
        special_tokens: &[
            (100_257, "<|endoftext|>"),
            (100_258, "<|fim_prefix|>"),
            (100_259, "<|fim_middle|>"),
            (100_260, "<|fim_suffix|>"),
            (100_264, "<|im_start|>"),
            (100_265, "<|im_end|>"),
            (100_276, "<|endofprompt|>"),
        ],
    },
    Published {
        n_ranks: 199_998,
        name: "o200k",
        split: "o200k",
        special_tokens: &[(199_999, "<|endoftext|>"), (200_018, "<|endofprompt|>")],
    },
];

/// Reads a file of ranks. The split pattern and the special tokens are not in it: they are those of
/// the published vocabulary with as many ranks; any other is split as cl100k and has none.
///
/// # Errors
/// A line that is not base64, a space and a rank; a rank or token given twice; no line at all.
pub fn read(name: &str, text: &[u8]) -> Result<Vocabulary> {
    let mut tokens: Vec<Vec<u8>> = Vec::new();
    let mut n_ranks = 0;
    for (i, line) in text.split(|&byte| byte == b'\n').enumerate() {
        let line = line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        let wrong = |why: &str| refuse(name, &format!("Line {} {why}.", i + 1));
        let (token, rank) =
            parse(line).ok_or_else(|| wrong("is not a token in base64, a space and its rank"))?;
        if rank > MAX_ID {
            return Err(wrong(&format!("gives the rank {rank}, beyond {MAX_ID}")));
        }
        let id = rank as usize;
        if tokens.len() <= id {
            tokens.resize(id + 1, Vec::new());
        }
        if !tokens[id].is_empty() {
            return Err(wrong(&format!("gives the rank {rank} a second time")));
        }
        tokens[id] = token;
        n_ranks += 1;
    }
    if n_ranks == 0 {
        return Err(refuse(name, "It holds no token."));
    }
    let published = PUBLISHED.iter().find(|known| known.n_ranks == n_ranks);
    let specials = published.map_or(&[][..], |known| known.special_tokens);
    for &(id, text) in specials {
        let id = id as usize;
        if tokens.len() <= id {
            tokens.resize(id + 1, Vec::new());
        }
        tokens[id] = text.as_bytes().to_vec();
    }
    let ends = specials.iter().filter(|(_, text)| *text == "<|endoftext|>");
    let eos: Vec<u32> = ends.map(|(id, _)| *id).collect();
    Ok(Vocabulary {
        name: published.map_or(name, |known| known.name).to_owned(),
        tokens,
        special_tokens: specials
            .iter()
            .map(|(id, text)| (*id, (*text).to_owned()))
            .collect(),
        split: published.map_or("cl100k", |known| known.split).to_owned(),
        bos: eos.first().copied(),
        eos,
        assumed: if published.is_some() {
            Vec::new()
        } else {
            vec![ASSUMED.to_owned()]
        },
        ..Vocabulary::default()
    })
}

fn refuse(name: &str, evidence: &str) -> Refusal {
    Refusal::unchanged(
        format!("“{name}” is not a vocabulary in tiktoken's format"),
        evidence,
        "Get the file again, or choose another vocabulary.",
    )
}

/// `IQ== 0` → (`!`, 0).
fn parse(line: &[u8]) -> Option<(Vec<u8>, u32)> {
    let space = line.iter().position(|&byte| byte == b' ')?;
    let rank = std::str::from_utf8(&line[space + 1..]).ok()?;
    let token = base64(&line[..space])?;
    (!token.is_empty()).then_some((token, rank.parse().ok()?))
}

/// Standard base64 (RFC 4648) with its padding.
pub(super) fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let padding = text.iter().rev().take_while(|&&byte| byte == b'=').count();
    if !text.len().is_multiple_of(4) || padding > 2 {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    for group in text.as_chunks::<4>().0 {
        let mut bits = 0_u32;
        for (i, &byte) in group.iter().enumerate() {
            let value = match byte {
                b'A'..=b'Z' => byte - b'A',
                b'a'..=b'z' => byte - b'a' + 26,
                b'0'..=b'9' => byte - b'0' + 52,
                b'+' => 62,
                b'/' => 63,
                b'=' if i >= 2 => 0,
                _ => return None,
            };
            bits = bits << 6 | u32::from(value);
        }
        bytes.extend_from_slice(&bits.to_be_bytes()[1..]);
    }
    bytes.truncate(bytes.len() - padding);
    let inner = text.iter().position(|&byte| byte == b'=');
    inner
        .is_none_or(|at| at + padding == text.len())
        .then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_agrees_with_the_examples_of_rfc_4648() {
        let examples = [
            ("", ""),
            ("Zg==", "f"),
            ("Zm8=", "fo"),
            ("Zm9v", "foo"),
            ("Zm9vYmE=", "fooba"),
            ("Zm9vYmFy", "foobar"),
        ];
        for (encoded, plain) in examples {
            assert_eq!(base64(encoded.as_bytes()).unwrap(), plain.as_bytes());
        }
        for wrong in ["Zg=", "Z===", "====", "Zg==Zg==", "Zm8*", "Z=8="] {
            assert_eq!(base64(wrong.as_bytes()), None, "{wrong}");
        }
    }

    #[test]
    fn a_file_that_is_wrong_is_refused_with_its_line() {
        let refused = |text: &str| read("x.tiktoken", text.as_bytes()).unwrap_err().evidence;
        assert!(refused("IQ== 0\nIg== x").starts_with("Line 2 "));
        assert!(refused("IQ== 0\n\nIg== 0").contains("Line 3 gives the rank 0 a second time"));
        assert!(refused("IQ== 4294967295").contains("beyond"));
        assert!(refused("IQ== 99999999999").starts_with("Line 1 "));
        assert_eq!(refused(""), "It holds no token.");
        assert_eq!(
            read("x", b"IQ== 1\r\nIg== 0\n").unwrap().tokens,
            [b"\"", b"!"]
        );
    }
}
