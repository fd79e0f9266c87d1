//! What the view asks its worker: a picture, runs that begin with one, and the way to its noise and back.

use crate::jobs::Emit;
use crate::labs::diffusion::captions::parse;
use crate::labs::diffusion::originals::{Original, of_file, of_number};
use crate::labs::diffusion::sampling::{
    Event, Inversion, Repaint, Run, Settings, Start, Step, invert, run,
};
use crate::labs::diffusion::{Denoiser, Level};
use crate::refusal::{Refusal, Result};
use crate::tabs::latest::Latest;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

/// Steps of a run that are kept to be looked at.
pub(super) const MOST_FRAMES: usize = 12;

/// The worker of this view.
pub(super) type Worker = Latest<Place, Wish, Answer>;

/// Where an answer is wanted; those that come first are served first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    Picture,
    /// The large picture.
    Main,
    /// The small ones beside it.
    Row,
}

/// A picture that ships, or a person's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Chosen {
    Number(usize),
    File(PathBuf),
}

/// What every run needs.
#[derive(Debug, Clone)]
pub(super) struct Ask {
    /// Differs for everything that is asked.
    pub(super) number: u64,
    pub(super) denoiser: Arc<Denoiser>,
    pub(super) caption: String,
    pub(super) seed: u64,
    pub(super) settings: Settings,
}

/// One run.
#[derive(Debug, Clone)]
pub(super) struct Way {
    pub(super) start: Start,
    pub(super) repaint: Option<Repaint>,
}

pub(super) enum Wish {
    Picture(Arc<Denoiser>, Chosen),
    /// One run, whose steps are kept.
    Main(Ask, Way),
    /// Several runs, of which only the ends count, by their places.
    Row(Ask, Vec<(usize, Way)>),
    /// A picture led to its noise, and back with the caption.
    Back {
        ask: Ask,
        picture: Vec<f32>,
        /// What the picture shows, as the way up is told.
        shows: String,
        n_refinements: usize,
    },
}

/// A step, kept.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    /// Which of all steps.
    pub(super) i: usize,
    pub(super) from: Level,
    pub(super) to: Level,
    pub(super) x_t: Vec<f32>,
    pub(super) x0_pred: Vec<f32>,
    pub(super) noise_pred: Vec<f32>,
}

pub(super) enum Answer {
    Picture(Original),
    /// A step is done; `frame` where it is kept. `is_up` on the way to the noise.
    Step {
        number: u64,
        done: usize,
        of: usize,
        is_up: bool,
        frame: Option<Frame>,
    },
    /// The noise that a picture was led to.
    Noise {
        number: u64,
        noise: Vec<f32>,
    },
    /// The large picture is done.
    Main {
        number: u64,
        picture: Vec<f32>,
    },
    /// A small one is.
    Row {
        number: u64,
        i: usize,
        picture: Vec<f32>,
    },
    Trouble(Refusal),
}

/// Does what was wished for.
pub(super) fn work(
    wish: Wish,
    is_stale: &dyn Fn() -> bool,
    emit: Emit<'_, Answer>,
) -> ControlFlow<()> {
    let answered = match wish {
        Wish::Picture(denoiser, chosen) => {
            let about = denoiser.about();
            let picture = match chosen {
                Chosen::Number(i) => of_number(i, about),
                Chosen::File(path) => of_file(&path, about),
            };
            picture.map(|picture| emit(Answer::Picture(picture)))
        }
        Wish::Main(ask, way) => main(&ask, way, is_stale, emit),
        Wish::Row(ask, ways) => row(&ask, ways, is_stale, emit),
        Wish::Back {
            ask,
            picture,
            shows,
            n_refinements,
        } => back(&ask, picture, &shows, n_refinements, is_stale, emit),
    };
    answered.unwrap_or_else(|refusal| emit(Answer::Trouble(refusal)))
}

/// The words as the model's own numbers.
fn condition(denoiser: &Denoiser, words: &str) -> Result<Vec<f32>> {
    denoiser.condition(&parse(words, &denoiser.about().attributes).rows)
}

fn run_of(ask: &Ask, way: Way) -> Result<Run> {
    Ok(Run {
        seed: ask.seed,
        condition: condition(&ask.denoiser, &ask.caption)?,
        settings: ask.settings,
        start: way.start,
        repaint: way.repaint,
    })
}

/// Sends steps on, and says no once the work is overtaken or the window is gone.
struct Teller<'a, 'b> {
    number: u64,
    is_up: bool,
    is_stale: &'a dyn Fn() -> bool,
    emit: Emit<'b, Answer>,
    is_gone: bool,
}

impl Teller<'_, '_> {
    fn hear(&mut self, event: Event) -> ControlFlow<()> {
        let Event::Step(step) = event else {
            return ControlFlow::Continue(());
        };
        let answer = Answer::Step {
            number: self.number,
            done: step.i + 1,
            of: step.n_steps,
            is_up: self.is_up,
            frame: kept(step),
        };
        self.is_gone = (self.emit)(answer).is_break();
        if self.is_gone || (self.is_stale)() {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }
}

/// The step, if it is one of those that are kept: evenly spread, the last one always.
fn kept(step: Step) -> Option<Frame> {
    let Step { i, n_steps, .. } = step;
    is_kept(i, n_steps).then_some(Frame {
        i,
        from: step.from,
        to: step.to,
        x_t: step.x_t,
        x0_pred: step.x0_pred,
        noise_pred: step.noise_pred,
    })
}

fn is_kept(i: usize, n_steps: usize) -> bool {
    let share = |i: usize| i * (MOST_FRAMES - 1) / n_steps.max(1);
    i == 0 || n_steps <= MOST_FRAMES || share(i) != share(i + 1)
}

fn main(
    ask: &Ask,
    way: Way,
    is_stale: &dyn Fn() -> bool,
    emit: Emit<'_, Answer>,
) -> Result<ControlFlow<()>> {
    let mut teller = Teller {
        number: ask.number,
        is_up: false,
        is_stale,
        emit,
        is_gone: false,
    };
    let done = run(&*ask.denoiser, &run_of(ask, way)?, &mut |event| {
        teller.hear(event)
    })?;
    Ok(match done {
        Some(picture) => (teller.emit)(Answer::Main {
            number: ask.number,
            picture,
        }),
        None => flow(teller.is_gone),
    })
}

fn row(
    ask: &Ask,
    ways: Vec<(usize, Way)>,
    is_stale: &dyn Fn() -> bool,
    emit: Emit<'_, Answer>,
) -> Result<ControlFlow<()>> {
    for (i, way) in ways {
        let mut go_on = |_| {
            if is_stale() {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        };
        let Some(picture) = run(&*ask.denoiser, &run_of(ask, way)?, &mut go_on)? else {
            break;
        };
        let number = ask.number;
        if emit(Answer::Row { number, i, picture }).is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

fn back(
    ask: &Ask,
    picture: Vec<f32>,
    shows: &str,
    n_refinements: usize,
    is_stale: &dyn Fn() -> bool,
    emit: Emit<'_, Answer>,
) -> Result<ControlFlow<()>> {
    let number = ask.number;
    let inversion = Inversion {
        picture,
        condition: condition(&ask.denoiser, shows)?,
        n_steps: ask.settings.n_steps,
        guidance: 1.0,
        n_refinements,
        breath: Some(ask.seed),
    };
    let mut teller = Teller {
        number,
        is_up: true,
        is_stale,
        emit,
        is_gone: false,
    };
    let up = invert(&*ask.denoiser, &inversion, &mut |event| teller.hear(event))?;
    let Some((x_t, level)) = up else {
        return Ok(flow(teller.is_gone));
    };
    let noise = x_t.clone();
    if (teller.emit)(Answer::Noise { number, noise }).is_break() {
        return Ok(ControlFlow::Break(()));
    }
    teller.is_up = false;
    // The same caption goes the same way back, at the same guidance; another one goes its own.
    let guidance = if shows == ask.caption {
        1.0
    } else {
        ask.settings.guidance
    };
    let down = Run {
        seed: ask.seed,
        condition: condition(&ask.denoiser, &ask.caption)?,
        settings: Settings {
            guidance,
            ..inversion.settings()
        },
        start: Start::At { x_t, level },
        repaint: None,
    };
    let done = run(&*ask.denoiser, &down, &mut |event| teller.hear(event))?;
    Ok(match done {
        Some(picture) => (teller.emit)(Answer::Main { number, picture }),
        None => flow(teller.is_gone),
    })
}

/// Whether the worker goes on with the next wish.
fn flow(is_gone: bool) -> ControlFlow<()> {
    if is_gone {
        ControlFlow::Break(())
    } else {
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_steps_that_are_kept_are_few_and_both_ends_are_among_them() {
        for n in [1, 2, 12, 13, 25, 1000] {
            let kept: Vec<usize> = (0..n).filter(|&i| is_kept(i, n)).collect();
            assert!(kept.len() <= MOST_FRAMES && kept.len() >= n.min(MOST_FRAMES));
            assert_eq!((kept[0], kept[kept.len() - 1]), (0, n - 1));
        }
    }
}
