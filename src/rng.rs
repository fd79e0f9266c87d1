//! Seeded randomness: one `ChaCha` stream per purpose, the same on every device and thread count.
//!
//! Candle's own generators ignore seeds on the CPU and differ between devices, so every random
//! number of Glassbox is drawn here, into a plain `Vec`, and sent to the device afterwards.

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng as _, SeedableRng as _};

/// A stream of random numbers fixed by a seed and a purpose.
#[derive(Debug, Clone)]
pub struct Rng {
    stream: ChaCha8Rng,
}

impl Rng {
    /// The stream of `seed` for one `purpose` ("sampling", "initialisation", …). Two purposes never
    /// share numbers, so adding a draw to one leaves the other as it was.
    #[must_use]
    pub fn new(seed: u64, purpose: &str) -> Self {
        let mut stream = ChaCha8Rng::seed_from_u64(seed);
        stream.set_stream(fnv1a(purpose.as_bytes()));
        Self { stream }
    }

    /// Uniform in `0.0..1.0`, with 53 random bits.
    pub fn uniform(&mut self) -> f64 {
        (self.stream.next_u64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// Uniform in `0..bound`; 0 when `bound` is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        if bound == 0 {
            return 0;
        }
        // A 64-bit product instead of a remainder: the bias is below 2⁻³² for every bound we use.
        ((u128::from(self.stream.next_u64()) * bound as u128) >> 64) as usize
    }

    /// One draw of the standard normal distribution (Box–Muller).
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }

    /// `n` draws of a normal distribution with the given mean and standard deviation.
    pub fn normals(&mut self, n: usize, mean: f64, std_dev: f64) -> Vec<f32> {
        (0..n)
            .map(|_| (mean + std_dev * self.normal()) as f32)
            .collect()
    }

    /// One element of `items`, all equally likely; `None` when there are none.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        let n = items.len();
        items.get(self.below(n))
    }

    /// Reorders `items` (Fisher–Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i + 1));
        }
    }
}

/// Fowler–Noll–Vo: turns a purpose's name into a stream number, the same on every platform.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_and_purpose_give_the_same_numbers() {
        let draw = |seed, purpose| Rng::new(seed, purpose).normals(8, 0.0, 1.0);
        assert_eq!(draw(7, "sampling"), draw(7, "sampling"));
        assert_ne!(draw(7, "sampling"), draw(8, "sampling"));
        assert_ne!(draw(7, "sampling"), draw(7, "initialisation"));
    }

    #[test]
    fn normals_have_the_moments_of_the_normal_distribution() {
        let xs = Rng::new(0, "test").normals(100_000, 0.0, 1.0);
        let mean = xs.iter().map(|&x| f64::from(x)).sum::<f64>() / xs.len() as f64;
        let variance = xs.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>() / xs.len() as f64;
        // Three standard errors of each estimate at n = 100,000.
        assert!(mean.abs() < 0.0095, "{mean}");
        assert!((variance - 1.0).abs() < 0.0135, "{variance}");
    }

    #[test]
    fn a_bound_is_never_reached_and_every_value_below_it_is() {
        let mut rng = Rng::new(1, "test");
        let mut seen = [0; 5];
        (0..1000).for_each(|_| seen[rng.below(5)] += 1);
        assert!(seen.iter().all(|&n| n > 150), "{seen:?}");
    }
}
