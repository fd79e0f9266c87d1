//! The tokens that a model uses like the one looked at, found by a job in its embedding table.

use crate::jobs::Job;
use crate::labs::tokenizer::{EmbeddingTable, Neighbour};
use crate::refusal::Result;
use crate::tabs::{Notice, TabContext};
use std::sync::Arc;

/// How many are shown.
pub(super) const N_NEAREST: usize = 16;

/// What was found for one token.
#[derive(Debug)]
pub(super) struct Found {
    key: String,
    id: u32,
    table: Arc<EmbeddingTable>,
    pub(super) near: Vec<Neighbour>,
}

impl Found {
    pub(super) fn d_model(&self) -> usize {
        self.table.d_model()
    }
}

#[derive(Debug, Default)]
pub(super) struct Neighbours {
    found: Option<Found>,
    finding: Option<Job<Result<Found>>>,
    /// The model that was asked last and has no table.
    refused: Option<String>,
}

/// Whether a vocabulary is part of a model, whose table could be asked.
pub(super) fn has_table(key: &str) -> bool {
    let is_weights = |ending: &str| key.to_ascii_lowercase().ends_with(ending);
    matches!(key, "smollm2" | "stories") || is_weights(".gguf") || is_weights(".safetensors")
}

impl Neighbours {
    /// What is known of token `id` of the model `key`.
    pub(super) fn of(&self, key: &str, id: u32) -> Option<&Found> {
        let found = self.found.as_ref();
        found.filter(|found| found.key == key && found.id == id)
    }

    pub(super) fn is_refused(&self, key: &str) -> bool {
        self.refused.as_deref() == Some(key)
    }

    /// Takes what a job found, and asks for the token that is wanted now.
    pub(super) fn follow(&mut self, wanted: Option<(&str, u32)>, cx: &mut TabContext<'_>) {
        if let Some(job) = &mut self.finding {
            let arrived = job.poll().pop();
            let arrived = arrived.or_else(|| job.take_failure().map(Err));
            match arrived {
                None if job.is_running() => return,
                None => {}
                Some(Ok(found)) => self.found = Some(found),
                Some(Err(refusal)) => {
                    self.refused = wanted.map(|(key, _)| key.to_owned());
                    cx.notices.push(Notice::Refused(refusal));
                }
            }
            self.finding = None;
        }
        let Some((key, id)) = wanted else {
            return;
        };
        if self.of(key, id).is_some() || self.is_refused(key) {
            return;
        }
        self.refused = None;
        let table = self.found.as_ref().filter(|found| found.key == key);
        let table = table.map(|found| Arc::clone(&found.table));
        let key = key.to_owned();
        let find = move || {
            let table = match table {
                Some(table) => table,
                None => Arc::new(EmbeddingTable::open(&key)?),
            };
            let near = table.nearest(id, N_NEAREST);
            Ok(Found {
                key,
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
