//! There and back, and sines, whose spectra are known.

use super::*;
use crate::rng::Rng;
use std::f64::consts::TAU;

fn noise(n: usize) -> Vec<f32> {
    Rng::new(0, "stft test").normals(n, 0.0, 0.3)
}

fn largest_difference(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    let differences = a.iter().zip(b).map(|(a, b)| (a - b).abs());
    differences.fold(0.0, f32::max)
}

#[test]
fn a_440_hz_sine_peaks_in_the_bin_of_440_hz() {
    // 44 bins of 10 Hz; a full-scale sine on a bin has magnitude Σ window / 2.
    let shape = Shape::of(800);
    let sine: Vec<f32> = (0..8000)
        .map(|i| (TAU * 440.0 * f64::from(i) / 8000.0).sin() as f32)
        .collect();
    let spectrum = Stft::new(shape).unwrap().forward(&sine);
    let magnitudes = spectrum.magnitudes();
    let middle = &magnitudes[20 * shape.n_bins()..21 * shape.n_bins()];
    let peak = (0..shape.n_bins())
        .max_by(|&a, &b| middle[a].total_cmp(&middle[b]))
        .unwrap();
    assert_eq!(peak, 44);
    assert!((middle[44] - 200.0).abs() < 0.01, "{}", middle[44]);
}

#[test]
fn a_frame_is_the_sum_that_the_definition_says() {
    // The discrete Fourier transform written out (Oppenheim & Schafer), in 64 bits.
    let samples = noise(300);
    let shape = Shape {
        n_fft: 60,
        win_length: 40,
        hop_length: 7,
        window: Window::Hamming,
        padding: Padding::Reflect,
    };
    let spectrum = Stft::new(shape).unwrap().forward(&samples);
    assert_eq!(spectrum.n_frames, 1 + 300 / 7);
    for (t, k) in [(0, 3), (5, 0), (42, 30), (20, 17)] {
        let (mut re, mut im) = (0.0, 0.0);
        for i in 0..40 {
            let at = shape.first_sample(t) + i as isize;
            let value = shape.window.at(i, 40) * f64::from(shape.sample(&samples, at));
            let angle = TAU * (k * (i + 10)) as f64 / 60.0;
            re += value * angle.cos();
            im -= value * angle.sin();
        }
        let value = spectrum.frame(t)[k];
        assert!((f64::from(value.re) - re).abs() < 1e-5, "{t} {k}");
        assert!((f64::from(value.im) - im).abs() < 1e-5, "{t} {k}");
    }
}

#[test]
fn the_inverse_gives_the_samples_back() {
    let samples = noise(5000);
    for window in Window::ALL {
        for (n_fft, win_length, hop_length) in [
            (512, 512, 128),
            (1764, 441, 44),
            (300, 255, 60),
            (255, 201, 50),
        ] {
            let shape = Shape {
                n_fft,
                win_length,
                hop_length,
                window,
                padding: Padding::Zero,
            };
            let stft = Stft::new(shape).unwrap();
            let back = stft.inverse(&stft.forward(&samples), samples.len());
            // Beyond the last frame's window nothing is known.
            let known = (shape.n_frames(5000) - 1) * hop_length + win_length / 4;
            let known = known.min(5000);
            let difference = largest_difference(&back[..known], &samples[..known]);
            assert!(difference < 1e-6, "{shape:?}: {difference}");
        }
    }
}

#[test]
fn threads_and_parts_change_no_bit() {
    let samples = noise(20_000);
    let stft = Stft::new(Shape::of(256)).unwrap();
    let whole = stft.forward(&samples);
    let backwards: Run = &|n, work| (0..n).rev().for_each(work);
    assert_eq!(stft.forward_on(&samples, backwards), whole);
    let part = stft.frames(&samples, 100..200, &one_by_one);
    assert_eq!(part.values, whole.values[100 * 129..200 * 129]);
    assert_eq!(
        stft.inverse_on(&whole, 20_000, backwards),
        stft.inverse(&whole, 20_000)
    );
    assert_eq!(
        stft.magnitudes(&samples, 100..200, backwards),
        part.magnitudes()
    );
}

#[test]
fn the_shortest_sounds_have_spectra_and_come_back() {
    for padding in [Padding::Zero, Padding::Reflect, Padding::None] {
        let stft = Stft::new(Shape {
            padding,
            ..Shape::of(16)
        })
        .unwrap();
        assert_eq!(stft.forward(&[]).n_frames, 0);
        assert_eq!(stft.inverse(&stft.forward(&[]), 0), [0.0f32; 0]);
        let one = stft.forward(&[0.5]);
        assert_eq!(one.n_frames, usize::from(padding != Padding::None));
        if padding == Padding::Zero {
            assert!((stft.inverse(&one, 1)[0] - 0.5).abs() < 1e-6);
        }
    }
}

#[test]
fn a_shape_without_frames_is_refused_in_words() {
    let refused = |shape: Shape| Stft::new(shape).unwrap_err().evidence;
    assert!(
        refused(Shape {
            hop_length: 0,
            ..Shape::of(16)
        })
        .contains("hop")
    );
    assert!(
        refused(Shape {
            win_length: 17,
            ..Shape::of(16)
        })
        .contains("window")
    );
    assert!(refused(Shape::of(0)).contains("0 samples"));
    assert!(refused(Shape::of(MAX_N_FFT + 1)).contains("1048577"));
}
