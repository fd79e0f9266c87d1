//! Tokenizer: text becomes numbers before the person's eyes, with the vocabularies that people use.
//!
//! [`encode`] keeps the text and its tokens, [`shelf`] the vocabularies, [`story`] how one word became
//! its tokens; the `*_panel` files draw them.

mod bench_panel;
mod encode;
mod encode_panel;
mod languages_panel;
mod shelf;
mod side;
mod story;
mod story_panel;
mod strip_panel;
mod view;

use crate::command::Command;
use crate::files::card::Card;
use crate::tabs::{Progress, StatusItem, Tab, TabContext};
use crate::widgets::icon::Icon;
use eframe::egui;
use encode::Encode;
use serde_json::{Value, json};
use std::path::PathBuf;

/// The chapter of tokens.
#[derive(Debug, Default)]
pub struct TokenizerTab {
    encode: Encode,
}

impl TokenizerTab {
    /// The chapter. It opens its vocabulary when it is first shown.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The ids of the text, once they are known.
    #[must_use]
    pub fn ids(&self) -> Option<Vec<u32>> {
        self.encode.ids()
    }

    /// Puts `text` into the editor.
    pub fn set_text(&mut self, text: &str) {
        self.encode.set_text(text.into());
    }

    /// How many bytes the last change had encoded again.
    #[must_use]
    pub fn n_bytes_encoded_last(&self) -> usize {
        self.encode.n_bytes_encoded_last()
    }
}

impl Tab for TokenizerTab {
    fn name(&self) -> &'static str {
        "Tokenizer"
    }

    fn icon(&self) -> Icon {
        Icon::Tokens
    }

    fn poll(&mut self, cx: &mut TabContext<'_>) {
        self.encode.poll(cx);
    }

    fn title(&self) -> String {
        self.encode.title()
    }

    fn stage(&mut self, ui: &mut egui::Ui, cx: &mut TabContext<'_>) {
        encode_panel::show(&mut self.encode, ui, cx);
    }

    fn bench(&mut self, ui: &mut egui::Ui, cx: &mut TabContext<'_>) {
        bench_panel::show(&mut self.encode, ui, cx);
    }

    fn has_timeline(&self) -> bool {
        self.encode.story().is_some_and(story::Story::has_steps)
    }

    fn timeline(&mut self, ui: &mut egui::Ui, _cx: &mut TabContext<'_>) {
        story_panel::timeline(&mut self.encode, ui);
    }

    fn status(&self) -> Vec<StatusItem> {
        view::status(self.encode.main())
    }

    fn progress(&self) -> Option<Progress> {
        self.encode.progress()
    }

    fn can(&self, _command: Command) -> bool {
        false
    }

    fn command(&mut self, _command: Command, _cx: &mut TabContext<'_>) {}

    fn accepts(&self, card: &Card) -> Option<String> {
        match card.kind.as_str() {
            "vocabulary" => Some("use it as the vocabulary".into()),
            "language model" => Some("use its vocabulary".into()),
            "text" => Some("show it as tokens".into()),
            _ => None,
        }
    }

    fn open(&mut self, path: PathBuf, cx: &mut TabContext<'_>) {
        self.encode.open(path, cx);
    }

    fn save(&self) -> Value {
        json!({ "encode": self.encode.save() })
    }

    fn restore(&mut self, saved: &Value) {
        self.encode.restore(&saved["encode"]);
    }
}
