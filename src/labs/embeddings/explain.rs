//! Where the numbers beside a word come from.

use super::answer::{Answer, Scale};
use super::measures::{Explanation, length};
use super::{Space, written};

impl Space {
    /// The cosine, the dot product and the distance between an answer's sum and word `index`, computed
    /// again in f64 from the vectors.
    #[must_use]
    pub fn explain(&self, answer: &Answer, index: usize, scale: Scale) -> Explanation {
        let row = |index: usize| {
            let mut row: Vec<f64> = self.vector(index).into_iter().map(f64::from).collect();
            let by = match scale {
                Scale::Unit => length(&row),
                Scale::Raw => 1.0,
            };
            if by > 0.0 {
                for x in &mut row {
                    *x /= by;
                }
            }
            row
        };
        let mut sum = vec![0.0; self.vectors().width()];
        for term in &answer.terms {
            for (sum, x) in sum.iter_mut().zip(row(term.index)) {
                *sum += term.weight * x;
            }
        }
        let terms = answer.terms.iter();
        let expression = written(terms.map(|term| (term.word.as_str(), term.weight)));
        let word = self.vectors().word(index).to_owned();
        Explanation::of([expression, word], &sum, &row(index), &[])
    }
}
