//! Text → words, numbers and signs.

use super::{Mistake, shortened};
use std::ops::Range;

/// Words longer than this many parts joined by `-` or `/` are not looked for.
const MAX_PARTS: usize = 8;

/// A word, a number or a sign.
#[derive(Debug, Clone, PartialEq)]
pub enum Token<'a> {
    Word(&'a str),
    Number(f64),
    Plus,
    Minus,
    Times,
    Over,
    Open,
    Close,
}

/// Reads one token after the other.
pub struct Lexer<'a, 'k> {
    text: &'a str,
    from: usize,
    knows: &'k mut dyn FnMut(&str) -> bool,
}

impl<'a, 'k> Lexer<'a, 'k> {
    pub fn new(text: &'a str, knows: &'k mut dyn FnMut(&str) -> bool) -> Self {
        let from = 0;
        Self { text, from, knows }
    }

    /// The next token and where it stands; `None` at the end.
    pub fn next(&mut self) -> Result<Option<(Token<'a>, Range<usize>)>, Mistake> {
        let rest = self.text[self.from..].trim_start();
        self.from = self.text.len() - rest.len();
        let Some(first) = rest.chars().next() else {
            return Ok(None);
        };
        let (token, n_bytes) = match sign(first) {
            Some(sign) => (sign, first.len_utf8()),
            None if is_quote(first) => self.quoted(rest)?,
            None if is_word_part(first) => self.number_or_word(rest)?,
            None => return Err(self.meaningless(rest, first)),
        };
        let at = self.from..self.from + n_bytes;
        self.from = at.end;
        Ok(Some((token, at)))
    }

    fn quoted(&self, rest: &'a str) -> Result<(Token<'a>, usize), Mistake> {
        let mut quotes = rest.char_indices().filter(|&(_, c)| is_quote(c));
        let (Some((_, open)), Some((end, close))) = (quotes.next(), quotes.next()) else {
            let what = "This quotation mark is never closed.";
            return Err(Mistake::new(self.from..self.text.len(), what));
        };
        let word = &rest[open.len_utf8()..end];
        let n_bytes = end + close.len_utf8();
        if word.trim().is_empty() {
            let what = "There is no word between these quotation marks.";
            return Err(Mistake::new(self.from..self.from + n_bytes, what));
        }
        Ok((Token::Word(word), n_bytes))
    }

    fn number_or_word(&mut self, rest: &'a str) -> Result<(Token<'a>, usize), Mistake> {
        let ends = part_ends(rest);
        let is_numeric = |part: &str| part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.'));
        // `1/2` is one half; `1980s` and `3-d` may be words.
        let all = &rest[..ends.last().copied().unwrap_or(0)];
        if ends.len() > 1 && !all.split(['-', '/']).all(is_numeric) {
            let known = ends[1..]
                .iter()
                .rev()
                .find(|&&end| (self.knows)(&rest[..end]));
            if let Some(&end) = known {
                return Ok((Token::Word(&rest[..end]), end));
            }
        }
        let n_bytes = number_bytes(rest);
        if n_bytes > 0 && !rest[n_bytes..].starts_with(is_word_part) {
            let number: f64 = rest[..n_bytes].parse().unwrap_or(f64::INFINITY);
            if !number.is_finite() {
                let what = "This number is too large.";
                return Err(Mistake::new(self.from..self.from + n_bytes, what));
            }
            return Ok((Token::Number(number), n_bytes));
        }
        let end = ends.first().copied().unwrap_or(rest.len());
        Ok((Token::Word(&rest[..end]), end))
    }

    fn meaningless(&self, rest: &str, first: char) -> Mistake {
        let between_digits = self.text[..self.from].ends_with(|c: char| c.is_ascii_digit())
            && rest[first.len_utf8()..].starts_with(|c: char| c.is_ascii_digit());
        let what = match first {
            ',' if between_digits => "A number is written with a point: 0.8.".to_owned(),
            '[' | ']' | '{' | '}' => "Use round brackets: ( and ).".to_owned(),
            '=' => "Leave “=” out: the answer is looked for.".to_owned(),
            _ => format!(
                "“{}” means nothing here. If it is a word, put it in quotation marks.",
                shortened(&first.escape_debug().to_string())
            ),
        };
        Mistake::new(self.from..self.from + first.len_utf8(), what)
    }
}

/// The sign that `c` is, as a keyboard or a printed page writes it.
fn sign(c: char) -> Option<Token<'static>> {
    Some(match c {
        '+' | '＋' => Token::Plus,
        '-' | '−' | '–' | '—' | '‐' | '‑' => Token::Minus,
        '*' | '×' | '·' | '⋅' | '∗' => Token::Times,
        '/' | '÷' | '∕' => Token::Over,
        '(' => Token::Open,
        ')' => Token::Close,
        _ => return None,
    })
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '„')
}

/// Whether a word may contain `c` without quotes.
fn is_word_part(c: char) -> bool {
    let reserved = matches!(c, ',' | ';' | '=' | '[' | ']' | '{' | '}' | '<' | '>' | '|');
    !(c.is_whitespace() || c.is_control() || sign(c).is_some() || is_quote(c) || reserved)
}

/// Where the parts of the word at the start of `text` end, if `-` and `/` inside belong to it.
fn part_ends(text: &str) -> Vec<usize> {
    let mut ends = Vec::new();
    let mut from = 0;
    while ends.len() < MAX_PARTS {
        let part = text[from..].find(|c| !is_word_part(c));
        let end = part.map_or(text.len(), |n_bytes| from + n_bytes);
        if end == from {
            break;
        }
        ends.push(end);
        if !text[end..].starts_with(['-', '/']) {
            break;
        }
        from = end + 1;
    }
    ends
}

/// How many bytes of `text` are a number at its start: `2`, `0.8`, `.5`, `1e-3`.
fn number_bytes(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits = |from: usize| {
        let rest = bytes.get(from..).unwrap_or_default();
        rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
    };
    let mut end = digits(0);
    if bytes.get(end) == Some(&b'.') && end + digits(end + 1) > 0 {
        end += 1 + digits(end + 1);
    }
    if end > 0 && matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits(end + 1 + sign);
        if exponent > 0 {
            end += 1 + sign + exponent;
        }
    }
    end
}
