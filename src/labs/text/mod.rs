//! A language model continues a text: loaded once, asked as often as a person likes.
//!
//! [`load`] finds a model and its tokenizer and makes a [`LoadedText`]. [`generate`] feeds it a
//! prompt and streams every chosen token with the scores it was chosen from; [`look_again`] asks for
//! the scores at one place. What the model has already read stays in its key/value cache, so only
//! the part of a text that is new costs time. The same seed gives the same text on every run.

mod generate;
mod load;
mod prompt;
mod session;

pub use generate::{check, generate, look_again};
pub(in crate::labs) use load::find;
pub use load::{EMBEDDED, LARGE, LoadProgress, SMALLEST, Source, is_present, load};
pub use prompt::{Seen, read_chat, read_ids, read_raw};

pub use crate::algo::sampling::{Candidate, Sampling, Stage, StageOutcome, Weighed, weigh};
pub use crate::labs::chat::Message;
use crate::labs::tokenizer::Tokenizer;
use crate::models::{DecoderConfig, LogitsFor, TextModel};
use crate::nn::hooks::Hooks;
use crate::nn::math_refusal;
use crate::refusal;
use candle_core::Tensor;
use serde::{Serialize, Serializer};
use session::Session;
use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A model in memory, ready to answer, with all that is known about it.
pub struct LoadedText {
    /// Its name: "smollm2", or the file's.
    pub name: String,
    /// The file of its weights; `None` for the model that is built in.
    pub path: Option<PathBuf>,
    /// Where it came from and what was done to it, in sentences for a person.
    pub provenance: Vec<String>,
    /// What it is made of.
    pub config: DecoderConfig,
    /// Its tokenizer; `None` where none was found and ids stand for text.
    pub tokenizer: Option<Tokenizer>,
    /// How many tokens it can see at once here.
    pub n_ctx: usize,
    /// Bytes of weights and of a full key/value cache.
    pub memory_bytes: u64,
    model: TextModel,
    session: Mutex<Session>,
    n_passes: AtomicU64,
}

impl fmt::Debug for LoadedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoadedText")
            .field("name", &self.name)
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

impl LoadedText {
    /// How many forward passes it has made since it was loaded.
    #[must_use]
    pub fn n_passes(&self) -> u64 {
        self.n_passes.load(Ordering::Relaxed)
    }

    /// The network itself.
    pub(in crate::labs) fn model(&self) -> &TextModel {
        &self.model
    }

    fn session(&self) -> MutexGuard<'_, Session> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads `ids` from their beginning, apart from any session, and lets every inside number pass
    /// through `hooks`: the logits of the last position, (1, v), or of all, (t, v).
    pub(in crate::labs) fn look_inside(
        &self,
        ids: &[u32],
        which: LogitsFor,
        hooks: &mut impl Hooks,
    ) -> refusal::Result<Tensor> {
        let mut pass = || {
            let mut cache = self.model.new_cache(ids.len())?;
            self.model.forward(ids, &mut cache, which, hooks)
        };
        pass().map_err(|error| math_refusal(&error))
    }

    /// Whether it was made to chat: its file brings a chat template.
    #[must_use]
    pub fn has_chat_template(&self) -> bool {
        let vocabulary = self.tokenizer.as_ref().map(Tokenizer::vocabulary);
        vocabulary.is_some_and(|v| v.chat_template.is_some())
    }

    /// The bytes a token stands for; without a tokenizer its number in brackets.
    #[must_use]
    pub fn token_bytes(&self, id: u32) -> Vec<u8> {
        self.tokenizer.as_ref().map_or_else(
            || format!("[{id}]").into_bytes(),
            |tokenizer| tokenizer.token_bytes(id).to_vec(),
        )
    }

    /// Whether a token is a control token of the model (end of text, a turn's start), not text.
    #[must_use]
    pub fn is_special(&self, id: u32) -> bool {
        self.tokenizer.as_ref().is_some_and(|t| t.is_special(id))
    }

    /// Whether a token ends the text.
    #[must_use]
    pub fn ends_text(&self, id: u32) -> bool {
        let vocabulary = self.tokenizer.as_ref().map(Tokenizer::vocabulary);
        vocabulary.is_some_and(|v| v.eos.contains(&id))
    }
}

/// What to do when the text no longer fits the context. The person chooses; it never just happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Overflow {
    /// End the answer there and say so.
    #[default]
    Stop,
    /// Forget the oldest quarter and go on; the model reads the rest again.
    DropOldest,
}

/// What to generate.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Everything the model sees: the prompt, and what was already written after it.
    pub ids: Vec<u32>,
    /// How many of `ids` were written after the prompt: the random draws go on from there, so that
    /// an answer stopped and continued is the answer that was never stopped.
    pub n_written: usize,
    /// How many of the oldest `ids` the model already no longer sees.
    pub n_dropped: usize,
    /// The sampling steps.
    pub sampling: Sampling,
    /// The start of the random draws.
    pub seed: u64,
    /// The most tokens to write.
    pub max_tokens: usize,
    /// Texts that end the answer when they appear in it.
    pub stop: Vec<String>,
    /// What to do when the context is full.
    pub overflow: Overflow,
}

impl Request {
    /// A request for `max_tokens` tokens after `ids`, with everything else as llama.cpp has it.
    #[must_use]
    pub fn new(ids: Vec<u32>, max_tokens: usize) -> Self {
        Self {
            ids,
            n_written: 0,
            n_dropped: 0,
            sampling: Sampling::default(),
            seed: 0,
            max_tokens,
            stop: Vec::new(),
            overflow: Overflow::Stop,
        }
    }
}

/// What [`generate`] streams.
#[derive(Debug, Clone)]
pub enum Event {
    /// The model is reading the prompt.
    Reading {
        /// Tokens read or known from before.
        n_done: usize,
        /// Tokens of the prompt.
        n_total: usize,
    },
    /// The context was full and the oldest tokens were forgotten, as the person chose.
    Dropped {
        /// How many of the oldest tokens the model no longer sees, in all.
        n_dropped: usize,
    },
    /// A token was chosen.
    Token(Token),
}

/// A chosen token and everything it was chosen from.
#[derive(Debug, Clone)]
pub struct Token {
    /// Its id.
    pub id: u32,
    /// Its bytes; they may be part of a character.
    pub bytes: Vec<u8>,
    /// Whether it is a control token, not text.
    pub special: bool,
    /// The score of every token of the vocabulary, by id.
    pub logits: Arc<[f32]>,
    /// Its own score.
    pub logit: f64,
    /// Its probability before any sampling step.
    pub p_raw: f64,
    /// Its probability after all of them.
    pub p_sampled: f64,
    /// How many candidates they left.
    pub nucleus_size: usize,
    /// How many of the oldest tokens the model no longer saw.
    pub n_dropped: usize,
}

/// Why an answer ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StopReason {
    /// The model wrote its end-of-text token.
    EndOfText,
    /// This text appeared.
    StopString(String),
    /// The number of tokens asked for was reached.
    Limit,
    /// The person stopped it.
    You,
    /// The context is full, and the person had not chosen to drop the oldest tokens.
    ContextFull,
}

impl StopReason {
    /// The reason in two words, as the command line prints it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::EndOfText => "end of text",
            Self::StopString(_) => "stop string",
            Self::Limit => "limit",
            Self::You => "you",
            Self::ContextFull => "context full",
        }
    }

    /// The reason as a sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::EndOfText => "Stopped: the model wrote its end-of-text token.".into(),
            Self::StopString(text) => format!("Stopped: the stop string “{text}” appeared."),
            Self::Limit => "Stopped: the number of tokens you asked for was reached.".into(),
            Self::You => "Stopped: you stopped it.".into(),
            Self::ContextFull => "Stopped: the context is full.".into(),
        }
    }
}

impl Serialize for StopReason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// How an answer ended and how fast it came.
#[derive(Debug, Clone, PartialEq)]
pub struct Finished {
    /// Why it ended.
    pub stop: StopReason,
    /// How many bytes of this answer's text come before the stop string, or all.
    pub n_text_bytes: usize,
    /// How fast it went.
    pub timings: Timings,
}

/// How fast an answer came.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Timings {
    /// From the request to the first token.
    pub first_token_millis: Option<f64>,
    /// Prompt tokens read per second; tokens known from before are not counted.
    pub prompt_tok_per_sec: Option<f64>,
    /// Tokens written per second after the first.
    pub decode_tok_per_sec: Option<f64>,
    /// Prompt tokens that had to be read.
    pub n_read: usize,
    /// Prompt tokens known from before.
    pub n_reused: usize,
}

/// Another seed, found from the last one: of six digits, so that it can be read out in class.
#[must_use]
pub fn new_seed(last: u64) -> u64 {
    crate::rng::Rng::new(last, "new seed").below(1_000_000) as u64
}

/// The `n` tokens the model itself finds most probable, best first, with their probability before
/// any sampling step.
#[must_use]
pub fn best(logits: &[f32], n: usize) -> Vec<Candidate> {
    if n == 0 || logits.is_empty() {
        return Vec::new();
    }
    let only_best = Sampling {
        top_k: n,
        order: vec![Stage::TopK],
        ..Sampling::plain()
    };
    let mut weighed = weigh(logits, &[], &only_best);
    let mut best = std::mem::take(&mut weighed.survivors);
    for candidate in &mut best {
        candidate.p = weighed.p_raw(candidate.id);
    }
    best
}
