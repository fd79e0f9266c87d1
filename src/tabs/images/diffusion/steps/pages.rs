//! The pages of the view, and what those beside the film have computed.

use super::grid::{self, Sheet};
use super::maker::Event;
use super::recipe::Recipe;
use super::samplers::{self, Sampled};
use crate::jobs::Emit;
use crate::labs::diffusion::Denoiser;
use crate::refusal::Result;

/// What the stage shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Page {
    /// One way, step by step.
    #[default]
    Film,
    /// What the words are to the model.
    Words,
    /// The same noise, five samplers.
    Samplers,
    /// Captions by seeds.
    Grid,
}

impl Page {
    pub(super) const ALL: [(Self, &'static str, &'static str); 4] = [
        (
            Self::Film,
            "Every step",
            "What lies there at each step, and what the network sees in it.",
        ),
        (
            Self::Words,
            "Words",
            "How the caption is read, as switches and as numbers, and what of it the judge sees in the picture.",
        ),
        (
            Self::Samplers,
            "Five samplers",
            "The same noise and the same words, and five rules for going from one step to the next.",
        ),
        (
            Self::Grid,
            "Captions × seeds",
            "Eight captions down, eight seeds across: what the words decide, and what chance does.",
        ),
    ];
}

/// What another page has computed.
#[derive(Debug)]
pub(super) enum PageTask {
    Samplers(Recipe),
    Grid(grid::Order),
}

/// What it is told.
#[derive(Debug)]
pub(super) enum PageEvent {
    Sampled(usize, Sampled),
    Row(usize, Sheet),
}

impl PageTask {
    pub(super) fn work(self, denoiser: &Denoiser, emit: Emit<'_, Event>) -> Result<()> {
        match self {
            Self::Samplers(recipe) => samplers::work(denoiser, &recipe, emit),
            Self::Grid(order) => grid::work(denoiser, &order, emit),
        }
    }
}
