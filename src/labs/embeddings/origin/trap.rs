//! The popularity trap: a word that is used like another, only more often, has an arrow that points the
//! same way and is longer; by distance a quite different word of the same rarity lies nearer.

use super::Counts;
use crate::labs::embeddings::measures::{cosine, distance, length};

/// Words that are looked at, the commonest first.
const N_WORDS: usize = 1500;

/// Counts below this say little, along either axis.
const MIN_COUNT: f64 = 2.0;

/// Three words by how often each stands near two others.
#[derive(Debug, Clone, PartialEq)]
pub struct Trap {
    /// The words along the two axes.
    pub contexts: [String; 2],
    /// A word, one that points the same way but further, and one that points elsewhere but lies nearer.
    pub words: [String; 3],
    /// Their counts along the two axes.
    pub counts: [[f64; 2]; 3],
}

impl Trap {
    /// The lecture's own numbers: (10, 10) and (50, 50) agree, (5, 20) does not, though it is nearer.
    #[must_use]
    pub fn lecture() -> Self {
        Self {
            contexts: ["times near “milk”", "times near “sugar”"].map(String::from),
            words: ["cocoa", "coffee", "cheese"].map(String::from),
            counts: [[10.0, 10.0], [50.0, 50.0], [5.0, 20.0]],
        }
    }

    /// The clearest such three among a text's words, by how often they stand near two others. `None`
    /// where the text has none.
    #[must_use]
    pub fn of(counts: &Counts, contexts: [usize; 2]) -> Option<Self> {
        let n = counts.words.len().min(N_WORDS);
        let inside = contexts.iter().all(|&i| i < counts.words.len());
        let point = |i: usize| contexts.map(|context| counts.matrix.get(i, context));
        let near =
            |i: &usize| !contexts.contains(i) && point(*i).iter().all(|count| *count >= MIN_COUNT);
        if !inside || contexts[0] == contexts[1] {
            return None;
        }
        let words: Vec<(usize, [f64; 2])> = (0..n).filter(near).map(|i| (i, point(i))).collect();
        let mut best: Option<(f64, [usize; 3])> = None;
        for &(a, at) in &words {
            // The alike one that is farthest, and the nearest one that points elsewhere.
            let alike = words.iter().filter(|(b, to)| {
                *b != a
                    && cosine(&at, to).is_some_and(|c| c > 0.99)
                    && length(to) > 2.5 * length(&at)
            });
            let by_distance = |(_, x): &&(usize, [f64; 2]), (_, y): &&(usize, [f64; 2])| {
                distance(&at, x).total_cmp(&distance(&at, y))
            };
            let other = words
                .iter()
                .filter(|(c, to)| *c != a && cosine(&at, to).is_some_and(|c| c < 0.85));
            let (Some(alike), Some(other)) = (alike.max_by(by_distance), other.min_by(by_distance))
            else {
                continue;
            };
            // Both arrows long enough to be seen beside each other.
            let ratio = length(&alike.1) / length(&at);
            if ratio > 8.0 || distance(&at, &other.1) >= distance(&at, &alike.1) {
                continue;
            }
            let clear = length(&at) * (1.0 - cosine(&at, &other.1).unwrap_or(1.0));
            if best.is_none_or(|(most, _)| clear > most) {
                best = Some((clear, [a, alike.0, other.0]));
            }
        }
        let (_, found) = best?;
        Some(Self {
            contexts: contexts.map(|i| format!("times near “{}”", counts.words[i])),
            words: found.map(|i| counts.words[i].clone()),
            counts: found.map(point),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_the_lectures_example_distance_and_direction_disagree() {
        let [cocoa, coffee, cheese] = Trap::lecture().counts;
        assert!(cosine(&cocoa, &coffee).unwrap() > 0.999_999);
        // (1, 1)·(1, 4) / (√2 √17) = 5 / √34.
        assert!((cosine(&cocoa, &cheese).unwrap() - 5.0 / 34.0_f64.sqrt()).abs() < 1e-12);
        assert!(distance(&cocoa, &cheese) < distance(&cocoa, &coffee));
    }

    #[test]
    fn a_text_has_its_own_traps() {
        let (_, text) = super::super::builtin();
        let source = super::super::Source::Text(&text[..400_000]);
        let settings = super::super::CountSettings::default();
        let mut go_on = |_| std::ops::ControlFlow::Continue(());
        let counts = super::super::count(source, &settings, &mut go_on);
        let counts = counts.unwrap().unwrap();
        let contexts = ["the", "of"].map(|word| counts.index(word).unwrap());
        let trap = Trap::of(&counts, contexts).unwrap();
        let [a, alike, other] = trap.counts;
        assert!(cosine(&a, &alike).unwrap() > cosine(&a, &other).unwrap() + 0.1);
        assert!(distance(&a, &other) < distance(&a, &alike));
        assert_eq!(Trap::of(&counts, [0, 0]), None);
        assert_eq!(Trap::of(&counts, [0, usize::MAX]), None);
    }
}
