//! Chat templates: a conversation written as the model was taught to read it.
//!
//! A template is a program in Jinja that came with a weight file, so it is run as a stranger's
//! program: it can call nothing but string and list operations, under limits on its length, steps,
//! depth and output. One that fails is replaced by a plain form, and what happened is said. The rules
//! are those of `transformers`: `trim_blocks`, `lstrip_blocks`, Python's methods on strings and dicts.

mod python;

use crate::refusal::{Refusal, Result};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Value;
use minijinja::{AutoEscape, Environment, ErrorKind, context};
use serde::{Deserialize, Serialize};
use std::io::Write;

/// A template longer than this is not run.
const MAX_TEMPLATE_BYTES: usize = 1 << 20;
/// Steps of the template's program; a conversation of a thousand messages takes some 50,000.
const FUEL: u64 = 2_000_000;
/// Calls within calls.
const MAX_DEPTH: usize = 100;
/// Beyond the messages themselves, a template writes no more than this.
const MAX_EXTRA_BYTES: usize = 4 << 20;

/// One turn of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Who speaks: "system", "user" or "assistant".
    pub role: String,
    /// What is said.
    pub content: String,
}

/// A conversation as the model sees it, ending where the model's turn begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The text, special tokens written out.
    pub text: String,
    /// Where the model's own template was not used: why, and what was used instead.
    pub fell_back: Option<String>,
}

/// Writes `messages` with the model's `template`. `bos` and `eos` are the texts of its start and end
/// tokens, empty where it has none.
///
/// # Errors
/// Only when the template itself refuses the conversation, as some do for a system message.
pub fn render(
    template: Option<&str>,
    messages: &[Message],
    bos: &str,
    eos: &str,
) -> Result<Rendered> {
    let why = match template.map(|source| run(source, messages, bos, eos)) {
        Some(Ok(text)) => {
            return Ok(Rendered {
                text,
                fell_back: None,
            });
        }
        Some(Err(Failure::Raised(message))) => {
            return Err(Refusal::new(
                "The model's chat template refuses this conversation",
                format!("It says: {message}"),
                "Nothing was generated; your messages are kept.",
                "Change the messages (some models take no system message, or want turns to alternate), or send raw text.",
            ));
        }
        Some(Err(Failure::Broken(why))) => {
            format!("The model's chat template does not work ({why})")
        }
        None => "The model has no chat template".to_owned(),
    };
    let marks = [Some(bos), Some(eos), template];
    let (text, form) = if marks.iter().flatten().any(|mark| mark.contains("<|im_")) {
        (chatml(messages), "ChatML")
    } else {
        (plain(messages), "the plain form “User: … Assistant:”")
    };
    Ok(Rendered {
        text,
        fell_back: Some(format!("{why}; {form} was used instead.")),
    })
}

/// The form many models were taught, between `<|im_start|>` and `<|im_end|>`.
fn chatml(messages: &[Message]) -> String {
    let turn = |m: &Message| format!("<|im_start|>{}\n{}<|im_end|>\n", m.role, m.content);
    let turns: String = messages.iter().map(turn).collect();
    turns + "<|im_start|>assistant\n"
}

/// A form that any model can continue.
fn plain(messages: &[Message]) -> String {
    let turn = |m: &Message| {
        let mut letters = m.role.chars();
        let first = letters.next().map(|first| first.to_uppercase().to_string());
        let role = first.unwrap_or_default() + letters.as_str();
        format!("{role}: {}\n", m.content)
    };
    let turns: String = messages.iter().map(turn).collect();
    turns + "Assistant:"
}

/// Why a template gave no text.
enum Failure {
    /// It called `raise_exception`: the conversation is not one it takes.
    Raised(String),
    /// It is wrong, or reached a limit.
    Broken(String),
}

fn run(
    source: &str,
    messages: &[Message],
    bos: &str,
    eos: &str,
) -> std::result::Result<String, Failure> {
    if source.len() > MAX_TEMPLATE_BYTES {
        return Err(Failure::Broken(format!("it has {} bytes", source.len())));
    }
    let as_value = |m: &Message| Value::from_pairs([("role", &*m.role), ("content", &*m.content)]);
    let turns: Vec<Value> = messages.iter().map(as_value).collect();
    let source = python::without_generation_marks(source);
    let said: usize = messages.iter().map(|message| message.content.len()).sum();
    let mut text = Capped {
        text: Vec::new(),
        room: MAX_EXTRA_BYTES + 4 * said,
    };
    environment()
        .and_then(|environment| {
            let variables = context! {
                messages => turns, add_generation_prompt => true, bos_token => bos, eos_token => eos,
                tools => (), documents => (),
            };
            let template = environment.template_from_named_str("chat", &source)?;
            template
                .render_captured_to(variables, &mut text)
                .map(|_| ())
        })
        .map_err(|error| match python::raised(&error) {
            Some(message) => Failure::Raised(message.to_owned()),
            None => Failure::Broken(in_words(&error)),
        })?;
    String::from_utf8(text.text).map_err(|_| Failure::Broken("its output is not UTF-8".into()))
}

/// Jinja as `transformers` sets it up, with limits.
fn environment<'a>() -> std::result::Result<Environment<'a>, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(MAX_DEPTH);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_syntax(
        SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(true)
            .build()?,
    );
    python::add_to(&mut environment);
    Ok(environment)
}

/// What went wrong, short enough for one line.
fn in_words(error: &minijinja::Error) -> String {
    let place = error
        .line()
        .map_or(String::new(), |line| format!("line {line}: "));
    let what = match error.kind() {
        ErrorKind::OutOfFuel => "it takes too many steps".to_owned(),
        ErrorKind::WriteFailure => "it writes without end".to_owned(),
        kind => error.detail().map_or(kind.to_string(), str::to_owned),
    };
    let mut short: String = format!("{place}{what}").chars().take(160).collect();
    short.retain(|letter| !letter.is_control());
    short
}

/// Text that refuses to grow beyond its room.
struct Capped {
    text: Vec<u8>,
    room: usize,
}

impl Write for Capped {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.text.len() + bytes.len() > self.room {
            return Err(std::io::ErrorKind::FileTooLarge.into());
        }
        self.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
