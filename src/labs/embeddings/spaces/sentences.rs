//! A sentence as the mean of its words' vectors: crude, blind to the order of words, and often enough.

use crate::algo::words;
use crate::labs::embeddings::{Space, cosine};

/// A sentence and its vector.
#[derive(Debug, Clone, PartialEq)]
pub struct Sentence {
    /// As it was written.
    pub text: String,
    /// Its words, and whether the set has each.
    pub words: Vec<(String, bool)>,
    /// The mean of the known words' vectors, each brought to length 1 first; zeros where none is known.
    pub vector: Vec<f32>,
}

/// The sentence's vector. Words among `passed_over` are left out, as if they were not written.
#[must_use]
pub fn sentence(space: &Space, text: &str, passed_over: &[String]) -> Sentence {
    let mut found = Vec::new();
    words::for_each(text, |word| {
        if !passed_over.iter().any(|other| other == word) {
            found.push((word.to_owned(), space.find(word)));
        }
    });
    let mut sum = vec![0.0_f64; space.vectors().width()];
    for index in found.iter().filter_map(|(_, index)| *index) {
        let row = space.vector(index);
        let squares: f64 = row.iter().map(|x| f64::from(*x).powi(2)).sum();
        if squares > 0.0 {
            for (sum, x) in sum.iter_mut().zip(&row) {
                *sum += f64::from(*x) / squares.sqrt();
            }
        }
    }
    let n = found.iter().filter(|(_, index)| index.is_some()).count();
    Sentence {
        text: text.to_owned(),
        words: found
            .into_iter()
            .map(|(word, i)| (word, i.is_some()))
            .collect(),
        vector: sum.iter().map(|x| (x / n.max(1) as f64) as f32).collect(),
    }
}

/// The cosine of every sentence to every other, row-major.
#[must_use]
pub fn cosines(sentences: &[Sentence]) -> Vec<f64> {
    let row = |a: &Sentence| {
        let row = sentences.iter().map(|b| cosine(&a.vector, &b.vector));
        row.collect::<Vec<_>>()
    };
    sentences.iter().flat_map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labs::embeddings::Set;

    #[test]
    fn the_lion_is_nearer_the_tiger_than_new_york() {
        let mut go_on = |_| std::ops::ControlFlow::Continue(());
        let space = Space::open_set(&Set::Shipped, &mut go_on).unwrap();
        let texts = [
            "The lion is the king of the jungle",
            "The tiger hunts in this forest",
            "Everybody loves New York",
        ];
        let all = texts.map(|text| sentence(&space, text, &[]));
        assert!(all.iter().all(|s| s.words.iter().all(|(_, known)| *known)));
        let near = cosines(&all);
        assert!(near[1] > near[2], "{near:?}");
        assert!((near[0] - 1.0).abs() < 1e-6);
        // The order of words is lost.
        let turned = sentence(&space, "The jungle is the king of the lion", &[]);
        assert!((cosine(&turned.vector, &all[0].vector) - 1.0).abs() < 1e-6);
        let unknown = sentence(&space, "zzqx", &[]);
        assert_eq!(cosine(&unknown.vector, &all[0].vector), 0.0);
    }
}
