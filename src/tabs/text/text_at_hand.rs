//! The text that is looked into: typed once, seen by every view that looks inside the model.
//!
//! It begins as what the view Write shows. Whoever comes from there with something new brings it along;
//! whoever types here changes it here.

use crate::jobs::Job;
use crate::labs::text::{LoadedText, SMALLEST, Seen, read_ids, read_raw};
use crate::refusal::{Refusal, Result};
use crate::tabs::{Notice, TabContext};
use crate::widgets::text_editor::EditorState;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A longer text is read by a job, so that the window does not wait for the tokenizer.
const LONG_BYTES: usize = 64 << 10;

/// The most bytes that are kept for the next start.
const MOST_KEPT_BYTES: usize = 64 << 10;

/// A token of the text, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    /// Its number in the vocabulary.
    pub(super) id: u32,
    /// The bytes it stands for; a number in brackets where the model has no tokenizer.
    pub(super) bytes: Vec<u8>,
    /// Whether it is a control token, not text.
    pub(super) special: bool,
}

impl Piece {
    /// The tokens of `ids` as this model writes them.
    pub(super) fn of(loaded: &LoadedText, ids: &[u32]) -> Vec<Self> {
        let piece = |&id: &u32| Self {
            id,
            bytes: loaded.token_bytes(id),
            special: loaded.is_special(id),
        };
        ids.iter().map(piece).collect()
    }

    /// It in one line, spaces seen.
    pub(super) fn shown(&self) -> String {
        crate::widgets::token_text::visible(&self.bytes)
    }
}

/// A text to begin with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Preset {
    /// What the button says.
    pub(super) name: &'static str,
    /// The text.
    pub(super) text: &'static str,
}

const fn preset(name: &'static str, text: &'static str) -> Preset {
    Preset { name, text }
}

/// Texts of a language, the first of them where nothing else was typed.
const OF_LANGUAGE: [Preset; 5] = [
    preset(
        "My dog Ben",
        "My dog's name is Ben. He's a big dog with large paws. Ben likes to play",
    ),
    preset("Capital of France", "The capital of France is"),
    preset("Once upon a", "Once upon a"),
    preset(
        "Repeated phrase",
        "The blue door opened slowly. The blue door opened",
    ),
    preset(
        "She and he",
        "The nurse said that she was tired. The doctor said that",
    ),
];

/// Letters for the model that sorts them; then with what it has written of the answer so far.
const OF_LETTERS: [Preset; 4] = [
    preset("Six letters", "CBABBC"),
    preset("Half sorted", "CBABBCABB"),
    preset("One odd letter", "AAAAAB"),
    preset("Backwards", "CCBBAA"),
];

/// Numbers, where a model brings no tokenizer.
const OF_IDS: [Preset; 2] = [
    preset("0 to 5", "0 1 2 3 4 5"),
    preset("Twice the same", "3 1 2 3 1 2"),
];

/// The text at hand.
#[derive(Debug, Default)]
pub(super) struct TextAtHand {
    /// As it is written; where it came from the view Write, its tokens in a row.
    text: String,
    /// Whether a person chose it.
    is_chosen: bool,
    /// The first of the texts that were offered for it: another one where another kind of text is read.
    offered: Option<&'static str>,
    /// Texts of other kinds, until a model of their kind is back.
    put_aside: BTreeMap<&'static str, String>,
    editor: EditorState,
    ids: Vec<u32>,
    pieces: Vec<Piece>,
    notes: Vec<String>,
    refused: Option<Refusal>,
    /// The model that read it.
    reader: Option<Arc<LoadedText>>,
    reading: Option<Job<Result<Seen>>>,
    /// What the view Write brought last.
    written: Vec<u32>,
}

impl TextAtHand {
    /// Its tokens; none before it was read.
    pub(super) fn ids(&self) -> &[u32] {
        &self.ids
    }

    /// The same as they are shown.
    pub(super) fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// As it is written.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// What a person should know about how it was read.
    pub(super) fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Why it could not be read.
    pub(super) fn refused(&self) -> Option<&Refusal> {
        self.refused.as_ref()
    }

    /// Whether it is still being read.
    pub(super) fn is_reading(&self) -> bool {
        self.reading.is_some() || self.reader.is_none()
    }

    /// What there is to begin with for this model.
    pub(super) fn presets(loaded: &LoadedText) -> &'static [Preset] {
        match loaded.tokenizer {
            Some(_) if loaded.name == SMALLEST => &OF_LETTERS,
            Some(_) => &OF_LANGUAGE,
            None => &OF_IDS,
        }
    }

    /// For the editor: the text and where its caret is. Call [`Self::changed`] when it changed.
    pub(super) fn editing(&mut self) -> (&mut String, &mut EditorState) {
        (&mut self.text, &mut self.editor)
    }

    /// Takes another text.
    pub(super) fn take(&mut self, text: impl Into<String>) {
        self.text = text.into();
        self.changed();
    }

    /// A person changed it: it is read anew.
    pub(super) fn changed(&mut self) {
        self.is_chosen = true;
        self.reader = None;
        self.reading = None;
    }

    /// Takes what the view Write shows, if it is another text than it showed last time.
    pub(super) fn hear_written(&mut self, loaded: &Arc<LoadedText>, ids: &[u32]) {
        if !ids.is_empty() && ids != self.written {
            self.written = ids.to_vec();
            self.show_ids(loaded, ids);
        }
    }

    /// Takes these tokens as they are.
    fn show_ids(&mut self, loaded: &Arc<LoadedText>, ids: &[u32]) {
        let Ok(seen) = read_ids(loaded, ids) else {
            return;
        };
        self.text.clone_from(&seen.text);
        if loaded.tokenizer.is_none() {
            let numbers: Vec<String> = ids.iter().map(u32::to_string).collect();
            self.text = numbers.join(" ");
        }
        self.is_chosen = true;
        self.reading = None;
        self.reader = Some(Arc::clone(loaded));
        self.keep(loaded, Ok(seen));
    }

    /// Reads it, where it or the model has changed.
    pub(super) fn poll(&mut self, loaded: &Arc<LoadedText>, cx: &mut TabContext<'_>) {
        if let Some(job) = &mut self.reading {
            let seen = job.poll().pop();
            cx.notices.extend(job.take_failure().map(Notice::Refused));
            if !job.is_running() || seen.is_some() {
                self.reading = None;
            }
            if let Some(seen) = seen {
                self.keep(loaded, seen);
            }
        }
        let reader = self.reader.as_ref();
        if reader.is_some_and(|reader| Arc::ptr_eq(reader, loaded)) {
            return;
        }
        self.suit(Self::presets(loaded)[0].text);
        self.reader = Some(Arc::clone(loaded));
        if self.text.len() <= LONG_BYTES {
            let seen = read_raw(loaded, &self.text);
            self.keep(loaded, seen);
            return;
        }
        let (model, text) = (Arc::clone(loaded), self.text.clone());
        let job = Job::spawn("read the text", cx.wake.clone(), move |emit| {
            _ = emit(read_raw(&model, &text));
        });
        self.reading = job.ok();
    }

    /// A text of words says nothing to a model of letters, and the other way round: each kind has its own,
    /// known by the first text that is offered for it.
    fn suit(&mut self, offered: &'static str) {
        let before = self.offered.replace(offered);
        if let Some(before) = before.filter(|before| *before != offered) {
            if self.is_chosen {
                self.put_aside
                    .insert(before, std::mem::take(&mut self.text));
            }
            let own = self.put_aside.remove(offered);
            self.is_chosen = own.is_some();
            self.text = own.unwrap_or_default();
        }
        if !self.is_chosen {
            self.text = offered.into();
        }
    }

    fn keep(&mut self, loaded: &LoadedText, seen: Result<Seen>) {
        let (seen, refused) = match seen {
            Ok(seen) => (seen, None),
            Err(refusal) => (Seen::default(), Some(refusal)),
        };
        self.refused = refused;
        self.pieces = Piece::of(loaded, &seen.ids);
        self.ids = seen.ids;
        self.notes = seen.notes;
        self.notes.extend(self.left_out(loaded));
    }

    /// What is said where a vocabulary has no tokens for some of the text.
    fn left_out(&self, loaded: &LoadedText) -> Option<String> {
        if loaded.name != SMALLEST || self.refused.is_some() {
            return None;
        }
        let n_read: usize = self.pieces.iter().map(|piece| piece.bytes.len()).sum();
        let n = self.text.len().saturating_sub(n_read);
        (n > 0).then(|| "This model knows A, B and C alone; all else was left out.".into())
    }

    /// Keeps the first `n` tokens of it.
    pub(super) fn keep_first(&mut self, loaded: &Arc<LoadedText>, n: usize) {
        let n = n.min(self.ids.len());
        let ids = self.ids[..n].to_vec();
        self.show_ids(loaded, &ids);
    }

    /// What survives a restart.
    pub(super) fn save(&self) -> Value {
        let is_kept = self.is_chosen && self.text.len() <= MOST_KEPT_BYTES;
        is_kept.then(|| self.text.clone()).into()
    }

    /// Takes back what [`Self::save`] gave.
    pub(super) fn restore(&mut self, saved: &Value) {
        if let Some(text) = saved.as_str() {
            self.take(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_model_has_a_text_of_its_own_that_comes_back_with_it() {
        let mut text = TextAtHand::default();
        text.suit("words");
        assert_eq!(text.text(), "words");
        text.take("my own words");
        text.suit("letters");
        assert_eq!(text.text(), "letters");
        text.suit("words");
        assert_eq!(text.text(), "my own words");
        text.suit("words");
        assert_eq!(text.text(), "my own words");
    }
}
