//! The microphone: opened when a person presses Record and at no other time, closed when they stop.
//!
//! The callback of the device mixes its channels to one and writes them into a [`Ring`]; a thread of our
//! own takes them out, measures how loud they are and keeps them.

use crate::jobs::Wake;
use crate::jobs::ring::Ring;
use crate::jobs::system_words;
use crate::refusal::{Refusal, Result};
use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use cpal::{ErrorKind, FromSample, SampleFormat, SizedSample, StreamConfig};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A recording ends by itself after so long.
pub const MOST_SECS: f64 = 600.0;

/// How often what was heard is taken out of the ring.
const TAKE_EVERY: Duration = Duration::from_millis(20);

/// How fast the meter falls back: it halves in so many turns of [`TAKE_EVERY`].
const FALL_TURNS: f32 = 5.0;

/// What was recorded: one channel.
#[derive(Debug, Clone, PartialEq)]
pub struct Recording {
    /// −1..=1.
    pub samples: Vec<f32>,
    /// Samples a second.
    pub sample_rate_hz: u32,
    /// The microphone's name.
    pub device: String,
    /// Why it ended by itself, if it did.
    pub trouble: Option<String>,
}

/// What the window and the recording thread share.
#[derive(Debug, Default)]
struct Shared {
    is_stopped: AtomicBool,
    /// The bits of the level.
    level: AtomicU32,
    /// The bits of the seconds.
    secs: AtomicU64,
    lost: Mutex<Option<String>>,
}

/// A microphone that is recording. Dropping it closes it and throws the recording away.
#[derive(Debug)]
pub struct Microphone {
    shared: Arc<Shared>,
    ended: Receiver<Result<Recording>>,
}

impl Microphone {
    /// Opens the system's usual microphone and records. `wake` is called while the level changes.
    ///
    /// # Errors
    /// When the system cannot start another thread; that there is no microphone is told by
    /// [`Microphone::poll`].
    pub fn start(wake: Wake) -> Result<Self> {
        let shared = Arc::new(Shared::default());
        let (sender, ended) = sync_channel(1);
        let of_thread = Arc::clone(&shared);
        std::thread::Builder::new()
            .name("microphone".into())
            .spawn(move || record(&of_thread, &sender, &wake))
            .map_err(|error| refused(format!("The system refused another thread: {error}.")))?;
        Ok(Self { shared, ended })
    }

    /// Ends the recording; [`Microphone::poll`] will have it.
    pub fn stop(&self) {
        self.shared.is_stopped.store(true, Ordering::Release);
    }

    /// How loud it is now: the largest sample of late, 0..=1.
    #[must_use]
    pub fn level(&self) -> f32 {
        f32::from_bits(self.shared.level.load(Ordering::Relaxed))
    }

    /// How long it has recorded.
    #[must_use]
    pub fn secs(&self) -> f64 {
        f64::from_bits(self.shared.secs.load(Ordering::Relaxed))
    }

    /// The recording, once it has ended; or why there is none.
    pub fn poll(&mut self) -> Option<Result<Recording>> {
        self.ended.try_recv().ok()
    }
}

impl Drop for Microphone {
    fn drop(&mut self) {
        self.stop();
    }
}

fn refused(why: String) -> Refusal {
    Refusal::unchanged(
        "Nothing was recorded",
        why,
        "Plug in a microphone or allow this program to use it, then press Record again.",
    )
}

/// The recording thread.
fn record(shared: &Arc<Shared>, sender: &SyncSender<Result<Recording>>, wake: &Wake) {
    let recording = hear(shared, wake).map_err(refused);
    _ = sender.send(recording);
    wake();
}

/// Opens the microphone and listens until it is stopped.
fn hear(shared: &Arc<Shared>, wake: &Wake) -> std::result::Result<Recording, String> {
    system_words::hush();
    let device = cpal::default_host()
        .default_input_device()
        .ok_or("No microphone was found.")?;
    let description = device.description();
    let name = description.map_or_else(|_| "unnamed".into(), |it| it.name().to_owned());
    let told = |error: cpal::Error| format!("The microphone “{name}” does not answer: {error}");
    let usual = device.default_input_config().map_err(told)?;
    let config = usual.config();
    let rate = config.sample_rate;
    // Five seconds: longer than the thread is ever kept waiting.
    let ring = Arc::new(Ring::new(rate as usize * 5, 1));
    let start = match usual.sample_format() {
        SampleFormat::F32 => open::<f32>,
        SampleFormat::F64 => open::<f64>,
        SampleFormat::I32 => open::<i32>,
        SampleFormat::I24 => open::<cpal::I24>,
        SampleFormat::I16 => open::<i16>,
        SampleFormat::U16 => open::<u16>,
        SampleFormat::I8 => open::<i8>,
        SampleFormat::U8 => open::<u8>,
        other => {
            return Err(format!(
                "“{name}” gives samples as {other}, not known here."
            ));
        }
    };
    let stream = start(&device, config, &ring, shared).map_err(told)?;
    stream.play().map_err(told)?;
    let mut samples = Vec::new();
    let mut trouble = None;
    while !shared.is_stopped.load(Ordering::Acquire) && trouble.is_none() {
        std::thread::sleep(TAKE_EVERY);
        take(&ring, &mut samples, rate, shared);
        wake();
        let lost = shared.lost.lock();
        trouble = lost.unwrap_or_else(PoisonError::into_inner).take();
        if samples.len() as f64 >= MOST_SECS * f64::from(rate) {
            trouble = Some(format!(
                "a recording ends after {:.0} minutes",
                MOST_SECS / 60.0
            ));
        }
    }
    drop(stream);
    take(&ring, &mut samples, rate, shared);
    Ok(Recording {
        samples,
        sample_rate_hz: rate,
        device: name,
        trouble,
    })
}

/// Takes what was heard out of the ring.
fn take(ring: &Ring, samples: &mut Vec<f32>, rate: u32, shared: &Shared) {
    let before = f32::from_bits(shared.level.load(Ordering::Relaxed));
    let mut level = before * 0.5_f32.powf(1.0 / FALL_TURNS);
    let room = (MOST_SECS * f64::from(rate)) as usize - samples.len();
    ring.read(room, |_, _, sample| {
        level = level.max(sample.abs());
        samples.push(sample);
    });
    let secs = samples.len() as f64 / f64::from(rate);
    shared.level.store(level.to_bits(), Ordering::Relaxed);
    shared.secs.store(secs.to_bits(), Ordering::Relaxed);
}

fn open<T>(
    device: &cpal::Device,
    config: StreamConfig,
    ring: &Arc<Ring>,
    shared: &Arc<Shared>,
) -> std::result::Result<cpal::Stream, cpal::Error>
where
    T: SizedSample,
    f32: FromSample<T>,
{
    let (ring, told) = (Arc::clone(ring), Arc::clone(shared));
    let n_channels = usize::from(config.channels).max(1);
    device.build_input_stream(
        config,
        // Called on a thread that must never wait: nothing here locks or allocates.
        move |heard: &[T], _: &cpal::InputCallbackInfo| {
            let room = ring.room();
            for frame in heard.chunks_exact(n_channels).take(room) {
                let sum: f32 = frame
                    .iter()
                    .map(|&it| <f32 as FromSample<T>>::from_sample_(it))
                    .sum();
                ring.write(&[sum / n_channels as f32], &[0.0]);
            }
        },
        move |error: cpal::Error| {
            let is_harmless = matches!(
                error.kind(),
                ErrorKind::Xrun | ErrorKind::RealtimeDenied | ErrorKind::DeviceChanged
            );
            if !is_harmless {
                let mut lost = told.lost.lock().unwrap_or_else(PoisonError::into_inner);
                *lost = Some(error.to_string());
            }
        },
        None,
    )
}
