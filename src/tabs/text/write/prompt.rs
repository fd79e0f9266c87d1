//! What the person writes: a plain text to continue, or a conversation. State only.

use crate::labs::text::{LoadedText, Message, Seen, read_chat, read_raw};
use crate::refusal::Result;
use crate::widgets::text_editor::EditorState;
use serde::{Deserialize, Serialize};

/// A longer prompt is read by a job, so that the window does not wait for the tokenizer.
pub(super) const LONG_BYTES: usize = 64 << 10;

/// How the prompt is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Mode {
    /// The model continues the text as it is.
    #[default]
    Text,
    /// The model answers as the assistant of a conversation.
    Chat,
}

/// The prompt, as written and as the model sees it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Prompt {
    pub(super) mode: Mode,
    pub(super) text: String,
    pub(super) turns: Vec<Message>,
    /// Whether the view shows what the model really sees.
    pub(super) show_seen: bool,
    #[serde(skip)]
    pub(super) editor: EditorState,
    #[serde(skip)]
    seen: Option<Result<Seen>>,
}

/// Texts to begin with. The model's own kind decides which are offered first.
#[derive(Debug, Clone, Copy)]
pub(super) struct Preset {
    /// What the button says.
    pub(super) name: &'static str,
    /// How it is written.
    pub(super) mode: Mode,
    /// The text, or the person's turn of a conversation.
    pub(super) text: &'static str,
}

const fn text(name: &'static str, text: &'static str) -> Preset {
    Preset {
        name,
        mode: Mode::Text,
        text,
    }
}

const fn chat(name: &'static str, text: &'static str) -> Preset {
    Preset {
        name,
        mode: Mode::Chat,
        text,
    }
}

/// The prompts that classes begin with.
pub(super) const PRESETS: [Preset; 9] = [
    text(
        "My dog Ben",
        "My dog's name is Ben. He's a big dog with large paws. Ben likes to play",
    ),
    text("Capital of France", "The capital of France is"),
    text("Once upon a", "Once upon a"),
    text("Orange", "He devoured the orange"),
    text("Poseidon", "For my 16th birthday, Poseidon gave me a"),
    text("Hello, class", "Hello, class"),
    chat("Why is the sky blue?", "Why is the sky blue?"),
    chat("A poem", "Write a poem of four lines about a lighthouse."),
    chat("Explain tokens", "Explain to a child what a token is."),
];

/// What the model that sorts letters begins with.
pub(super) const LETTERS: [Preset; 3] = [
    text("Six letters", "CBABBC"),
    text("One odd letter", "AAAAAB"),
    text("Backwards", "CCBBAA"),
];

/// A turn of the person.
pub(super) fn user(content: impl Into<String>) -> Message {
    turn("user", content)
}

/// A turn of `role`.
pub(super) fn turn(role: &str, content: impl Into<String>) -> Message {
    Message {
        role: role.into(),
        content: content.into(),
    }
}

impl Prompt {
    /// An empty text, and a conversation that waits for the person's first turn.
    pub(super) fn new() -> Self {
        Self {
            turns: vec![user("")],
            ..Self::default()
        }
    }

    /// Takes a preset over.
    pub(super) fn take(&mut self, preset: Preset) {
        self.mode = preset.mode;
        match preset.mode {
            Mode::Text => self.text = preset.text.into(),
            Mode::Chat => self.turns = vec![user(preset.text)],
        }
        self.changed();
    }

    /// Call after every change of what is written.
    pub(super) fn changed(&mut self) {
        self.seen = None;
    }

    /// Whether nothing was written yet.
    pub(super) fn is_empty(&self) -> bool {
        match self.mode {
            Mode::Text => self.text.is_empty(),
            Mode::Chat => self.turns.iter().all(|turn| turn.content.is_empty()),
        }
    }

    /// Whether reading it takes long enough to want a job.
    pub(super) fn is_long(&self) -> bool {
        let n_bytes = match self.mode {
            Mode::Text => self.text.len(),
            Mode::Chat => self.turns.iter().map(|turn| turn.content.len()).sum(),
        };
        n_bytes > LONG_BYTES
    }

    /// What the model would see, read now.
    ///
    /// # Errors
    /// When this model cannot read this kind of prompt.
    pub(super) fn read(&self, loaded: &LoadedText) -> Result<Seen> {
        match self.mode {
            Mode::Text => read_raw(loaded, &self.text),
            Mode::Chat => read_chat(loaded, &self.turns),
        }
    }

    /// What the model sees, if it was read since the last change.
    pub(super) fn seen(&self) -> Option<&Result<Seen>> {
        self.seen.as_ref()
    }

    /// Keeps what was read.
    pub(super) fn set_seen(&mut self, seen: Result<Seen>) {
        self.seen = Some(seen);
    }

    /// Takes the model's answer into the conversation and opens the person's next turn.
    pub(super) fn answer(&mut self, content: String) {
        self.turns.push(turn("assistant", content));
        self.turns.push(user(""));
        self.changed();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_followed_by_an_empty_turn_of_the_person() {
        let mut prompt = Prompt::default();
        prompt.take(PRESETS[6]);
        prompt.answer("Because of Rayleigh scattering.".into());
        let roles: Vec<&str> = prompt.turns.iter().map(|t| t.role.as_str()).collect();
        assert_eq!(roles, ["user", "assistant", "user"]);
        assert!(prompt.turns[2].content.is_empty());
    }
}
