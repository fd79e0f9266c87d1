//! What `dsp` computes against librosa and torchaudio: numbers that `tests/data/make_sound_fixtures.py`
//! wrote, and a sound with its Riffusion picture where the reference data lie beside the checkout.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test ends where it meets what it did not expect, and says what it skips"
)]

use glassbox::dsp::griffin_lim::{GriffinLim, Start};
use glassbox::dsp::mel::{MelBank, MelNorm, MelScale, MelShape};
use glassbox::dsp::riffusion::{self, Params};
use glassbox::dsp::stft::{Padding, Shape, Spectrum, Stft};
use glassbox::dsp::window::Window;
use glassbox::dsp::{Complex32, decibel, one_by_one};
use glassbox::files::sound;
use serde_json::Value;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

const RATE_HZ: f64 = 22_050.0;

fn fixture() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/sound.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// A file of the reference data, if it is there.
fn reference(name: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = root.join("../shared/reference/sound").join(name);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: {} is not there", path.display());
    None
}

fn numbers(value: &Value) -> Vec<f32> {
    let values = value.as_array().unwrap().iter();
    values.map(|v| v.as_f64().unwrap() as f32).collect()
}

/// Park and Miller's minimal standard, from −1 to 1.
fn noise(n: usize, mut state: u64) -> Vec<f32> {
    let mut next = || {
        state = state * 48_271 % 2_147_483_647;
        (state as f64 / 1_073_741_823.5 - 1.0) as f32
    };
    (0..n).map(|_| next()).collect()
}

/// Noise and a tone.
fn samples() -> Vec<f32> {
    let tone = |i: usize| {
        let angle = 2.0 * std::f64::consts::PI * 1000.0 * i as f64 / RATE_HZ;
        0.4 * angle.sin() as f32
    };
    let noise = noise(3000, 1).into_iter().enumerate();
    noise.map(|(i, value)| value * 0.5 + tone(i)).collect()
}

/// Every number within `tolerance` of the largest of them.
fn assert_near(found: &[f32], expected: &[f32], tolerance: f32, what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let largest = expected.iter().fold(0.0f32, |most, x| most.max(x.abs()));
    for (i, (a, b)) in found.iter().zip(expected).enumerate() {
        let off = (a - b).abs();
        assert!(
            off <= tolerance * largest.max(1e-3),
            "{what}, number {i}: {a} instead of {b}"
        );
    }
}

#[test]
fn spectra_are_librosas_with_every_window_and_padding() {
    let samples = samples();
    for case in fixture()["stft"].as_array().unwrap() {
        let shape = Shape {
            n_fft: 256,
            win_length: 200,
            hop_length: 64,
            window: match case["window"].as_str().unwrap() {
                "hann" => Window::Hann,
                "hamming" => Window::Hamming,
                "blackman" => Window::Blackman,
                _ => Window::Rectangular,
            },
            padding: match case["padding"].as_str() {
                Some("constant") => Padding::Zero,
                Some(_) => Padding::Reflect,
                None => Padding::None,
            },
        };
        let spectrum = Stft::new(shape).unwrap().forward(&samples);
        assert_eq!(
            spectrum.n_frames as u64,
            case["n_frames"].as_u64().unwrap(),
            "{shape:?}"
        );
        let frames = case["every_8th_bin"].as_array().unwrap();
        for (t, frame) in case["at"].as_array().unwrap().iter().zip(frames) {
            let found = spectrum
                .frame(t.as_u64().unwrap() as usize)
                .iter()
                .step_by(8);
            let (mut found, im): (Vec<f32>, Vec<f32>) = found.map(|c| (c.re, c.im)).unzip();
            found.extend(im);
            let expected = [numbers(&frame[0]), numbers(&frame[1])].concat();
            assert_near(&found, &expected, 1e-5, &format!("{shape:?}, frame {t}"));
        }
    }
}

#[test]
fn the_inverse_of_a_spectrum_that_no_sound_has_is_librosas() {
    let (re, im) = (noise(129 * 20, 2), noise(129 * 20, 3));
    let spectrum = Spectrum {
        n_bins: 129,
        n_frames: 20,
        values: re
            .iter()
            .zip(&im)
            .map(|(&re, &im)| Complex32::new(re, im))
            .collect(),
    };
    let shape = Shape {
        n_fft: 256,
        win_length: 200,
        hop_length: 64,
        window: Window::Hann,
        padding: Padding::Zero,
    };
    let found = Stft::new(shape).unwrap().inverse(&spectrum, 1200);
    let found: Vec<f32> = found.into_iter().step_by(5).collect();
    assert_near(&found, &numbers(&fixture()["inverse"]), 1e-5, "inverse");
}

fn bank(scale: MelScale, norm: MelNorm) -> MelBank {
    MelBank::new(MelShape {
        sample_rate_hz: RATE_HZ,
        n_fft: 512,
        n_mels: 24,
        min_hz: 50.0,
        max_hz: 9000.0,
        scale,
        norm,
    })
    .unwrap()
}

#[test]
fn mel_filters_are_librosas_and_torchaudios() {
    let fixture = fixture();
    let bins: Vec<f32> = noise(257, 4).iter().map(|x| x.abs()).collect();
    for case in fixture["mel"].as_array().unwrap() {
        let scale = if case["htk"].as_bool().unwrap() {
            MelScale::Htk
        } else {
            MelScale::Slaney
        };
        let norm = match case["norm"].as_str() {
            Some(_) => MelNorm::Area,
            None => MelNorm::Peak,
        };
        let (bank, what) = (bank(scale, norm), format!("{scale:?} {norm:?}"));
        let found = bank.forward(&bins, &one_by_one);
        assert_near(&found, &numbers(&case["weights_times_bins"]), 1e-5, &what);
        let filter = |m, range: std::ops::Range<usize>| -> Vec<f32> {
            range.map(|bin| bank.weight(m, bin)).collect()
        };
        assert_near(&filter(5, 0..60), &numbers(&case["filter_5"]), 1e-5, &what);
        assert_near(
            &filter(20, 120..200),
            &numbers(&case["filter_20"]),
            1e-5,
            &what,
        );
    }
    let bank = bank(MelScale::Htk, MelNorm::Peak);
    let mels = bank.forward(&bins, &one_by_one);
    assert_near(&mels, &numbers(&fixture["torch_mel"]), 1e-4, "torchaudio");
    let back = bank.back(&mels, 0, &one_by_one);
    assert_near(
        &back,
        &numbers(&fixture["torch_back"]),
        1e-4,
        "InverseMelScale",
    );
}

#[test]
fn decibels_are_librosas() {
    let magnitudes: Vec<f32> = noise(200, 5).iter().map(|x| x.abs().powi(6)).collect();
    let found = decibel::below_largest(&magnitudes, 80.0);
    let expected = numbers(&fixture()["amplitude_to_db"]);
    assert_near(&found, &expected, 1e-4 / 80.0, "amplitude_to_db");
}

fn shape_512() -> Shape {
    Shape {
        hop_length: 128,
        ..Shape::of(512)
    }
}

#[test]
fn three_steps_from_zero_phase_give_librosas_samples() {
    let samples = samples();
    let stft = Stft::new(shape_512()).unwrap();
    let magnitudes = stft.forward(&samples).magnitudes();
    for case in fixture()["griffin_lim"].as_array().unwrap() {
        let momentum = case["momentum"].as_f64().unwrap() as f32;
        let s = magnitudes.clone();
        let mut search = GriffinLim::new(&stft, s, 3000, Start::Zero, momentum, &one_by_one);
        for _ in 0..3 {
            search.step(&one_by_one);
        }
        let found: Vec<f32> = search.samples().iter().copied().step_by(10).collect();
        let expected = numbers(&case["zero_phase_after_3"]);
        assert_near(&found, &expected, 1e-4, &format!("momentum {momentum}"));
    }
}

/// The spectral convergence after 32 steps.
fn convergence_32(stft: &Stft, samples: &[f32], start: Start, momentum: f32) -> f64 {
    let magnitudes = stft.forward(samples).magnitudes();
    let n = samples.len();
    let mut search = GriffinLim::new(stft, magnitudes, n, start, momentum, &one_by_one);
    for _ in 0..32 {
        search.step(&one_by_one);
    }
    search.convergence(&one_by_one)
}

#[test]
fn after_32_steps_griffin_lim_is_as_near_as_librosas() {
    let samples = samples();
    let stft = Stft::new(shape_512()).unwrap();
    for case in fixture()["griffin_lim"].as_array().unwrap() {
        let momentum = case["momentum"].as_f64().unwrap() as f32;
        let found = convergence_32(&stft, &samples, Start::Zero, momentum);
        let expected = case["zero_phase_convergence_32"].as_f64().unwrap();
        assert!(
            (found / expected - 1.0).abs() < 0.1,
            "{momentum}: {found} {expected}"
        );
        // From random phases, on average over as many seeds.
        let runs =
            (0..20).map(|seed| convergence_32(&stft, &samples, Start::Random(seed), momentum));
        let found = runs.sum::<f64>() / 20.0;
        let expected = case["random_convergence_32"][0].as_f64().unwrap();
        println!("momentum {momentum}: {found:.4}, librosa {expected:.4}");
        assert!(
            (found / expected - 1.0).abs() < 0.1,
            "{momentum}: {found} {expected}"
        );
    }
}

fn opened(path: &Path) -> sound::Sound {
    sound::open(path, &mut |_| ControlFlow::Continue(())).unwrap()
}

#[test]
fn at_riffusions_parameters_griffin_lim_is_as_near_as_librosas() {
    let Some(path) = reference("phrase_44100.wav") else {
        return;
    };
    let samples = opened(&path).mono(22_050..66_150).unwrap();
    let shape = Shape {
        padding: Padding::Zero,
        ..Params::default().shape()
    };
    let stft = Stft::new(shape).unwrap();
    for (momentum, name) in [(0.0, "0.0"), (0.99, "0.99")] {
        let expected = &fixture()["phrase_convergence_32"][name];
        let near = |found: f64, expected: &Value| {
            let expected = expected.as_f64().unwrap();
            println!("momentum {momentum}: {found:.4}, librosa {expected:.4}");
            assert!((found / expected - 1.0).abs() < 0.1, "{found} {expected}");
        };
        let zero = convergence_32(&stft, &samples, Start::Zero, momentum);
        near(zero, &expected["zero_phase"]);
        // From random phases the outcome depends much on the seed: means over many.
        let run = |seed| convergence_32(&stft, &samples, Start::Random(seed), momentum);
        near((0..32).map(run).sum::<f64>() / 32.0, &expected["random"][0]);
    }
}

#[test]
fn the_picture_of_a_sound_is_riffusions() {
    let (Some(wav), Some(png)) = (
        reference("phrase_44100.wav"),
        reference("phrase_44100_riffusion.png"),
    ) else {
        return;
    };
    let samples = opened(&wav).mono(0..usize::MAX).unwrap();
    let params = Params::default();
    let mels = riffusion::mels_of(&samples, &params, &one_by_one).unwrap();
    let (found, _) = riffusion::to_picture(&mels, &params);
    let expected = image::open(png).unwrap().into_luma8();
    assert_eq!(
        (found.width as u32, found.height as u32),
        expected.dimensions()
    );
    let near = found
        .pixels
        .iter()
        .zip(expected.as_raw())
        .filter(|(a, b)| a.abs_diff(**b) <= 1);
    let share = near.count() as f64 / found.pixels.len() as f64;
    println!("{:.4} % of pixels within one grey level", share * 100.0);
    assert!(share >= 0.999, "{share}");
}
