//! Small changes that leave a picture what it is, so that a judge of clean drawings also reads made
//! pictures, which are shifted, blurred and noisy.

use crate::rng::Rng;

/// Pixels that a picture is shifted by, at most.
const MAX_SHIFT: usize = 2;
/// Noise has a standard deviation up to this, in units of −1..=1.
const MAX_NOISE: f64 = 0.08;
/// Contrast and brightness change by up to this share.
const MAX_LIGHT: f64 = 0.06;

/// What may be done to a picture without its becoming another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct May {
    /// Seen in a mirror.
    pub mirror: bool,
    /// Shifted up or down: not where a row is a pitch.
    pub rise: bool,
}

/// A changed copy of `picture`, `(row, column, channel)` of bytes, as numbers in about −1..=1.
pub(super) fn jittered(
    picture: &[u8],
    side: usize,
    n_channels: usize,
    may: May,
    rng: &mut Rng,
) -> Vec<f32> {
    let mirrored = may.mirror && rng.below(2) == 1;
    let mut shifts = [(); 2].map(|()| rng.below(2 * MAX_SHIFT + 1));
    if !may.rise {
        shifts[0] = MAX_SHIFT;
    }
    let blurred = rng.below(4) == 0;
    let contrast = 1.0 + MAX_LIGHT * (2.0 * rng.uniform() - 1.0);
    let light = MAX_LIGHT * (2.0 * rng.uniform() - 1.0);
    // Half of the pictures stay clean: those of the generator that ships nearly are.
    let noise = (MAX_NOISE * (2.0 * rng.uniform() - 1.0)).max(0.0);
    // The edge goes on beyond the picture.
    let from = |to: usize, shift: usize| (to + shift).saturating_sub(MAX_SHIFT).min(side - 1);
    let mut moved = Vec::with_capacity(picture.len());
    for y in 0..side {
        for x in 0..side {
            let x = if mirrored { side - 1 - x } else { x };
            let at = (from(y, shifts[0]) * side + from(x, shifts[1])) * n_channels;
            let pixel = &picture[at..at + n_channels];
            moved.extend(pixel.iter().map(|&p| f32::from(p) / 127.5 - 1.0));
        }
    }
    if blurred {
        moved = softened(&moved, side, n_channels);
    }
    for value in &mut moved {
        let grain = if noise > 0.0 {
            noise * rng.normal()
        } else {
            0.0
        };
        *value = (f64::from(*value) * contrast + light + grain).clamp(-1.0, 1.0) as f32;
    }
    moved
}

/// Each pixel mixed with those beside it: half itself, an eighth of each of four.
fn softened(picture: &[f32], side: usize, n_channels: usize) -> Vec<f32> {
    let at = |y: usize, x: usize, c: usize| picture[(y * side + x) * n_channels + c];
    let mut out = Vec::with_capacity(picture.len());
    for y in 0..side {
        for x in 0..side {
            let (up, down) = (y.saturating_sub(1), (y + 1).min(side - 1));
            let (left, right) = (x.saturating_sub(1), (x + 1).min(side - 1));
            out.extend((0..n_channels).map(|c| {
                let beside = at(up, x, c) + at(down, x, c) + at(y, left, c) + at(y, right, c);
                0.5 * at(y, x, c) + 0.125 * beside
            }));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: May = May {
        mirror: false,
        rise: false,
    };

    #[test]
    fn a_changed_picture_stays_near_itself_and_the_seed_repeats_it() {
        let picture: Vec<u8> = (0..16 * 16)
            .map(|i| if i % 16 < 8 { 20 } else { 230 })
            .collect();
        let draw = |seed| jittered(&picture, 16, 1, NOTHING, &mut Rng::new(seed, "test"));
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
        for seed in 0..50 {
            let changed = draw(seed);
            // Columns beyond any shift and blur keep their side's brightness.
            for row in changed.chunks_exact(16) {
                assert!(row[2] < -0.3 && row[13] > 0.3, "{row:?}");
            }
            assert!(changed.iter().all(|v| (-1.0..=1.0).contains(v)));
        }
    }

    #[test]
    fn a_spectrogram_moves_in_time_and_never_in_pitch() {
        let picture: Vec<u8> = (0..16 * 16).map(|i| (i / 16 * 16) as u8).collect();
        for seed in 0..50 {
            let changed = jittered(&picture, 16, 1, NOTHING, &mut Rng::new(seed, "test"));
            for (i, row) in changed.chunks_exact(16).enumerate() {
                let mean = row.iter().sum::<f32>() / 16.0;
                let was = (i * 16) as f32 / 127.5 - 1.0;
                assert!((mean - was).abs() < 0.2, "row {i}: {mean}, was {was}");
            }
        }
    }

    #[test]
    fn a_digit_is_never_mirrored() {
        let picture: Vec<u8> = (0..8 * 8).map(|i| (i % 8 * 30) as u8).collect();
        for seed in 0..20 {
            let row = &jittered(&picture, 8, 1, NOTHING, &mut Rng::new(seed, "test"))[..8];
            assert!(row[7] > row[0], "{row:?}");
        }
    }
}
