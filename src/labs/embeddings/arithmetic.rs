//! Arithmetic with words: an expression becomes a vector, and the vector's neighbours are its
//! answer, with the inputs among them marked and not hidden.

use super::answer::{Answer, Expected, Near, Options, Ranked, Scale, Term, Unknown, Wrong};
use super::plane::{Plane, Role, dot};
use super::search::Search;
use super::{Metric, Mistake, Space};
use crate::algo::expression;
use crate::algo::nearest::Found;
use std::ops::{ControlFlow, Range};

/// Rows beyond those asked for that are compared again in f64, so that rounding hides none.
const MARGIN: usize = 32;
/// More terms than these are not drawn.
const MAX_DRAWN: usize = 12;
/// Spellings offered for an unknown word.
const N_SPELLINGS: usize = 5;

impl Space {
    /// What `expression` comes to. `emit` is told the part of the search that is done, and may stop
    /// it.
    ///
    /// # Errors
    /// A mistake in the expression, among them: that no word of it is known, and that it comes to
    /// the zero vector; a file that was changed meanwhile; or a stop.
    pub fn evaluate(
        &self,
        expression: &str,
        options: &Options,
        emit: &mut dyn FnMut(f32) -> ControlFlow<()>,
    ) -> Result<Answer, Wrong> {
        let (terms, unknown) = self.terms(expression).map_err(Wrong::Mistake)?;
        let sum = self.sum(&terms, options.scale);
        let sum = sum.map_err(Wrong::Mistake)?;
        let length = dot(&sum, &sum).sqrt();
        let searched = self.nearest(&sum, &terms, options, emit);
        let (nearest, expected) = searched.ok_or(Wrong::Stopped)?;
        self.vectors.check().map_err(Wrong::Refused)?;
        let plane = self.plane(&terms, &sum, &nearest, expected.as_ref(), options.scale);
        Ok(Answer {
            terms,
            unknown,
            vector: sum.iter().map(|&x| x as f32).collect(),
            length,
            nearest,
            expected,
            plane,
            n_searched: self.vectors.len(),
        })
    }

    /// The known and the unknown words of an expression.
    fn terms(&self, text: &str) -> Result<(Vec<Term>, Vec<Unknown>), Mistake> {
        let read = expression::parse(text, &mut |word| self.find(word).is_some())?;
        let (mut terms, mut unknown): (Vec<Term>, Vec<Unknown>) = (Vec::new(), Vec::new());
        for written in read {
            let Some(index) = self.find(&written.word) else {
                unknown.push(self.unknown(&written.word, written.at));
                continue;
            };
            // Two ways to write one word.
            if let Some(term) = terms.iter_mut().find(|term| term.index == index) {
                term.weight += written.weight;
                term.at.extend(written.at);
                continue;
            }
            let row = self.row_f64(index);
            terms.push(Term {
                word: self.vectors.word(index).to_owned(),
                index,
                weight: written.weight,
                length: dot(&row, &row).sqrt(),
                at: written.at,
            });
        }
        if terms.is_empty() {
            let what = match unknown.as_slice() {
                [one] => format!("“{}” is not among the words of this set.", one.word),
                _ => "None of these words is in this set.".to_owned(),
            };
            let (start, end) = unknown
                .iter()
                .flat_map(|word| &word.at)
                .fold((text.len(), 0), |(start, end), at| {
                    (start.min(at.start), end.max(at.end))
                });
            let at = start..end;
            return Err(Mistake { at, what });
        }
        Ok((terms, unknown))
    }

    fn unknown(&self, word: &str, at: Vec<Range<usize>>) -> Unknown {
        Unknown {
            word: word.to_owned(),
            at,
            suggestions: self.similar_spelling(word, N_SPELLINGS),
        }
    }

    fn sum(&self, terms: &[Term], scale: Scale) -> Result<Vec<f64>, Mistake> {
        let mut sum = vec![0.0; self.vectors.width()];
        let mut most = 0.0_f64;
        for term in terms {
            let at = || term.at.first().cloned().unwrap_or_default();
            if !term.length.is_finite() {
                let what = format!("The vector of “{}” has numbers that are none.", term.word);
                return Err(Mistake { at: at(), what });
            }
            if term.length == 0.0 && scale == Scale::Unit {
                let what = format!("The vector of “{}” is zero: it points nowhere.", term.word);
                return Err(Mistake { at: at(), what });
            }
            for (sum, x) in sum.iter_mut().zip(self.scaled(term.index, scale)) {
                *sum += term.weight * x;
                most = most.max(sum.abs());
            }
        }
        let length = dot(&sum, &sum).sqrt();
        if length > most * 1e-12 && length.is_finite() {
            return Ok(sum);
        }
        let places = || terms.iter().flat_map(|term| &term.at);
        let start = places().map(|at| at.start).min().unwrap_or(0);
        let end = places().map(|at| at.end).max().unwrap_or(0);
        Err(Mistake {
            at: start..end,
            what: if length.is_finite() {
                "This comes to the zero vector, which points nowhere."
            } else {
                "These weights are too large."
            }
            .into(),
        })
    }

    fn nearest(
        &self,
        sum: &[f64],
        terms: &[Term],
        options: &Options,
        emit: &mut dyn FnMut(f32) -> ControlFlow<()>,
    ) -> Option<(Vec<Near>, Option<Expected>)> {
        // At length 1 all metrics order as the cosine does, which no length of the sum changes.
        let metric = match options.scale {
            Scale::Unit => Metric::Cosine,
            Scale::Raw => options.metric,
        };
        let length = dot(sum, sum).sqrt();
        let by = if metric == Metric::Cosine {
            length
        } else {
            1.0
        };
        let vector: Vec<f32> = sum.iter().map(|&x| (x / by) as f32).collect();
        let expected = options.expected.as_deref();
        let expected = expected.map(|word| (word, self.find(word)));
        let search = Search {
            query: &vector,
            metric,
            n: options.top.saturating_add(terms.len() + MARGIN),
            n_rows: self.vectors.len(),
            ranked: expected.and_then(|(_, index)| index),
        };
        let outcome = search.run(&self.vectors, emit)?;
        let near = |index| self.near(index, sum, length, terms, options.scale);
        let mut nearest: Vec<Near> = outcome.best.iter().map(|f| near(f.index)).collect();
        let order = |near: &Near| match metric {
            Metric::Euclid => near.euclid,
            other => -near.score(other),
        };
        nearest.sort_by(|a, b| order(a).total_cmp(&order(b)).then(a.index.cmp(&b.index)));
        let mut left = options.top;
        nearest.retain(|near| {
            let keep = left > 0;
            left -= usize::from(keep && !near.is_input);
            keep
        });
        let expected = expected.and_then(|(word, index)| {
            let Some(index) = index else {
                return Some(Expected::Unknown(self.unknown(word, Vec::new())));
            };
            let (found, n_better) = outcome.ranked?;
            let better = |term: &&Term| {
                let input = search.score(&self.vectors, term.index);
                input.is_some_and(|input: Found| input < found)
            };
            let n_inputs = terms.iter().filter(better).count();
            let near = near(index);
            Some(Expected::Ranked(Ranked {
                rank: (!near.is_input).then_some(n_better - n_inputs + 1),
                rank_with_inputs: n_better + 1,
                near,
            }))
        });
        Some((nearest, expected))
    }

    fn near(&self, index: usize, sum: &[f64], length: f64, terms: &[Term], scale: Scale) -> Near {
        let raw = self.vector(index);
        let (mut product, mut square) = (0.0, 0.0);
        for (&x, q) in raw.iter().zip(sum) {
            let x = f64::from(x);
            product += x * q;
            square += x * x;
        }
        let row_length = square.sqrt();
        let by = match scale {
            Scale::Unit => row_length.recip(),
            Scale::Raw => 1.0,
        };
        let apart = raw.iter().zip(sum).map(|(&x, q)| f64::from(x) * by - q);
        Near {
            index,
            word: self.vectors.word(index).to_owned(),
            cosine: product / (length * row_length),
            dot: product * by,
            euclid: apart.map(|apart| apart * apart).sum::<f64>().sqrt(),
            length: row_length,
            is_input: terms.iter().any(|term| term.index == index),
        }
    }

    fn plane(
        &self,
        terms: &[Term],
        sum: &[f64],
        nearest: &[Near],
        expected: Option<&Expected>,
        scale: Scale,
    ) -> Option<Plane> {
        if terms.len() > MAX_DRAWN {
            return None;
        }
        let point = |index: usize, role| {
            let word = self.vectors.word(index).to_owned();
            (word, role, self.scaled(index, scale))
        };
        let found = nearest.iter().find(|near| !near.is_input);
        let found = found.map(|near| near.index);
        let expected = match expected {
            Some(Expected::Ranked(ranked)) if !ranked.near.is_input => Some(ranked.near.index),
            _ => None,
        };
        let expected = expected.filter(|&index| Some(index) != found);
        let terms = terms.iter().zip(0..);
        let mut points: Vec<_> = terms
            .map(|(term, i)| point(term.index, Role::Term(i)))
            .collect();
        points.push((String::new(), Role::Sum, sum.to_vec()));
        points.extend(found.map(|index| point(index, Role::Nearest)));
        points.extend(expected.map(|index| point(index, Role::Expected)));
        Plane::through(points)
    }

    fn row_f64(&self, index: usize) -> Vec<f64> {
        self.vector(index).into_iter().map(f64::from).collect()
    }

    fn scaled(&self, index: usize, scale: Scale) -> Vec<f64> {
        let mut row = self.row_f64(index);
        if scale == Scale::Unit {
            let length = dot(&row, &row).sqrt();
            for x in &mut row {
                *x /= length;
            }
        }
        row
    }
}
