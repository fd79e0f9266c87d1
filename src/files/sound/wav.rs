//! Writing WAV, bit for bit what was played (or 16 bits of it, for programs that read nothing else).

use crate::refusal::{Refusal, Result};
use hound::{SampleFormat, WavSpec, WavWriter};
use std::io::Cursor;

/// How a sample is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Depth {
    /// 32-bit floating point: exactly the samples.
    #[default]
    Float32,
    /// 16-bit whole numbers: the nearest of 65,536 steps, what is beyond −1 and 1 cut off.
    Int16,
}

/// The bytes of a WAV file. A last sample that not every channel has is left out.
///
/// # Errors
/// More than the 4 GB that WAV can say, or no channel.
pub fn to_bytes(
    interleaved: &[f32],
    sample_rate_hz: u32,
    n_channels: usize,
    depth: Depth,
) -> Result<Vec<u8>> {
    let (bits, sample_format) = match depth {
        Depth::Float32 => (32, SampleFormat::Float),
        Depth::Int16 => (16, SampleFormat::Int),
    };
    let refuse = |evidence: String| {
        Refusal::unchanged(
            "The sound cannot be written as WAV.",
            evidence,
            "Write a shorter part of it.",
        )
    };
    let whole = interleaved.len() - interleaved.len() % n_channels.max(1);
    let interleaved = &interleaved[..whole];
    let n_bytes = interleaved.len() as u64 * u64::from(bits / 8);
    if n_bytes >= u64::from(u32::MAX) - 1024 || n_channels == 0 || n_channels > 65_535 {
        return Err(refuse(format!(
            "It has {n_channels} channels and {n_bytes} bytes; a WAV file says how long it is in 32 bits."
        )));
    }
    let spec = WavSpec {
        channels: n_channels as u16,
        sample_rate: sample_rate_hz,
        bits_per_sample: bits,
        sample_format,
    };
    let mut bytes = Vec::with_capacity(n_bytes as usize + 128);
    let write = |bytes: &mut Vec<u8>| -> hound::Result<()> {
        let mut writer = WavWriter::new(Cursor::new(bytes), spec)?;
        for &sample in interleaved {
            match depth {
                Depth::Float32 => writer.write_sample(sample)?,
                Depth::Int16 => writer.write_sample(to_16_bits(sample))?,
            }
        }
        writer.finalize()
    };
    write(&mut bytes).map_err(|error| refuse(format!("Writing it failed: {error}.")))?;
    Ok(bytes)
}

/// The nearest whole number, where 1 would be 32,768: samples read from 16 bits are given back exactly.
fn to_16_bits(sample: f32) -> i16 {
    (sample * 32_768.0).round() as i16 // beyond its range `as` gives the last number within
}
