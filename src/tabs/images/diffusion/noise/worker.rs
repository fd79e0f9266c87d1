//! What the view asks its worker: a picture, what the network says of it at one level, and at several.

use crate::jobs::Emit;
use crate::labs::diffusion::captions::parse;
use crate::labs::diffusion::noising::{Once, remove_once_at};
use crate::labs::diffusion::originals::{Original, of_file, of_number};
use crate::labs::diffusion::{Denoiser, Levels};
use crate::refusal::{Refusal, Result};
use crate::tabs::latest::Latest;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

/// The levels at which the strip takes the noise off.
pub(super) const STRIP: [f64; 8] = [0.0, 100.0, 200.0, 300.0, 500.0, 700.0, 900.0, 999.0];

/// The worker of this view.
pub(super) type Worker = Latest<Place, Wish, Answer>;

/// Where an answer is wanted; those that come first are served first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    Picture,
    Once,
    Strip,
}

/// A picture that ships, or a person's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Chosen {
    Number(usize),
    File(PathBuf),
}

/// What is asked about a picture under noise.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    /// Differs for everything that is asked.
    pub(super) number: u64,
    pub(super) denoiser: Arc<Denoiser>,
    pub(super) picture: Arc<Original>,
    pub(super) levels: Arc<Levels>,
    pub(super) t: f64,
    pub(super) seed: u64,
    /// What the network is told of the picture, if anything.
    pub(super) words: Option<String>,
}

pub(super) enum Wish {
    Picture(Arc<Denoiser>, Chosen),
    Once(Asked),
    /// From this stop on.
    Strip(Asked, usize),
}

pub(super) enum Answer {
    Picture(Original),
    Once {
        number: u64,
        once: Box<Once>,
        picture: Arc<Original>,
    },
    Strip {
        number: u64,
        i: usize,
        stop: Stop,
    },
    Trouble(Refusal),
}

/// The noise taken off once at a level of the strip.
#[derive(Debug, Clone)]
pub(super) struct Stop {
    pub(super) x0_pred: Vec<f32>,
    pub(super) psnr_db: f64,
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
        Wish::Once(asked) => once(&asked, asked.t).map(|once| {
            emit(Answer::Once {
                number: asked.number,
                once: Box::new(once),
                picture: Arc::clone(&asked.picture),
            })
        }),
        Wish::Strip(asked, first) => strip(&asked, first, is_stale, emit),
    };
    answered.unwrap_or_else(|refusal| emit(Answer::Trouble(refusal)))
}

fn once(asked: &Asked, t: f64) -> Result<Once> {
    let denoiser = &*asked.denoiser;
    let level = asked.levels.at(t);
    let (condition, guidance) = match &asked.words {
        Some(words) => {
            let rows = parse(words, &denoiser.about().attributes).rows;
            (denoiser.condition(&rows)?, 1.0)
        }
        None => (denoiser.no_condition()?, 0.0),
    };
    let picture = &asked.picture.numbers;
    remove_once_at(denoiser, picture, level, asked.seed, &condition, guidance)
}

fn strip(
    asked: &Asked,
    first: usize,
    is_stale: &dyn Fn() -> bool,
    emit: Emit<'_, Answer>,
) -> Result<ControlFlow<()>> {
    for (i, t) in STRIP.into_iter().enumerate().skip(first) {
        if is_stale() {
            break;
        }
        let once = once(asked, t)?;
        let answer = Answer::Strip {
            number: asked.number,
            i,
            stop: Stop {
                x0_pred: once.x0_pred,
                psnr_db: once.x0_psnr_db,
            },
        };
        if emit(answer).is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}
