//! The canvas, on a thread of its own: strokes come in their order, and the sound they leave goes out.

use super::super::in_use::InUse;
use crate::jobs::{Emit, Job};
use crate::labs::sound::Sound;
use crate::labs::sound::opening::{Opened, of_sound};
use crate::labs::sound::painting::{Canvas, MOST_SECS, Stroke};
use crate::labs::sound::vocoder::{shift_pitch, stretch};
use crate::refusal::{Refusal, Result};
use crate::tabs::TabContext;
use std::ops::Range;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Instant;

/// What a hand wants.
#[derive(Debug)]
pub(super) enum Order {
    /// Paint on this sound from now on.
    Take(InUse),
    Paint(Stroke, Instant),
    Undo,
    Redo,
    /// So many times as long.
    Stretch(f64),
    /// So many semitones higher.
    Pitch(f64),
}

/// What came of it.
#[derive(Debug)]
pub(super) struct Painted {
    /// The number on the desk of the sound that is painted on.
    pub(super) number: u64,
    pub(super) opened: Opened,
    /// The samples that are others now.
    pub(super) changed: Range<usize>,
    /// When the hand was lifted.
    pub(super) since: Option<Instant>,
    /// Steps that can be taken back and done again.
    pub(super) steps: [usize; 2],
    /// Whether the sound was longer than can be painted on.
    pub(super) is_cut: bool,
}

/// The thread, as the view sees it.
#[derive(Debug)]
pub(super) struct Worker {
    /// One answer to every order: nothing where nothing changed.
    pub(super) job: Job<Result<Option<Painted>>>,
    orders: SyncSender<Order>,
}

impl Worker {
    pub(super) fn start(cx: &TabContext<'_>) -> Result<Self> {
        let (orders, arriving) = sync_channel(64);
        let compute = cx.compute;
        let job = Job::spawn("paint on a sound", Arc::clone(&cx.wake), move |emit| {
            compute.set_threads();
            work(&arriving, emit);
        })?;
        Ok(Self { job, orders })
    }

    /// Gives an order; whether there was room for it.
    pub(super) fn order(&self, order: Order) -> bool {
        self.orders.try_send(order).is_ok()
    }
}

/// A canvas, and the canvases before it: a stretched sound is another one.
struct Easel {
    sound: InUse,
    canvas: Canvas,
    before: Vec<Canvas>,
    after: Vec<Canvas>,
}

/// Canvases that are kept: each is some tens of megabytes for a minute.
const MOST_CANVASES: usize = 4;

fn work(arriving: &Receiver<Order>, emit: Emit<'_, Result<Option<Painted>>>) {
    let mut easel: Option<Easel> = None;
    while let Ok(order) = arriving.recv() {
        let since = match &order {
            Order::Paint(_, since) => Some(*since),
            _ => None,
        };
        let done = match (order, &mut easel) {
            (Order::Take(sound), _) => Easel::new(sound).map(|new| {
                easel = Some(new);
                None
            }),
            (order, Some(easel)) => easel.follow(order),
            (_, None) => Ok(None),
        };
        let painted = done.and_then(|changed| match (&easel, changed) {
            (Some(easel), Some(changed)) => easel.painted(changed, since).map(Some),
            _ => Ok(None),
        });
        if emit(painted).is_break() {
            return;
        }
    }
}

impl Easel {
    fn new(sound: InUse) -> Result<Self> {
        if !sound.sound.is_whole() {
            return Err(Refusal::unchanged(
                "This sound cannot be painted on yet",
                "Its file is still being read.",
                "Wait until it is read, then paint.",
            ));
        }
        Ok(Self {
            canvas: Canvas::of(&sound.sound)?,
            sound,
            before: Vec::new(),
            after: Vec::new(),
        })
    }

    /// Does it. Returns the samples that changed, if any did.
    fn follow(&mut self, order: Order) -> Result<Option<Range<usize>>> {
        let changed = match order {
            Order::Take(_) => None,
            Order::Paint(stroke, _) => {
                self.after.clear();
                Some(self.canvas.paint(&stroke))
            }
            Order::Undo => self.canvas.undo().or_else(|| {
                let canvas = self.before.pop()?;
                self.after.push(std::mem::replace(&mut self.canvas, canvas));
                Some(self.all())
            }),
            Order::Redo => self.canvas.redo().or_else(|| {
                let canvas = self.after.pop()?;
                self.before
                    .push(std::mem::replace(&mut self.canvas, canvas));
                Some(self.all())
            }),
            Order::Stretch(factor) => Some(self.renew(stretch(self.canvas.samples(), factor)?)?),
            Order::Pitch(by) => Some(self.renew(shift_pitch(self.canvas.samples(), by)?)?),
        };
        Ok(changed.filter(|it| !it.is_empty()))
    }

    fn all(&self) -> Range<usize> {
        0..self.canvas.samples().len()
    }

    /// Goes on with other samples.
    fn renew(&mut self, samples: Vec<f32>) -> Result<Range<usize>> {
        let most = (MOST_SECS * f64::from(self.canvas.rate_hz())) as usize;
        if samples.len() > most {
            return Err(Refusal::unchanged(
                "It would become too long",
                format!("More than {MOST_SECS:.0} seconds cannot be painted on."),
                "Stretch it less.",
            ));
        }
        let canvas = self.canvas.replaced(samples)?;
        self.before
            .push(std::mem::replace(&mut self.canvas, canvas));
        if self.before.len() > MOST_CANVASES {
            self.before.remove(0);
        }
        self.after.clear();
        Ok(self.all())
    }

    fn painted(&self, changed: Range<usize>, since: Option<Instant>) -> Result<Painted> {
        let samples = self.canvas.samples().to_vec();
        let name = self.sound.sound.name();
        let is_cut = self.sound.sound.secs() > MOST_SECS;
        let [undo, redo] = self.canvas.n_undo();
        let sound = Sound::from_samples(name, self.canvas.rate_hz(), 1, samples);
        Ok(Painted {
            number: self.sound.number,
            opened: of_sound(sound)?,
            changed,
            since,
            steps: [undo + self.before.len(), redo + self.after.len()],
            is_cut,
        })
    }
}
