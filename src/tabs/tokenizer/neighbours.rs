//! The tokens that a model uses like the one looked at, found by a job in its embedding table.
//!
//! The model is the one that is loaded in Text, where it reads with the same tokens; else the one that
//! the vocabulary is a part of.

use super::shelf::label;
use crate::jobs::Job;
use crate::labs::text::LoadedText;
use crate::labs::tokenizer::{EmbeddingTable, Neighbour, Tokenizer};
use crate::refusal::Result;
use crate::tabs::{Notice, TabContext};
use std::sync::Arc;

/// How many are shown.
pub(super) const N_NEAREST: usize = 16;

/// What was found for one token.
#[derive(Debug)]
pub(super) struct Found {
    model: Model,
    id: u32,
    table: Arc<EmbeddingTable>,
    pub(super) near: Vec<Neighbour>,
}

impl Found {
    /// The numbers that the model has for the token.
    pub(super) fn row(&self) -> &[f32] {
        self.table.row(self.id)
    }
}

#[derive(Debug, Default)]
pub(super) struct Neighbours {
    found: Option<Found>,
    finding: Option<Job<Result<Found>>>,
    /// The model that was asked last and has no table.
    refused: Option<Model>,
}

/// The model that is asked about the tokens of a vocabulary.
#[derive(Debug, Clone)]
pub(super) enum Model {
    /// The one loaded in Text, which reads with this vocabulary.
    Loaded(Arc<LoadedText>),
    /// The one that the vocabulary is a part of, by its key; and the name of the one loaded in Text.
    Own(String, Option<String>),
}

impl Model {
    /// Whom to ask about the vocabulary `key`, if any.
    pub(super) fn of(
        key: &str,
        tokenizer: &Tokenizer,
        loaded: Option<&Arc<LoadedText>>,
    ) -> Option<Self> {
        let tokens = &tokenizer.vocabulary().tokens;
        let reads_alike = |loaded: &&Arc<LoadedText>| {
            let own = loaded.tokenizer.as_ref();
            own.is_some_and(|own| own.vocabulary().tokens == *tokens)
        };
        if let Some(loaded) = loaded.filter(reads_alike) {
            return Some(Self::Loaded(Arc::clone(loaded)));
        }
        let is_weights = |ending: &str| key.to_ascii_lowercase().ends_with(ending);
        let has_table = matches!(key, "smollm2" | "stories")
            || is_weights(".gguf")
            || is_weights(".safetensors");
        let loaded = loaded.map(|loaded| loaded.name.clone());
        has_table.then(|| Self::Own(key.to_owned(), loaded))
    }

    /// What a person calls it.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Loaded(loaded) => label(&loaded.name),
            Self::Own(key, _) => label(key),
        }
    }

    /// Which model this is, and why not another.
    pub(super) fn about(&self) -> String {
        let name = self.name();
        match self {
            Self::Loaded(_) => format!("{name} is the model that is loaded in Text."),
            Self::Own(_, Some(loaded)) => format!(
                "{name} is the model of this vocabulary; {}, which is loaded in Text, reads with other tokens.",
                label(loaded)
            ),
            Self::Own(_, None) => format!("{name} is the model of this vocabulary."),
        }
    }

    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Loaded(a), Self::Loaded(b)) => Arc::ptr_eq(a, b),
            (Self::Own(a, _), Self::Own(b, _)) => a == b,
            _ => false,
        }
    }

    fn table(&self) -> Result<EmbeddingTable> {
        match self {
            Self::Loaded(loaded) => EmbeddingTable::of_loaded(loaded),
            Self::Own(key, _) => EmbeddingTable::open(key),
        }
    }
}

impl Neighbours {
    /// What is known of token `id` of the model.
    pub(super) fn of(&self, model: &Model, id: u32) -> Option<&Found> {
        let found = self.found.as_ref();
        found.filter(|found| found.model.is(model) && found.id == id)
    }

    pub(super) fn is_refused(&self, model: &Model) -> bool {
        self.refused
            .as_ref()
            .is_some_and(|refused| refused.is(model))
    }

    /// Takes what a job found, and asks for the token that is wanted now.
    pub(super) fn follow(&mut self, wanted: Option<(&Model, u32)>, cx: &mut TabContext<'_>) {
        if let Some(job) = &mut self.finding {
            let arrived = job.poll().pop();
            let arrived = arrived.or_else(|| job.take_failure().map(Err));
            match arrived {
                None if job.is_running() => return,
                None => {}
                Some(Ok(found)) => self.found = Some(found),
                Some(Err(refusal)) => {
                    self.refused = wanted.map(|(model, _)| model.clone());
                    cx.notices.push(Notice::Refused(refusal));
                }
            }
            self.finding = None;
        }
        let Some((model, id)) = wanted else {
            return;
        };
        if self.of(model, id).is_some() || self.is_refused(model) {
            return;
        }
        self.refused = None;
        let table = self.found.as_ref();
        let table = table.filter(|found| found.model.is(model));
        let table = table.map(|found| Arc::clone(&found.table));
        let model = model.clone();
        let find = move || {
            let table = match table {
                Some(table) => table,
                None => Arc::new(model.table()?),
            };
            let near = table.nearest(id, N_NEAREST);
            Ok(Found {
                model,
                id,
                table,
                near,
            })
        };
        let job = Job::spawn("find neighbours", cx.wake.clone(), move |emit| {
            _ = emit(find());
        });
        match job {
            Ok(job) => self.finding = Some(job),
            Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
        }
    }
}
