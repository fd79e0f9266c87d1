//! A learned vocabulary taken away in a file.

use crate::labs::bpe_learning::{self, Learned, Split};
use crate::tabs::saving::Document;
use eframe::egui;
use std::sync::Arc;

/// A learned vocabulary, and how text is cut for it.
pub(super) type Vocabulary = Arc<(Learned, Split)>;

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    TokenizerJson,
    TiktokenRanks,
}

/// The vocabulary in this form.
pub(super) fn document(form: Form, what: Vocabulary) -> Document {
    let (kind, file_name) = match form {
        Form::TokenizerJson => (["tokenizer.json", "json"], "tokenizer.json"),
        Form::TiktokenRanks => (["tiktoken ranks", "tiktoken"], "vocabulary.tiktoken"),
    };
    Document {
        heading: format!("Save the vocabulary as {}", kind[0]),
        file_name: file_name.into(),
        kind: Some(kind),
        write: Arc::new(move |path| {
            let (learned, split) = &*what;
            bpe_learning::save(learned, *split, path)
        }),
    }
}

/// The buttons that ask where to save; returns what was asked for.
pub(super) fn buttons(can: bool, why_not: &str, ui: &mut egui::Ui) -> Option<Form> {
    let mut asked = None;
    ui.add_enabled_ui(can, |ui| {
        ui.horizontal_wrapped(|ui| {
            for (form, name, hint) in [
                (
                    Form::TokenizerJson,
                    "Save tokenizer.json…",
                    "For Hugging Face's tokenizers and everything built on it.",
                ),
                (
                    Form::TiktokenRanks,
                    "Save ranks…",
                    "For tiktoken: each token and its rank. How text is cut is not in such a file.",
                ),
            ] {
                let button = ui.button(name).on_hover_text(hint);
                if button.on_disabled_hover_text(why_not).clicked() {
                    asked = Some(form);
                }
            }
        });
    });
    asked
}
