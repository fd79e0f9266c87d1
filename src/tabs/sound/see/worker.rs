//! What the view asks its worker: the wave and the spectrogram of what can be seen.

use super::super::in_use::InUse;
use crate::labs::sound::peaks::Peak;
use crate::labs::sound::spectrogram::{Settings, SpectrogramPicture, picture};
use crate::refusal::{Refusal, Result};
use crate::tabs::TabContext;
use crate::tabs::latest::Latest;

/// The worker of this view.
pub(super) type Worker = Latest<(), Wish, Answer>;

/// What is asked of a sound.
#[derive(Debug, Clone)]
pub(super) struct Wish {
    pub(super) sound: InUse,
    pub(super) asked: Asked,
}

/// Where, how and how finely.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Asked {
    /// The sound's number.
    pub(super) number: u64,
    /// Samples it had.
    pub(super) n_samples: usize,
    pub(super) settings: Settings,
    /// What can be seen.
    pub(super) secs: [f64; 2],
    /// Columns and rows there is room for.
    pub(super) room: [usize; 2],
}

/// The pictures of what can be seen.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) asked: Asked,
    pub(super) picture: SpectrogramPicture,
    /// The lowest and the highest sample in each of as many columns as there is room for.
    pub(super) wave: Vec<Peak>,
    /// The largest sample of the sound.
    pub(super) loudest: f32,
}

pub(super) type Answer = std::result::Result<Box<Seen>, Refusal>;

/// Starts the worker.
pub(super) fn start(cx: &TabContext<'_>) -> Result<Worker> {
    Latest::spawn("spectrogram", cx, |(), wish: Wish, _, emit| {
        emit(see(&wish).map(Box::new))
    })
}

fn see(Wish { sound, asked }: &Wish) -> Result<Seen> {
    let [from, to] = asked.secs;
    let [columns, rows] = asked.room;
    let picture = picture(&sound.sound, from..to, &asked.settings, columns, rows)?;
    let rate = sound.rate_hz();
    let peaks = &sound.peaks;
    let whole = 0.0..sound.sound.len() as f64;
    let loudest = peaks.columns(&sound.sound, whole, 1)?;
    let loudest = loudest
        .iter()
        .flatten()
        .fold(0.0, |most: f32, it| most.max(it.abs()));
    Ok(Seen {
        wave: peaks.columns(&sound.sound, from * rate..to * rate, columns)?,
        asked: asked.clone(),
        picture,
        loudest,
    })
}
