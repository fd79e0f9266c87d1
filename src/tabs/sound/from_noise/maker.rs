//! What makes and sounds phrases, on a thread of its own.

use super::super::in_use::Playable;
use super::super::player::Track;
use crate::jobs::{Emit, Job};
use crate::labs::diffusion::Denoiser;
use crate::labs::diffusion::sampling::Event as Sampled;
use crate::labs::sound::generation::{
    Wish, continued, decibels, hear, joined, make, part_of, walk, with_part,
};
use crate::labs::sound::phrases::{SAMPLE_RATE_HZ, SIDE, Sounding};
use crate::labs::sound::{Sound, on_pool};
use crate::refusal::{Refusal, Result};
use crate::tabs::TabContext;
use eframe::egui::Id;
use std::ops::{ControlFlow, Range};
use std::path::PathBuf;
use std::sync::Arc;

/// A spectrogram that can be seen, and heard once that was asked for.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    /// What it is called: "step 3 of 25".
    pub(super) name: String,
    /// −1..=1, row by row, the highest pitch on top.
    pub(super) levels: Arc<Vec<f32>>,
    /// The same in decibels below the loudest.
    pub(super) db: Arc<Vec<f32>>,
    pub(super) sound: Option<Arc<Sounding>>,
    /// How far it is on a walk, 0..=1.
    pub(super) part: Option<f64>,
}

impl Frame {
    pub(super) fn new(name: String, levels: Vec<f32>) -> Self {
        Self {
            name,
            db: Arc::new(levels.iter().map(|&level| decibels(level)).collect()),
            levels: Arc::new(levels),
            sound: None,
            part: None,
        }
    }

    /// Columns.
    pub(super) fn width(&self) -> usize {
        self.levels.len() / SIDE
    }

    /// It, to be played, if its sound is there.
    pub(super) fn track(&self, id: Id) -> Option<Track> {
        let sound = self.sound.as_ref()?;
        let sound = Sound::from_samples(&self.name, SAMPLE_RATE_HZ, 1, sound.samples.clone());
        Some(Track {
            id,
            name: self.name.clone(),
            source: Arc::new(Playable(sound)),
        })
    }
}

/// What is to be made.
#[derive(Debug, Clone)]
pub(super) enum Task {
    /// A phrase from noise alone.
    Phrase,
    /// So many phrases on the way from one caption to the other.
    Walk(usize),
    /// These columns of a phrase anew.
    Part(Arc<Vec<f32>>, Range<usize>),
    /// What comes after a phrase whose tempo, if it is known, has this number.
    GoOn(Arc<Vec<f32>>, Option<usize>),
}

/// What the maker says.
#[derive(Debug)]
pub(super) enum Event {
    /// The model is there.
    Opened(Arc<Denoiser>),
    /// The moment to stop.
    Working,
    /// What is seen under the noise at a step: its number, and how many there are.
    Step(usize, usize, Vec<f32>),
    /// A phrase is made: a stop of a walk.
    Stop(f64, Vec<f32>),
    /// All is made.
    Done(Vec<f32>),
    Refused(Refusal),
}

/// Opens a model: the one that ships, or a person's own.
pub(super) fn open(file: Option<PathBuf>, cx: &TabContext<'_>) -> Result<Job<Event>> {
    Job::spawn(
        "open a model of sounds",
        Arc::clone(&cx.wake),
        move |emit| {
            let opened = match file {
                Some(path) => Denoiser::open(&path),
                None => Denoiser::of_sounds(),
            };
            _ = emit(match opened {
                Ok(denoiser) => Event::Opened(Arc::new(denoiser)),
                Err(refusal) => Event::Refused(refusal),
            });
        },
    )
}

/// Makes what was wished for.
pub(super) fn start(
    denoiser: Arc<Denoiser>,
    wish: Wish,
    task: Task,
    cx: &TabContext<'_>,
) -> Result<Job<Event>> {
    let compute = cx.compute;
    Job::spawn("make a phrase", Arc::clone(&cx.wake), move |emit| {
        compute.set_threads();
        if let Err(refusal) = work(&denoiser, wish, task, &mut *emit) {
            _ = emit(Event::Refused(refusal));
        }
    })
}

fn work(denoiser: &Denoiser, mut wish: Wish, task: Task, emit: Emit<'_, Event>) -> Result<()> {
    let mut step = |event: Sampled| match event {
        Sampled::Planned(_) => ControlFlow::Continue(()),
        Sampled::Step(step) => emit(Event::Step(step.i, step.n_steps, step.x0_pred)),
    };
    let made = match task {
        Task::Phrase => make(denoiser, &wish, None, &mut step)?,
        Task::Walk(n) => {
            let toward = wish.toward.take();
            let toward = toward.map_or_else(|| wish.caption.clone(), |(caption, _)| caption);
            for part in walk(n) {
                wish.toward = Some((toward.clone(), part));
                let mut working = |_| emit(Event::Working);
                let Some(made) = make(denoiser, &wish, None, &mut working)? else {
                    return Ok(());
                };
                if emit(Event::Stop(part, made)).is_break() {
                    return Ok(());
                }
            }
            return Ok(());
        }
        Task::Part(whole, columns) => {
            let (start, kept) = part_of(&whole, columns);
            let made = make(denoiser, &wish, Some(&kept), &mut step)?;
            made.map(|made| with_part(&whole, &made, start))
        }
        Task::GoOn(whole, tempo) => {
            let width = whole.len() / SIDE;
            let (_, last) = part_of(&whole, width - SIDE..width);
            let kept = continued(&last.levels, tempo);
            let made = make(denoiser, &wish, Some(&kept), &mut step)?;
            made.map(|made| joined(&whole, &made, kept.anew))
        }
    };
    if let Some(made) = made {
        _ = emit(Event::Done(made));
    }
    Ok(())
}

/// Finds the sound of a frame.
pub(super) fn sound(
    levels: Arc<Vec<f32>>,
    wish: &Wish,
    cx: &TabContext<'_>,
) -> Result<Job<Result<Sounding>>> {
    let (compute, n_iterations, seed) = (cx.compute, wish.n_iterations, wish.seed);
    Job::spawn("find the sound", Arc::clone(&cx.wake), move |emit| {
        compute.set_threads();
        let mut go_on = || ControlFlow::Continue(());
        match hear(&levels, n_iterations, seed, &on_pool, &mut go_on) {
            Ok(Some(sounding)) => _ = emit(Ok(sounding)),
            Ok(None) => {}
            Err(refusal) => _ = emit(Err(refusal)),
        }
    })
}
