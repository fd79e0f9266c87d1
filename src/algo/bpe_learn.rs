//! Learning a byte-level BPE vocabulary (Sennrich et al. 2016, over bytes as GPT-2 has it): begin with
//! the 256 bytes, and again and again make the commonest pair of neighbours one new token.

use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A vocabulary as it was learned: the 256 bytes, then one token per merge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Learned {
    /// The bytes of every token; the index is its id.
    pub tokens: Vec<Vec<u8>>,
    /// (left, right, new) in the order learned; the index is the rank.
    pub merges: Vec<(u32, u32, u32)>,
    /// How often each merge's pair stood in the text when it was chosen.
    pub counts: Vec<u64>,
}

/// Learns up to `n_merges` merges from `pieces`, within which alone tokens are merged. A tie goes to
/// the pair with the smaller ids. Stops early when no pair stands twice.
pub fn learn<'a>(pieces: impl IntoIterator<Item = &'a [u8]>, n_merges: usize) -> Learned {
    let mut counts: BTreeMap<&[u8], u64> = BTreeMap::new();
    for piece in pieces {
        *counts.entry(piece).or_default() += 1;
    }
    let mut words: Vec<(Vec<u32>, u64)> = counts
        .into_iter()
        .map(|(piece, n)| (piece.iter().map(|&byte| u32::from(byte)).collect(), n))
        .collect();
    // How often each pair stands in the text, and in which words it was ever seen.
    let mut pairs: HashMap<(u32, u32), u64> = HashMap::new();
    let mut places: HashMap<(u32, u32), BTreeSet<usize>> = HashMap::new();
    for (i, (ids, n)) in words.iter().enumerate() {
        for pair in ids.windows(2).map(|w| (w[0], w[1])) {
            *pairs.entry(pair).or_default() += n;
            places.entry(pair).or_default().insert(i);
        }
    }
    let mut learned = Learned {
        tokens: (0..=255u8).map(|byte| vec![byte]).collect(),
        merges: Vec::with_capacity(n_merges),
        counts: Vec::with_capacity(n_merges),
    };
    while learned.merges.len() < n_merges {
        // The maximum is the same in whatever order the map is walked: no two pairs are equal.
        let best = pairs
            .iter()
            .max_by_key(|&(&pair, &n)| (n, std::cmp::Reverse(pair)));
        let Some((&(left, right), &count)) = best.filter(|&(_, &n)| n > 1) else {
            break;
        };
        let new = learned.tokens.len() as u32;
        let bytes = [
            &learned.tokens[left as usize][..],
            &learned.tokens[right as usize],
        ]
        .concat();
        learned.tokens.push(bytes);
        learned.merges.push((left, right, new));
        learned.counts.push(count);
        for i in places.remove(&(left, right)).unwrap_or_default() {
            let (ids, n) = &mut words[i];
            for pair in ids.windows(2).map(|w| (w[0], w[1])) {
                if let Some(total) = pairs.get_mut(&pair) {
                    *total -= *n;
                }
            }
            merge(ids, (left, right), new);
            for pair in ids.windows(2).map(|w| (w[0], w[1])) {
                *pairs.entry(pair).or_default() += *n;
                places.entry(pair).or_default().insert(i);
            }
        }
        pairs.remove(&(left, right));
    }
    learned
}

/// Replaces every `pair` in `ids`, from the left, by `new`.
fn merge(ids: &mut Vec<u32>, pair: (u32, u32), new: u32) {
    let (mut read, mut write) = (0, 0);
    while read < ids.len() {
        let here = read + 1 < ids.len() && (ids[read], ids[read + 1]) == pair;
        ids[write] = if here { new } else { ids[read] };
        read += 1 + usize::from(here);
        write += 1;
    }
    ids.truncate(write);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_papers_example_learns_the_papers_merges() {
        // "aaabdaaabac" after 3 merges (Gage 1994): Z = aa, Y = ab, X = ZY, in bytes 256, 257, 258.
        let learned = learn([&b"aaabdaaabac"[..]], 3);
        let mut ids: Vec<u32> = b"aaabdaaabac".iter().map(|&b| u32::from(b)).collect();
        for &(left, right, new) in &learned.merges {
            merge(&mut ids, (left, right), new);
        }
        assert_eq!(ids, [258, 100, 258, 97, 99]);
        assert_eq!(learned.tokens[258], b"aaab");
    }

    #[test]
    fn sennrichs_corpus_begins_with_e_s_then_es_t_nine_times_each() {
        let corpus = [("low", 5), ("lower", 2), ("newest", 6), ("widest", 3)];
        let pieces = corpus
            .iter()
            .flat_map(|&(word, n)| vec![word.as_bytes(); n]);
        let learned = learn(pieces, 10);
        assert_eq!(learned.tokens[256], b"es");
        assert_eq!(learned.tokens[257], b"est");
        assert_eq!(learned.counts[..2], [9, 9]);
        assert!(learned.tokens.contains(&b"low".to_vec()));
        assert!(learned.tokens.contains(&b"newest".to_vec()));
    }

    #[test]
    fn learning_stops_when_no_pair_stands_twice() {
        assert!(learn([&b"abcdef"[..]], 50).merges.is_empty());
    }
}
