//! The handwritten digits that ship: 16 × 16 greys, white on black, drawn from twelve handwriting
//! fonts by `assets/digits/draw_digits.mjs`.

use super::atlas::{self, Pictures};
use crate::refusal::Result;

/// How many there are, as many of each digit.
pub const N_DIGITS: usize = 8_000;
/// Pixels along a side.
pub const SIDE: usize = 16;

const PNG: &[u8] = include_bytes!("../../assets/digits/digits.png");

/// Which digit picture `i` shows.
#[must_use]
pub fn label(i: usize) -> usize {
    i % 10
}

/// All digits, in grey (0 black, 255 white).
///
/// # Errors
/// None in a program that passed its tests.
pub fn bundled() -> Result<Pictures> {
    atlas::read("digits.png", PNG, SIDE, N_DIGITS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digits_that_ship_are_white_on_black_in_sixteen_levels() {
        let digits = bundled().unwrap();
        assert_eq!((digits.len(), digits.n_channels), (N_DIGITS, 1));
        assert!(digits.pixels.iter().all(|p| p % 17 == 0));
        for i in 0..N_DIGITS {
            let ink: usize = digits.get(i).unwrap().iter().map(|&p| usize::from(p)).sum();
            let share = ink as f64 / (255.0 * (SIDE * SIDE) as f64);
            assert!((0.02..0.6).contains(&share), "picture {i}: {share}");
        }
        assert!(PNG.len() <= 500_000);
    }

    #[test]
    fn nine_in_ten_digits_are_told_by_their_five_nearest_neighbours() {
        // The labels are right if pictures that look alike have the same one: k nearest neighbours,
        // the classifier that handwritten digits were first measured with (LeCun et al. 1998).
        let digits = bundled().unwrap();
        let (n_known, n_asked) = (4_000, 200);
        let right = (n_known..n_known + n_asked).filter(|&asked| {
            let picture = digits.get(asked).unwrap();
            let mut nearest: Vec<(u32, usize)> = (0..n_known)
                .map(|i| {
                    let pairs = picture.iter().zip(digits.get(i).unwrap());
                    let distance = pairs.map(|(&a, &b)| u32::from(a.abs_diff(b)).pow(2)).sum();
                    (distance, label(i))
                })
                .collect();
            nearest.select_nth_unstable(4);
            let mut votes = [0; 10];
            for (_, digit) in &nearest[..5] {
                votes[*digit] += 1;
            }
            Some(&votes[label(asked)]) == votes.iter().max()
        });
        let right = right.count();
        assert!(right * 10 >= n_asked * 9, "{right} of {n_asked}");
    }
}
