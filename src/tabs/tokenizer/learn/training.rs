//! Learning from a whole text: the job, what it says on the way, and what it leaves behind.

use super::LEARNED_FROM;
use super::whole::Source;
use super::words::grouped;
use crate::jobs::Job;
use crate::labs::bpe_learning::compare::{longest, tokenizer};
use crate::labs::bpe_learning::{Event, LearnedMerge, Outcome, Recipe, train};
use crate::labs::tokenizer::Tokenizer;
use crate::refusal::Result;
use crate::tabs::{Progress, TabContext};
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// Longest tokens kept for show.
const N_LONGEST: usize = 40;

/// What was learned from a text.
#[derive(Debug)]
pub(super) struct Trained {
    /// The text's name.
    pub name: String,
    pub text: Arc<str>,
    pub n_chars: u64,
    pub outcome: Outcome,
    /// Ids of the longest tokens.
    pub longest: Vec<u32>,
    /// Tokens in the text before any merge and after each.
    pub n_tokens: Vec<u64>,
    pub secs: f64,
    pub tokenizer: Arc<Tokenizer>,
}

/// What the training job says on the way.
#[derive(Debug)]
enum Told {
    Read { n_bytes: usize },
    Event(Event),
}

/// Where the training job leaves what it learned: not in the channel, which a stopped job may find full.
type Slot = Arc<Mutex<Option<Result<Option<Trained>>>>>;

/// Learning that is going on.
#[derive(Debug)]
pub(super) struct Training {
    job: Job<Told>,
    slot: Slot,
    pub name: String,
    pub n_merges_wanted: usize,
    n_bytes: usize,
    n_bytes_counted: usize,
    /// Tokens in the text before any merge and after each.
    pub n_tokens: Vec<u64>,
    pub merges: Vec<LearnedMerge>,
    pub stopping: bool,
}

impl Training {
    /// Starts the job.
    ///
    /// # Errors
    /// When the system cannot start another thread.
    pub(super) fn start(source: Source, recipe: Recipe, cx: &TabContext<'_>) -> Result<Self> {
        let slot = Slot::default();
        let (left_in, compute) = (Arc::clone(&slot), cx.compute);
        let (name, n_merges_wanted) = (source.name(), recipe.n_merges);
        let job = Job::spawn("learn a vocabulary", cx.wake.clone(), move |emit| {
            compute.set_threads();
            let result = learn(&source, &recipe, emit);
            if let Ok(mut slot) = left_in.lock() {
                *slot = Some(result);
            }
        })?;
        Ok(Self {
            job,
            slot,
            name,
            n_merges_wanted,
            n_bytes: 0,
            n_bytes_counted: 0,
            n_tokens: Vec::new(),
            merges: Vec::new(),
            stopping: false,
        })
    }

    /// Ends it soon; what was learned is kept.
    pub(super) fn stop(&mut self) {
        self.job.stop();
        self.stopping = true;
    }

    /// Takes what the job sent; at its end what was learned, `None` when stopped before the first
    /// merge.
    pub(super) fn poll(&mut self) -> Option<Result<Option<Trained>>> {
        for told in self.job.poll() {
            self.take(told);
        }
        if self.job.is_running() {
            return None;
        }
        let result = self.slot.lock().ok().and_then(|mut slot| slot.take());
        let failure = self.job.take_failure().map(Err);
        Some(result.or(failure).unwrap_or(Ok(None)))
    }

    fn take(&mut self, told: Told) {
        match told {
            Told::Read { n_bytes } => {
                self.n_bytes = n_bytes;
                self.n_tokens = vec![n_bytes as u64];
            }
            Told::Event(Event::Counting { n_bytes, .. }) => self.n_bytes_counted = n_bytes,
            Told::Event(Event::Counted { .. }) => self.n_bytes_counted = self.n_bytes,
            Told::Event(Event::Learned { merges, .. }) => {
                self.n_tokens
                    .extend(merges.iter().map(|merge| merge.n_tokens));
                self.merges.extend(merges);
            }
        }
    }

    /// How far it is.
    pub(super) fn progress(&self) -> Progress {
        let (done, all) = (self.merges.len(), self.n_merges_wanted);
        if self.n_bytes == 0 {
            return Progress {
                label: "Reading the text".into(),
                fraction: None,
            };
        }
        if done == 0 {
            return Progress {
                label: "Counting the pieces of the text".into(),
                fraction: Some(self.n_bytes_counted as f32 / self.n_bytes as f32),
            };
        }
        Progress {
            label: format!("{} of {} merges", grouped(done as u64), grouped(all as u64)),
            fraction: Some(done as f32 / all.max(1) as f32),
        }
    }
}

/// Reads, learns, and makes ready what is shown. `None` when it was stopped before the first merge.
fn learn(
    source: &Source,
    recipe: &Recipe,
    emit: &mut dyn FnMut(Told) -> ControlFlow<()>,
) -> Result<Option<Trained>> {
    let begun = Instant::now();
    let text: Arc<str> = source.read()?.into();
    if emit(Told::Read {
        n_bytes: text.len(),
    })
    .is_break()
    {
        return Ok(None);
    }
    let mut n_tokens = vec![text.len() as u64];
    let outcome = train(&text, recipe, &mut |event| {
        if let Event::Learned { merges, .. } = &event {
            n_tokens.extend(merges.iter().map(|merge| merge.n_tokens));
        }
        emit(Told::Event(event))
    })?;
    if outcome.stopped && outcome.learned.merges.is_empty() {
        return Ok(None);
    }
    // A merge after the last event is not told of, but it counts.
    n_tokens.truncate(outcome.learned.merges.len());
    n_tokens.push(outcome.n_tokens_after);
    let secs = begun.elapsed().as_secs_f64();
    let name = source.name();
    Ok(Some(Trained {
        tokenizer: Arc::new(tokenizer(&format!("{LEARNED_FROM}{name}"), &outcome)?),
        longest: longest(&outcome.learned, N_LONGEST),
        n_chars: text.chars().count() as u64,
        name,
        text,
        outcome,
        n_tokens,
        secs,
    }))
}
