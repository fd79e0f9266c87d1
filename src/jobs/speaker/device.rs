//! The outputs of the system: which there are, how one is asked to play, and the callback it calls.

use super::reader::Reader;
use crate::jobs::ring::Ring;
use crate::jobs::system_words;
use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use cpal::{BufferSize, ErrorKind, FromSample, SampleFormat, SizedSample, StreamConfig};
use serde::Serialize;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64};
use std::sync::{Arc, Mutex, PoisonError};

/// The output the system plays sound on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Output {
    /// The name the system gives it.
    pub name: String,
    /// Samples a second it plays, or prefers.
    pub sample_rate_hz: u32,
    /// Loudspeakers it has.
    pub n_channels: u16,
}

/// One of the outputs to choose from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OutputChoice {
    /// What the system knows it by.
    pub id: String,
    /// What a person knows it by.
    pub name: String,
}

/// Asks the system for its usual output. A machine without a sound card often still names one, so
/// the name alone proves nothing: it counts once it says which format it plays.
///
/// # Errors
/// A phrase that says why there is no sound.
pub fn describe_output() -> Result<Output, String> {
    describe(None)
}

/// The same of the output with this id.
fn describe(id: Option<&str>) -> Result<Output, String> {
    let (device, name) = find(id)?;
    let format = device
        .default_output_config()
        .map_err(|error| format!("the sound output does not answer: {error}"))?;
    Ok(Output {
        name,
        sample_rate_hz: format.sample_rate(),
        n_channels: format.channels(),
    })
}

/// The outputs the system has, in its order.
fn outputs() -> Vec<OutputChoice> {
    system_words::hush();
    let Ok(devices) = cpal::default_host().output_devices() else {
        return Vec::new();
    };
    let choices = devices.filter_map(|device| {
        let id = device.id().ok()?.to_string();
        let name = name_of(&device);
        Some(OutputChoice { id, name })
    });
    choices.collect()
}

fn name_of(device: &cpal::Device) -> String {
    let description = device.description();
    description.map_or_else(|_| "unnamed".into(), |it| it.name().to_owned())
}

/// The output with this id, or the usual one; and its name.
fn find(id: Option<&str>) -> Result<(cpal::Device, String), String> {
    system_words::hush();
    let host = cpal::default_host();
    let device = match id {
        None => host
            .default_output_device()
            .ok_or("no sound output was found")?,
        Some(id) => {
            let known = id.parse().map_err(|_| "there is no such sound output")?;
            let device = host.device_by_id(&known);
            device.ok_or("the chosen sound output is not there")?
        }
    };
    let name = name_of(&device);
    Ok((device, name))
}

/// Where the speaker's thread finds outputs: the system, or what a test has in its place.
pub(super) trait Outputs: Send {
    /// Asks the output with this id, or the usual one, what it is.
    fn describe(&self, id: Option<&str>) -> Result<Output, String>;

    /// All there are.
    fn list(&self) -> Vec<OutputChoice>;

    /// Asks an output how it would play a sound of this rate: at that rate if it can.
    fn ask(&self, id: Option<&str>, sample_rate_hz: u32) -> Result<Box<dyn Card>, String>;
}

/// An output that was asked to play.
pub(super) trait Card: Send {
    /// What it is, and how it will play.
    fn output(&self) -> &Output;

    /// Starts it. It plays what comes through the ring until what this gives is dropped.
    fn start(&self, ring: &Arc<Ring>, shared: &Arc<Shared>) -> Result<Box<dyn Stream>, String>;
}

/// A card that plays, until this is dropped.
pub(super) trait Stream: Send {}

impl Stream for cpal::Stream {}

/// The outputs of the system.
#[derive(Debug)]
pub(super) struct System;

impl Outputs for System {
    fn describe(&self, id: Option<&str>) -> Result<Output, String> {
        describe(id)
    }

    fn list(&self) -> Vec<OutputChoice> {
        outputs()
    }

    fn ask(&self, id: Option<&str>, sample_rate_hz: u32) -> Result<Box<dyn Card>, String> {
        Ok(Box::new(Opened::ask(id, sample_rate_hz)?))
    }
}

/// What the window and the speaker's thread share with the callback.
#[derive(Debug)]
pub(super) struct Shared {
    /// Whether frames go out; silence does otherwise.
    pub(super) is_running: AtomicBool,
    /// The bits of how loud: 1 leaves the samples as they are.
    pub(super) volume: AtomicU32,
    /// The bits of the place in the sound, in frames, that goes to the device now.
    pub(super) place: AtomicU64,
    /// The bits of the place up to which it went to the device: the next frame begins there.
    pub(super) went: AtomicU64,
    /// The bits of how far one frame of the device goes in the sound.
    pub(super) step: AtomicU64,
    /// Whether the last of the sound is in the ring: then it may run dry.
    pub(super) is_last: AtomicBool,
    /// How often the device asked for more than was ready.
    pub(super) n_gaps: AtomicU32,
    /// Why the device stopped playing, if it did.
    pub(super) lost: Mutex<Option<String>>,
}

impl Default for Shared {
    fn default() -> Self {
        Self {
            is_running: AtomicBool::new(false),
            volume: AtomicU32::new(1.0_f32.to_bits()),
            place: AtomicU64::new(0.0_f64.to_bits()),
            went: AtomicU64::new(0.0_f64.to_bits()),
            step: AtomicU64::new(1.0_f64.to_bits()),
            is_last: AtomicBool::new(false),
            n_gaps: AtomicU32::new(0),
            lost: Mutex::new(None),
        }
    }
}

/// A device of the system that was asked to play, and how it will.
struct Opened {
    device: cpal::Device,
    config: StreamConfig,
    format: SampleFormat,
    output: Output,
}

impl Opened {
    fn ask(id: Option<&str>, sample_rate_hz: u32) -> Result<Self, String> {
        let (device, name) = find(id)?;
        let silent = |error: cpal::Error| format!("“{name}” does not answer: {error}");
        let usual = device.default_output_config().map_err(silent)?;
        let best = device
            .supported_output_configs()
            .map_err(silent)?
            .filter(|range| range.contains_rate(sample_rate_hz))
            .min_by_key(|range| {
                (
                    n_channels_off(range.channels()),
                    rank(range.sample_format()),
                )
            })
            .filter(|range| rank(range.sample_format()) < NO_RANK)
            .map(|range| range.with_sample_rate(sample_rate_hz));
        let chosen = best.unwrap_or(usual);
        let mut config = chosen.config();
        config.buffer_size = buffer_size(&chosen);
        let output = Output {
            name,
            sample_rate_hz: config.sample_rate,
            n_channels: config.channels,
        };
        Ok(Self {
            device,
            config,
            format: chosen.sample_format(),
            output,
        })
    }

    fn build<T: SizedSample + FromSample<f32>>(
        &self,
        ring: &Arc<Ring>,
        shared: &Arc<Shared>,
    ) -> Result<cpal::Stream, cpal::Error> {
        let build = |config: StreamConfig| {
            let mut reader = Reader::new(ring, shared);
            let told = Arc::clone(shared);
            self.device.build_output_stream(
                config,
                move |out: &mut [T], _: &cpal::OutputCallbackInfo| reader.fill(out),
                move |error: cpal::Error| hear(&told, &error),
                None,
            )
        };
        let built = build(self.config);
        if built.is_ok() || self.config.buffer_size == BufferSize::Default {
            return built;
        }
        // A device may not like the size it said it could do.
        build(StreamConfig {
            buffer_size: BufferSize::Default,
            ..self.config
        })
    }
}

impl Card for Opened {
    fn output(&self) -> &Output {
        &self.output
    }

    fn start(&self, ring: &Arc<Ring>, shared: &Arc<Shared>) -> Result<Box<dyn Stream>, String> {
        let stream = match self.format {
            SampleFormat::F32 => self.build::<f32>(ring, shared),
            SampleFormat::F64 => self.build::<f64>(ring, shared),
            SampleFormat::I32 => self.build::<i32>(ring, shared),
            SampleFormat::I24 => self.build::<cpal::I24>(ring, shared),
            SampleFormat::I16 => self.build::<i16>(ring, shared),
            SampleFormat::U16 => self.build::<u16>(ring, shared),
            SampleFormat::I8 => self.build::<i8>(ring, shared),
            SampleFormat::U8 => self.build::<u8>(ring, shared),
            other => {
                return Err(format!(
                    "it wants samples as {other}, which is not known here"
                ));
            }
        };
        let name = &self.output.name;
        let told = |error: cpal::Error| format!("“{name}” does not play: {error}");
        let stream = stream.map_err(told)?;
        stream.play().map_err(told)?;
        Ok(Box::new(stream))
    }
}

/// Notes an error of the device, if it ends the playing.
pub(super) fn hear(shared: &Shared, error: &cpal::Error) {
    let is_harmless = matches!(
        error.kind(),
        ErrorKind::Xrun | ErrorKind::RealtimeDenied | ErrorKind::DeviceChanged
    );
    if !is_harmless {
        let mut lost = shared.lost.lock().unwrap_or_else(PoisonError::into_inner);
        *lost = Some(error.to_string());
    }
}

/// Two channels are what most sounds and ears have.
fn n_channels_off(n_channels: u16) -> u16 {
    n_channels.abs_diff(2)
}

/// Formats that are not known here.
const NO_RANK: usize = usize::MAX;

/// Which format is liked best: the one our samples are in, then the finest.
fn rank(format: SampleFormat) -> usize {
    use SampleFormat as F;
    let liked = [F::F32, F::F64, F::I32, F::I24, F::I16, F::U16, F::I8, F::U8];
    let at = liked.iter().position(|&known| known == format);
    at.unwrap_or(NO_RANK)
}

/// About 20 ms at a time, so that a change is soon heard, where the device says what it can do.
fn buffer_size(config: &cpal::SupportedStreamConfig) -> BufferSize {
    match config.buffer_size() {
        &cpal::SupportedBufferSize::Range { min, max } if min < max && max < 1 << 20 => {
            BufferSize::Fixed((config.sample_rate() / 50).clamp(min, max))
        }
        _ => BufferSize::Default,
    }
}
