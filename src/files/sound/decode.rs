//! A file's bytes → samples (symphonia). What the file says of itself is checked before it is believed.

use super::bytes::Bytes;
use super::store::Store;
use super::{MAX_CHANNELS, SAMPLE_RATES_HZ, Sound};
use crate::files::shown;
use crate::files::sniff::{self, Kind};
use crate::files::source::Source;
use crate::refusal::{Refusal, Result};
use std::io;
use std::ops::ControlFlow;
use std::path::Path;
use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, TrackType};
use symphonia::core::io::{MediaSourceStream, MediaSourceStreamOptions};
use symphonia::core::meta::MetadataOptions;

/// Samples (of all channels) that are decoded before it is decided where they go: 24 s of stereo.
const FIRST: usize = 1 << 21;
/// Samples that stay in memory at most: 64 MB.
const MOST_IN_MEMORY: usize = 1 << 24;
/// Samples between two reports of a sound that grows.
const BETWEEN_REPORTS: usize = 1 << 22;
/// Samples of a sound at most: 8 GB on the disk, over six hours of stereo.
const MOST: usize = 1 << 31;
/// Packets that may fail one after another before the rest is given up.
const MOST_DAMAGED: usize = 1000;

/// What a sound file says of itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Outline {
    /// Samples a second.
    pub sample_rate_hz: u32,
    /// Channels.
    pub n_channels: usize,
    /// Samples of each channel, if it says so.
    pub len: Option<usize>,
}

/// What a sound file says of itself, without decoding it.
///
/// # Errors
/// What cannot be opened, or is no sound that could be played.
pub fn outline(path: &Path) -> Result<Outline> {
    Ok(Decoding::begin(Source::open(path)?)?.outline)
}

/// Decodes the sound at `path`. `grown` is called with a sound whose beginning can be used, again as it
/// grows, and may stop it, which leaves what was decoded so far. A short one is given whole, at the end.
///
/// # Errors
/// What cannot be opened, is no sound that could be played, or holds no sample; a full disk.
pub fn open(path: &Path, grown: &mut dyn FnMut(&Sound) -> ControlFlow<()>) -> Result<Sound> {
    decoded(Source::open(path)?, Some(path), grown)
}

/// Decodes a sound that is inside the program.
///
/// # Errors
/// None in a program that passed its tests.
pub fn of_bytes(name: &str, bytes: &'static [u8]) -> Result<Sound> {
    let grown = &mut |_: &Sound| ControlFlow::Continue(());
    decoded(Source::from_bytes(name, bytes), None, grown)
}

fn decoded(
    source: Source,
    path: Option<&Path>,
    grown: &mut dyn FnMut(&Sound) -> ControlFlow<()>,
) -> Result<Sound> {
    let mut decoding = Decoding::begin(source)?;
    let mut samples = Vec::new();
    while samples.len() < FIRST && decoding.more(&mut samples)? {}
    let (name, outline) = (decoding.name.clone(), decoding.outline.clone());
    let format = (outline.sample_rate_hz, outline.n_channels);
    let on_disk = decoding.goes_on && outline.len.is_none_or(|n| n * format.1 > MOST_IN_MEMORY);
    if !on_disk {
        // It ends soon, or says so: what has no end after all goes to the disk.
        while samples.len() < MOST_IN_MEMORY && decoding.more(&mut samples)? {}
    }
    if samples.is_empty() {
        return Err(nothing_in_it(&name));
    }
    let begin = |store| Sound::begin(&name, path, format, store, outline.len);
    let len = samples.len() / format.1;
    if !decoding.goes_on {
        let sound = begin(Store::Memory(samples));
        sound.grow_to(len);
        decoding.finish(&sound);
        return Ok(sound);
    }
    let sound = begin(Store::on_disk().map_err(|error| no_room(&name, &error))?);
    let mut written = 0;
    let mut flush = |samples: &mut Vec<f32>| -> Result<usize> {
        let done = sound.inner.store.write(written, samples);
        done.map_err(|error| no_room(&name, &error))?;
        written += samples.len();
        sound.grow_to(written / format.1);
        samples.clear();
        Ok(written)
    };
    let mut n = flush(&mut samples)?;
    let mut flow = grown(&sound);
    while flow.is_continue() && n < MOST && decoding.more(&mut samples)? {
        if samples.len() >= BETWEEN_REPORTS {
            n = flush(&mut samples)?;
            flow = grown(&sound);
        }
    }
    n = flush(&mut samples)?;
    if n >= MOST {
        sound.note("It is longer than can be opened: the rest was left out.".to_owned());
    }
    decoding.finish(&sound);
    Ok(sound)
}

/// A file that is being decoded.
struct Decoding {
    name: String,
    outline: Outline,
    reader: Box<dyn FormatReader>,
    decoder: Box<dyn AudioDecoder>,
    track: u32,
    /// Whether there may be more.
    goes_on: bool,
    n_damaged: usize,
    n_not_numbers: usize,
    note: Option<String>,
}

impl Decoding {
    fn begin(source: Source) -> Result<Self> {
        let name = source.name().to_owned();
        let kind = sniff::sniff(&source)?;
        if !matches!(kind, Kind::Wav | Kind::Flac | Kind::Mp3 | Kind::Ogg) {
            return Err(kind.refusal(
                &name,
                "a sound that can be opened (WAV, FLAC, MP3, Ogg Vorbis)",
            ));
        }
        let refuse = |error: &Error| refusal(&name, kind, error);
        let bytes = Bytes::new(source, kind)?;
        let note = bytes.note.clone();
        let stream = MediaSourceStream::new(Box::new(bytes), MediaSourceStreamOptions::default());
        let probed = symphonia::default::get_probe().probe(
            &Hint::new(), // by its bytes: the name's ending may lie
            stream,
            FormatOptions::default(),
            MetadataOptions::default(),
        );
        let reader = probed.map_err(|error| refuse(&error))?;
        let track = reader.default_track(TrackType::Audio);
        let no_track = || refuse(&Error::Unsupported("it has no track of sound"));
        let track = track.ok_or_else(no_track)?;
        let params = track
            .codec_params
            .as_ref()
            .and_then(|params| params.audio());
        let params = params.ok_or_else(no_track)?;
        let made = symphonia::default::get_codecs()
            .make_audio_decoder(params, &AudioDecoderOptions::default());
        let decoder = made.map_err(|error| refuse(&error))?;
        let mut decoding = Self {
            outline: Outline {
                sample_rate_hz: params.sample_rate.unwrap_or(0),
                n_channels: params
                    .channels
                    .as_ref()
                    .map_or(0, symphonia::core::audio::Channels::count),
                len: track.num_frames.map(|n| n as usize).filter(|&n| n < MOST),
            },
            track: track.id,
            name: name.clone(),
            reader,
            decoder,
            goes_on: true,
            n_damaged: 0,
            n_not_numbers: 0,
            note,
        };
        if decoding.outline.n_channels == 0 {
            // Some formats say it only in their first packet.
            decoding.look_at_first_packet();
        }
        decoding.check(kind)?;
        Ok(decoding)
    }

    fn look_at_first_packet(&mut self) {
        if let Ok(Some(packet)) = self.reader.next_packet()
            && let Ok(decoded) = self.decoder.decode(&packet)
        {
            self.outline.n_channels = decoded.spec().channels().count();
            self.outline.sample_rate_hz = decoded.spec().rate();
        }
    }

    fn check(&self, kind: Kind) -> Result<()> {
        let Outline {
            sample_rate_hz,
            n_channels,
            ..
        } = self.outline;
        if SAMPLE_RATES_HZ.contains(&sample_rate_hz) && (1..=MAX_CHANNELS).contains(&n_channels) {
            return Ok(());
        }
        Err(Refusal::unchanged(
            format!("`{}` cannot be played.", self.name),
            format!(
                "As {}, it says that it has {n_channels} channels and {sample_rate_hz} samples a second.",
                kind.name()
            ),
            format!(
                "Choose a sound with 1 to {MAX_CHANNELS} channels and {} to {} samples a second, or convert this one.",
                SAMPLE_RATES_HZ.start(),
                SAMPLE_RATES_HZ.end()
            ),
        ))
    }

    /// Decodes one packet behind `samples`; false when there is no other.
    fn more(&mut self, samples: &mut Vec<f32>) -> Result<bool> {
        while self.goes_on {
            let packet = match self.reader.next_packet() {
                Ok(Some(packet)) if packet.track_id == self.track => packet,
                Ok(Some(_)) => continue,
                Ok(None) => break,
                Err(error) => {
                    self.stop_at(&error)?;
                    break;
                }
            };
            let from = samples.len();
            match self.decoder.decode(&packet) {
                Ok(decoded) => {
                    let spec = decoded.spec();
                    if spec.channels().count() != self.outline.n_channels
                        || spec.rate() != self.outline.sample_rate_hz
                    {
                        self.note = Some("Its sample rate or its channels change on the way: it was read up to there.".to_owned());
                        break;
                    }
                    samples.resize(from + decoded.samples_interleaved(), 0.0);
                    decoded.copy_to_slice_interleaved(&mut samples[from..]);
                    for sample in &mut samples[from..] {
                        if !sample.is_finite() {
                            *sample = 0.0;
                            self.n_not_numbers += 1;
                        }
                    }
                    return Ok(true);
                }
                Err(Error::DecodeError(_)) if self.n_damaged < MOST_DAMAGED => self.n_damaged += 1,
                Err(error) => {
                    self.stop_at(&error)?;
                    break;
                }
            }
        }
        self.goes_on = false;
        Ok(false)
    }

    /// What was read until `error` stays, unless the file changed under us.
    fn stop_at(&mut self, error: &Error) -> Result<()> {
        if let Some(refusal) = refusal_inside(error) {
            return Err(refusal);
        }
        let error = shown::shortened(&error.to_string(), 200);
        self.note = Some(format!("It breaks off: {error}. It was read up to there."));
        Ok(())
    }

    /// Says of `sound` what was met.
    fn finish(self, sound: &Sound) {
        let say = |note: String| sound.note(note);
        if let Some(note) = self.note {
            say(note);
        }
        if self.n_damaged > 0 {
            let n = shown::count(self.n_damaged as u64);
            say(format!("{n} damaged pieces of it were left out."));
        }
        if self.n_not_numbers > 0 {
            let n = shown::count(self.n_not_numbers as u64);
            say(format!(
                "{n} of its samples are not numbers (NaN or infinite): they were taken as silence."
            ));
        }
        if let Some(len) = self.outline.len
            && len > sound.len()
            && !self.goes_on
        {
            let rate = f64::from(self.outline.sample_rate_hz);
            let (says, has) = (len as f64 / rate, sound.len() as f64 / rate);
            say(format!(
                "It says that it lasts {says:.2} s, and holds {has:.2} s."
            ));
        }
        if !self.goes_on || sound.len() * sound.n_channels() >= MOST {
            sound.finish();
        }
    }
}

fn refusal(name: &str, kind: Kind, error: &Error) -> Refusal {
    if let Some(refusal) = refusal_inside(error) {
        return refusal;
    }
    Refusal::unchanged(
        format!("`{name}` cannot be played."),
        format!(
            "By its first bytes it is {}, and reading on failed: {}.",
            kind.name(),
            shown::shortened(&error.to_string(), 200)
        ),
        "It is damaged or of a kind that cannot be decoded here: choose another, or convert it to WAV or FLAC.",
    )
}

fn nothing_in_it(name: &str) -> Refusal {
    Refusal::unchanged(
        format!("`{name}` holds no sound."),
        "Not one sample could be decoded.",
        "Choose another file, or save this one again from where it came.",
    )
}

fn no_room(name: &str, error: &io::Error) -> Refusal {
    Refusal::unchanged(
        format!("There is no room to decode `{name}`."),
        format!(
            "A long sound is decoded into a file for temporary use, and writing it failed: {error}."
        ),
        "Make room on the disk of the folder for temporary files, or open a shorter sound.",
    )
}

/// The refusal that reading the file met, if that was it.
fn refusal_inside(error: &Error) -> Option<Refusal> {
    let Error::IoError(error) = error else {
        return None;
    };
    error.get_ref()?.downcast_ref::<Refusal>().cloned()
}
