//! The loudspeaker: plays a [`Source`] on an output of the system.
//!
//! A [`Speaker`] is a thread of its own ([`feeding`]) that takes orders from the window, brings the sound
//! to the device's rate ([`feed`]) and hands it through a [ring](super::ring) to the callback of the [`device`],
//! which neither locks nor allocates and tells the place in the sound as an atomic number.
//!
//! A machine without an output is nothing unusual: [`Status::trouble`] says what is missing, and the
//! thread looks again now and then. An output that disappears pauses the sound, keeps its place, and the
//! sound goes on as soon as an output is there.

mod device;
mod feed;
#[cfg(test)]
mod feed_tests;
mod feeding;
mod open;
mod reader;
mod source;
#[cfg(test)]
mod unplugged_tests;

pub use device::{Output, OutputChoice, describe_output};
pub use source::{Clip, Source};

use crate::jobs::Wake;
use crate::refusal::{Refusal, Result};
use device::{Outputs, Shared, System};
use feeding::{Feeding, Order};
use std::ops::Range;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

/// Slowest and fastest, as a factor.
pub const SPEEDS: std::ops::RangeInclusive<f64> = 0.25..=2.0;

/// What the speaker is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Phase {
    /// Nothing was ever played, or it was stopped.
    #[default]
    Idle,
    /// The sound is heard.
    Playing,
    /// It was paused.
    Paused,
    /// It was heard to its end.
    Ended,
    /// It goes on as soon as there is an output again.
    Waiting,
}

/// What the speaker last said of itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Status {
    /// What it is doing.
    pub phase: Phase,
    /// The output, once one was found: as it plays, or as it would.
    pub output: Option<Output>,
    /// Whether the sound is brought to another rate on its way to the output.
    pub is_resampled: bool,
    /// Why nothing can be heard, as a phrase.
    pub trouble: Option<String>,
    /// The outputs to choose from, once they were asked for.
    pub choices: Vec<OutputChoice>,
    /// The id of the chosen output; the system's usual one where there is none.
    pub chosen: Option<String>,
    /// Whether an output was looked for at all by now.
    pub has_looked: bool,
}

/// How to begin.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Start {
    /// The frame it begins with.
    pub from: f64,
    /// Frames that are played again and again.
    pub looped: Option<Range<usize>>,
}

/// Plays sounds. Dropping it stops them.
#[derive(Debug)]
pub struct Speaker {
    orders: SyncSender<Order>,
    shared: Arc<Shared>,
    status: Arc<Mutex<Status>>,
}

impl Speaker {
    /// Starts the speaker's thread, which looks for an output at once. `wake` is called whenever
    /// [`Speaker::status`] has changed.
    ///
    /// # Errors
    /// When the system cannot start another thread.
    pub fn new(wake: Wake) -> Result<Self> {
        Self::on(Box::new(System), wake)
    }

    /// A speaker on these outputs.
    fn on(outputs: Box<dyn Outputs>, wake: Wake) -> Result<Self> {
        // Deep enough for a hand on every slider at once; what does not fit is dropped, and the next
        // order says the same again.
        let (orders, arriving) = sync_channel(64);
        let shared = Arc::new(Shared::default());
        let status = Arc::new(Mutex::new(Status::default()));
        let feeding = Feeding::new(outputs, Arc::clone(&shared), Arc::clone(&status), wake);
        std::thread::Builder::new()
            .name("speaker".into())
            .spawn(move || feeding.run(&arriving))
            .map_err(|error| {
                Refusal::unchanged(
                    "Nothing can be played",
                    format!("The system refused another thread: {error}."),
                    "Close other programs and try again.",
                )
            })?;
        Ok(Self {
            orders,
            shared,
            status,
        })
    }

    /// Plays a sound; what was played before ends.
    pub fn play(&self, source: Arc<dyn Source>, start: Start) {
        self.set_place(start.from);
        self.order(Order::Play(source, start));
    }

    /// Goes on with other samples in the same place: what was heard was changed meanwhile.
    pub fn replace(&self, source: Arc<dyn Source>) {
        self.order(Order::Replace(source));
    }

    /// Pauses, keeping the place.
    pub fn pause(&self) {
        // The callback hears of it at once.
        self.shared.is_running.store(false, Ordering::Release);
        self.order(Order::Pause);
    }

    /// Goes on where it was paused.
    pub fn resume(&self) {
        self.order(Order::Resume);
    }

    /// Ends the sound and lets go of the output.
    pub fn stop(&self) {
        self.shared.is_running.store(false, Ordering::Release);
        self.order(Order::Stop);
    }

    /// Goes to a frame, playing or not.
    pub fn seek(&self, frame: f64) {
        self.set_place(frame);
        self.order(Order::Seek(frame));
    }

    /// Plays these frames again and again, or none.
    pub fn set_loop(&self, looped: Option<Range<usize>>) {
        self.order(Order::Loop(looped));
    }

    /// Plays faster or slower, within [`SPEEDS`]; the pitch goes with it.
    pub fn set_speed(&self, speed: f64) {
        self.order(Order::Speed(speed.clamp(*SPEEDS.start(), *SPEEDS.end())));
    }

    /// How loud: 0 is silence, 1 leaves the samples as they are.
    pub fn set_volume(&self, volume: f32) {
        let volume = volume.clamp(0.0, 1.0).to_bits();
        self.shared.volume.store(volume, Ordering::Relaxed);
    }

    /// Plays on the output with this id from now on; on the system's usual one where there is none.
    pub fn choose(&self, id: Option<String>) {
        self.order(Order::Choose(id));
    }

    /// Looks for outputs again; [`Status::choices`] will have them.
    pub fn look(&self) {
        self.order(Order::Look);
    }

    /// What the speaker is doing, as of now.
    #[must_use]
    pub fn status(&self) -> Status {
        let status = self.status.lock();
        status.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The place in the sound, in frames, that goes to the output now.
    #[must_use]
    pub fn place(&self) -> f64 {
        f64::from_bits(self.shared.place.load(Ordering::Acquire))
    }

    /// How often the output asked for more than was ready: each is a short silence.
    #[must_use]
    pub fn n_gaps(&self) -> u32 {
        self.shared.n_gaps.load(Ordering::Relaxed)
    }

    fn set_place(&self, frame: f64) {
        // Shown at once; the thread sets it again when it gets there.
        let frame = frame.max(0.0).to_bits();
        self.shared.place.store(frame, Ordering::Release);
    }

    fn order(&self, order: Order) {
        _ = self.orders.try_send(order);
    }
}
