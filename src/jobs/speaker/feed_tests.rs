//! What goes out is what was put in, at the right rate, in the right place.

use super::feed::{Feed, Manner};
use super::source::{Clip, Source};
use std::sync::Arc;

fn ramp(n: usize) -> Arc<dyn Source> {
    let samples: Vec<f32> = (0..n).map(|i| (i + 1) as f32 / n as f32).collect();
    Arc::new(Clip::mono(samples, 44_100))
}

/// Everything until the end, or `most` frames.
fn all(feed: &mut Feed, most: usize) -> (Vec<f32>, Vec<f64>) {
    let (mut samples, mut places) = (Vec::new(), Vec::new());
    let (mut all_samples, mut all_places) = (Vec::new(), Vec::new());
    while !feed.is_over() && all_places.len() < most {
        feed.fill(100, &mut samples, &mut places);
        all_samples.extend_from_slice(&samples);
        all_places.extend_from_slice(&places);
    }
    (all_samples, all_places)
}

fn looped(range: std::ops::Range<usize>) -> Manner {
    Manner {
        looped: Some(range),
        ..Manner::default()
    }
}

fn sped(speed: f64) -> Manner {
    Manner {
        speed,
        ..Manner::default()
    }
}

#[test]
fn at_its_own_rate_every_sample_goes_out_untouched() {
    let mut feed = Feed::new(ramp(1234), Manner::default(), 34.0, 44_100, 1);
    let (samples, places) = all(&mut feed, usize::MAX);
    let expected: Vec<f32> = (34..1234).map(|i| (i + 1) as f32 / 1234.0).collect();
    assert_eq!(samples, expected);
    assert_eq!((places[0], places.last()), (34.0, Some(&1233.0)));
}

#[test]
fn a_loop_goes_round_without_a_gap() {
    let mut feed = Feed::new(ramp(1000), looped(200..450), 100.0, 44_100, 1);
    let (samples, places) = all(&mut feed, 1000);
    for (sample, place) in samples.iter().zip(&places) {
        assert_eq!(*sample, (place + 1.0) as f32 / 1000.0);
    }
    assert_eq!(&places[348..352], &[448.0, 449.0, 200.0, 201.0]);
    assert!(!feed.is_over());
}

#[test]
fn mono_is_heard_on_both_sides_and_surround_is_folded_into_two() {
    let mut feed = Feed::new(ramp(100), Manner::default(), 0.0, 44_100, 2);
    let (samples, _) = all(&mut feed, usize::MAX);
    assert!(samples.chunks(2).all(|frame| frame[0] == frame[1]));
    assert_eq!(samples.len(), 200);
    // Only the centre of 5.1: both sides alike; full scale everywhere never clips.
    let centre = [0.0, 0.0, 1.0, 0.0, 0.0, 0.0];
    let full = [1.0; 6];
    let samples: Vec<f32> = centre.into_iter().chain(full).collect();
    let clip = Arc::new(Clip::new(samples.into(), 6, 44_100));
    let mut feed = Feed::new(clip, Manner::default(), 0.0, 44_100, 2);
    let (samples, _) = all(&mut feed, usize::MAX);
    assert_eq!(samples[0], samples[1]);
    assert!(samples[0] > 0.2 && samples[2] <= 1.0 && samples[2] > 0.99);
}

fn sine(hz: f64, secs: f64, rate: u32) -> Arc<dyn Source> {
    let n = (secs * f64::from(rate)) as usize;
    let turn = std::f64::consts::TAU * hz / f64::from(rate);
    let samples: Vec<f32> = (0..n).map(|i| (turn * i as f64).sin() as f32).collect();
    Arc::new(Clip::mono(samples, rate))
}

/// The amplitude of a frequency in the middle of the samples, by one term of the Fourier sum.
fn amplitude(samples: &[f32], hz: f64, rate: u32) -> f64 {
    let middle = &samples[samples.len() / 4..samples.len() * 3 / 4];
    let turn = std::f64::consts::TAU * hz / f64::from(rate);
    let (mut re, mut im, mut weight) = (0.0, 0.0, 0.0);
    for (i, &sample) in middle.iter().enumerate() {
        // A Hann window, so that other frequencies do not leak in.
        let share = i as f64 / middle.len() as f64;
        let window = 0.5 - 0.5 * (std::f64::consts::TAU * share).cos();
        let (sin, cos) = (turn * i as f64).sin_cos();
        re += window * f64::from(sample) * cos;
        im += window * f64::from(sample) * sin;
        weight += window;
    }
    2.0 * re.hypot(im) / weight
}

#[test]
fn a_sine_of_440_hz_stays_one_on_a_device_of_another_rate() {
    for rate in [8_000, 22_050, 48_000, 96_000, 192_000] {
        let mut feed = Feed::new(sine(440.0, 0.5, 44_100), Manner::default(), 0.0, rate, 1);
        let (samples, places) = all(&mut feed, usize::MAX);
        let secs = samples.len() as f64 / f64::from(rate);
        assert!((secs - 0.5).abs() < 2.0 / 8_000.0, "{rate}: {secs} s");
        assert!((amplitude(&samples, 440.0, rate) - 1.0).abs() < 1e-3);
        assert!(amplitude(&samples, 660.0, rate) < 1e-3);
        // A frame's place is where its sample stands in the sound.
        let i = samples.len() / 2;
        let there = (std::f64::consts::TAU * 440.0 * places[i] / 44_100.0).sin();
        assert!((f64::from(samples[i]) - there).abs() < 2e-3, "{rate}");
    }
}

#[test]
fn at_twice_the_speed_it_is_an_octave_higher_and_takes_half_as_long() {
    let mut feed = Feed::new(sine(440.0, 1.0, 48_000), sped(2.0), 0.0, 48_000, 1);
    let (samples, _) = all(&mut feed, usize::MAX);
    assert!(samples.len().abs_diff(24_000) <= 1);
    assert!((amplitude(&samples, 880.0, 48_000) - 1.0).abs() < 1e-3);
    // What would be above the Nyquist frequency is taken out rather than folded back.
    let mut feed = Feed::new(sine(15_000.0, 1.0, 48_000), sped(2.0), 0.0, 48_000, 1);
    let (samples, _) = all(&mut feed, usize::MAX);
    assert!(amplitude(&samples, 18_000.0, 48_000) < 1e-3);
}

#[test]
fn an_empty_sound_and_one_sample_come_to_their_end() {
    for n in [0, 1] {
        for rate in [44_100, 48_000] {
            let mut feed = Feed::new(ramp(n), Manner::default(), 0.0, rate, 2);
            let (_, places) = all(&mut feed, usize::MAX);
            assert!(feed.is_over());
            assert!(places.len() <= 2 * n);
        }
    }
}
