//! The loop: read, weigh, choose, emit; and why it ends.

use super::session::{Read, too_long};
use super::{Event, Finished, LoadedText, Overflow, Request, StopReason, Timings, Token};
use crate::algo::sampling::{choose, weigh};
use crate::refusal::{Refusal, Result};
use crate::rng::Rng;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Streams a continuation of `request.ids`, one [`Event::Token`] per token. `emit` hears something
/// at least every 200 ms, and ends the answer by returning `Break`; what was written is kept.
///
/// # Errors
/// An empty text, no tokens asked for, an id outside the vocabulary, a text longer than the context
/// (unless the oldest may be dropped), settings without a meaning, or arithmetic that fails.
pub fn generate(
    loaded: &LoadedText,
    request: &Request,
    emit: &mut dyn FnMut(Event) -> ControlFlow<()>,
) -> Result<Finished> {
    check(loaded, request)?;
    let mut session = loaded.session();
    let mut rng = Rng::new(request.seed, "sampling");
    (0..request.n_written).for_each(|_| _ = rng.uniform());
    let mut window = Window::open(loaded.n_ctx, request, emit)?;
    let mut ending = Ending::new(&request.stop);
    let mut clock = Clock::start(&window, session.n_known(window.ids()));

    let stop = loop {
        let n_total = window.ids().len();
        let mut progress = |n_done| emit(Event::Reading { n_done, n_total });
        let Read::Logits(logits) = session.read(loaded, window.ids(), &mut progress)? else {
            break StopReason::You;
        };
        let weighed = weigh(&logits, window.all(), &request.sampling);
        refuse_nonsense(&logits, weighed.n_not_a_number)?;
        let id = choose(&weighed, rng.uniform());
        clock.token();
        let token = Token {
            id,
            bytes: loaded.token_bytes(id),
            special: loaded.is_special(id),
            logit: f64::from(logits[id as usize]),
            p_raw: weighed.p_raw(id),
            p_sampled: weighed.p_sampled(id),
            nucleus_size: weighed.survivors.len(),
            logits,
            n_dropped: window.n_dropped,
        };
        if !token.special {
            ending.text.extend_from_slice(&token.bytes);
        }
        let flow = emit(Event::Token(token));
        if loaded.ends_text(id) {
            break StopReason::EndOfText;
        }
        if let Some(reason) = ending.stop_string() {
            break reason;
        }
        if flow.is_break() {
            break StopReason::You;
        }
        if clock.n_tokens == request.max_tokens {
            break StopReason::Limit;
        }
        window.push(id);
        if let Some(stop) = window.make_room(request.overflow, emit) {
            break stop;
        }
    };
    Ok(Finished {
        stop,
        n_text_bytes: ending.text.len(),
        timings: clock.timings(),
    })
}

/// The model's scores for the token after `ids`, by a real forward pass; `None` when stopped.
///
/// # Errors
/// As [`generate`].
pub fn look_again(
    loaded: &LoadedText,
    ids: &[u32],
    emit: &mut dyn FnMut(Event) -> ControlFlow<()>,
) -> Result<Option<Arc<[f32]>>> {
    check(loaded, &Request::new(ids.to_vec(), 1))?;
    if ids.len() > loaded.n_ctx {
        return Err(too_long(ids.len(), loaded.n_ctx));
    }
    let mut session = loaded.session();
    let n_total = ids.len();
    let mut progress = |n_done| emit(Event::Reading { n_done, n_total });
    match session.read(loaded, ids, &mut progress)? {
        Read::Logits(logits) => Ok(Some(logits)),
        Read::Stopped => Ok(None),
    }
}

/// Refuses what cannot be generated, before anything is done.
///
/// # Errors
/// As [`generate`], but for the length of the text.
pub fn check(loaded: &LoadedText, request: &Request) -> Result<()> {
    request.sampling.check()?;
    if request.ids.is_empty() {
        return Err(Refusal::unchanged(
            "There is no text to continue",
            "The prompt has no tokens, and this model has no token that starts a text.",
            "Write a few words first.",
        ));
    }
    if request.max_tokens == 0 {
        return Err(Refusal::unchanged(
            "No tokens were asked for",
            "The number of tokens to write is 0.",
            "Ask for at least one.",
        ));
    }
    let vocab_size = loaded.config.vocab_size;
    if let Some(id) = request.ids.iter().find(|&&id| id as usize >= vocab_size) {
        return Err(Refusal::unchanged(
            format!("The model knows no token {id}"),
            format!("Its vocabulary has {vocab_size} tokens, numbered from 0."),
            format!("Use ids below {vocab_size}."),
        ));
    }
    Ok(())
}

/// Weights with NaN or infinities give scores nobody can draw from.
fn refuse_nonsense(logits: &[f32], n_not_a_number: usize) -> Result<()> {
    let n_usable = logits.iter().filter(|logit| logit.is_finite()).count();
    if n_usable > 0 {
        return Ok(());
    }
    Err(Refusal::new(
        "The model's scores are not numbers",
        format!(
            "Of {} scores, {n_not_a_number} are NaN and the rest are infinite.",
            logits.len()
        ),
        "The text so far is kept; no further token can be chosen from these weights.",
        "The weight file is probably damaged: get it again, or choose another model.",
    ))
}

/// The part of the text that the model sees.
struct Window {
    all: Vec<u32>,
    n_dropped: usize,
    n_ctx: usize,
}

impl Window {
    fn open(
        n_ctx: usize,
        request: &Request,
        emit: &mut dyn FnMut(Event) -> ControlFlow<()>,
    ) -> Result<Self> {
        let mut window = Self {
            all: request.ids.clone(),
            n_dropped: request.n_dropped.min(request.ids.len() - 1),
            n_ctx,
        };
        let n_seen = window.ids().len();
        if n_seen > n_ctx && window.make_room(request.overflow, emit).is_some() {
            return Err(too_long(n_seen, n_ctx));
        }
        Ok(window)
    }

    /// What the model sees.
    fn ids(&self) -> &[u32] {
        &self.all[self.n_dropped..]
    }

    /// The whole text, dropped tokens included.
    fn all(&self) -> &[u32] {
        &self.all
    }

    fn push(&mut self, id: u32) {
        self.all.push(id);
    }

    /// Drops the oldest tokens when the context is too full, or says why the answer ends instead.
    fn make_room(
        &mut self,
        overflow: Overflow,
        emit: &mut dyn FnMut(Event) -> ControlFlow<()>,
    ) -> Option<StopReason> {
        if self.ids().len() <= self.n_ctx {
            return None;
        }
        if overflow == Overflow::Stop {
            return Some(StopReason::ContextFull);
        }
        // A quarter at once: reading the rest again is slow, so it should be rare.
        let keep = (self.n_ctx - self.n_ctx / 4).max(1);
        self.n_dropped = self.all.len() - keep;
        let n_dropped = self.n_dropped;
        emit(Event::Dropped { n_dropped })
            .is_break()
            .then_some(StopReason::You)
    }
}

/// Looks for the stop strings in what was written.
struct Ending<'a> {
    text: Vec<u8>,
    n_searched: usize,
    stop: &'a [String],
}

impl<'a> Ending<'a> {
    fn new(stop: &'a [String]) -> Self {
        Self {
            text: Vec::new(),
            n_searched: 0,
            stop,
        }
    }

    /// The stop string that has appeared, if one has; the text is cut before it.
    fn stop_string(&mut self) -> Option<StopReason> {
        let found = self
            .stop
            .iter()
            .filter(|stop| !stop.is_empty())
            .filter_map(|stop| {
                let from = self.n_searched.saturating_sub(stop.len() - 1);
                let at = self.text[from..]
                    .windows(stop.len())
                    .position(|window| window == stop.as_bytes())?;
                Some((from + at, stop))
            })
            .min_by_key(|(at, _)| *at);
        self.n_searched = self.text.len();
        let (at, stop) = found?;
        self.text.truncate(at);
        Some(StopReason::StopString(stop.clone()))
    }
}

/// Measures an answer.
struct Clock {
    start: Instant,
    first: Option<Duration>,
    last: Duration,
    n_tokens: usize,
    n_read: usize,
    n_reused: usize,
}

impl Clock {
    fn start(window: &Window, n_reused: usize) -> Self {
        Self {
            start: Instant::now(),
            first: None,
            last: Duration::ZERO,
            n_tokens: 0,
            n_read: window.ids().len() - n_reused,
            n_reused,
        }
    }

    fn token(&mut self) {
        self.last = self.start.elapsed();
        self.first.get_or_insert(self.last);
        self.n_tokens += 1;
    }

    fn timings(&self) -> Timings {
        let rate = |n: usize, secs: f64| (n > 0 && secs > 0.0).then(|| n as f64 / secs);
        let first = self.first;
        let decoding = first.map_or(0.0, |first| self.last.saturating_sub(first).as_secs_f64());
        Timings {
            first_token_millis: first.map(|first| first.as_secs_f64() * 1e3),
            prompt_tok_per_sec: first.and_then(|f| rate(self.n_read, f.as_secs_f64())),
            decode_tok_per_sec: rate(self.n_tokens.saturating_sub(1), decoding),
            n_read: self.n_read,
            n_reused: self.n_reused,
        }
    }
}
