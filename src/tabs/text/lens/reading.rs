//! The lens over a stretch of the text, layer by layer as it comes.

use crate::jobs::Job;
use crate::labs::inside::Trace;
use crate::labs::inside::lens::{Cell, Event, lens, n_layers};
use crate::labs::text::Candidate;
use crate::refusal::{Refusal, Result};
use crate::tabs::{Progress, TabContext};
use std::ops::Range;
use std::sync::Arc;

/// The most positions that are read at once.
const MOST_POSITIONS: usize = 48;
/// Candidates of each cell.
const N_BEST: usize = 6;

enum Said {
    Event(Event),
    Ended(Result<bool>),
}

/// What is read, and what was.
#[derive(Default)]
pub(super) struct Reading {
    key: Option<(u64, Range<usize>)>,
    cells: Vec<Vec<Option<Cell>>>,
    job: Option<Job<Said>>,
    n_done: usize,
    refused: Option<Refusal>,
}

impl Reading {
    /// The positions that are read.
    pub(super) fn positions(&self) -> Range<usize> {
        self.key.clone().map_or(0..0, |(_, positions)| positions)
    }

    /// Layers, the embeddings first.
    pub(super) fn n_layers(&self) -> usize {
        self.cells.len()
    }

    /// What a layer says at a position, once it was read.
    pub(super) fn cell(&self, layer: usize, position: usize) -> Option<&Cell> {
        let at = position.checked_sub(self.positions().start)?;
        self.cells.get(layer)?.get(at)?.as_ref()
    }

    /// The model's own candidates at a position: the last layer's.
    pub(super) fn answer_at(&self, position: usize) -> Option<&[Candidate]> {
        let last = self.n_layers().checked_sub(1)?;
        self.cell(last, position).map(|cell| &cell.best[..])
    }

    pub(super) fn refused(&self) -> Option<&Refusal> {
        self.refused.as_ref()
    }

    pub(super) fn progress(&self) -> Option<Progress> {
        let n = self.n_layers() * self.positions().len();
        self.job.as_ref().map(|_| Progress {
            label: "Reading every layer".into(),
            fraction: Some(self.n_done as f32 / n.max(1) as f32),
        })
    }

    /// Takes what arrived.
    pub(super) fn poll(&mut self) {
        let Some(job) = &mut self.job else {
            return;
        };
        let said = job.poll();
        let failure = job.take_failure();
        if !job.is_running() {
            self.job = None;
        }
        self.refused = failure.or(self.refused.take());
        let start = self.positions().start;
        for said in said {
            match said {
                Said::Event(Event::Row {
                    layer,
                    first,
                    cells,
                }) => {
                    self.n_done += cells.len();
                    for (i, cell) in cells.into_iter().enumerate() {
                        let row = self.cells.get_mut(layer);
                        let place = row.and_then(|row| row.get_mut(first + i - start));
                        if let Some(place) = place {
                            *place = Some(cell);
                        }
                    }
                }
                Said::Ended(Err(refusal)) => self.refused = Some(refusal),
                Said::Event(Event::Reading(_)) | Said::Ended(Ok(_)) => {}
            }
        }
    }

    /// Reads the stretch of a pass around `position`, unless it is or was.
    pub(super) fn ask(
        &mut self,
        version: u64,
        trace: &Arc<Trace>,
        position: usize,
        cx: &TabContext<'_>,
    ) {
        let is_read =
            |(of, positions): &(u64, Range<usize>)| *of == version && positions.contains(&position);
        if self.key.as_ref().is_some_and(is_read) {
            return;
        }
        let n = trace.n_positions();
        // The position stands near the end of the stretch, as the last token does.
        let end = (position + MOST_POSITIONS / 4).min(n);
        let positions = end.saturating_sub(MOST_POSITIONS)..end;
        self.key = Some((version, positions.clone()));
        self.cells = vec![vec![None; positions.len()]; n_layers(trace.config().n_layers)];
        self.n_done = 0;
        self.refused = None;
        let (trace, compute) = (Arc::clone(trace), cx.compute);
        let job = Job::spawn("read every layer", cx.wake.clone(), move |emit| {
            compute.set_threads();
            let mut hear = |event| emit(Said::Event(event));
            let ended = lens(trace.loaded(), trace.ids(), positions, N_BEST, &mut hear);
            _ = emit(Said::Ended(ended));
        });
        match job {
            Ok(job) => self.job = Some(job),
            Err(refusal) => self.refused = Some(refusal),
        }
    }
}

impl std::fmt::Debug for Reading {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reading")
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}
