//! What computes: one run at a time, the latest wish wins. The window never waits for it.

use super::recipe::Recipe;
use super::ways::{MOST_KEPT, Way};
use crate::jobs::{Emit, Job};
use crate::labs::diffusion::captions::{Attribute, of_digits, of_faces};
use crate::labs::diffusion::noising::bytes;
use crate::labs::diffusion::sampling::{self, Run, Start, Step, run};
use crate::labs::diffusion::{About, Denoiser};
use crate::labs::gan::pictures::Pictures;
use crate::labs::judge::{Judge, Reading};
use crate::refusal::{Refusal, Result};
use crate::tabs::{Notice, TabContext};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Instant;

/// Steps of a picture that follows a slider while it is dragged.
const N_DRAFT: usize = 8;

/// What is to be computed.
#[derive(Debug)]
pub(super) enum Task {
    /// The whole way.
    Way {
        /// Which of the ways.
        at: usize,
        recipe: Recipe,
        start: Start,
        /// What came before, for the judge.
        prefix: Vec<Arc<Step>>,
        /// Whether what is there stays until it is complete.
        hold: bool,
    },
    /// Something of another page.
    Page(super::pages::PageTask),
}

/// What it sends.
#[derive(Debug)]
pub(super) enum Event {
    /// A way begins: which, its steps, and whether it is held back.
    Begun {
        at: usize,
        n_steps: usize,
        recipe: Arc<Recipe>,
        hold: bool,
    },
    /// A step of it.
    Step(usize, Arc<Step>),
    /// A step that is not kept: how far it is, 0..=1.
    Tick(f32),
    /// It is complete.
    Finished {
        at: usize,
        picture: Vec<f32>,
        secs: f64,
    },
    /// What the judge sees in every kept step, and in the picture.
    Read(usize, Vec<Reading>),
    /// Of another page.
    Page(super::pages::PageEvent),
    Trouble(Refusal),
}

/// A wish.
#[derive(Debug)]
pub(super) struct Wish {
    pub(super) task: Task,
    /// Whether it only follows a slider: it is not stopped by the next one of its kind.
    pub(super) is_draft: bool,
}

impl Wish {
    /// The way, with few steps if it is a draft.
    pub(super) fn way(at: usize, way: &Way, is_draft: bool, hold: bool) -> Self {
        let mut recipe = way.recipe.clone();
        if is_draft {
            let n_steps = &mut recipe.settings.n_steps;
            *n_steps = (*n_steps).min(N_DRAFT);
        }
        let prefix = way.prefix().iter();
        let task = Task::Way {
            at,
            recipe,
            start: way.start(),
            prefix: prefix.map(|kept| Arc::clone(&kept.step)).collect(),
            hold,
        };
        Self { task, is_draft }
    }
}

#[derive(Debug)]
struct Running {
    job: Job<Event>,
    is_draft: bool,
    /// The way it works at; `None` for another page.
    way: Option<usize>,
    is_stopped: bool,
    /// How far it is, 0..=1.
    part: f32,
}

/// The worker.
#[derive(Debug, Default)]
pub(super) struct Maker {
    running: Option<Running>,
    next: Option<Wish>,
}

impl Maker {
    /// Wishes for something: what runs is stopped, a wish that still waits is forgotten.
    pub(super) fn wish(&mut self, wish: Wish) {
        if let Some(running) = &mut self.running
            && !(running.is_draft && wish.is_draft)
        {
            running.stop();
        }
        self.next = Some(wish);
    }

    /// Stops everything.
    pub(super) fn stop(&mut self) {
        self.next = None;
        if let Some(running) = &mut self.running {
            running.stop();
        }
    }

    pub(super) fn is_busy(&self) -> bool {
        let running = self.running.as_ref();
        self.next.is_some() || running.is_some_and(|running| !running.is_stopped)
    }

    /// How far a way is, 0..=1, while one is worked at.
    pub(super) fn way_in_work(&self) -> Option<f32> {
        let running = self.running.as_ref()?;
        running.way.filter(|_| !running.is_stopped)?;
        Some(running.part)
    }

    /// How far anything else is, 0..=1, while it is worked at.
    pub(super) fn part(&self) -> Option<f32> {
        let running = self.running.as_ref().filter(|r| !r.is_stopped)?;
        Some(running.part)
    }

    /// What arrived; begins what was wished for last, once nothing runs.
    pub(super) fn poll(
        &mut self,
        denoiser: Option<&Arc<Denoiser>>,
        cx: &mut TabContext<'_>,
    ) -> Vec<Event> {
        let mut arrived = Vec::new();
        if let Some(running) = &mut self.running {
            arrived = running.job.poll();
            if running.is_stopped {
                arrived.clear();
            }
            for event in &arrived {
                match event {
                    Event::Tick(part) => running.part = *part,
                    Event::Step(_, step) => {
                        running.part = (step.i + 1) as f32 / step.n_steps as f32;
                    }
                    _ => {}
                }
            }
            cx.notices
                .extend(running.job.take_failure().map(Notice::Refused));
            if !running.job.is_running() {
                self.running = None;
            }
        }
        if self.running.is_none()
            && let (Some(denoiser), Some(wish)) = (denoiser, self.next.take())
        {
            self.begin(Arc::clone(denoiser), wish, cx);
        }
        arrived
    }

    fn begin(&mut self, denoiser: Arc<Denoiser>, wish: Wish, cx: &mut TabContext<'_>) {
        let compute = cx.compute;
        let way = match &wish.task {
            Task::Way { at, .. } => Some(*at),
            Task::Page(_) => None,
        };
        let task = wish.task;
        let work = move |emit: Emit<'_, Event>| {
            compute.set_threads();
            let done = match task {
                Task::Way {
                    at,
                    recipe,
                    start,
                    prefix,
                    hold,
                } => go(&denoiser, at, &recipe, start, &prefix, hold, emit),
                Task::Page(task) => task.work(&denoiser, emit),
            };
            if let Err(refusal) = done {
                _ = emit(Event::Trouble(refusal));
            }
        };
        match Job::spawn("make a picture", Arc::clone(&cx.wake), work) {
            Ok(job) => {
                self.running = Some(Running {
                    job,
                    is_draft: wish.is_draft,
                    way,
                    is_stopped: false,
                    part: 0.0,
                });
            }
            Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
        }
    }
}

impl Running {
    fn stop(&mut self) {
        self.is_stopped = true;
        self.job.stop();
    }
}

/// Goes the whole way, then shows every step to the judge.
fn go(
    denoiser: &Denoiser,
    at: usize,
    recipe: &Recipe,
    start: Start,
    prefix: &[Arc<Step>],
    hold: bool,
    emit: Emit<'_, Event>,
) -> Result<()> {
    let wanted = Run {
        seed: recipe.seed,
        condition: recipe.condition(denoiser)?,
        settings: recipe.settings,
        start,
        repaint: None,
    };
    let mut clean: Vec<u8> = Vec::new();
    for step in prefix {
        clean.extend(bytes(&step.x0_pred));
    }
    let started = Instant::now();
    let picture = run(denoiser, &wanted, &mut |event| match event {
        sampling::Event::Planned(stops) => emit(Event::Begun {
            at,
            n_steps: stops.len() - 1,
            recipe: Arc::new(recipe.clone()),
            hold,
        }),
        sampling::Event::Step(step) if is_kept(step.i, step.n_steps) => {
            clean.extend(bytes(&step.x0_pred));
            emit(Event::Step(at, Arc::new(step)))
        }
        sampling::Event::Step(step) => emit(Event::Tick(step.i as f32 / step.n_steps as f32)),
    })?;
    let Some(picture) = picture else {
        return Ok(());
    };
    clean.extend(bytes(&picture));
    let secs = started.elapsed().as_secs_f64();
    if emit(Event::Finished { at, picture, secs }).is_break() {
        return Ok(());
    }
    if let Some(readings) = read(denoiser.about(), clean)? {
        _ = emit(Event::Read(at, readings));
    }
    Ok(())
}

/// Whether a step stays: all of a short way, every second, third, … of a long one, and the last.
fn is_kept(i: usize, n_steps: usize) -> bool {
    i.is_multiple_of(n_steps.div_ceil(MOST_KEPT)) || i + 1 == n_steps
}

/// The judge of such pictures, if there is one.
pub(super) fn judge(attributes: &[Attribute]) -> Result<Option<Arc<Judge>>> {
    if attributes == of_faces() {
        Judge::faces().map(Some)
    } else if attributes == of_digits() {
        Judge::digits().map(Some)
    } else {
        Ok(None)
    }
}

/// What the judge sees in pictures; `None` where there is no judge of them.
pub(super) fn read(about: &About, pixels: Vec<u8>) -> Result<Option<Vec<Reading>>> {
    let Some(judge) = judge(&about.attributes)? else {
        return Ok(None);
    };
    let pictures = Pictures {
        side: about.side,
        n_channels: about.n_channels,
        pixels,
    };
    if about.side < judge.side() {
        return Ok(None);
    }
    let looked = judge.look(&pictures, &mut || ControlFlow::Continue(()))?;
    Ok(looked.map(|looked| looked.readings))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_way_some_steps_are_kept_and_always_the_first_and_the_last() {
        for n_steps in [1, 25, 250, 251, 999, 1000] {
            let kept: Vec<usize> = (0..n_steps).filter(|&i| is_kept(i, n_steps)).collect();
            assert!(kept.len() <= MOST_KEPT + 1, "{n_steps}: {}", kept.len());
            assert_eq!((kept[0], kept[kept.len() - 1]), (0, n_steps - 1));
        }
        assert!((0..25).all(|i| is_kept(i, 25)));
    }
}
