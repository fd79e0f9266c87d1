//! Axes of one's own: from poor to rich, from man to woman. A pair of words gives a direction, and
//! every word has a place along it.

use crate::refusal::{Refusal, Result};

/// An axis between two ends, each the mean of one or more vectors.
#[derive(Debug, Clone, PartialEq)]
pub struct Direction {
    /// The middle between the ends.
    middle: Vec<f64>,
    /// From the middle to the second end.
    half: Vec<f64>,
    /// Compare directions alone: every vector is scaled to length 1 first.
    unit_length: bool,
}

impl Direction {
    /// The axis from the mean of `from` to the mean of `to`; several words for an end say what one
    /// word alone leaves open ("man, he, boy" against "woman, she, girl").
    ///
    /// # Errors
    /// When an end is missing or both are the same.
    pub fn between(from: &[&[f32]], to: &[&[f32]], unit_length: bool) -> Result<Self> {
        let refuse = |evidence: &str| {
            Refusal::unchanged(
                "These words make no axis",
                evidence,
                "Give two different words that the vectors have.",
            )
        };
        let (Some(first), Some(second)) = (mean(from, unit_length), mean(to, unit_length)) else {
            return Err(refuse("An end of the axis has no word."));
        };
        if first.len() != second.len() {
            return Err(refuse("The vectors of its ends differ in length."));
        }
        let pairs = || first.iter().zip(&second);
        let direction = Self {
            middle: pairs().map(|(a, b)| f64::midpoint(*a, *b)).collect(),
            half: pairs().map(|(a, b)| (b - a) / 2.0).collect(),
            unit_length,
        };
        let length = dot(&direction.half, &direction.half);
        if length > 0.0 && length.is_finite() {
            Ok(direction)
        } else {
            Err(refuse("Both of its ends are the same point."))
        }
    }

    /// Where a vector lies: −1 at the first end, 1 at the second, 0 half way, and beyond either end
    /// when the vector goes beyond.
    #[must_use]
    pub fn place(&self, vector: &[f32]) -> f32 {
        let scale = if self.unit_length { scale(vector) } else { 1.0 };
        let centred = vector
            .iter()
            .zip(&self.middle)
            .map(|(x, m)| f64::from(*x) * scale - m);
        let along: f64 = centred.zip(&self.half).map(|(x, h)| x * h).sum();
        (along / dot(&self.half, &self.half)) as f32
    }

    /// The angle to another axis in degrees, `0.0..=90.0`: axes far from 90° tell much the same story
    /// twice.
    #[must_use]
    pub fn angle_degrees(&self, other: &Self) -> f32 {
        let lengths = (dot(&self.half, &self.half) * dot(&other.half, &other.half)).sqrt();
        let cosine = dot(&self.half, &other.half).abs() / lengths;
        cosine.min(1.0).acos().to_degrees() as f32
    }
}

/// The place of every vector in `values`, row-major, along up to three axes; the others are 0.
#[must_use]
pub fn places(values: &[f32], width: usize, axes: &[Direction]) -> Vec<[f32; 3]> {
    let place = |vector: &[f32]| {
        let mut position = [0.0; 3];
        for (x, axis) in position.iter_mut().zip(axes) {
            *x = axis.place(vector);
        }
        position
    };
    values.chunks_exact(width.max(1)).map(place).collect()
}

/// What scales a vector to length 1; 0 for zeros.
fn scale(vector: &[f32]) -> f64 {
    let length = vector
        .iter()
        .map(|x| f64::from(*x).powi(2))
        .sum::<f64>()
        .sqrt();
    if length > 0.0 { length.recip() } else { 0.0 }
}

fn mean(vectors: &[&[f32]], unit_length: bool) -> Option<Vec<f64>> {
    let mut sum = vec![0.0; vectors.first()?.len()];
    for vector in vectors {
        let scale = if unit_length { scale(vector) } else { 1.0 } / vectors.len() as f64;
        for (sum, x) in sum.iter_mut().zip(*vector) {
            *sum += f64::from(*x) * scale;
        }
    }
    Some(sum)
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_of_an_axis_lie_at_minus_one_and_one() {
        let (poor, rich) = ([1.0, 2.0, 0.0], [3.0, 1.0, 2.0]);
        for unit_length in [false, true] {
            let axis = Direction::between(&[&poor], &[&rich], unit_length).unwrap();
            assert!((axis.place(&poor) + 1.0).abs() < 1e-6);
            assert!((axis.place(&rich) - 1.0).abs() < 1e-6);
        }
    }

    #[test]
    fn what_is_added_at_right_angles_to_an_axis_does_not_move_a_word_along_it() {
        let axis = Direction::between(&[&[0.0, 0.0]], &[&[2.0, 0.0]], false).unwrap();
        let other = Direction::between(&[&[0.0, 0.0]], &[&[0.0, 5.0]], false).unwrap();
        assert_eq!(
            places(&[1.5, 9.0, 3.0, 0.0], 2, &[axis.clone(), other.clone()])[0][0],
            0.5
        );
        assert!((axis.angle_degrees(&other) - 90.0).abs() < 1e-4);
        assert!(axis.angle_degrees(&axis) < 1e-3);
    }

    #[test]
    fn an_axis_needs_two_different_ends() {
        assert!(Direction::between(&[&[1.0, 2.0]], &[&[1.0, 2.0]], false).is_err());
        assert!(Direction::between(&[], &[&[1.0, 2.0]], false).is_err());
        // The same direction is the same point once lengths are taken away.
        assert!(Direction::between(&[&[1.0, 0.0]], &[&[3.0, 0.0]], true).is_err());
    }
}
