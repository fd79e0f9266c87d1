//! Sounds written by this test and read back; files that are none, cut short, or of every format there is.

use super::wav::{Depth, to_bytes};
use super::*;
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;

fn saved(name: &str, bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

fn opened(name: &str, bytes: &[u8]) -> Result<Sound> {
    let (_folder, path) = saved(name, bytes);
    open(&path, &mut |_| std::ops::ControlFlow::Continue(()))
}

/// A WAV file by hand (Microsoft's `mmreg.h`): `format` 1 whole numbers, 3 floating point.
fn wav(format: u16, n_channels: u16, rate: u32, bits: u16, data: &[u8], claimed: u32) -> Vec<u8> {
    let frame = n_channels * (bits / 8);
    let mut bytes = b"RIFF".to_vec();
    bytes.extend((36 + data.len() as u32).to_le_bytes());
    bytes.extend(b"WAVEfmt ");
    bytes.extend(16u32.to_le_bytes());
    bytes.extend(format.to_le_bytes());
    bytes.extend(n_channels.to_le_bytes());
    bytes.extend(rate.to_le_bytes());
    bytes.extend((rate.wrapping_mul(u32::from(frame))).to_le_bytes());
    bytes.extend(frame.to_le_bytes());
    bytes.extend(bits.to_le_bytes());
    bytes.extend(b"data");
    bytes.extend(claimed.to_le_bytes());
    bytes.extend(data);
    bytes
}

fn samples() -> Vec<f32> {
    (0..2000).map(|i| (i as f32 * 0.37).sin() * 0.9).collect()
}

#[test]
fn what_is_written_as_floats_is_read_back_bit_for_bit() {
    for rate in [8_000, 44_100, 192_000] {
        for n_channels in [1, 2, 6, 8] {
            let written = samples();
            let bytes = to_bytes(&written, rate, n_channels, Depth::Float32).unwrap();
            let sound = opened("a.wav", &bytes).unwrap();
            assert_eq!(
                (sound.sample_rate_hz(), sound.n_channels()),
                (rate, n_channels)
            );
            let whole = sound.len() * n_channels;
            assert!(written.len() - whole < n_channels);
            assert_eq!(sound.interleaved(0..usize::MAX).unwrap(), written[..whole]);
            assert!(sound.is_whole() && sound.is_in_memory());
        }
    }
}

#[test]
fn sixteen_bits_survive_reading_and_writing_exactly() {
    let all: Vec<u8> = (i16::MIN..=i16::MAX).flat_map(i16::to_le_bytes).collect();
    let bytes = wav(1, 1, 44_100, 16, &all, all.len() as u32);
    let sound = opened("a.wav", &bytes).unwrap();
    let read = sound.mono(0..usize::MAX).unwrap();
    assert_eq!((read[0], read[65_535]), (-1.0, 32_767.0 / 32_768.0));
    let again = to_bytes(&read, 44_100, 1, Depth::Int16).unwrap();
    assert!(again.ends_with(&all));
}

#[test]
fn every_usual_width_of_a_sample_means_the_same() {
    // A half, and minus a half, as 8 (offset by 128), 16, 24, 32 bits and as floating point.
    let forms: [(u16, u16, Vec<u8>); 6] = [
        (1, 8, vec![192, 64]),
        (1, 16, vec![0, 0x40, 0, 0xc0]),
        (1, 24, vec![0, 0, 0x40, 0, 0, 0xc0]),
        (1, 32, vec![0, 0, 0, 0x40, 0, 0, 0, 0xc0]),
        (
            3,
            32,
            [0.5f32, -0.5]
                .iter()
                .flat_map(|x| x.to_le_bytes())
                .collect(),
        ),
        (
            3,
            64,
            [0.5f64, -0.5]
                .iter()
                .flat_map(|x| x.to_le_bytes())
                .collect(),
        ),
    ];
    for (format, bits, data) in forms {
        let bytes = wav(format, 1, 22_050, bits, &data, data.len() as u32);
        let sound = opened("a.wav", &bytes).unwrap();
        assert_eq!(sound.mono(0..9).unwrap(), [0.5, -0.5], "{format} {bits}");
    }
}

#[test]
fn two_channels_become_their_mean() {
    let sound = Sound::from_samples("two", 8000, 2, vec![1.0, 0.0, 0.5, -0.5]);
    assert_eq!(sound.mono(0..2).unwrap(), [0.5, 0.0]);
    assert_eq!(sound.interleaved(1..2).unwrap(), [0.5, -0.5]);
    assert_eq!(sound.interleaved(5..9).unwrap(), [0.0f32; 0]);
}

#[test]
fn what_is_not_a_number_is_taken_as_silence_and_said() {
    let data: Vec<u8> = [0.25, f32::NAN, f32::INFINITY, -0.25]
        .iter()
        .flat_map(|x| x.to_le_bytes())
        .collect();
    let sound = opened("a.wav", &wav(3, 1, 8000, 32, &data, 16)).unwrap();
    assert_eq!(sound.mono(0..4).unwrap(), [0.25, 0.0, 0.0, -0.25]);
    assert!(
        sound.notes()[0].contains("2 of its samples"),
        "{:?}",
        sound.notes()
    );
}

#[test]
fn a_length_that_is_a_lie_does_no_harm() {
    let data = [0u8, 0x40].repeat(50);
    let endless = opened("a.wav", &wav(1, 1, 8000, 16, &data, u32::MAX)).unwrap();
    assert_eq!(endless.len(), 50);
    let sound = opened("a.wav", &wav(1, 1, 8000, 16, &data, 100_000)).unwrap();
    assert_eq!(sound.len(), 50);
    assert!(!sound.notes().is_empty());
}

#[test]
fn one_sample_is_a_sound_and_none_is_not() {
    let one = opened("a.wav", &wav(1, 1, 8000, 16, &[0, 0x40], 2)).unwrap();
    assert_eq!(one.mono(0..1).unwrap(), [0.5]);
    let none = opened("a.wav", &wav(1, 1, 8000, 16, &[], 0)).unwrap_err();
    assert!(none.what.contains("holds no sound"), "{none}");
}

#[test]
fn numbers_that_cannot_be_are_refused_in_four_parts() {
    let cases = [
        wav(1, 1, 0, 16, &[0; 8], 8),
        wav(1, 0, 8000, 16, &[0; 8], 8),
        wav(1, 1, 8000, 0, &[0; 8], 8),
        wav(1, 2, 8000, 16, &[0; 8], 8)[..30].to_vec(),
        wav(9999, 2, 8000, 16, &[0; 8], 8),
        b"RIFF\0\0\0\0WAVE".to_vec(),
        b"fLaC\0\0\0\x22".to_vec(),
        b"OggS\0\x02".to_vec(),
        b"ID3\x04\0\0\x7f\x7f\x7f\x7f".to_vec(),
    ];
    for (i, bytes) in cases.iter().enumerate() {
        let refusal = opened("a.wav", bytes).unwrap_err();
        for part in [
            &refusal.what,
            &refusal.evidence,
            &refusal.meaning,
            &refusal.next,
        ] {
            assert!(part.len() > 10, "{i}: {refusal}");
        }
    }
}

#[test]
fn what_is_no_sound_says_what_it_is() {
    let refusal = opened("song.mp3", b"<!DOCTYPE html><html>").unwrap_err();
    assert!(refusal.evidence.contains("web page"), "{refusal}");
    let refusal = opened("song.wav", b"").unwrap_err();
    assert!(refusal.evidence.contains("empty"), "{refusal}");
}

#[test]
fn a_long_sound_can_be_used_before_it_is_whole_and_lies_on_the_disk() {
    // Seven minutes of a slow ramp in 8 bits and stereo, more than is kept in memory.
    let n = 10_000_000usize;
    let data: Vec<u8> = (0..n).flat_map(|i| [(i >> 16) as u8, 128]).collect();
    let (_folder, path) = saved("long.wav", &wav(1, 2, 22_050, 8, &data, data.len() as u32));
    let mut lengths = Vec::new();
    let sound = open(&path, &mut |sound| {
        lengths.push(sound.len());
        assert!(!sound.is_whole());
        assert_eq!(sound.expected_len(), n);
        std::ops::ControlFlow::Continue(())
    });
    let sound = sound.unwrap();
    assert!(sound.is_whole() && !sound.is_in_memory());
    assert_eq!(sound.len(), n);
    assert!(lengths.len() > 2 && lengths[0] < n / 4, "{lengths:?}");
    assert!(lengths.is_sorted());
    let middle = sound.interleaved(n / 2..n / 2 + 2).unwrap();
    let expected = (f32::from(((n / 2) >> 16) as u8) - 128.0) / 128.0;
    assert_eq!(middle, [expected, 0.0, expected, 0.0]);
    let stopped = open(&path, &mut |_| std::ops::ControlFlow::Break(())).unwrap();
    assert!(!stopped.is_whole() && stopped.len() == lengths[0]);
}

#[test]
fn flac_ogg_and_mp3_hold_the_tone_that_was_packed_into_them_whatever_their_name() {
    // tests/data/make_tones.py: 440 Hz at half of full scale, 5512 samples at 22,050 Hz.
    let tone = |i: usize| 0.5 * (std::f64::consts::TAU * 440.0 * i as f64 / 22_050.0).sin();
    for (ending, tolerance) in [("flac", 2e-5), ("ogg", 0.02), ("mp3", 0.02)] {
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let bytes = fs::read(root.join("tests/data/tone").with_extension(ending)).unwrap();
        let sound = opened("song.wav", &bytes).unwrap();
        assert_eq!(
            (sound.sample_rate_hz(), sound.n_channels()),
            (22_050, 1),
            "{ending}"
        );
        let samples = sound.mono(0..usize::MAX).unwrap();
        assert!(
            samples.len().abs_diff(5512) < 1200,
            "{ending}: {}",
            samples.len()
        );
        // What a codec puts before the sound differs: the middle is compared where it fits best.
        let off = |shift: usize| {
            let middle = (2000..3500).map(|i| f64::from(samples[i + shift]) - tone(i));
            middle.map(f64::abs).fold(0.0, f64::max)
        };
        let best = (0..1200).map(off).fold(f64::INFINITY, f64::min);
        assert!(best < tolerance, "{ending}: {best}");
        if ending == "flac" {
            assert_eq!(samples.len(), 5512);
            assert!(off(0) < tolerance);
        }
    }
}

#[test]
fn numbers_written_as_exif_are_read_back() {
    let mut png = Vec::new();
    let pixel = image::DynamicImage::new_luma8(1, 1);
    let to = &mut std::io::Cursor::new(&mut png);
    pixel.write_to(to, image::ImageFormat::Png).unwrap();
    let numbers = [
        (11_000, exif::Number::Whole(44_100)),
        (11_080, exif::Number::Real(1.5e7)),
    ];
    let with = exif::with_numbers(&png, &numbers);
    assert_eq!(exif::of_bytes(&with), numbers);
    assert!(image::load_from_memory(&with).is_ok());
    assert!(exif::of_bytes(&png).is_empty());
    assert!(exif::of_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\xffeXIf").is_empty());
}
