//! Training a judge: the steps, and how often it is right about pictures it never learned from.

use super::checkpoint::{Checkpoint, Files, Progress, moment_names};
use super::jitter::jittered;
use super::lessons::Lessons;
use super::recipe::{Event, Outcome, Recipe, is_held_out};
use super::{Right, pixels_of};
use crate::models::judge::{Judge as Network, Learner, Moments};
use crate::nn::layers::Parameters;
use crate::nn::loss::cross_entropy;
use crate::nn::math_refusal;
use crate::nn::optimizer::{AdamW, AdamWConfig, Gradients, warmup_then_cosine};
use crate::refusal::{Refusal, Result};
use crate::rng::Rng;
use candle_core::{D, Device, Tensor};
use std::ops::ControlFlow;
use std::time::Instant;

/// What one batch adds to the moments that the finished judge is normed by.
const MOMENTUM: f64 = 0.05;

/// Everything a training holds, ready to take steps.
#[derive(Debug)]
pub struct Training {
    recipe: Recipe,
    lessons: Lessons,
    /// Which pictures it learns from, and which never.
    learned: Vec<usize>,
    held_out: Vec<usize>,
    parameters: Parameters,
    learner: Learner,
    /// The moments of every norm, as a running mean over the batches.
    moments: Vec<Moments>,
    optimizer: AdamW,
    files: Files,
    progress: Progress,
    device: Device,
}

impl Training {
    /// Makes the network, or takes it from a checkpoint. Writes nothing.
    ///
    /// # Errors
    /// When the checkpoint is another's, or the files could not be written.
    pub fn prepare(
        mut recipe: Recipe,
        lessons: Lessons,
        resume: Option<&Checkpoint>,
        device: &Device,
    ) -> Result<Self> {
        let files = Files::beside(&recipe.out)?;
        files.try_writing()?;
        let mut progress = Progress::new(recipe.seed, lessons.config.clone(), &lessons.source);
        if let Some(checkpoint) = resume {
            checkpoint.must_fit(&progress)?;
            progress = checkpoint.progress.clone();
            recipe.seed = progress.seed;
        }
        let math = |error: candle_core::Error| math_refusal(&error);
        let mut rng = Rng::new(recipe.seed, "initialisation");
        let parameters = lessons.config.initial(&mut rng, device).map_err(math)?;
        let learner = Learner::new(&lessons.config, &parameters).map_err(math)?;
        let widths = lessons.config.norm_widths().into_iter();
        let moments = widths.map(|width| Moments::at_rest(width, device));
        let mut moments = moments
            .collect::<candle_core::Result<Vec<_>>>()
            .map_err(math)?;
        let config = AdamWConfig {
            weight_decay: 0.02,
            ..AdamWConfig::default()
        };
        let mut optimizer = AdamW::new(&parameters, config).map_err(math)?;
        if let Some(checkpoint) = resume {
            checkpoint.restore(&parameters, &mut optimizer, &mut moments)?;
        }
        let all = 0..lessons.pictures.len();
        let (held_out, learned) = all.partition(|&i| is_held_out(i));
        Ok(Self {
            learned,
            held_out,
            device: device.clone(),
            recipe,
            lessons,
            parameters,
            learner,
            moments,
            optimizer,
            files,
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
            n_pictures: self.learned.len(),
            n_held_out: self.held_out.len(),
            n_steps_before: before,
        };
        let mut stopped = emit(prepared).is_break() || self.steps(emit)?.is_break();
        let mut held_out = Vec::new();
        if !stopped {
            match self.held_out(emit)? {
                Some(right) => held_out = right,
                None => stopped = true,
            }
        }
        // A training stopped before its first step must not take the place of a finished judge.
        let mut files = Vec::new();
        if self.progress.n_steps > 0 {
            self.save(&held_out)?;
            files = self.files.all();
        }
        let n_now = self.progress.n_steps - before;
        Ok(Outcome {
            n_steps: self.progress.n_steps,
            held_out,
            millis_per_step: (self.progress.secs - secs_before) * 1000.0 / n_now.max(1) as f64,
            losses: self.progress.losses,
            files,
            stopped,
        })
    }

    fn steps(&mut self, emit: &mut dyn FnMut(Event) -> ControlFlow<()>) -> Result<ControlFlow<()>> {
        while self.done() < 1.0 {
            let started = Instant::now();
            let rate = warmup_then_cosine(self.recipe.learning_rate, 0.05, self.done());
            let Some(loss) = self.step(rate, emit)? else {
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
                pictures_per_sec: self.recipe.batch as f64 / secs,
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
        match (steps, minutes) {
            (None, None) => 1.0,
            _ => steps.unwrap_or(0.0).max(minutes.unwrap_or(0.0)).min(1.0),
        }
    }

    /// One step; `None` when `emit` said stop before the weights moved.
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
        let n = self.recipe.batch;
        let chosen: Vec<usize> = (0..n)
            .filter_map(|_| rng.pick(&self.learned).copied())
            .collect();
        let math = |error: candle_core::Error| math_refusal(&error);
        let (loss, measured) = self.loss(&chosen, &mut rng).map_err(math)?;
        if emit(Event::Working).is_break() {
            return Ok(None);
        }
        let mut gradients = Gradients::default();
        let value = loss.backward().and_then(|store| {
            gradients.add(&self.parameters, store)?;
            loss.to_scalar::<f32>()
        });
        let value = value.map_err(math)?;
        if emit(Event::Working).is_break() {
            return Ok(None);
        }
        let moved = self.optimizer.step(&gradients, learning_rate);
        moved.map_err(|error| ran_away(&error))?;
        for (running, measured) in self.moments.iter_mut().zip(&measured) {
            running.follow(measured, MOMENTUM).map_err(math)?;
        }
        Ok(Some(value))
    }

    /// The mean loss of all questions about the chosen pictures, changed a little, with its
    /// graph; and what they measured in every norm.
    fn loss(&self, chosen: &[usize], rng: &mut Rng) -> candle_core::Result<(Tensor, Vec<Moments>)> {
        let Lessons {
            pictures,
            answers,
            may,
            ..
        } = &self.lessons;
        let (side, n_channels) = (pictures.side, pictures.n_channels);
        let mut pixels = Vec::with_capacity(chosen.len() * pixels_of(pictures));
        for &i in chosen {
            let picture = pictures.get(i).unwrap_or_default();
            pixels.extend(jittered(picture, side, n_channels, *may, rng));
        }
        let pixels = Tensor::from_vec(pixels, ((), side, side, n_channels), &self.device)?;
        let (logits, measured) = self.learner.logits(&pixels)?;
        let parts = self.lessons.config.by_question(&logits)?;
        let mut sum: Option<Tensor> = None;
        for (question, logits) in parts.iter().enumerate() {
            let right: Vec<u32> = chosen
                .iter()
                .map(|&i| answers[i][question].into())
                .collect();
            let loss = cross_entropy(logits, &Tensor::new(right, &self.device)?)?;
            sum = Some(match sum {
                Some(sum) => (sum + loss)?,
                None => loss,
            });
        }
        match sum {
            Some(sum) => Ok(((sum / parts.len() as f64)?, measured)),
            None => candle_core::bail!("nothing is asked"),
        }
    }

    fn report(
        &mut self,
        step: usize,
        emit: &mut dyn FnMut(Event) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>> {
        let Some(right) = self.held_out(emit)? else {
            return Ok(ControlFlow::Break(()));
        };
        self.save(&right)?;
        if emit(Event::HeldOut { step, right }).is_break() {
            return Ok(ControlFlow::Break(()));
        }
        let files = self.files.all();
        Ok(emit(Event::Saved { step, files }))
    }

    /// How often it is right about the pictures that it never learns from; `None` when told to stop.
    fn held_out(
        &self,
        emit: &mut dyn FnMut(Event) -> ControlFlow<()>,
    ) -> Result<Option<Vec<Right>>> {
        let Lessons {
            answers, config, ..
        } = &self.lessons;
        let judge = self.judge().map_err(|error| math_refusal(&error))?;
        let mut n_right = vec![0; config.questions.len()];
        for part in self.held_out.chunks(super::AT_ONCE) {
            let best = self
                .best_answers(&judge, part)
                .map_err(|error| math_refusal(&error))?;
            for (question, best) in best.iter().enumerate() {
                let right = part.iter().zip(best);
                n_right[question] += right
                    .filter(|(i, best)| u32::from(answers[**i][question]) == **best)
                    .count();
            }
            if emit(Event::Working).is_break() {
                return Ok(None);
            }
        }
        let rights = config
            .questions
            .iter()
            .zip(n_right)
            .map(|(question, n)| Right {
                question: question.name.clone(),
                share: n as f64 / self.held_out.len().max(1) as f64,
            });
        Ok(Some(rights.collect()))
    }

    /// The likeliest answer to each question about each of the pictures.
    fn best_answers(
        &self,
        judge: &Network,
        pictures: &[usize],
    ) -> candle_core::Result<Vec<Vec<u32>>> {
        let all = &self.lessons.pictures;
        let pixels = pictures.iter().filter_map(|&i| all.get(i)).flatten();
        let pixels: Vec<f32> = pixels.map(|&p| f32::from(p) / 127.5 - 1.0).collect();
        let shape = ((), all.side, all.side, all.n_channels);
        let pixels = Tensor::from_vec(pixels, shape, &self.device)?;
        let logits = judge.answers(&judge.features(&pixels)?)?;
        let parts = judge.config().by_question(&logits)?;
        parts
            .iter()
            .map(|logits| logits.argmax(D::Minus1)?.to_vec1())
            .collect()
    }

    /// The judge that this has become so far.
    fn judge(&self) -> candle_core::Result<Network> {
        let tensors = self.learner.folded(&self.moments)?;
        Network::new(self.lessons.config.clone(), &mut |name, _| match tensors
            .iter()
            .find(|(n, _)| n == name)
        {
            Some((_, tensor)) => Ok(tensor.clone()),
            None => candle_core::bail!("there is no {name}"),
        })
    }

    fn save(&self, held_out: &[Right]) -> Result<()> {
        let math = |error: candle_core::Error| math_refusal(&error);
        let judge = self.learner.folded(&self.moments).map_err(math)?;
        let learned = self.parameters.iter();
        let learned = learned.map(|(name, var)| (name.to_owned(), var.as_detached_tensor()));
        let moments = self.moments.iter().enumerate().flat_map(|(i, moments)| {
            let [mean, variance] = moment_names(i);
            let Moments {
                mean: m,
                variance: v,
            } = moments.clone();
            [(mean, m), (variance, v)]
        });
        let state = self.optimizer.state().map_err(math)?;
        let all: Vec<(String, Tensor)> = learned.chain(moments).chain(state).collect();
        let license = self.lessons.license;
        self.files
            .save(&judge, all, &self.progress, held_out, license)
    }
}

fn ran_away(error: &candle_core::Error) -> Refusal {
    Refusal::new(
        "The training ran away",
        format!("{error}."),
        "The checkpoint before this step is kept.",
        "Go on from the checkpoint with --resume, or begin again with another seed.",
    )
}
