//! Numbers of pictures as the colours that they are shown in: red, green and blue, also where a model
//! knows greys only.

use crate::labs::diffusion::noising::bytes;
use crate::theme;

/// Noise of so many standard deviations is shown as black or white.
pub(super) const DEVIATIONS: f32 = 3.0;

/// A picture in −1..=1.
pub(super) fn picture(numbers: &[f32], n_channels: usize) -> Vec<u8> {
    rgb(bytes(numbers), n_channels)
}

/// Noise: grey where it is 0.
pub(super) fn noise(numbers: &[f32], n_channels: usize) -> Vec<u8> {
    let scaled: Vec<f32> = numbers.iter().map(|x| x / DEVIATIONS).collect();
    rgb(bytes(&scaled), n_channels)
}

/// How far `a` is from `b`, pixel by pixel: the mean over the channels.
pub(super) fn differences(a: &[f32], b: &[f32], n_channels: usize) -> Vec<f32> {
    let n = n_channels.max(1);
    let pixels = a.chunks_exact(n).zip(b.chunks_exact(n));
    let mean = |(a, b): (&[f32], &[f32])| {
        let sum: f32 = a.iter().zip(b).map(|(a, b)| a - b).sum();
        sum / n as f32
    };
    pixels.map(mean).collect()
}

/// A signed number for each pixel: blue for `-reach`, red for `reach`, white for 0.
pub(super) fn signed(numbers: &[f32], reach: f32) -> Vec<u8> {
    let color = |&number: &f32| {
        let color = theme::diverging(number / reach);
        [color.r(), color.g(), color.b()]
    };
    numbers.iter().flat_map(color).collect()
}

/// A round number that hardly any of these exceeds.
pub(super) fn reach(numbers: &[f32]) -> f32 {
    let mut sizes: Vec<f32> = numbers.iter().map(|x| x.abs()).collect();
    sizes.sort_unstable_by(f32::total_cmp);
    let most = sizes.get(sizes.len() * 99 / 100).copied().unwrap_or(0.0);
    let round = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0];
    round.into_iter().find(|&r| r >= most).unwrap_or(10.0)
}

fn rgb(bytes: Vec<u8>, n_channels: usize) -> Vec<u8> {
    match n_channels {
        1 => bytes.into_iter().flat_map(|grey| [grey; 3]).collect(),
        _ => bytes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_ends_at_a_round_number_that_hardly_anything_exceeds() {
        assert_eq!(reach(&[0.0; 12]), 0.01);
        let mut numbers = vec![0.3; 1000];
        numbers[7] = 4.0;
        assert_eq!(reach(&numbers), 0.5);
    }

    #[test]
    fn nothing_is_white_and_more_is_red() {
        let differences = differences(&[0.0, 0.0, 2.0, 1.0], &[1.0, -1.0, 0.0, 1.0], 2);
        let shown = signed(&differences, 1.0);
        assert_eq!(shown[..3], [0xf7; 3]);
        assert!(shown[3] > shown[5]);
        assert_eq!(picture(&[1.0, -1.0], 1), [255, 255, 255, 0, 0, 0]);
    }
}
