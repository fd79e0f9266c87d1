//! The two scales by their formulas, and the way back.

use super::*;
use crate::dsp::one_by_one;

fn bank(scale: MelScale, norm: MelNorm, n_mels: usize) -> MelBank {
    MelBank::new(MelShape {
        sample_rate_hz: 22_050.0,
        n_fft: 2048,
        n_mels,
        min_hz: 0.0,
        max_hz: 11_025.0,
        scale,
        norm,
    })
    .unwrap()
}

#[test]
fn a_thousand_hertz_are_fifteen_mels_of_slaney_and_a_thousand_of_htk() {
    assert!((MelScale::Slaney.from_hz(1000.0) - 15.0).abs() < 1e-12);
    assert!((MelScale::Slaney.from_hz(6400.0) - 42.0).abs() < 1e-9); // librosa.hz_to_mel(6400)
    assert!((MelScale::Htk.from_hz(1000.0) - 999.985_5).abs() < 1e-3); // its table's 1000
    for scale in [MelScale::Slaney, MelScale::Htk] {
        for hz in [0.0, 60.0, 999.0, 1001.0, 9000.0] {
            assert!((scale.to_hz(scale.from_hz(hz)) - hz).abs() < 1e-6);
        }
    }
}

#[test]
fn neighbouring_triangles_of_height_one_add_up_to_one() {
    let bank = bank(MelScale::Htk, MelNorm::Peak, 40);
    let hz = |bin: usize| bin as f64 * 22_050.0 / 2048.0;
    for bin in 1..1024 {
        let sum: f32 = (0..40).map(|m| bank.weight(m, bin)).sum();
        if hz(bin) > bank.centre_hz(0) && hz(bin) < bank.centre_hz(39) {
            assert!((sum - 1.0).abs() < 1e-5, "{bin}: {sum}");
        }
    }
}

#[test]
fn the_way_back_gives_the_same_mels_and_nothing_negative() {
    for (scale, norm) in [
        (MelScale::Slaney, MelNorm::Area),
        (MelScale::Htk, MelNorm::Peak),
    ] {
        let bank = bank(scale, norm, 128);
        let n_bins = 1025;
        let magnitudes: Vec<f32> = (0..3 * n_bins)
            .map(|i| ((i * 7919 % 1000) as f32 / 1000.0).powi(4))
            .collect();
        let mels = bank.forward(&magnitudes, &one_by_one);
        let off = |n_steps| {
            let back = bank.back(&mels, n_steps, &one_by_one);
            assert!(back.iter().all(|&magnitude| magnitude >= 0.0));
            let again = bank.forward(&back, &one_by_one);
            let error = |(a, b): (&f32, &f32)| f64::from((a - b) * (a - b));
            let errors: f64 = again.iter().zip(&mels).map(error).sum();
            let all: f64 = mels.iter().map(|m| f64::from(m * m)).sum();
            (errors / all).sqrt()
        };
        let (clipped, fitted) = (off(0), off(50));
        assert!(clipped < 0.1, "{scale:?} {clipped}");
        assert!(
            fitted < clipped / 2.0 || fitted < 1e-4,
            "{scale:?} {clipped} {fitted}"
        );
    }
}

#[test]
fn filters_beyond_the_highest_frequency_are_refused() {
    let mut shape = *bank(MelScale::Htk, MelNorm::Peak, 8).shape();
    shape.max_hz = 12_000.0;
    assert!(MelBank::new(shape).unwrap_err().next.contains("11025"));
    shape.n_mels = 0;
    assert!(MelBank::new(shape).is_err());
}
