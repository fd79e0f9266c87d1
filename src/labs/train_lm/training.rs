//! One training: the steps, and what is measured, sampled and saved between them.

use super::checkpoint::{Checkpoint, Files, Progress, Shape};
use super::corpus::{self, Corpus, Part};
use super::vocabulary::Encoder;
use super::{Event, Outcome, Recipe};
use crate::files::shown::shown;
use crate::labs::story_grammar::StoryGrammar;
use crate::models::gpt2::Gpt2;
use crate::models::{DecoderConfig, gpt2_init};
use crate::nn::layers::Parameters;
use crate::nn::loss::cross_entropy;
use crate::nn::math_refusal;
use crate::nn::optimizer::{AdamW, AdamWConfig, Gradients, warmup_then_cosine};
use crate::refusal::{Refusal, Result};
use crate::rng::Rng;
use candle_core::{Device, Tensor};
use std::ops::ControlFlow;
use std::time::Instant;

/// Texts that go through the model at once: small, so that Stop acts between two such parts.
const TEXTS_AT_ONCE: usize = 1;
/// Windows the held-out loss is measured on.
const HELD_OUT_WINDOWS: usize = 16;

/// Everything a training holds, ready to take steps.
#[derive(Debug)]
pub struct Training {
    pub(super) recipe: Recipe,
    pub(super) config: DecoderConfig,
    pub(super) parameters: Parameters,
    model: Gpt2,
    optimizer: AdamW,
    pub(super) corpus: Corpus,
    pub(super) encoder: Encoder,
    files: Files,
    pub(super) progress: Progress,
    device: Device,
}

impl Training {
    /// Learns the vocabulary and makes the model, or takes both from a checkpoint. Writes nothing,
    /// and takes about as long as reading the text.
    ///
    /// # Errors
    /// When the text is too short, the checkpoint is another's, or the files could not be written.
    pub fn prepare(
        mut recipe: Recipe,
        resume: Option<&Checkpoint>,
        device: &Device,
    ) -> Result<Self> {
        let files = Files::beside(&recipe.out)?;
        files.try_writing()?;
        let grammar = StoryGrammar::default();
        let saved = resume.map(|checkpoint| &checkpoint.progress);
        if let Some(saved) = saved.filter(|saved| saved.own_text && recipe.text.is_none()) {
            return Err(without_its_text(&saved.source));
        }
        let mut encoder = match (saved, &recipe.text) {
            (Some(saved), _) => Encoder::from_pairs(&saved.pairs)?,
            (None, Some(text)) => Encoder::learn([text.as_str()], recipe.vocab_size)?,
            (None, None) => {
                let stories = corpus::vocabulary_stories(&grammar, recipe.seed);
                Encoder::learn(stories.iter().map(String::as_str), recipe.vocab_size)?
            }
        };
        if let Some(saved) = saved {
            recipe.seed = saved.seed;
            recipe.n_ctx = saved.shape.n_ctx;
            recipe.d_model = saved.shape.d_model;
            recipe.n_heads = saved.shape.n_heads;
            recipe.n_layers = saved.shape.n_layers;
        }
        let corpus = match &recipe.text {
            Some(text) => Corpus::text(text, &mut encoder),
            None => Corpus::Stories(grammar),
        };
        if let Some(n_tokens) = corpus.n_tokens().filter(|&n| n <= recipe.n_ctx) {
            return Err(too_short(&recipe, n_tokens));
        }
        let shape = Shape {
            vocab_size: encoder.vocab_size(),
            n_ctx: recipe.n_ctx,
            d_model: recipe.d_model,
            n_heads: recipe.n_heads,
            n_layers: recipe.n_layers,
        };
        let config = shape.config();
        let math = |error: candle_core::Error| math_refusal(&error);
        let parameters = gpt2_init::parameters(&config, recipe.seed, device).map_err(math)?;
        let model = gpt2_init::trainable(&config, &parameters).map_err(math)?;
        let mut optimizer = AdamW::new(&parameters, AdamWConfig::default()).map_err(math)?;
        if let Some(checkpoint) = resume {
            checkpoint.restore(&parameters, &mut optimizer)?;
        }
        let progress = Progress {
            n_steps: saved.map_or(0, |saved| saved.n_steps),
            secs: saved.map_or(0.0, |saved| saved.secs),
            losses: saved.map_or_else(Vec::new, |saved| saved.losses.clone()),
            seed: recipe.seed,
            shape,
            pairs: encoder.pairs().collect(),
            source: recipe.source.clone(),
            own_text: recipe.text.is_some(),
        };
        Ok(Self {
            files,
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

    /// Trains until the steps or minutes are used up or `emit` says stop; then everything is saved.
    ///
    /// # Errors
    /// When the files cannot be written, or the numbers run away.
    pub fn run(mut self, emit: &mut dyn FnMut(Event) -> ControlFlow<()>) -> Result<Outcome> {
        let (before, secs_before) = (self.progress.n_steps, self.progress.secs);
        let prepared = Event::Prepared {
            n_weights: self.parameters.n_weights(),
            vocab_size: self.config.vocab_size,
            n_tokens: self.corpus.n_tokens(),
            n_steps_before: before,
        };
        let mut stopped = emit(prepared).is_break() || self.steps(emit)?.is_break();
        let mut held_out_loss = None;
        if !stopped {
            held_out_loss = self.held_out_loss(&mut || emit(Event::Working))?;
            stopped = held_out_loss.is_none();
        }
        // A training stopped before its first step must not take the place of a finished model.
        let mut files = Vec::new();
        if self.progress.n_steps > 0 {
            self.save()?;
            files = self.files.all();
        }
        let n_now = self.progress.n_steps - before;
        Ok(Outcome {
            n_steps: self.progress.n_steps,
            losses: self.progress.losses,
            held_out_loss,
            millis_per_step: (self.progress.secs - secs_before) * 1000.0 / n_now.max(1) as f64,
            files,
            stopped,
        })
    }

    /// Steps until the end or until `emit` says stop; a step that was cut short is not counted.
    fn steps(&mut self, emit: &mut dyn FnMut(Event) -> ControlFlow<()>) -> Result<ControlFlow<()>> {
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

    fn save(&self) -> Result<()> {
        let about = [
            (
                "source",
                format!("trained by `glassbox train lm` on {}", self.recipe.source),
            ),
            ("seed", self.recipe.seed.to_string()),
            ("steps", self.progress.n_steps.to_string()),
            ("license", self.recipe.license().to_owned()),
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

fn without_its_text(source: &str) -> Refusal {
    Refusal::unchanged(
        "The checkpoint needs its text",
        format!(
            "It learned from a text of the person's own: {}.",
            shown(source)
        ),
        "Give that text again with --data.",
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
