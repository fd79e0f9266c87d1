//! What is asked and the worker that walks the paths. Whoever moves a slider asks anew; only the newest
//! question counts.

use crate::jobs::Emit;
use crate::labs::choosing::{Choices, Event, Request, choose_all};
use crate::labs::text::LoadedText;
use crate::refusal::{Refusal, Result};
use crate::tabs::latest::Latest;
use crate::tabs::text::views::Desk;
use crate::tabs::{Notice, TabContext};
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;
use std::sync::Arc;

/// What can be chosen on the bench.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Setup {
    pub(super) n_tokens: usize,
    pub(super) n_beams: usize,
    pub(super) n_samples: usize,
    pub(super) temperature: f64,
    pub(super) length_penalty: f64,
    pub(super) seed: u64,
    /// Whether the candidates that beam search dropped are shown too.
    pub(super) show_dropped: bool,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            n_tokens: 8,
            n_beams: 4,
            n_samples: 2,
            temperature: 1.0,
            length_penalty: 1.0,
            seed: 0,
            show_dropped: false,
        }
    }
}

impl Setup {
    /// As it was kept, with what cannot be put right.
    pub(super) fn checked(self) -> Self {
        let finite = |x: f64, usual| if x.is_finite() { x } else { usual };
        Self {
            n_tokens: self.n_tokens.clamp(1, 16),
            n_beams: self.n_beams.clamp(1, 8),
            n_samples: self.n_samples.min(4),
            temperature: finite(self.temperature, 1.0).clamp(0.1, 2.0),
            length_penalty: finite(self.length_penalty, 1.0).clamp(-2.0, 2.0),
            ..self
        }
    }

    fn request(&self, loaded: &LoadedText, ids: &[u32]) -> Request {
        Request {
            n_beams: self.n_beams,
            n_samples: self.n_samples,
            temperature: self.temperature,
            length_penalty: self.length_penalty,
            seed: self.seed,
            ..Request::new(loaded, ids.to_vec(), self.n_tokens)
        }
    }
}

/// A question: its number, the model and what is asked of it.
#[derive(Debug, Clone)]
struct Asked {
    number: u64,
    loaded: Arc<LoadedText>,
    request: Request,
}

/// What the worker tells of the question with this number.
type Answer = (u64, Told);

enum Told {
    Event(Event),
    Done(Result<Choices>),
}

/// The worker, the newest question, and what is known of it.
#[derive(Debug, Default)]
pub(super) struct Asking {
    worker: Option<Latest<(), Asked, Answer>>,
    asked: Option<Asked>,
    is_running: bool,
    fraction: f32,
    choices: Option<(u64, Choices)>,
    refused: Option<Refusal>,
    n_asked: u64,
}

impl Asking {
    /// The tree, and a number that differs for every question.
    pub(super) fn choices(&self) -> Option<(u64, &Choices)> {
        let (number, choices) = self.choices.as_ref()?;
        Some((*number, choices))
    }

    pub(super) fn refused(&self) -> Option<&Refusal> {
        self.refused.as_ref()
    }

    pub(super) fn is_running(&self) -> bool {
        self.is_running
    }

    pub(super) fn fraction(&self) -> f32 {
        self.fraction
    }

    /// Asks again, whatever was asked.
    pub(super) fn forget(&mut self) {
        self.asked = None;
    }

    /// Ends the walk; the tree stays as far as it has grown.
    pub(super) fn stop(&mut self) {
        self.worker = None;
        self.is_running = false;
    }

    /// Takes what the worker told.
    pub(super) fn hear(&mut self, cx: &mut TabContext<'_>) {
        let Some(worker) = &mut self.worker else {
            return;
        };
        for (number, told) in worker.job.poll() {
            if self
                .asked
                .as_ref()
                .is_none_or(|asked| asked.number != number)
            {
                continue;
            }
            match told {
                Told::Event(Event::Pass { fraction }) => self.fraction = fraction,
                Told::Event(Event::Grown(choices)) => self.choices = Some((number, choices)),
                Told::Done(Ok(choices)) => {
                    self.choices = Some((number, choices));
                    self.is_running = false;
                }
                Told::Done(Err(refusal)) => {
                    self.choices = None;
                    self.refused = Some(refusal);
                    self.is_running = false;
                }
            }
        }
        if let Some(refusal) = worker.job.take_failure() {
            cx.notices.push(Notice::Refused(refusal));
            self.stop();
        }
    }

    /// Asks, where the text, the model or the settings are others than before.
    pub(super) fn ask(&mut self, setup: &Setup, desk: &Desk, cx: &mut TabContext<'_>) {
        let Some(loaded) = desk.model.current() else {
            return;
        };
        if desk.text.is_reading() || desk.text.ids().is_empty() {
            return;
        }
        let request = setup.request(loaded, desk.text.ids());
        let is_same =
            |asked: &Asked| Arc::ptr_eq(&asked.loaded, loaded) && asked.request == request;
        if self.asked.as_ref().is_some_and(is_same) {
            return;
        }
        if self.worker.is_none() {
            match Latest::spawn("walk the paths", cx, |(), asked, is_stale, emit| {
                walk(&asked, is_stale, emit)
            }) {
                Ok(worker) => self.worker = Some(worker),
                Err(refusal) => self.refused = Some(refusal),
            }
        }
        self.n_asked += 1;
        let asked = Asked {
            number: self.n_asked,
            loaded: Arc::clone(loaded),
            request,
        };
        if let Some(worker) = &self.worker {
            worker.wish((), asked.clone());
            (self.is_running, self.fraction, self.refused) = (true, 0.0, None);
        }
        self.asked = Some(asked);
    }
}

/// Walks all the paths of a question, until it is overtaken.
fn walk(asked: &Asked, is_stale: &dyn Fn() -> bool, emit: Emit<'_, Answer>) -> ControlFlow<()> {
    let number = asked.number;
    let mut flow = ControlFlow::Continue(());
    let mut tell = |event| {
        flow = emit((number, Told::Event(event)));
        if is_stale() {
            ControlFlow::Break(())
        } else {
            flow
        }
    };
    let done = choose_all(&asked.loaded, &asked.request, &mut tell);
    if flow.is_break() {
        return flow;
    }
    emit((number, Told::Done(done)))
}
