//! The two jobs: one learns, the other draws what was learned at the scale that a person chose.

use crate::jobs::{Emit, Job, Wake};
use crate::labs::compute::Compute;
use crate::labs::diffusion::Denoiser;
use crate::labs::diffusion::lora::{
    Adapter, Asked, Event, Outcome, Prepared, Recipe, Snapshot, State, Turn, run, shown,
};
use crate::labs::gan::pictures::Pictures;
use crate::refusal::Result;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Between two reports of steps: often enough to look alive.
const REPORT_EVERY: Duration = Duration::from_millis(100);

/// What the job that learns sends.
#[derive(Debug)]
pub(super) enum Message {
    Prepared(Prepared),
    Drawing(usize, usize),
    Prior(Arc<Pictures>),
    /// The steps since the last report.
    Turns(Vec<Turn>),
    Snapshot(Snapshot),
    Ended(Result<Outcome>),
    /// A sign of life: the moment to hear whether to stop.
    Alive,
}

/// Learns as `recipe` says, from nothing or from a state.
pub(super) fn learn(
    base: Arc<Denoiser>,
    recipe: Recipe,
    from: Option<Arc<State>>,
    compute: Compute,
    wake: Wake,
) -> Result<Job<Message>> {
    Job::spawn("learn a word", wake, move |emit| {
        compute.set_threads();
        let mut turns = Vec::new();
        let mut sent = Instant::now();
        let ended = run(&base, &recipe, from.as_deref(), &mut |event| {
            hear(event, &mut turns, &mut sent, emit)
        });
        _ = emit(Message::Turns(turns));
        _ = emit(Message::Ended(ended));
    })
}

fn hear(
    event: Event,
    turns: &mut Vec<Turn>,
    sent: &mut Instant,
    emit: Emit<'_, Message>,
) -> ControlFlow<()> {
    match event {
        Event::Working => emit(Message::Alive),
        Event::Prepared(prepared) => emit(Message::Prepared(prepared)),
        Event::Drawing(done, of) => emit(Message::Drawing(done, of)),
        Event::Prior(pictures) => emit(Message::Prior(pictures)),
        Event::Turn(turn) => {
            turns.push(turn);
            if sent.elapsed() < REPORT_EVERY {
                return ControlFlow::Continue(());
            }
            *sent = Instant::now();
            emit(Message::Turns(std::mem::take(turns)))
        }
        Event::Snapshot(snapshot) => {
            emit(Message::Turns(std::mem::take(turns)))?;
            emit(Message::Snapshot(snapshot))
        }
    }
}

/// A wish: what was learned after `step`, with `scale` times of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Wish {
    pub step: usize,
    pub scale: f64,
}

/// What the second job sends.
#[derive(Debug)]
pub(super) enum Drawn {
    /// The model with what was learned, and the pictures so far.
    Pictures(Pictures),
    /// The whole model, for the other views.
    Model(Arc<Denoiser>),
    Alive,
    Failed(crate::refusal::Refusal),
}

/// The pictures at a scale. The newest wish wins: an older one's job is dropped.
#[derive(Debug, Default)]
pub(super) struct Live {
    job: Option<Job<Drawn>>,
    wished: Option<Wish>,
    /// What the pictures on the stage were drawn with.
    pub has: Option<Wish>,
    pub pictures: Option<Arc<Pictures>>,
    /// Differs for all that was ever drawn.
    pub version: u64,
    pub model: Option<Arc<Denoiser>>,
}

impl Live {
    pub fn is_drawing(&self) -> bool {
        self.job.is_some()
    }

    /// What was asked for last.
    pub fn wished(&self) -> Option<Wish> {
        self.wished
    }

    /// Whether the pictures are not yet those that were asked for last.
    pub fn is_behind(&self) -> bool {
        self.has != self.wished
    }

    /// Draws what is asked with `scale` times `adapter`, unless that is there or on its way.
    pub fn wish(
        &mut self,
        wish: Wish,
        base: &Arc<Denoiser>,
        (adapter, asked): (Adapter, Vec<Asked>),
        compute: Compute,
        wake: Wake,
    ) -> Result<()> {
        if self.wished == Some(wish) {
            return Ok(());
        }
        self.wished = Some(wish);
        let base = Arc::clone(base);
        self.job = Some(Job::spawn("draw with a word", wake, move |emit| {
            compute.set_threads();
            if let Err(refusal) = draw(&base, &adapter, &asked, wish.scale, emit) {
                _ = emit(Drawn::Failed(refusal));
            }
        })?);
        Ok(())
    }

    /// Takes what was drawn; a refusal is handed on.
    pub fn poll(&mut self) -> Vec<crate::refusal::Refusal> {
        let mut refused = Vec::new();
        let Some(job) = &mut self.job else {
            return refused;
        };
        for drawn in job.poll() {
            match drawn {
                Drawn::Pictures(pictures) => {
                    self.version += 1;
                    self.pictures = Some(Arc::new(pictures));
                    self.has = self.wished;
                }
                Drawn::Model(model) => self.model = Some(model),
                Drawn::Failed(refusal) => refused.push(refusal),
                Drawn::Alive => {}
            }
        }
        if !job.is_running() {
            refused.extend(job.take_failure());
            self.job = None;
        }
        refused
    }
}

fn draw(
    base: &Denoiser,
    adapter: &Adapter,
    asked: &[Asked],
    scale: f64,
    emit: Emit<'_, Drawn>,
) -> Result<()> {
    let model = Arc::new(adapter.applied(base, scale)?);
    if emit(Drawn::Model(Arc::clone(&model))).is_break() {
        return Ok(());
    }
    if let Some(pictures) = shown(&model, asked, &mut || emit(Drawn::Alive))? {
        _ = emit(Drawn::Pictures(pictures));
    }
    Ok(())
}
