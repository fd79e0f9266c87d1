//! Training a small GPT-2 from nothing: on stories of our grammar, or on a person's own text.
//!
//! It learns a vocabulary, then the weights; it reports every step, measures on text it never learns
//! from, writes a sample now and then, and can be stopped at any moment and go on later with the
//! same losses as if it had not been.

mod checkpoint;
mod corpus;
mod vocabulary;

pub use checkpoint::{Checkpoint, Files, Progress};
pub use vocabulary::{END_OF_TEXT, Encoder};

use crate::labs::story_grammar::StoryGrammar;
use crate::models::gpt2::Gpt2;
use crate::models::{DecoderConfig, LogitsFor, gpt2_init};
use crate::nn::hooks::NoHooks;
use crate::nn::layers::Parameters;
use crate::nn::loss::cross_entropy;
use crate::nn::math_refusal;
use crate::nn::optimizer::{AdamW, AdamWConfig, Gradients, warmup_then_cosine};
use crate::refusal::{Refusal, Result};
use crate::rng::Rng;
use candle_core::{Device, Tensor};
use corpus::{Corpus, Part};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Instant;

/// Texts that go through the model at once: small, so that Stop acts between two such parts.
const TEXTS_AT_ONCE: usize = 1;
/// Windows the held-out loss is measured on.
const HELD_OUT_WINDOWS: usize = 16;
/// Tokens of a sample.
const SAMPLE_TOKENS: usize = 160;
/// What a sample begins with when stories are learned.
const SAMPLE_PROMPT: &str = "Once upon a time";

/// What to train, on what, for how long.
#[derive(Debug, Clone)]
pub struct Recipe {
    /// The text to learn from; the grammar's stories when none.
    pub text: Option<String>,
    /// What the text is, in a word or a path, for the model's metadata.
    pub source: String,
    /// Stop after this many steps in all.
    pub n_steps: Option<usize>,
    /// Stop after this many minutes of work in all.
    pub minutes: Option<f64>,
    /// The start of everything random.
    pub seed: u64,
    /// Tokens to learn, 258 or more.
    pub vocab_size: usize,
    /// Positions of a text.
    pub n_ctx: usize,
    /// Width of the stream.
    pub d_model: usize,
    /// Attention heads a block.
    pub n_heads: usize,
    /// Blocks.
    pub n_layers: usize,
    /// Texts of one step.
    pub n_texts: usize,
    /// Highest learning rate.
    pub learning_rate: f64,
    /// Measure, write a sample and save after every so many steps.
    pub report_every: usize,
    /// Where the files go.
    pub out: PathBuf,
}

impl Recipe {
    /// The shipped model's recipe: 1.4 million weights.
    #[must_use]
    pub fn stories(seed: u64, out: PathBuf) -> Self {
        Self {
            text: None,
            source: "stories of Glassbox's own grammar".to_owned(),
            n_steps: None,
            minutes: None,
            seed,
            vocab_size: 1024,
            n_ctx: 256,
            d_model: 160,
            n_heads: 5,
            n_layers: 4,
            n_texts: 8,
            learning_rate: 2.5e-3,
            report_every: 200,
            out,
        }
    }
}

/// What training reports while it works.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The vocabulary is learned and the model is there.
    Prepared {
        /// Numbers to learn.
        n_weights: usize,
        /// Tokens of the vocabulary.
        vocab_size: usize,
        /// Tokens to learn from; `None` when there is no end of them.
        n_tokens: Option<usize>,
        /// Steps a resumed training has behind it.
        n_steps_before: usize,
    },
    /// Part of a step was done.
    Working,
    /// A step was done.
    Step {
        /// Its number, from 1.
        step: usize,
        /// Mean of −ln p of the right token, in nats.
        loss: f32,
        /// The learning rate it used.
        learning_rate: f64,
        /// How long it took.
        millis_per_step: f64,
        /// Tokens learned from in a second.
        tokens_per_sec: f64,
        /// The part of the whole training that is done, 0..=1.
        progress: f64,
    },
    /// The loss on text that is never learned from.
    HeldOut {
        /// After this step.
        step: usize,
        /// In nats per token.
        loss: f32,
    },
    /// What the model writes by now.
    Sample {
        /// After this step.
        step: usize,
        /// The prompt and what follows it.
        text: String,
    },
    /// Everything was written to disk.
    Saved {
        /// After this step.
        step: usize,
        /// The files.
        files: Vec<PathBuf>,
    },
}

/// How training ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Steps in all, those before a resume included.
    pub n_steps: usize,
    /// The loss of every one of them.
    pub losses: Vec<f32>,
    /// The loss on held-out text at the end, when it was reached.
    pub held_out_loss: Option<f32>,
    /// Mean time of this run's steps.
    pub millis_per_step: f64,
    /// What was written.
    pub files: Vec<PathBuf>,
    /// Whether the person stopped it.
    pub stopped: bool,
}

/// Everything a training holds.
struct Training {
    recipe: Recipe,
    config: DecoderConfig,
    parameters: Parameters,
    model: Gpt2,
    optimizer: AdamW,
    corpus: Corpus,
    encoder: Encoder,
    files: Files,
    progress: Progress,
    device: Device,
}

/// Trains by `recipe`, from the start or from a checkpoint, until its steps or minutes are used up
/// or `emit` says stop; then everything is saved.
///
/// # Errors
/// When the text is too short, the files cannot be written, or the numbers run away.
pub fn train(
    recipe: Recipe,
    resume: Option<&Checkpoint>,
    device: &Device,
    emit: &mut dyn FnMut(Event) -> ControlFlow<()>,
) -> Result<Outcome> {
    let mut training = Training::prepare(recipe, resume, device)?;
    let prepared = Event::Prepared {
        n_weights: training.parameters.n_weights(),
        vocab_size: training.config.vocab_size,
        n_tokens: training.corpus.n_tokens(),
        n_steps_before: training.progress.n_steps,
    };
    let stopped = emit(prepared).is_break();
    let (before, secs_before) = (training.progress.n_steps, training.progress.secs);
    let stopped = stopped || training.run(emit)?.is_break();
    let held_out_loss = if stopped {
        None
    } else {
        training.held_out_loss(&mut || ControlFlow::Continue(()))?
    };
    training.save()?;
    let Training {
        progress, files, ..
    } = training;
    let n_now = progress.n_steps - before;
    Ok(Outcome {
        n_steps: progress.n_steps,
        losses: progress.losses,
        held_out_loss,
        millis_per_step: (progress.secs - secs_before) * 1000.0 / n_now.max(1) as f64,
        files: files.all(),
        stopped,
    })
}

impl Training {
    fn prepare(mut recipe: Recipe, resume: Option<&Checkpoint>, device: &Device) -> Result<Self> {
        let grammar = StoryGrammar::default();
        let saved = resume.map(|checkpoint| &checkpoint.progress);
        let mut encoder = match (saved, &recipe.text) {
            (Some(saved), _) => Encoder::from_pairs(&saved.pairs).ok_or_else(broken_vocabulary)?,
            (None, Some(text)) => Encoder::learn(text.split(END_OF_TEXT), recipe.vocab_size),
            (None, None) => {
                let stories = corpus::vocabulary_stories(&grammar, recipe.seed);
                Encoder::learn(stories.iter().map(String::as_str), recipe.vocab_size)
            }
        };
        if let Some(saved) = saved {
            recipe.seed = saved.seed;
            (
                _,
                recipe.n_ctx,
                recipe.d_model,
                recipe.n_heads,
                recipe.n_layers,
            ) = saved.shape;
        }
        let corpus = match &recipe.text {
            Some(text) => Corpus::text(text, &mut encoder),
            None => Corpus::Stories(grammar),
        };
        if corpus.n_tokens().is_some_and(|n| n <= recipe.n_ctx) {
            return Err(too_short(&recipe, corpus.n_tokens().unwrap_or(0)));
        }
        let config = gpt2_init::shape(
            encoder.vocab_size(),
            recipe.n_ctx,
            recipe.d_model,
            recipe.n_heads,
            recipe.n_layers,
        );
        let math = |error: candle_core::Error| math_refusal(&error);
        let parameters = gpt2_init::parameters(&config, recipe.seed, device).map_err(math)?;
        let model = gpt2_init::trainable(&config, &parameters).map_err(math)?;
        let mut optimizer = AdamW::new(&parameters, AdamWConfig::default()).map_err(math)?;
        if let Some(checkpoint) = resume {
            checkpoint.restore(&parameters, &mut optimizer)?;
        }
        let progress = saved.cloned().unwrap_or_else(|| Progress {
            n_steps: 0,
            secs: 0.0,
            seed: recipe.seed,
            losses: Vec::new(),
            shape: (
                config.vocab_size,
                recipe.n_ctx,
                recipe.d_model,
                recipe.n_heads,
                recipe.n_layers,
            ),
            pairs: encoder.pairs().collect(),
        });
        Ok(Self {
            files: Files::beside(&recipe.out),
            device: device.clone(),
            recipe,
            config,
            parameters,
            model,
            optimizer,
            corpus,
            encoder,
            progress,
        })
    }

    /// Steps until the end or until `emit` says stop; a step that was cut short is not counted.
    fn run(&mut self, emit: &mut dyn FnMut(Event) -> ControlFlow<()>) -> Result<ControlFlow<()>> {
        while self.done() < 1.0 {
            let started = Instant::now();
            let learning_rate = warmup_then_cosine(self.recipe.learning_rate, 0.03, self.done());
            let Some(loss) = self.step(learning_rate, emit)? else {
                return Ok(ControlFlow::Break(()));
            };
            let secs = started.elapsed().as_secs_f64();
            self.progress.secs += secs;
            self.progress.n_steps += 1;
            self.progress.losses.push(loss);
            let step = self.progress.n_steps;
            let event = Event::Step {
                step,
                loss,
                learning_rate,
                millis_per_step: secs * 1000.0,
                tokens_per_sec: (self.recipe.n_texts * self.recipe.n_ctx) as f64 / secs,
                progress: self.done(),
            };
            if emit(event).is_break() {
                return Ok(ControlFlow::Break(()));
            }
            if step.is_multiple_of(self.recipe.report_every) && self.report(step, emit)?.is_break()
            {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// The part of the training that is done: by steps or by minutes, whichever is further.
    fn done(&self) -> f64 {
        let steps = self
            .recipe
            .n_steps
            .map(|n| self.progress.n_steps as f64 / n.max(1) as f64);
        let minutes = self
            .recipe
            .minutes
            .map(|m| self.progress.secs / (60.0 * m).max(1e-9));
        let done = steps.unwrap_or(0.0).max(minutes.unwrap_or(0.0));
        if steps.is_none() && minutes.is_none() {
            1.0
        } else {
            done.min(1.0)
        }
    }

    /// One step: the gradients of all its texts, a few at a time, then one move of the weights.
    /// `None` when `emit` said stop before the weights moved.
    fn step(
        &mut self,
        learning_rate: f64,
        emit: &mut dyn FnMut(Event) -> ControlFlow<()>,
    ) -> Result<Option<f32>> {
        // A stream of its own for every step: a resumed training draws what it would have drawn.
        let mut rng = Rng::new(
            self.recipe.seed,
            &format!("batch {}", self.progress.n_steps),
        );
        let mut gradients = Gradients::default();
        let mut total = 0.0;
        let n_parts = self.recipe.n_texts.div_ceil(TEXTS_AT_ONCE);
        for _ in 0..n_parts {
            let loss = self.loss(Part::Learned, &mut rng)?;
            let math = |error: candle_core::Error| math_refusal(&error);
            let share = (&loss / n_parts as f64).map_err(math)?;
            let store = share.backward().map_err(math)?;
            gradients.add(&self.parameters, store).map_err(math)?;
            total += loss.to_scalar::<f32>().map_err(math)?;
            if emit(Event::Working).is_break() {
                return Ok(None);
            }
        }
        self.optimizer
            .step(&gradients, learning_rate)
            .map_err(|error| ran_away(&error))?;
        Ok(Some(total / n_parts as f32))
    }

    /// The mean loss of a few windows, with its graph.
    fn loss(&mut self, part: Part, rng: &mut Rng) -> Result<Tensor> {
        let n_ctx = self.recipe.n_ctx;
        let (mut ids, mut targets) = (Vec::new(), Vec::new());
        let mut window = Vec::new();
        for _ in 0..TEXTS_AT_ONCE {
            window.clear();
            self.corpus
                .window(part, n_ctx + 1, &mut self.encoder, rng, &mut window);
            ids.extend_from_slice(&window[..n_ctx]);
            targets.extend_from_slice(&window[1..]);
        }
        self.model
            .forward_batch(&ids, TEXTS_AT_ONCE)
            .and_then(|logits| cross_entropy(&logits, &Tensor::new(targets, &self.device)?))
            .map_err(|error| math_refusal(&error))
    }

    /// Measures, writes a sample, saves.
    fn report(
        &mut self,
        step: usize,
        emit: &mut dyn FnMut(Event) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>> {
        let Some(loss) = self.held_out_loss(&mut || emit(Event::Working))? else {
            return Ok(ControlFlow::Break(()));
        };
        if emit(Event::HeldOut { step, loss }).is_break() {
            return Ok(ControlFlow::Break(()));
        }
        let text = self
            .sample(&mut || emit(Event::Working))
            .map_err(|error| math_refusal(&error))?;
        if emit(Event::Sample { step, text }).is_break() {
            return Ok(ControlFlow::Break(()));
        }
        self.save()?;
        let files = self.files.all();
        Ok(emit(Event::Saved { step, files }))
    }

    /// The mean loss on windows that are the same every time; `None` when told to stop.
    fn held_out_loss(&mut self, go_on: &mut dyn FnMut() -> ControlFlow<()>) -> Result<Option<f32>> {
        let mut rng = Rng::new(self.recipe.seed, "held out");
        let n_parts = HELD_OUT_WINDOWS / TEXTS_AT_ONCE;
        let mut total = 0.0;
        for _ in 0..n_parts {
            let loss = self.loss(Part::HeldOut, &mut rng)?;
            total += loss
                .to_scalar::<f32>()
                .map_err(|error| math_refusal(&error))?;
            if go_on().is_break() {
                return Ok(None);
            }
        }
        Ok(Some(total / n_parts as f32))
    }

    /// A short text by the model as it is, at temperature 0.8.
    fn sample(
        &mut self,
        go_on: &mut dyn FnMut() -> ControlFlow<()>,
    ) -> candle_core::Result<String> {
        let model = gpt2_init::detached(&self.config, &self.parameters)?;
        let mut cache = model.new_cache(self.config.n_ctx)?;
        let mut rng = Rng::new(
            self.recipe.seed,
            &format!("sample {}", self.progress.n_steps),
        );
        let mut ids = Vec::new();
        match &self.recipe.text {
            None => self.encoder.encode(SAMPLE_PROMPT, &mut ids),
            Some(_) => self
                .corpus
                .window(Part::HeldOut, 8, &mut self.encoder, &mut rng, &mut ids),
        }
        let mut next = ids.clone();
        while ids.len() < SAMPLE_TOKENS.min(self.config.n_ctx - 1) && go_on().is_continue() {
            let logits = model.forward(&next, &mut cache, LogitsFor::Last, &mut NoHooks)?;
            let id = draw(&logits.flatten_all()?.to_vec1::<f32>()?, 0.8, rng.uniform());
            if id == self.encoder.end_of_text() {
                break;
            }
            ids.push(id);
            next = vec![id];
        }
        let text = self.encoder.decode(&ids);
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    fn save(&self) -> Result<()> {
        let about = [
            (
                "source",
                format!("trained by `glassbox train lm` on {}", self.recipe.source),
            ),
            ("seed", self.recipe.seed.to_string()),
            ("steps", self.progress.n_steps.to_string()),
            ("license", license(&self.recipe)),
        ];
        self.files.save(
            &self.config,
            &self.parameters,
            &self.optimizer,
            &self.encoder,
            &self.progress,
            &about,
        )
    }
}

/// The stories are ours, and so is what is learned from them; a person's text stays theirs.
fn license(recipe: &Recipe) -> String {
    match recipe.text {
        None => "MIT OR Apache-2.0".to_owned(),
        Some(_) => "as the text it was trained on".to_owned(),
    }
}

/// One id, with probability proportional to `e^(logit / temperature)`.
fn draw(logits: &[f32], temperature: f64, uniform: f64) -> u32 {
    let max = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let weights = logits
        .iter()
        .map(|&x| (f64::from(x - max) / temperature).exp());
    let mut left = uniform * weights.clone().sum::<f64>();
    let reached = weights.into_iter().position(|weight| {
        left -= weight;
        left < 0.0
    });
    reached.unwrap_or(logits.len().saturating_sub(1)) as u32
}

fn too_short(recipe: &Recipe, n_tokens: usize) -> Refusal {
    Refusal::unchanged(
        "The text is too short to learn from",
        format!(
            "{} gives {n_tokens} tokens; one text of the model has {}.",
            recipe.source, recipe.n_ctx
        ),
        "Give a longer text: a book is good, a chapter is little.",
    )
}

fn broken_vocabulary() -> Refusal {
    Refusal::unchanged(
        "The checkpoint's vocabulary is broken",
        "One of its merges joins tokens that come after it.",
        "Begin again without --resume.",
    )
}

fn ran_away(error: &candle_core::Error) -> Refusal {
    Refusal::new(
        "The training ran away",
        format!("{error}."),
        "The checkpoint before this step is kept.",
        "Go on from the checkpoint with --resume, or begin again with another seed.",
    )
}
