//! A hash of short byte strings for tables that are read on every word of a text.
//!
//! Not for tables that an adversary fills on purpose: the worst such a table can do is be slow.

/// 2⁶⁴ divided by the golden ratio: spreads keys over the high bits.
pub(super) const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// The high bits are the good ones.
#[inline]
pub(super) fn bytes(key: &[u8]) -> u64 {
    let n = key.len();
    // Spread, or a length could undo the difference of two first letters.
    let seed = SPREAD.wrapping_mul(n as u64 + 1);
    match n {
        0 => seed,
        1..=3 => {
            let [first, middle, last] = [key[0], key[n / 2], key[n - 1]].map(u64::from);
            mix(seed, first | middle << 8 | last << 16)
        }
        4..=8 => mix(
            seed,
            u64::from(four(key, 0)) | u64::from(four(key, n - 4)) << 32,
        ),
        9..=16 => mix(mix(seed, eight(key, 0)), eight(key, n - 8)),
        _ => {
            let (words, _) = key.as_chunks::<8>();
            let body = words
                .iter()
                .fold(seed, |hash, word| mix(hash, u64::from_le_bytes(*word)));
            mix(body, eight(key, n - 8))
        }
    }
}

/// The same for a pair of ids.
#[inline]
pub(super) fn number(key: u64) -> u64 {
    mix(SPREAD, key)
}

/// The two halves of a 128-bit product, folded.
#[inline]
fn mix(hash: u64, word: u64) -> u64 {
    let product = u128::from(hash ^ word) * u128::from(SPREAD);
    (product as u64) ^ (product >> 64) as u64
}

#[inline]
fn four(key: &[u8], at: usize) -> u32 {
    key[at..]
        .first_chunk()
        .map_or(0, |b| u32::from_le_bytes(*b))
}

#[inline]
fn eight(key: &[u8], at: usize) -> u64 {
    key[at..]
        .first_chunk()
        .map_or(0, |b| u64::from_le_bytes(*b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn a_hundred_thousand_keys_of_every_length_fill_a_table_evenly() {
        // Of n keys thrown into n slots at random, 1 / e of the slots stay empty.
        let n = 1 << 16;
        let mut hit = vec![false; n];
        let mut whole = HashSet::new();
        for i in 0..n {
            let key = format!("{i}").repeat(1 + i % 5);
            let hash = bytes(key.as_bytes());
            hit[(hash >> 48) as usize] = true;
            whole.insert(hash);
        }
        let empty = hit.iter().filter(|hit| !**hit).count() as f64 / n as f64;
        assert!((empty - (-1.0_f64).exp()).abs() < 0.01, "{empty}");
        assert_eq!(whole.len(), n);
    }
}
