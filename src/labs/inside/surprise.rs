//! How surprised a model is by a text that somebody else wrote: −log₂ p of every token, given all that
//! stand before it (Shannon 1948), and what it had expected instead.
//!
//! A token of probability p surprises by −log₂ p bits. The mean over a text is its cross-entropy, and two
//! to the power of that its perplexity: as if the model had to guess among that many equally likely
//! tokens each time. Two models whose vocabularies differ cut a text into different tokens, so they are
//! compared by what one byte or one word costs, which is the same text for both.
//!
//! A text longer than the context is read in windows that overlap by half: every token is counted once,
//! and but for the first window's with at least half a context before it. Transformers' recipe for
//! perplexity does the same with a stride of half the context.

use crate::labs::text::LoadedText;
use crate::labs::tokenizer::{Specials, Tokenizer};
use crate::models::LogitsFor;
use crate::nn::hooks::NoHooks;
use crate::nn::kv_cache::KvCache;
use crate::nn::math_refusal;
use crate::refusal::{Refusal, Result};
use std::ops::{ControlFlow, Range};

/// How many tokens are read between two looks at Stop.
const CHUNK_TOKENS: usize = 32;

/// How many expected tokens are kept for each place.
pub const N_EXPECTED: usize = 8;

/// One token of the text.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// Its id.
    pub id: u32,
    /// What the model thought of it before it saw it; `None` for a first token with nothing before it.
    pub guess: Option<Guess>,
}

impl Told {
    /// Its surprise in bits, where there was something to guess from.
    #[must_use]
    pub fn bits(&self) -> Option<f64> {
        self.guess.as_ref().map(|guess| guess.bits)
    }
}

/// What a model thought of a token before it saw it.
#[derive(Debug, Clone, PartialEq)]
pub struct Guess {
    /// −log₂ of the token's probability.
    pub bits: f64,
    /// How many tokens it held for more probable.
    pub rank: usize,
    /// The surprise it reckoned with on average, Σ −p·log₂ p: small where it was sure.
    pub entropy_bits: f64,
    /// What it expected most, best first, each with its probability.
    pub expected: Box<[(u32, f32)]>,
    /// How many tokens it saw before this one.
    pub n_seen: usize,
}

impl Guess {
    /// The token's probability.
    #[must_use]
    pub fn p(&self) -> f64 {
        (-self.bits).exp2()
    }
}

/// A text as a model's tokens.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Asked {
    /// The token it is made to stand behind, so that its first one can be guessed, too.
    pub start: Option<u32>,
    /// The text.
    pub ids: Vec<u32>,
}

/// A few tokens more are told.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// The next tokens of the text; none while a window reads again what stands before it.
    pub told: Vec<Told>,
    /// The window being read, from 0.
    pub window: usize,
    /// How many windows there are in all.
    pub n_windows: usize,
}

/// Cuts a text into the model's tokens and puts the token before it that the model starts a text with:
/// its `<|endoftext|>`, which stood between the texts it learned from, else its start token, else none.
///
/// # Errors
/// For a model without a tokenizer, when the text is not a list of ids.
pub fn ask(loaded: &LoadedText, text: &str) -> Result<Asked> {
    let Some(tokenizer) = &loaded.tokenizer else {
        let ids = crate::labs::text::read_raw(loaded, text)?.ids;
        return Ok(Asked { start: None, ids });
    };
    let mut ids = tokenizer.encode(text, Specials::Parse);
    let start = start_of_texts(tokenizer);
    if start.is_some() && ids.first() == start.as_ref() {
        ids.remove(0);
    }
    Ok(Asked { start, ids })
}

fn start_of_texts(tokenizer: &Tokenizer) -> Option<u32> {
    let vocabulary = tokenizer.vocabulary();
    let mut specials = vocabulary.special_tokens.iter();
    let between = specials.find(|(_, name)| name == "<|endoftext|>");
    between.map(|&(id, _)| id).or(vocabulary.bos)
}

/// Reads the text and tells every token as soon as it is known. True when it came to the end, false when
/// `emit` broke.
///
/// # Errors
/// An id outside the vocabulary, scores that are no numbers, or arithmetic that fails.
pub fn measure(
    loaded: &LoadedText,
    asked: &Asked,
    emit: &mut dyn FnMut(Event) -> ControlFlow<()>,
) -> Result<bool> {
    check(loaded, &asked.ids)?;
    let n_start = usize::from(asked.start.is_some());
    let all: Vec<u32> = asked.start.iter().chain(&asked.ids).copied().collect();
    let windows = windows(all.len(), loaded.n_ctx);
    let n_windows = windows.len();
    if n_start == 0
        && let Some(&id) = all.first()
    {
        let told = vec![Told { id, guess: None }];
        let window = 0;
        if emit(Event {
            told,
            window,
            n_windows,
        })
        .is_break()
        {
            return Ok(false);
        }
    }
    let room = loaded.n_ctx.min(all.len());
    let cache = loaded.model().new_cache(room);
    let mut cache = cache.map_err(|error| math_refusal(&error))?;
    let mut n_told = 1; // `all[..n_told]` is told or was never asked.
    for (window, seen) in windows.into_iter().enumerate() {
        cache.truncate(0);
        // The last token of a window guesses one that is not in it.
        let readable = seen.start..seen.end.saturating_sub(1);
        for from in readable.clone().step_by(CHUNK_TOKENS) {
            let chunk = from..(from + CHUNK_TOKENS).min(readable.end);
            let guessed = chunk.start + 1..chunk.end + 1;
            let first = n_told.max(guessed.start);
            let guesses = read(loaded, &mut cache, &all[chunk], first < guessed.end)?;
            let mut told = Vec::new();
            for i in first..guessed.end {
                let row = &guesses[(i - guessed.start) * loaded.config.vocab_size..];
                let row = &row[..loaded.config.vocab_size];
                let guess = Some(guess(row, all[i], i - seen.start)?);
                told.push(Told { id: all[i], guess });
            }
            n_told = n_told.max(guessed.end);
            if emit(Event {
                told,
                window,
                n_windows,
            })
            .is_break()
            {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// Which tokens are read together: all of them, or stretches as long as the context, each beginning half
/// a context after the one before.
fn windows(n_tokens: usize, n_ctx: usize) -> Vec<Range<usize>> {
    let stride = (n_ctx / 2).max(1);
    let mut windows = Vec::new();
    let mut begin = 0;
    loop {
        let end = (begin + n_ctx).min(n_tokens);
        windows.push(begin..end);
        if end == n_tokens {
            return windows;
        }
        begin += stride;
    }
}

/// How many windows a text of so many tokens needs, its start token counted.
#[must_use]
pub fn n_windows(n_tokens: usize, n_ctx: usize) -> usize {
    windows(n_tokens, n_ctx).len()
}

/// Reads `ids` behind what the cache holds; the scores after each, or after the last alone.
fn read(loaded: &LoadedText, cache: &mut KvCache, ids: &[u32], all: bool) -> Result<Vec<f32>> {
    let which = if all { LogitsFor::All } else { LogitsFor::Last };
    let model = loaded.model();
    let logits = model.forward(ids, cache, which, &mut NoHooks);
    let logits = logits.and_then(|logits| logits.flatten_all()?.to_vec1::<f32>());
    logits.map_err(|error| math_refusal(&error))
}

pub(super) fn check(loaded: &LoadedText, ids: &[u32]) -> Result<()> {
    let vocab_size = loaded.config.vocab_size;
    match ids.iter().find(|&&id| id as usize >= vocab_size) {
        None => Ok(()),
        Some(id) => Err(Refusal::unchanged(
            "There is no such token",
            format!("{id} is asked for; the vocabulary has {vocab_size} tokens, from 0."),
            "Write ids from the vocabulary.",
        )),
    }
}

/// What scores say of the token that came.
fn guess(logits: &[f32], id: u32, n_seen: usize) -> Result<Guess> {
    let best = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    if !best.is_finite() {
        return Err(Refusal::unchanged(
            "The model's scores are no numbers",
            format!("After {n_seen} tokens the best score is {best}."),
            "Load the model's file again, or another one.",
        ));
    }
    let own = logits[id as usize];
    let (mut sum, mut weighted, mut rank) = (0.0, 0.0, 0);
    for &logit in logits.iter().filter(|logit| !logit.is_nan()) {
        let below = f64::from(logit) - f64::from(best);
        let e = below.exp();
        sum += e;
        weighted += if e > 0.0 { e * below } else { 0.0 };
        rank += usize::from(logit > own);
    }
    let log_sum = sum.ln();
    let bits = |nats: f64| nats / std::f64::consts::LN_2;
    let log_p = |logit: f32| f64::from(logit) - f64::from(best) - log_sum;
    let expected = best_of(logits).into_iter();
    let expected = expected.map(|id| (id, log_p(logits[id as usize]).exp() as f32));
    Ok(Guess {
        bits: if own.is_nan() {
            f64::INFINITY
        } else {
            bits(-log_p(own)).max(0.0)
        },
        rank,
        entropy_bits: bits(log_sum - weighted / sum).max(0.0),
        expected: expected.collect(),
        n_seen,
    })
}

/// The ids of the highest scores, best first; of equal ones the lower id.
fn best_of(logits: &[f32]) -> Vec<u32> {
    let mut best: Vec<u32> = Vec::with_capacity(N_EXPECTED + 1);
    for (id, &logit) in logits.iter().enumerate() {
        let is_full = best.len() == N_EXPECTED;
        let worst = best.last().map(|&id| logits[id as usize]);
        if logit.is_nan() || is_full && worst.is_some_and(|worst| logit <= worst) {
            continue;
        }
        let at = best.partition_point(|&other| logits[other as usize] >= logit);
        best.insert(at, id as u32);
        best.truncate(N_EXPECTED);
    }
    best
}

/// What a text cost a model in all. Only tokens that were guessed count.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Totals {
    /// Tokens guessed.
    pub n_tokens: usize,
    /// Bytes they stand for; control tokens stand for none.
    pub n_bytes: usize,
    /// Words they hold, as white space parts them.
    pub n_words: usize,
    /// Their surprise together.
    pub bits: f64,
    /// Whether the last token ended within a word.
    in_word: bool,
}

impl Totals {
    /// Of the tokens of a text.
    #[must_use]
    pub fn of(loaded: &LoadedText, told: &[Told]) -> Self {
        let mut totals = Self::default();
        totals.add(loaded, told);
        totals
    }

    /// Counts the next tokens of the same text, too.
    pub fn add(&mut self, loaded: &LoadedText, told: &[Told]) {
        for token in told {
            let bits = token.bits();
            self.bits += bits.unwrap_or(0.0);
            self.n_tokens += usize::from(bits.is_some());
            if loaded.is_special(token.id) {
                continue;
            }
            let bytes = loaded.token_bytes(token.id);
            self.n_bytes += if bits.is_some() { bytes.len() } else { 0 };
            for byte in bytes {
                let is_word = !byte.is_ascii_whitespace();
                self.n_words += usize::from(is_word && !self.in_word && bits.is_some());
                self.in_word = is_word;
            }
        }
    }

    /// 2 to the mean surprise of a token: among how many equally likely tokens the model might as well
    /// have guessed. `None` before anything was guessed.
    #[must_use]
    pub fn perplexity(&self) -> Option<f64> {
        self.per(self.n_tokens).map(f64::exp2)
    }

    /// The same for a word: comparable between vocabularies.
    #[must_use]
    pub fn word_perplexity(&self) -> Option<f64> {
        self.per(self.n_words).map(f64::exp2)
    }

    /// Mean surprise of a byte: comparable between vocabularies, and what a compressor that asks the
    /// model would need.
    #[must_use]
    pub fn bits_per_byte(&self) -> Option<f64> {
        self.per(self.n_bytes)
    }

    /// Mean surprise of a token.
    #[must_use]
    pub fn bits_per_token(&self) -> Option<f64> {
        self.per(self.n_tokens)
    }

    fn per(&self, n: usize) -> Option<f64> {
        (n > 0).then(|| self.bits / n as f64)
    }
}
