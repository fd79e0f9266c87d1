//! What the small corpus taught, to be saved or encoded with.

use super::super::LEARNED_FROM;
use super::super::saving::Vocabulary;
use super::{Small, Way};
use crate::labs::bpe_learning::{Split, compare};
use crate::labs::tokenizer::Tokenizer;
use std::sync::Arc;

impl Small {
    /// Whether the vocabulary can be kept: something was learned, and words do not end in a mark, for
    /// which files have no place.
    pub(in super::super) fn can_keep(&self) -> bool {
        let marks = self.setup.way == Way::Words && self.setup.end_of_word;
        self.n_merges() > 0 && !marks
    }

    /// The vocabulary as far as it has grown. Words by themselves are cut as GPT-2 cuts a text.
    pub(in super::super) fn to_save(&self) -> Option<Vocabulary> {
        let learned = self.stepwise.as_ref().ok()?.learner().learned()?;
        let split = match self.setup.way {
            Way::Words => Split::Gpt2,
            Way::Text => Split::by_name(&self.setup.split)?,
        };
        Some(Arc::new((learned, split)))
    }

    /// The vocabulary is to be encoded with.
    pub(in super::super) fn want_to_encode(&mut self) {
        let Some(vocabulary) = self.to_save() else {
            return;
        };
        let name = format!("{LEARNED_FROM}the small corpus");
        let tokenizer = compare::at_work(&name, &vocabulary.0, vocabulary.1);
        self.wanted = tokenizer.ok().map(Arc::new);
    }

    /// The vocabulary to encode with, once.
    pub(in super::super) fn take_wanted(&mut self) -> Option<Arc<Tokenizer>> {
        self.wanted.take()
    }
}
