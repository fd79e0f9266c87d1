//! Sounds that need no file: each shows one thing that a spectrogram says, or cannot say.

use super::Sound;
use crate::rng::Rng;
use std::f64::consts::TAU;

/// Samples a second of all of them.
pub const SAMPLE_RATE_HZ: u32 = 44_100;
/// How loud the loudest sample is.
const PEAK: f64 = 0.5;
/// Begins and ends with a ramp this long, so that it does not click.
const RAMP_SECS: f64 = 0.01;

/// A sound that is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made {
    /// A tone that rises by the same interval every moment.
    Sweep,
    /// Two tones 20 Hz apart.
    TwoTones,
    /// A click every quarter of a second.
    Clicks,
    /// White noise.
    Noise,
    /// A bell by frequency modulation.
    Bell,
    /// Five vowels: pulses through the resonances of a throat.
    Vowels,
}

impl Made {
    /// All of them, as they are offered.
    pub const ALL: [Self; 6] = [
        Self::Sweep,
        Self::TwoTones,
        Self::Clicks,
        Self::Noise,
        Self::Bell,
        Self::Vowels,
    ];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sweep => "Rising tone",
            Self::TwoTones => "Two near tones",
            Self::Clicks => "Clicks",
            Self::Noise => "Noise",
            Self::Bell => "Bell",
            Self::Vowels => "Vowels",
        }
    }

    /// What it shows.
    #[must_use]
    pub const fn teaches(self) -> &'static str {
        match self {
            Self::Sweep => {
                "One frequency at a time, an octave every half second: a straight line where rows are spaced by intervals, a curve where they are spaced by hertz."
            }
            Self::TwoTones => {
                "1,000 and 1,020 Hz: a long window tells them apart and loses when they beat; a short one shows the beats and one thick line."
            }
            Self::Clicks => {
                "A click has every frequency and no length: a short window shows when it was, a long one smears it over the window."
            }
            Self::Noise => {
                "Every frequency equally often, and no two moments alike: here phase is all there is to find, and any will do."
            }
            Self::Bell => {
                "Two oscillators, one shaking the other's frequency (Chowning 1973): partials that are not multiples of one another sound like metal."
            }
            Self::Vowels => {
                "a, e, i, o, u with one pitch: the stripes are the voice, and the bands that get louder (formants) are the mouth."
            }
        }
    }

    /// The sound. The seed matters to noise alone.
    #[must_use]
    pub fn sound(self, seed: u64) -> Sound {
        let mut samples = match self {
            Self::Sweep => sweep(),
            Self::TwoTones => {
                per_sample(3.0, |t| (TAU * 1000.0 * t).sin() + (TAU * 1020.0 * t).sin())
            }
            Self::Clicks => clicks(),
            Self::Noise => Rng::new(seed, "made noise")
                .normals(3 * SAMPLE_RATE_HZ as usize, 0.0, 1.0)
                .into_iter()
                .map(f64::from)
                .collect(),
            Self::Bell => bell(),
            Self::Vowels => vowels(),
        };
        soften(&mut samples);
        let loudest = samples.iter().fold(0.0f64, |most, x| most.max(x.abs()));
        let samples = samples
            .iter()
            .map(|x| (x / loudest * PEAK) as f32)
            .collect();
        Sound::from_samples(self.name(), SAMPLE_RATE_HZ, 1, samples)
    }
}

/// `of(seconds)` for every sample of `secs`.
fn per_sample(secs: f64, of: impl FnMut(f64) -> f64) -> Vec<f64> {
    let n = (secs * f64::from(SAMPLE_RATE_HZ)) as usize;
    let at = |i: usize| i as f64 / f64::from(SAMPLE_RATE_HZ);
    (0..n).map(at).map(of).collect()
}

/// From 110 Hz up, an octave every half second: seven octaves. The phase is the integral of the frequency.
fn sweep() -> Vec<f64> {
    let octaves_per_sec = 2.0;
    let phase =
        |t: f64| 110.0 * ((octaves_per_sec * t).exp2() - 1.0) / (octaves_per_sec * 2f64.ln());
    per_sample(3.5, |t| (TAU * phase(t)).sin())
}

/// One sample every quarter of a second.
fn clicks() -> Vec<f64> {
    let quarter = SAMPLE_RATE_HZ as usize / 4;
    let click = |i: usize| if i % quarter == quarter / 2 { 1.0 } else { 0.0 };
    (0..12 * quarter).map(click).collect()
}

/// Chowning's bell: a carrier of 200 Hz, a modulator of 280 Hz, and an index that falls from 10 as the
/// sound does.
fn bell() -> Vec<f64> {
    per_sample(4.0, |t| {
        let fall = (-t / 1.1).exp();
        fall * (TAU * 200.0 * t + 10.0 * fall * (TAU * 280.0 * t).sin()).sin()
    })
}

/// The first three formants of men's vowels in Hz (Peterson and Barney 1952): a, e, i, o, u.
const FORMANTS_HZ: [[f64; 3]; 5] = [
    [730.0, 1090.0, 2440.0],
    [530.0, 1840.0, 2480.0],
    [270.0, 2290.0, 3010.0],
    [570.0, 840.0, 2410.0],
    [300.0, 870.0, 2240.0],
];

/// Pulses at about 120 Hz through three resonators, 0.8 s a vowel, gliding from one to the next.
fn vowels() -> Vec<f64> {
    let each = 0.8;
    let mut pulse = 0.0;
    let mut memories = [[0.0f64; 2]; 3];
    per_sample(each * 5.0, |t| {
        let place = (t / each).min(4.999);
        let (vowel, within) = (place as usize, place.fract());
        let next = (vowel + 1).min(4);
        // The last fifth of a vowel glides into the next.
        let glide = ((within - 0.8) / 0.2).max(0.0);
        let pitch = 120.0 * (1.0 + 0.02 * (TAU * 5.0 * t).sin());
        pulse += pitch / f64::from(SAMPLE_RATE_HZ);
        let source = if pulse >= 1.0 { 1.0 } else { 0.0 };
        pulse = pulse.fract();
        let mut value = source;
        for (k, memory) in memories.iter_mut().enumerate() {
            let hz = FORMANTS_HZ[vowel][k] * (1.0 - glide) + FORMANTS_HZ[next][k] * glide;
            value = resonate(value, hz, 60.0 + 30.0 * k as f64, memory);
        }
        value
    })
}

/// A resonance at `hz`, `width_hz` wide (Klatt 1980): two poles, 1 at 0 Hz.
fn resonate(value: f64, hz: f64, width_hz: f64, memory: &mut [f64; 2]) -> f64 {
    let step = 1.0 / f64::from(SAMPLE_RATE_HZ);
    let c = -(-TAU * width_hz * step).exp();
    let b = 2.0 * (-TAU / 2.0 * width_hz * step).exp() * (TAU * hz * step).cos();
    let out = (1.0 - b - c) * value + b * memory[0] + c * memory[1];
    *memory = [out, memory[0]];
    out
}

/// Fades in and out.
fn soften(samples: &mut [f64]) {
    let n = (RAMP_SECS * f64::from(SAMPLE_RATE_HZ)) as usize;
    let len = samples.len();
    for i in 0..n.min(len / 2) {
        let weight = 0.5 - 0.5 * (TAU / 2.0 * i as f64 / n as f64).cos();
        samples[i] *= weight;
        samples[len - 1 - i] *= weight;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labs::sound::{Shape, Stft};

    /// The strongest frequency around a moment.
    fn peak_hz(sound: &Sound, secs: f64) -> f64 {
        let n_fft = 8192;
        let from = (secs * f64::from(SAMPLE_RATE_HZ)) as usize - n_fft / 2;
        let samples = sound.mono(from..from + n_fft).unwrap();
        let stft = Stft::new(Shape::of(n_fft)).unwrap();
        let magnitudes = stft.forward(&samples).magnitudes();
        let n_bins = n_fft / 2 + 1;
        let middle = &magnitudes[2 * n_bins..3 * n_bins];
        let peak = (0..n_bins).max_by(|&a, &b| middle[a].total_cmp(&middle[b]));
        peak.unwrap() as f64 * f64::from(SAMPLE_RATE_HZ) / n_fft as f64
    }

    #[test]
    fn the_rising_tone_doubles_every_half_second() {
        let sound = Made::Sweep.sound(0);
        for half_secs in 1..6 {
            let expected = 110.0 * f64::from(1 << half_secs);
            let found = peak_hz(&sound, f64::from(half_secs) / 2.0);
            assert!(
                (found / expected - 1.0).abs() < 0.15,
                "{half_secs}: {found}"
            );
        }
    }

    #[test]
    fn every_one_is_loud_finite_and_says_what_it_teaches() {
        for made in Made::ALL {
            let sound = made.sound(7);
            let samples = sound.mono(0..usize::MAX).unwrap();
            assert!(sound.secs() >= 3.0 && sound.secs() <= 4.5, "{made:?}");
            let loudest = samples.iter().fold(0.0f32, |most, x| most.max(x.abs()));
            assert!((loudest - 0.5).abs() < 1e-6, "{made:?} {loudest}");
            assert!(made.teaches().ends_with('.') && made.teaches().len() > 40);
        }
        let noise = |seed| Made::Noise.sound(seed).mono(0..99).unwrap();
        assert_eq!(noise(1), noise(1));
        assert_ne!(noise(1), noise(2));
    }

    #[test]
    fn the_vowel_i_is_strongest_low_and_has_its_second_formant_high() {
        // Peterson and Barney: i has formants at 270 and 2,290 Hz, a at 730 and 1,090 Hz.
        let sound = Made::Vowels.sound(0);
        let i = peak_hz(&sound, 2.0);
        let a = peak_hz(&sound, 0.3);
        assert!((200.0..400.0).contains(&i), "{i}");
        assert!((550.0..900.0).contains(&a), "{a}");
    }
}
