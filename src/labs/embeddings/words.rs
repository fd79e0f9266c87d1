//! Finding words: as they are typed, as they may be meant, as they may be spelled.

use super::Space;

/// Words further apart than this many letters are not offered.
const MAX_DISTANCE: usize = 3;

impl Space {
    /// The place of the word that `written` stands for: itself, else in small letters, else with a
    /// capital; else the same with `_` for spaces, as sets with phrases write them.
    #[must_use]
    pub fn find(&self, written: &str) -> Option<usize> {
        let index = |word: &str| self.vectors.index(word);
        let spellings = |word: &str| {
            let small = word.to_lowercase();
            index(word)
                .or_else(|| index(&small))
                .or_else(|| index(&capitalized(&small)))
        };
        index(written).or_else(|| {
            let plain = written.replace('’', "'");
            spellings(&plain).or_else(|| {
                let joined = plain.contains(' ').then(|| plain.replace(' ', "_"));
                joined.and_then(|word| spellings(&word))
            })
        })
    }

    /// The first `n` words that begin with `prefix`, in the order of the set: the commonest first.
    /// When there are none, letters large or small are the same.
    #[must_use]
    pub fn complete(&self, prefix: &str, n: usize) -> Vec<String> {
        if prefix.is_empty() {
            return Vec::new();
        }
        let exact = self.words_that(n, |word| word.starts_with(prefix));
        if !exact.is_empty() {
            return exact;
        }
        let prefix = prefix.to_lowercase();
        self.words_that(n, |word| {
            word.len() >= prefix.len() && word.to_lowercase().starts_with(&prefix)
        })
    }

    /// Up to `n` words that differ from `word` by few letters left out, added, changed or swapped;
    /// the nearest first, the commoner first among equals.
    #[must_use]
    pub fn similar_spelling(&self, word: &str, n: usize) -> Vec<String> {
        let typed: Vec<char> = word.to_lowercase().chars().collect();
        let most = MAX_DISTANCE.min(typed.len().div_ceil(3));
        let letters = letters_of(&typed);
        let mut found: Vec<(usize, usize)> = Vec::new();
        let mut other = Vec::new();
        for index in 0..self.vectors.len() {
            let known = self.vectors.word(index);
            // A letter has one to four bytes: most words are passed over without a look inside.
            let (fewest, most_bytes) = (typed.len().saturating_sub(most), (typed.len() + most) * 4);
            let too_many = known.is_ascii() && known.len() > typed.len() + most;
            if known.len() < fewest || known.len() > most_bytes || too_many {
                continue;
            }
            other.clear();
            other.extend(known.chars().flat_map(char::to_lowercase));
            // Each letter that only one of the two has costs at least half a step.
            let apart = (letters ^ letters_of(&other)).count_ones() as usize;
            if other.len().abs_diff(typed.len()) > most || apart > 2 * most {
                continue;
            }
            if let Some(distance) = distance(&typed, &other, most) {
                found.push((distance, index));
            }
        }
        found.sort_unstable();
        let words = found.iter().take(n);
        words
            .map(|&(_, index)| self.vectors.word(index).to_owned())
            .collect()
    }

    fn words_that(&self, n: usize, wanted: impl Fn(&str) -> bool) -> Vec<String> {
        let words = (0..self.vectors.len()).map(|i| self.vectors.word(i));
        let words = words.filter(|word| wanted(word)).take(n);
        words.map(str::to_owned).collect()
    }
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next();
    let first = first.into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}

/// Which letters there are, as bits; letters far apart in Unicode may share one.
fn letters_of(word: &[char]) -> u64 {
    word.iter()
        .fold(0, |bits, &c| bits | 1 << (u32::from(c) % 64))
}

/// The least number of letters to leave out, add, change or swap with the next to make `a` of `b`,
/// if it is at most `most` (Damerau–Levenshtein, restricted).
fn distance(a: &[char], b: &[char], most: usize) -> Option<usize> {
    let mut before = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, &x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, &y) in b.iter().enumerate() {
            let changed = last[j] + usize::from(x != y);
            let mut least = changed.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && x == b[j - 1] && a[i - 1] == y {
                let before: &Vec<usize> = &before;
                least = least.min(before[j - 1] + 1);
            }
            row.push(least);
        }
        if row.iter().all(|&steps| steps > most) {
            return None;
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().filter(|&steps| steps <= most)
}
