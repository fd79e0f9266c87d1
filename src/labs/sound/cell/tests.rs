//! What is computed again is what the picture shows.

use super::*;
use crate::dsp::window::Window;
use crate::labs::sound::spectrogram::picture;
use crate::labs::sound::{MelScale, made::Made};

fn all_rows() -> [Rows; 3] {
    let scale = MelScale::Slaney;
    [Rows::Linear, Rows::Log, Rows::Mel { scale, n_mels: 64 }]
}

#[test]
fn every_kind_of_cell_is_what_the_picture_shows() {
    let sound = Made::Vowels.sound(0);
    for rows in all_rows() {
        for window in Window::ALL {
            for (secs, room) in [(1.0..1.2, 600), (0.0..sound.secs(), 40)] {
                let settings = Settings {
                    n_fft: 1024,
                    win_length: 800,
                    hop_length: 200,
                    window,
                    rows,
                    ..Settings::default()
                };
                let picture = picture(&sound, secs, &settings, room, 120).unwrap();
                let [n_rows, n_columns] = [picture.n_rows, picture.n_columns];
                for (row, column) in [(n_rows - 2, 3), (n_rows / 2, n_columns / 2), (9, 20)] {
                    let shown = f64::from(picture.level(row, column));
                    // Beyond this the picture's own f32 has nothing to say.
                    if shown < -100.0 {
                        continue;
                    }
                    let cell = Cell::of(&sound, &settings, &picture, [row, column]).unwrap();
                    let off = (cell.level_db() - shown).abs();
                    assert!(off < 2e-3, "{rows:?} {window:?} {row} {column}: {off} dB");
                }
            }
        }
    }
}

#[test]
fn a_sine_of_full_scale_is_0_db_by_its_terms_too() {
    // Bin 16 of 512 at 8 kHz is 250 Hz.
    let sine = |i: usize| (TAU * 250.0 * i as f64 / 8000.0).sin() as f32;
    let sound = Sound::from_samples("sine", 8000, 1, (0..4000).map(sine).collect());
    let settings = Settings {
        n_fft: 512,
        win_length: 512,
        hop_length: 128,
        rows: Rows::Linear,
        min_hz: 0.0,
        ..Settings::default()
    };
    let sum = Sum::of(&sound, &settings, 10, 16).unwrap();
    assert_eq!((sum.middle, sum.terms.len()), (1280, 512));
    // Half the sum of a Hann window of 512: 128.
    assert!((sum.magnitude() - 128.0).abs() < 1e-4);
    // Parseval: Σ (w·x)² = Σ |X|² / N.
    let energy: f64 = sum.terms.iter().map(|it| (it.window * it.x).powi(2)).sum();
    let all = (0..=256).map(|bin| {
        let sum = Sum::of(&sound, &settings, 10, bin).unwrap();
        let twins = if bin == 0 || bin == 256 { 1.0 } else { 2.0 };
        twins * sum.magnitude().powi(2)
    });
    let spectral = all.sum::<f64>() / 512.0;
    assert!((energy - spectral).abs() < 1e-9 * energy);
}

#[test]
fn a_cell_at_the_very_edge_has_silence_beside_the_sound() {
    let sound = Sound::from_samples("one", 8000, 1, vec![1.0]);
    let settings = Settings {
        n_fft: 64,
        win_length: 64,
        hop_length: 16,
        ..Settings::default()
    };
    let sum = Sum::of(&sound, &settings, 0, 3).unwrap();
    assert_eq!((sum.terms[0].sample, sum.terms[31].x), (-32, 0.0));
    assert_eq!(sum.terms[32].x, 1.0);
    // One sample of 1 in the middle of the window, where it is 1: |X| = 1 in every bin.
    assert!((sum.magnitude() - 1.0).abs() < 1e-12);
}
