//! The wave and the spectrogram of what can be seen of the sound in use, made by a worker and kept until
//! something else is to be seen.

use super::in_use::InUse;
use super::settings::Chosen;
use crate::labs::sound::peaks::Peak;
use crate::labs::sound::spectrogram::{Settings, SpectrogramPicture, picture};
use crate::refusal::Result;
use crate::tabs::latest::Latest;
use crate::tabs::{Notice, TabContext};
use eframe::egui::Vec2;
use std::sync::Arc;

/// Wider or higher pictures are not asked for: every graphics card can take them.
const MOST_PIXELS: f32 = 2000.0;

/// What is asked of a sound.
#[derive(Debug, Clone)]
struct Wish {
    sound: InUse,
    asked: Asked,
}

/// Where, how and how finely.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Asked {
    /// The sound's number, and how often it was changed.
    pub(super) number: u64,
    pub(super) version: u64,
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

/// The newest picture, and the worker that makes the next.
#[derive(Debug, Default)]
pub(super) struct Looking {
    worker: Option<Latest<(), Wish, Result<Arc<Seen>>>>,
    /// Room for the picture in pixels, once it was drawn.
    room: Vec2,
    /// What was asked last.
    asked: Option<Asked>,
    seen: Option<Arc<Seen>>,
    /// Counts the pictures.
    version: u64,
}

impl Looking {
    /// Says how many pixels the picture has.
    pub(super) fn set_room(&mut self, room: Vec2) {
        self.room = room.floor().clamp(Vec2::ZERO, Vec2::splat(MOST_PIXELS));
    }

    /// A number that differs for every picture.
    pub(super) fn version(&self) -> u64 {
        self.version
    }

    /// Asks for the pictures of what can be seen, where that is something new.
    pub(super) fn ask(
        &mut self,
        sound: &InUse,
        chosen: &Chosen,
        secs: [f64; 2],
        cx: &mut TabContext<'_>,
    ) {
        if self.room.x < 1.0 || self.room.y < 1.0 {
            return;
        }
        let asked = Asked {
            number: sound.number,
            version: sound.version,
            n_samples: sound.sound.len(),
            settings: chosen.of_lab(sound.rate_hz()),
            secs,
            room: [self.room.x as usize, self.room.y as usize],
        };
        if self.asked.as_ref() == Some(&asked) {
            return;
        }
        if self.worker.is_none() {
            let started = Latest::spawn("spectrogram", cx, |(), wish: Wish, _, emit| {
                emit(see(&wish).map(Arc::new))
            });
            match started {
                Ok(worker) => self.worker = Some(worker),
                Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
            }
        }
        let Some(worker) = &self.worker else { return };
        let wish = Wish {
            sound: sound.clone(),
            asked: asked.clone(),
        };
        worker.wish((), wish);
        self.asked = Some(asked);
    }

    /// Takes what the worker made.
    pub(super) fn poll(&mut self, cx: &mut TabContext<'_>) {
        let Some(worker) = &mut self.worker else {
            return;
        };
        for answer in worker.job.poll() {
            match answer {
                Ok(seen) => {
                    self.seen = Some(seen);
                    self.version += 1;
                }
                Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
            }
        }
        if !worker.job.is_running() {
            let failure = worker.job.take_failure();
            cx.notices.extend(failure.map(Notice::Refused));
            self.worker = None;
        }
    }

    /// The pictures of this sound, the newest there are.
    pub(super) fn seen(&self, sound: &InUse) -> Option<&Arc<Seen>> {
        let seen = self.seen.as_ref();
        seen.filter(|it| it.asked.number == sound.number)
    }
}

impl Seen {
    /// The cell at a time and a share of the height: row and column.
    pub(super) fn cell_at(&self, secs: f64, share: f64) -> Option<[usize; 2]> {
        let picture = &self.picture;
        let [from, to] = picture.secs;
        let along = (secs - from) / (to - from);
        if !(0.0..1.0).contains(&along) || picture.n_rows == 0 {
            return None;
        }
        let column = (along * picture.n_columns as f64) as usize;
        let row = ((1.0 - share) * picture.n_rows as f64).max(0.0) as usize;
        Some([
            row.min(picture.n_rows - 1),
            column.min(picture.n_columns - 1),
        ])
    }
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
