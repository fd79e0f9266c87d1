//! How different pictures are from each other: what is lost when a generator collapses.

use crate::files::atlas::Pictures;

/// Pictures that the spread is measured on.
const N_MEASURED: usize = 512;

/// How different pictures are from each other: the standard deviation of a pixel over the pictures,
/// as the root of its mean square over all pixels, in levels of 0–255.
#[must_use]
pub fn spread(pictures: &Pictures) -> f32 {
    let n = pictures.len().min(N_MEASURED);
    let Some(first) = pictures.get(0).filter(|_| n > 1) else {
        return 0.0;
    };
    let mut sums = vec![[0_u64; 2]; first.len()];
    for picture in (0..n).filter_map(|i| pictures.get(i)) {
        for ([sum, squares], &level) in sums.iter_mut().zip(picture) {
            *sum += u64::from(level);
            *squares += u64::from(level) * u64::from(level);
        }
    }
    let n = n as f64;
    let variances = sums.iter().map(|&[sum, squares]| {
        let mean = sum as f64 / n;
        (squares as f64 / n - mean * mean).max(0.0)
    });
    (variances.sum::<f64>() / first.len() as f64).sqrt() as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pictures(pixels: &[u8]) -> Pictures {
        Pictures {
            side: 1,
            n_channels: 2,
            pixels: pixels.to_vec(),
        }
    }

    #[test]
    fn pictures_that_are_alike_have_no_spread() {
        assert_eq!(spread(&pictures(&[7, 200, 7, 200, 7, 200])), 0.0);
        // One channel is 0 or 20: its standard deviation is 10, that of the other 0.
        let spread = spread(&pictures(&[0, 9, 20, 9]));
        assert!((spread - (100.0_f32 / 2.0).sqrt()).abs() < 1e-4, "{spread}");
    }
}
