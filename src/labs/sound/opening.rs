//! Opening a sound: its beginning is there within a second, however long it is.

use super::peaks::Peaks;
use crate::files::sound::{self, Sound};
use crate::refusal::{Refusal, Result};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

/// A sound and its outline, as far as it has been decoded.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The sound.
    pub sound: Sound,
    /// Its outline.
    pub peaks: Arc<Peaks>,
}

/// Opens the sound at `path`. `emit` is given a long one while it grows, and ends the reading with
/// `Break`: what has been read stays usable.
///
/// # Errors
/// What is no sound that can be played here, or a disk that is full.
pub fn open(path: &Path, emit: &mut dyn FnMut(Opened) -> ControlFlow<()>) -> Result<Opened> {
    let mut peaks = Peaks::default();
    let mut failed: Option<Refusal> = None;
    let sound = sound::open(path, &mut |sound| match peaks.extend(sound) {
        Ok(()) => emit(Opened {
            sound: sound.clone(),
            peaks: Arc::new(peaks.clone()),
        }),
        Err(refusal) => {
            failed = Some(refusal);
            ControlFlow::Break(())
        }
    })?;
    if let Some(refusal) = failed {
        return Err(refusal);
    }
    peaks.extend(&sound)?;
    Ok(Opened {
        sound,
        peaks: Arc::new(peaks),
    })
}

/// A sound that is in memory already, and its outline.
///
/// # Errors
/// None for a sound in memory.
pub fn of_sound(sound: Sound) -> Result<Opened> {
    let mut peaks = Peaks::default();
    peaks.extend(&sound)?;
    Ok(Opened {
        sound,
        peaks: Arc::new(peaks),
    })
}
