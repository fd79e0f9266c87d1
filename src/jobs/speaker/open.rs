//! An output that is open: the card, the ring that feeds it, and the stream that keeps it playing.

use super::device::{Card, Outputs, Stream};
use super::feed::Feed;
use crate::jobs::ring::Ring;
use std::sync::Arc;
use std::time::Instant;

/// How much sound waits for the device: enough for a machine that is busy. A change throws it away, so
/// that it delays nothing.
const AHEAD_SECS: f64 = 1.0;

/// An output that is open.
pub(super) struct Open {
    pub(super) card: Box<dyn Card>,
    pub(super) ring: Arc<Ring>,
    /// The rate of the sound it was opened for.
    pub(super) sound_rate_hz: u32,
    pub(super) feed: Option<Feed>,
    /// Since when nothing goes out.
    pub(super) quiet_since: Option<Instant>,
    /// It plays as long as this is there.
    pub(super) stream: Option<Box<dyn Stream>>,
}

impl Open {
    /// Asks the output how it plays a sound of this rate.
    pub(super) fn ask(
        outputs: &dyn Outputs,
        chosen: Option<&str>,
        sound_rate_hz: u32,
    ) -> Result<Self, String> {
        let card = outputs.ask(chosen, sound_rate_hz)?;
        let n_frames = f64::from(card.output().sample_rate_hz) * AHEAD_SECS;
        let n_channels = usize::from(card.output().n_channels);
        Ok(Self {
            ring: Arc::new(Ring::new(n_frames as usize, n_channels)),
            card,
            sound_rate_hz,
            feed: None,
            quiet_since: None,
            stream: None,
        })
    }
}
