//! One model's reading of the text: what it told so far, and the job that goes on telling.

use crate::jobs::Job;
use crate::labs::inside::surprise::{self, Asked, Told, Totals};
use crate::labs::text::LoadedText;
use crate::refusal::{Refusal, Result};
use crate::tabs::{Notice, Progress, TabContext};
use crate::widgets::surprise_text::{Piece, SurpriseTextState};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How many of the most surprising tokens are listed.
const N_MOST: usize = 24;

/// What the job says.
#[derive(Debug)]
enum Event {
    /// The text as the model's tokens.
    Asked(Asked, Vec<Piece>),
    Told(surprise::Event),
    /// Whether it came to the end.
    Done(Result<bool>),
}

/// A text as one model reads it.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) loaded: Arc<LoadedText>,
    /// What is read.
    pub(super) text: String,
    /// The tokens of the text, told or not.
    pub(super) pieces: Vec<Piece>,
    pub(super) asked: Asked,
    pub(super) told: Vec<Told>,
    pub(super) totals: Totals,
    /// The places of the tokens that surprised most, the most surprising first.
    pub(super) most: Vec<usize>,
    /// Bytes and bits up to the end of each told token.
    pub(super) so_far: Vec<[f64; 2]>,
    /// The window that is read, and how many there are.
    pub(super) windows: [usize; 2],
    pub(super) is_whole: bool,
    pub(super) refused: Option<Refusal>,
    /// Another number for every reading.
    pub(super) version: u64,
    pub(super) places: SurpriseTextState,
    job: Option<Job<Event>>,
}

impl Reading {
    /// Begins to read.
    pub(super) fn begin(loaded: &Arc<LoadedText>, text: &str, cx: &mut TabContext<'_>) -> Self {
        static VERSIONS: AtomicU64 = AtomicU64::new(0);
        let (compute, model, words) = (cx.compute, Arc::clone(loaded), text.to_owned());
        let job = Job::spawn(
            "read a text for its surprise",
            cx.wake.clone(),
            move |emit| {
                compute.set_threads();
                let mut work = || {
                    let asked = surprise::ask(&model, &words)?;
                    let piece = |&id: &u32| Piece {
                        bytes: model.token_bytes(id),
                        special: model.is_special(id),
                    };
                    let pieces = asked.ids.iter().map(piece).collect();
                    if emit(Event::Asked(asked.clone(), pieces)).is_break() {
                        return Ok(false);
                    }
                    let mut tell = |told| -> ControlFlow<()> { emit(Event::Told(told)) };
                    surprise::measure(&model, &asked, &mut tell)
                };
                let done = work();
                _ = emit(Event::Done(done));
            },
        );
        let (job, refused) = match job {
            Ok(job) => (Some(job), None),
            Err(refusal) => (None, Some(refusal)),
        };
        Self {
            loaded: Arc::clone(loaded),
            text: text.to_owned(),
            pieces: Vec::new(),
            asked: Asked::default(),
            told: Vec::new(),
            totals: Totals::default(),
            most: Vec::new(),
            so_far: Vec::new(),
            windows: [0, 1],
            is_whole: false,
            refused,
            version: VERSIONS.fetch_add(1, Ordering::Relaxed),
            places: SurpriseTextState::default(),
            job,
        }
    }

    /// Whether it reads this text with this model.
    pub(super) fn is_of(&self, loaded: &Arc<LoadedText>, text: &str) -> bool {
        Arc::ptr_eq(&self.loaded, loaded) && self.text == text
    }

    /// Whether the job is still at work.
    pub(super) fn is_running(&self) -> bool {
        self.job.is_some()
    }

    /// Ends the reading; what was told stays.
    pub(super) fn stop(&mut self) {
        self.job = None;
    }

    /// Takes what the job sent.
    pub(super) fn poll(&mut self, cx: &mut TabContext<'_>) {
        let Some(job) = &mut self.job else { return };
        let events = job.poll();
        let is_over = !job.is_running();
        cx.notices.extend(job.take_failure().map(Notice::Refused));
        for event in events {
            match event {
                Event::Asked(asked, pieces) => (self.asked, self.pieces) = (asked, pieces),
                Event::Told(event) => {
                    self.windows = [event.window, event.n_windows];
                    self.hear(event.told);
                }
                Event::Done(Ok(is_whole)) => self.is_whole = is_whole,
                Event::Done(Err(refusal)) => self.refused = Some(refusal),
            }
        }
        if is_over {
            self.job = None;
        }
    }

    fn hear(&mut self, told: Vec<Told>) {
        self.totals.add(&self.loaded, &told);
        for token in told {
            let i = self.told.len();
            let [mut bytes, mut bits] = self.so_far.last().copied().unwrap_or_default();
            if let Some(piece) = self.pieces.get(i).filter(|piece| !piece.special) {
                bytes += piece.bytes.len() as f64;
            }
            bits += token.bits().unwrap_or(0.0);
            self.so_far.push([bytes, bits]);
            self.told.push(token);
            self.rank(i);
        }
    }

    /// Puts token `i` where it belongs among the most surprising.
    fn rank(&mut self, i: usize) {
        let bits = |i: usize| self.bits(i).unwrap_or(-1.0);
        let own = bits(i);
        let at = self.most.partition_point(|&other| bits(other) >= own);
        if own >= 0.0 && at < N_MOST {
            self.most.insert(at, i);
            self.most.truncate(N_MOST);
        }
    }

    /// The surprise of token `i`, once it is told.
    pub(super) fn bits(&self, i: usize) -> Option<f64> {
        self.told.get(i)?.bits()
    }

    /// Bits told up to byte `at`; `None` where the reading has not come so far.
    pub(super) fn bits_at(&self, at: f64) -> Option<f64> {
        let i = self.so_far.partition_point(|[bytes, _]| *bytes <= at);
        let is_told = i < self.so_far.len() || self.so_far.last().is_some_and(|[b, _]| *b >= at);
        is_told.then(|| i.checked_sub(1).map_or(0.0, |i| self.so_far[i][1]))
    }

    /// How far it is, while it reads.
    pub(super) fn progress(&self) -> Option<Progress> {
        self.job.as_ref()?;
        let (done, total) = (self.told.len(), self.asked.ids.len());
        Some(Progress {
            label: format!("{} reads: {done} of {total} tokens", self.loaded.name),
            fraction: (total > 0).then(|| done as f32 / total as f32),
        })
    }
}
