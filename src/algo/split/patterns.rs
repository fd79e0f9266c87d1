//! The scanners: each takes a text and where a piece starts, and returns where it ends.
//!
//! A regular expression tries its alternatives from left to right and takes the first that matches;
//! so does each scanner, in the same order.

use super::classes::{Class, LETTER, LOWER, NUMBER, SPACE, UPPER, ascii_run, class_at};

/// GPT-2's, in the form tiktoken runs: `++` never gives back, `(?!\S)` looks ahead.
pub(super) const GPT2: &str =
    r"'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s";

/// Two stages: each digit alone, then GPT-2's on every stretch between.
pub(super) const SMOLLM: &str =
    r"\p{N} then '(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s";

/// GPT-4's.
pub(super) const CL100K: &str = r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s";

/// GPT-4's as Hugging Face writes it, for Llama 3 and others. It differs from [`CL100K`] only where
/// white space ends the text.
pub(super) const LLAMA3: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

/// The same with each digit alone.
pub(super) const QWEN2: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

/// GPT-4o's.
pub(super) const O200K: &str = r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";

/// [`GPT2`].
pub(super) fn gpt2(text: &str, at: usize) -> usize {
    let bytes = text.as_bytes();
    if bytes[at] == b'\'' {
        let n = match &bytes[at + 1..] {
            [b's' | b'd' | b'm' | b't', ..] => 2,
            [b'l', b'l', ..] | [b'v' | b'r', b'e', ..] => 3,
            _ => 0,
        };
        if n > 0 {
            return at + n;
        }
    }
    let word = at + usize::from(bytes[at] == b' ');
    match class_at(text, word) {
        Some((class, n)) if class & LETTER != 0 => run(text, word + n, LETTER),
        Some((class, n)) if class & NUMBER != 0 => run(text, word + n, NUMBER),
        Some((class, n)) if class & SPACE == 0 => run_of_marks(text, word + n),
        _ => white_space(text, at).before_word(),
    }
}

/// The first digit of [`SMOLLM`]'s first stage from `at` on, or the end. "Digit" is any numeric
/// character of the standard library, as in the `tokenizers` crate.
pub(super) fn next_digit(text: &str, at: usize) -> usize {
    let found = text[at..].find(|letter: char| {
        if letter.is_ascii() {
            letter.is_ascii_digit()
        } else {
            letter.is_numeric()
        }
    });
    found.map_or(text.len(), |n| at + n)
}

/// [`CL100K`].
pub(super) fn cl100k(text: &str, at: usize) -> usize {
    gpt4_word(text, at, 3).unwrap_or_else(|| {
        let space = white_space(text, at);
        match space.after_line_break {
            Some(end) if !space.ends_text => end,
            _ => space.before_word(),
        }
    })
}

/// [`LLAMA3`].
pub(super) fn llama3(text: &str, at: usize) -> usize {
    gpt4_word(text, at, 3).unwrap_or_else(|| white_space(text, at).by_lines())
}

/// [`QWEN2`].
pub(super) fn qwen2(text: &str, at: usize) -> usize {
    gpt4_word(text, at, 1).unwrap_or_else(|| white_space(text, at).by_lines())
}

/// What GPT-4's pattern finds before it comes to white space.
#[inline]
fn gpt4_word(text: &str, at: usize, max_digits: usize) -> Option<usize> {
    if let Some(end) = contraction(text, at) {
        return Some(end);
    }
    let bytes = text.as_bytes();
    let (class, n) = class_at(text, at)?;
    if class & LETTER != 0 {
        return Some(run(text, at + n, LETTER));
    }
    if class & NUMBER != 0 {
        return Some(numbers(text, at, max_digits));
    }
    if !is_line_break(bytes, at)
        && let Some((next, m)) = class_at(text, at + n)
        && next & LETTER != 0
    {
        return Some(run(text, at + n + m, LETTER));
    }
    let end = marks(text, at)?;
    Some(run_of_bytes(bytes, end, |byte| {
        matches!(byte, b'\r' | b'\n')
    }))
}

/// [`O200K`].
pub(super) fn o200k(text: &str, at: usize) -> usize {
    let bytes = text.as_bytes();
    let Some((class, n)) = class_at(text, at) else {
        return text.len();
    };
    // What may stand before the letters of a word: one character, tried first, and nothing.
    let with_prefix =
        (class & (LETTER | NUMBER) == 0 && !is_line_break(bytes, at)).then_some(at + n);
    let starts = [with_prefix, Some(at)];
    let mut starts = starts.into_iter().flatten();
    let word = starts
        .clone()
        .find_map(|start| ends_in_lower(text, start))
        .or_else(|| starts.find_map(|start| starts_with_upper(text, start)));
    if let Some(end) = word {
        return contraction(text, end).unwrap_or(end);
    }
    if class & NUMBER != 0 {
        return numbers(text, at, 3);
    }
    if let Some(end) = marks(text, at) {
        return run_of_bytes(bytes, end, |byte| matches!(byte, b'\r' | b'\n' | b'/'));
    }
    white_space(text, at).by_lines()
}

/// `U*L+` where U is [`UPPER`] and L [`LOWER`], sets that overlap: U* takes all it can, then gives
/// back until L+ finds one.
fn ends_in_lower(text: &str, start: usize) -> Option<usize> {
    let mut at = start;
    let mut after_last_lower = None;
    while let Some((class, n)) = class_at(text, at) {
        if class & UPPER == 0 {
            if class & LOWER != 0 {
                return Some(run(text, at + n, LOWER));
            }
            break;
        }
        at += n;
        if class & LOWER != 0 {
            after_last_lower = Some(at);
        }
    }
    after_last_lower
}

/// `U+L*`.
fn starts_with_upper(text: &str, start: usize) -> Option<usize> {
    let end = run(text, start, UPPER);
    (end > start).then(|| run(text, end, LOWER))
}

/// `'(?i:[sdmt]|ll|ve|re)`. Ignoring case, Unicode also takes the long s (ſ) for an s.
fn contraction(text: &str, at: usize) -> Option<usize> {
    let rest = text.as_bytes().get(at..)?.strip_prefix(b"'")?;
    let lower = |i: usize| rest.get(i).map_or(0, u8::to_ascii_lowercase);
    match (lower(0), lower(1)) {
        (b's' | b'd' | b'm' | b't', _) => Some(at + 2),
        (b'l', b'l') | (b'v' | b'r', b'e') => Some(at + 3),
        _ if rest.starts_with("ſ".as_bytes()) => Some(at + 3),
        _ => None,
    }
}

/// `\p{N}{1,most}`, the first of which is at `at`.
fn numbers(text: &str, mut at: usize, most: usize) -> usize {
    for _ in 0..most {
        match class_at(text, at) {
            Some((class, n)) if class & NUMBER != 0 => at += n,
            _ => break,
        }
    }
    at
}

/// ` ?[^\s\p{L}\p{N}]+`: punctuation, symbols, controls, marks.
fn marks(text: &str, at: usize) -> Option<usize> {
    let start = at + usize::from(text.as_bytes()[at] == b' ');
    let end = run_of_marks(text, start);
    (end > start).then_some(end)
}

/// The end of the run of characters from `at` that have any flag of `class`.
fn run(text: &str, at: usize, class: Class) -> usize {
    let mut at = ascii_run(text.as_bytes(), at, class);
    while let Some((found, n)) = class_at(text, at) {
        if found & class == 0 {
            break;
        }
        at = ascii_run(text.as_bytes(), at + n, class);
    }
    at
}

fn run_of_marks(text: &str, mut at: usize) -> usize {
    while let Some((class, n)) = class_at(text, at) {
        if class & (LETTER | NUMBER | SPACE) != 0 {
            break;
        }
        at += n;
    }
    at
}

fn run_of_bytes(bytes: &[u8], at: usize, wanted: impl Fn(u8) -> bool) -> usize {
    let n = bytes[at..].iter().take_while(|&&byte| wanted(byte)).count();
    at + n
}

fn is_line_break(bytes: &[u8], at: usize) -> bool {
    matches!(bytes[at], b'\r' | b'\n')
}

/// A run of white space.
struct WhiteSpace {
    start: usize,
    /// Where its last character starts.
    last: usize,
    end: usize,
    /// Where its last `\r` or `\n` ends: what `\s*[\r\n]+` matches after giving back.
    after_line_break: Option<usize>,
    ends_text: bool,
}

impl WhiteSpace {
    /// `\s+(?!\S)|\s+`: all of it at the end of the text, else all but the last character (which may
    /// join the word), else the only one.
    fn before_word(&self) -> usize {
        if self.ends_text || self.last == self.start {
            self.end
        } else {
            self.last
        }
    }

    /// `\s*[\r\n]+|\s+(?!\S)|\s+`: up to its last line break, where it has one.
    fn by_lines(&self) -> usize {
        self.after_line_break.unwrap_or_else(|| self.before_word())
    }
}

fn white_space(text: &str, start: usize) -> WhiteSpace {
    let mut space = WhiteSpace {
        start,
        last: start,
        end: start,
        after_line_break: None,
        ends_text: false,
    };
    while let Some((class, n)) = class_at(text, space.end) {
        if class & SPACE == 0 {
            return space;
        }
        space.last = space.end;
        space.end += n;
        if is_line_break(text.as_bytes(), space.last) {
            space.after_line_break = Some(space.end);
        }
    }
    space.ends_text = true;
    space
}
