//! What a file is, by its first bytes, never by its name.

mod kind;

use super::source::Source;
use crate::refusal::Result;
pub use kind::Kind;

/// Bytes looked at.
const N_LOOKED_AT: u64 = 4096;

/// Looks at the first bytes of `source`.
///
/// # Errors
/// The file cannot be read.
pub fn sniff(source: &Source) -> Result<Kind> {
    let head = source.read(0, source.len().min(N_LOOKED_AT))?;
    Ok(kind_of(&head, source.len()))
}

/// What a file of `len` bytes is that begins with `head`.
#[must_use]
pub fn kind_of(head: &[u8], len: u64) -> Kind {
    if len == 0 {
        return Kind::Empty;
    }
    binary_kind(head, len).unwrap_or_else(|| text_kind(head, len))
}

fn binary_kind(head: &[u8], len: u64) -> Option<Kind> {
    let begins = |magic: &[u8]| head.starts_with(magic);
    let has = |word: &[u8]| head.windows(word.len()).any(|w| w == word);
    Some(match head {
        _ if begins(b"GGUF") => Kind::Gguf,
        _ if begins(b"FUGG") => Kind::GgufBigEndian,
        _ if begins(b"lmgg") || begins(b"fmgg") || begins(b"tjgg") || begins(b"algg") => {
            Kind::LegacyGgml
        }
        _ if begins(b"PK\x03\x04") || begins(b"PK\x05\x06") => {
            if has(b"/data.pkl") {
                Kind::PytorchZip
            } else if has(b".npy") {
                Kind::Npz
            } else {
                Kind::Zip
            }
        }
        _ if begins(b"7z\xbc\xaf\x27\x1c") => Kind::SevenZip,
        _ if begins(b"\x93NUMPY") => Kind::Npy,
        _ if begins(b"\x89HDF\r\n\x1a\n") => Kind::Hdf5,
        _ if begins(b"\x89PNG\r\n\x1a\n") => Kind::Png,
        _ if begins(b"\xff\xd8\xff") => Kind::Jpeg,
        _ if begins(b"GIF87a") || begins(b"GIF89a") => Kind::Gif,
        _ if begins(b"RIFF") && head.get(8..12) == Some(b"WAVE") => Kind::Wav,
        _ if begins(b"fLaC") => Kind::Flac,
        _ if begins(b"OggS") => Kind::Ogg,
        _ if begins(b"ID3") => Kind::Mp3,
        // Before the short marks: a header of 896 bytes begins as a pickle does.
        _ if head.get(4..8) == Some(&[0; 4]) && is_safetensors(head, len) => Kind::Safetensors,
        // A frame header: eleven set bits, a layer and a bit rate that exist.
        [0xff, b, c, ..] if b & 0xe0 == 0xe0 && b & 0x06 != 0 && c >> 4 != 0xf => Kind::Mp3,
        [0x80, 2..=5, ..] => Kind::Pickle,
        // Pickle protocol 0 or 1 of an old torch.save or of pickle.dump.
        _ if begins(b"\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20") || begins(b"ccollections\n") => {
            Kind::Pickle
        }
        _ if is_safetensors(head, len) => Kind::Safetensors,
        _ if is_sentence_piece(head) => Kind::SentencePiece,
        _ if is_word2vec_binary(head) => Kind::Word2VecBinary,
        _ => return None,
    })
}

/// Eight bytes of header length, then JSON. A length that is too large still shows what was meant.
fn is_safetensors(head: &[u8], len: u64) -> bool {
    let Some((length, rest)) = head.split_first_chunk::<8>() else {
        return false;
    };
    let n = u64::from_le_bytes(*length);
    let json = rest
        .iter()
        .find(|b| !b.is_ascii_whitespace())
        .is_some_and(|&b| b == b'{');
    // Text that happens to have `{` at byte 8 has no zero among its first eight bytes.
    json && (n < len || length.contains(&0) || n > 1 << 62)
        || rest.is_empty() && length[3..] == [0; 5] && n > 0
}

/// A protobuf whose first field (1, a message) is a piece: its text (1), and then its score (2, four
/// bytes) or its type (3).
fn is_sentence_piece(head: &[u8]) -> bool {
    let &[0x0a, n_piece, 0x0a, n_text, ref rest @ ..] = head else {
        return false;
    };
    let n_text = usize::from(n_text);
    let follows = rest.get(n_text);
    n_piece < 0x80
        && usize::from(n_piece) >= n_text + 2
        && n_text > 0
        && rest
            .get(..n_text)
            .is_some_and(|text| std::str::from_utf8(text).is_ok())
        && (usize::from(n_piece) == n_text + 2 || matches!(follows, Some(0x15 | 0x18)))
}

/// `vocabulary size, space, width, newline`, and then bytes that are not text.
fn is_word2vec_binary(head: &[u8]) -> bool {
    let Some(end) = head.iter().take(32).position(|&b| b == b'\n') else {
        return false;
    };
    let Ok(first) = std::str::from_utf8(&head[..end]) else {
        return false;
    };
    let numbers: Vec<bool> = first.split(' ').map(|w| w.parse::<u64>().is_ok()).collect();
    numbers == [true, true] && is_binary(&head[end..])
}

fn is_binary(bytes: &[u8]) -> bool {
    if bytes.contains(&0) {
        return true;
    }
    match std::str::from_utf8(bytes) {
        Ok(_) => false,
        Err(e) => e.error_len().is_some(), // not merely cut in the middle of a character
    }
}

fn text_kind(head: &[u8], len: u64) -> Kind {
    if is_binary(head) {
        return Kind::Unknown;
    }
    let head = String::from_utf8_lossy(head);
    let text = head.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with("version https://git-lfs.github.com/spec/") && len < 1024 {
        return Kind::GitLfsPointer;
    }
    if text.starts_with('{') {
        return json_kind(text);
    }
    if is_json_list(text) {
        return Kind::Json;
    }
    let lower = text
        .get(..text.len().min(256))
        .unwrap_or(text)
        .to_ascii_lowercase();
    if lower.starts_with("<!doctype html") || lower.starts_with("<html") || lower.contains("<head")
    {
        return Kind::Html;
    }
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let first = lines.next().unwrap_or("");
    if first.starts_with("#version") {
        return Kind::Merges;
    }
    let mut complete: Vec<&str> = std::iter::once(first).chain(lines).take(8).collect();
    if complete.len() == 1 && (head.len() as u64) < len {
        complete[0] = first.rsplit_once(' ').map_or(first, |(whole, _)| whole); // a number cut in two
    }
    let judged = &complete[..complete.len().max(2) - 1]; // the last may be cut
    if !judged.is_empty() && judged.iter().all(|line| is_rank_line(line)) {
        return Kind::TiktokenRanks;
    }
    if judged.iter().all(|line| is_vector_line(line)) || is_vector_header(&complete) {
        return Kind::WordVectors;
    }
    if judged.len() > 2 && judged.iter().all(|line| is_merge_line(line)) {
        return Kind::Merges;
    }
    Kind::Text
}

/// `[` and then a value; `[package]` begins a configuration in another language.
fn is_json_list(text: &str) -> bool {
    text.strip_prefix('[').is_some_and(|rest| {
        let rest = rest.trim_start();
        let words = ["true,", "false,", "null,"];
        rest.is_empty()
            || rest.starts_with(|c: char| c.is_ascii_digit() || "\"[{]-".contains(c))
            || words.iter().any(|word| rest.starts_with(word))
    })
}

fn json_kind(text: &str) -> Kind {
    let has = |key: &str| text.contains(&format!("\"{key}\""));
    if has("weight_map") || text.contains(".safetensors\"") {
        Kind::ShardIndex
    } else if has("added_tokens") && (has("truncation") || has("model") || has("version")) {
        Kind::TokenizerJson
    } else if has("model_type") || has("architectures") {
        Kind::ModelConfig
    } else if is_ids_by_token(text) {
        Kind::IdsByToken
    } else {
        Kind::Json
    }
}

/// `{"!": 0, "\"": 1, …`: the first member is a whole number.
fn is_ids_by_token(text: &str) -> bool {
    let Some(colon) = text
        .find("\": ")
        .map(|i| i + 3)
        .or(text.find("\":").map(|i| i + 2))
    else {
        return false;
    };
    let value: String = text[colon..]
        .chars()
        .take_while(|c| !matches!(c, ',' | '}'))
        .collect();
    value.trim().parse::<u32>().is_ok()
}

/// `IQ== 0`: base64, a space, a rank.
fn is_rank_line(line: &str) -> bool {
    line.split_once(' ').is_some_and(|(token, rank)| {
        rank.parse::<u32>().is_ok()
            && token.len().is_multiple_of(4)
            && !token.is_empty()
            && token
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(&b))
    })
}

/// `the 0.418 0.24968 …`: a word and at least two numbers.
fn is_vector_line(line: &str) -> bool {
    let mut words = line.split(' ');
    words.next().is_some_and(|word| !word.is_empty())
        && words.clone().count() >= 2
        && words.all(|number| number.parse::<f32>().is_ok())
}

/// word2vec text: `400000 300`, then vectors, whose lines may be longer than what was looked at.
fn is_vector_header(lines: &[&str]) -> bool {
    let first: Vec<&str> = lines[0].split(' ').collect();
    let second = lines.get(1).copied().unwrap_or("");
    first.len() == 2
        && first.iter().all(|w| w.parse::<u64>().is_ok())
        && second
            .split(' ')
            .skip(1)
            .take(3)
            .filter(|w| w.parse::<f32>().is_ok())
            .count()
            >= 2
}

/// `Ġ t`: two pieces.
fn is_merge_line(line: &str) -> bool {
    let mut pieces = line.split(' ');
    matches!(
        (pieces.next(), pieces.next(), pieces.next()),
        (Some(l), Some(r), None) if !l.is_empty() && !r.is_empty()
    )
}
