//! Three ways to say how near two arrows are, and the sums behind each number.
//!
//! Letters: q what is asked, v what it is held against; everything in f64.

/// So many of the products behind a dot product are shown one by one, the largest first.
const MOST_PARTS: usize = 8;

/// q·v = Σ qᵢ vᵢ: grows with the lengths as well as with the agreement.
#[must_use]
pub fn dot(q: &[f64], v: &[f64]) -> f64 {
    q.iter().zip(v).map(|(q, v)| q * v).sum()
}

/// |q| = √Σ qᵢ².
#[must_use]
pub fn length(q: &[f64]) -> f64 {
    dot(q, q).sqrt()
}

/// |q − v|: how far the tips are apart (Euclidean distance).
#[must_use]
pub fn distance(q: &[f64], v: &[f64]) -> f64 {
    let squares = q.iter().zip(v).map(|(q, v)| (q - v) * (q - v));
    squares.sum::<f64>().sqrt()
}

/// q·v / (|q| |v|), −1..=1: the direction alone. `None` where either is zero and so points nowhere.
#[must_use]
pub fn cosine(q: &[f64], v: &[f64]) -> Option<f64> {
    let lengths = length(q) * length(v);
    let cosine = dot(q, v) / lengths;
    (lengths > 0.0 && cosine.is_finite()).then(|| cosine.clamp(-1.0, 1.0))
}

/// One product of a dot product.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// The axis: its name, or its number counted from 1.
    pub axis: String,
    /// qᵢ.
    pub q: f64,
    /// vᵢ.
    pub v: f64,
}

impl Part {
    /// qᵢ vᵢ.
    #[must_use]
    pub fn product(&self) -> f64 {
        self.q * self.v
    }
}

/// The cosine, the dot product and the distance of two arrows, computed again from their numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// What q and v are: "king − man + woman", "queen".
    pub words: [String; 2],
    /// The largest products, by size.
    pub parts: Vec<Part>,
    /// How many further products there are, and their sum.
    pub rest: (usize, f64),
    /// |q| and |v|.
    pub lengths: [f64; 2],
    /// q·v.
    pub dot: f64,
    /// q·v / (|q| |v|).
    pub cosine: Option<f64>,
    /// |q − v|.
    pub distance: f64,
}

impl Explanation {
    /// Of `q` and `v`, whose axes have these names; an axis without one has its number.
    #[must_use]
    pub fn of(words: [String; 2], q: &[f64], v: &[f64], axes: &[String]) -> Self {
        let pairs = q.iter().zip(v).enumerate();
        let mut parts: Vec<Part> = pairs
            .map(|(i, (&q, &v))| Part {
                axis: axes.get(i).cloned().unwrap_or_else(|| (i + 1).to_string()),
                q,
                v,
            })
            .collect();
        parts.sort_by(|a, b| b.product().abs().total_cmp(&a.product().abs()));
        let rest = parts.split_off(parts.len().min(MOST_PARTS));
        Self {
            words,
            parts,
            rest: (rest.len(), rest.iter().map(Part::product).sum()),
            lengths: [length(q), length(v)],
            dot: dot(q, v),
            cosine: cosine(q, v),
            distance: distance(q, v),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cosine_asks_for_the_direction_and_distance_for_the_place() {
        // The lecture's pair: (10, 10) and (50, 50) agree in meaning, (5, 20) does not, though it is nearer.
        let (a, far, near) = ([10.0, 10.0], [50.0, 50.0], [5.0, 20.0]);
        assert!((cosine(&a, &far).unwrap() - 1.0).abs() < 1e-15);
        assert!((cosine(&a, &near).unwrap() - 0.857_492_925_712_544).abs() < 1e-12);
        assert!(distance(&a, &far) > 5.0 * distance(&a, &near) - 1.0);
        assert!((distance(&a, &near) - 125.0_f64.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn an_arrow_without_length_points_nowhere() {
        assert_eq!(cosine(&[0.0, 0.0], &[1.0, 0.0]), None);
    }

    #[test]
    fn the_parts_and_the_rest_add_up_to_the_dot_product() {
        let q: Vec<f64> = (0..100).map(|i| f64::from(i).sin()).collect();
        let v: Vec<f64> = (0..100).map(|i| f64::from(i).cos()).collect();
        let words = ["q".to_owned(), "v".to_owned()];
        let found = Explanation::of(words, &q, &v, &[]);
        assert_eq!((found.parts.len(), found.rest.0), (8, 92));
        let sum: f64 = found.parts.iter().map(Part::product).sum();
        assert!((sum + found.rest.1 - found.dot).abs() < 1e-12);
        let [q, v] = found.lengths;
        // The law of cosines.
        let squared = q * q + v * v - 2.0 * found.dot;
        assert!((found.distance.powi(2) - squared).abs() < 1e-9);
    }
}
