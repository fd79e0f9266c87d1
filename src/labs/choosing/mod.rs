//! Choosing well: greedy, sampling and beam search from one prompt, on one tree, with the sum of the
//! log-probabilities of every path. Every number is of a real forward pass.

mod reader;
mod tree;

pub use crate::algo::beam::Stop;
pub use tree::{Branch, Choices, How, Path, Token};

use crate::algo::beam::{Search, Settings};
use crate::algo::sampling::{Sampling, choose, weigh};
use crate::labs::text::{LoadedText, Request as Asked, check};
use crate::labs::tokenizer::Tokenizer;
use crate::refusal::{Refusal, Result};
use crate::rng::Rng;
use reader::Reader;
use std::ops::ControlFlow;

/// The most texts that go on side by side.
pub const MAX_BEAMS: usize = 16;

/// The most tokens of a path.
pub const MAX_TOKENS: usize = 64;

/// What is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// What all paths go on from.
    pub ids: Vec<u32>,
    /// The most tokens of a path.
    pub n_tokens: usize,
    /// Texts that beam search keeps.
    pub n_beams: usize,
    /// A finished text scores its sum divided by its length to this power.
    pub length_penalty: f64,
    /// When beam search ends before.
    pub stop: Stop,
    /// How many paths are drawn.
    pub n_samples: usize,
    /// The temperature they are drawn at.
    pub temperature: f64,
    /// The start of the random draws; each path has its own.
    pub seed: u64,
    /// The tokens that end a text.
    pub ends: Vec<u32>,
}

impl Request {
    /// Greedy, four beams and two drawn paths of `n_tokens` after `ids`, that end where the model ends.
    #[must_use]
    pub fn new(loaded: &LoadedText, ids: Vec<u32>, n_tokens: usize) -> Self {
        let vocabulary = loaded.tokenizer.as_ref().map(Tokenizer::vocabulary);
        Self {
            ids,
            n_tokens,
            n_beams: 4,
            length_penalty: 1.0,
            stop: Stop::Likely,
            n_samples: 2,
            temperature: 1.0,
            seed: 0,
            ends: vocabulary.map_or_else(Vec::new, |v| v.eos.clone()),
        }
    }
}

/// What is told on the way.
#[derive(Debug, Clone)]
pub enum Event {
    /// A forward pass was made.
    Pass {
        /// How much is done, 0..=1, if no text ends early.
        fraction: f32,
    },
    /// The tree has grown.
    Grown(Choices),
}

/// Goes all the ways and tells of the tree as it grows. Returns the whole tree, or what there was when
/// `emit` broke.
///
/// # Errors
/// No text, an id outside the vocabulary, paths that do not fit into the context, or arithmetic that
/// fails.
pub fn choose_all(
    loaded: &LoadedText,
    request: &Request,
    emit: &mut dyn FnMut(Event) -> ControlFlow<()>,
) -> Result<Choices> {
    refuse(loaded, request)?;
    let mut choices = Choices::default();
    let n_passes = 1 + request.n_tokens * (1 + request.n_samples + request.n_beams);
    let mut n_done = 0;
    let mut pass = |emit: &mut dyn FnMut(Event) -> ControlFlow<()>| {
        n_done += 1;
        let fraction = (n_done as f32 / n_passes as f32).min(1.0);
        emit(Event::Pass { fraction })
    };
    let n_ctx = request.ids.len() + request.n_tokens;
    let start = Reader::open(loaded, &request.ids, n_ctx, &mut || pass(emit))?;
    let Some(start) = start else {
        return Ok(choices);
    };
    let mut hows = vec![How::Greedy];
    hows.extend((0..request.n_samples).map(How::Drawn));
    for how in hows {
        let mut reader = start.fork()?;
        let mut chooser = Chooser::new(how, request);
        loop {
            let id = chooser.choose(reader.logits());
            choices.walk(loaded, how, reader.logits(), id);
            if emit(Event::Grown(choices.clone())).is_break() {
                return Ok(choices);
            }
            let path = choices.path_of(how);
            let n_tokens = path.map_or(0, |path| path.n_tokens);
            if request.ends.contains(&id) {
                choices.end(how);
                break;
            }
            if n_tokens >= request.n_tokens {
                break;
            }
            reader.push(loaded, id)?;
            if pass(emit).is_break() {
                return Ok(choices);
            }
        }
    }
    search(
        loaded,
        request,
        start,
        &mut choices,
        &mut |event| match event {
            None => pass(emit),
            Some(choices) => emit(Event::Grown(choices)),
        },
    )?;
    Ok(choices)
}

/// Beam search, step by step into the tree.
fn search(
    loaded: &LoadedText,
    request: &Request,
    start: Reader,
    choices: &mut Choices,
    emit: &mut dyn FnMut(Option<Choices>) -> ControlFlow<()>,
) -> Result<()> {
    let settings = Settings {
        n_beams: request.n_beams,
        max_tokens: request.n_tokens,
        length_penalty: request.length_penalty,
        stop: request.stop,
    };
    let mut search = Search::new(settings, &request.ends);
    let mut readers = vec![(None, start)];
    loop {
        let rows: Vec<&[f32]> = readers.iter().map(|(_, reader)| reader.logits()).collect();
        search.step(&rows);
        choices.take_search(loaded, &search, &request.ends);
        if emit(Some(choices.clone())).is_break() || search.is_done() {
            return Ok(());
        }
        let mut next = Vec::with_capacity(search.running().len());
        for &node in search.running() {
            let about = node.and_then(|node: usize| search.nodes().get(node));
            let Some(about) = about else { continue };
            let parent = readers.iter().find(|(node, _)| *node == about.parent);
            let Some((_, parent)) = parent else { continue };
            let mut reader = parent.fork()?;
            reader.push(loaded, about.id)?;
            next.push((node, reader));
            if emit(None).is_break() {
                return Ok(());
            }
        }
        readers = next;
    }
}

/// How one path chooses.
struct Chooser {
    draws: Rng,
    sampling: Sampling,
}

impl Chooser {
    fn new(how: How, request: &Request) -> Self {
        let (number, temperature) = match how {
            How::Drawn(number) => (number as u64, request.temperature),
            _ => (0, 0.0), // The likeliest, whatever is drawn.
        };
        Self {
            draws: Rng::new(request.seed.wrapping_add(number), "sampling"),
            sampling: Sampling {
                temperature,
                ..Sampling::plain()
            },
        }
    }

    fn choose(&mut self, logits: &[f32]) -> u32 {
        choose(&weigh(logits, &[], &self.sampling), self.draws.uniform())
    }
}

fn refuse(loaded: &LoadedText, request: &Request) -> Result<()> {
    let mut asked = Asked::new(request.ids.clone(), request.n_tokens);
    asked.sampling.temperature = request.temperature;
    check(loaded, &asked)?;
    let n_all = request.ids.len() + request.n_tokens;
    if n_all > loaded.n_ctx {
        return Err(Refusal::unchanged(
            "The paths do not fit into what the model can see at once",
            format!(
                "The text has {} tokens and the paths {} more; the context holds {}.",
                request.ids.len(),
                request.n_tokens,
                loaded.n_ctx
            ),
            "Shorten the text, or ask for shorter paths.",
        ));
    }
    if request.n_beams > MAX_BEAMS || request.n_tokens > MAX_TOKENS {
        return Err(Refusal::unchanged(
            "The tree would be too large to look at",
            format!(
                "{} beams of {} tokens; {MAX_BEAMS} beams of {MAX_TOKENS} tokens are the most.",
                request.n_beams, request.n_tokens
            ),
            "Ask for fewer beams or shorter paths.",
        ));
    }
    Ok(())
}
