//! How far a map can be trusted (Venna & Kaski 2001): whether points that lie together on it lie
//! together in the space it was made from.

use super::spread::{Spread, fill};

/// 1 when every one of the `k` nearest of a point on the map is one of its `k` nearest in space; less
/// the further down the true list they come; about ½ for a map made by chance. Taken over the points
/// `looked_at`. `None` for fewer than 2 k points, where it has no meaning.
#[must_use]
pub fn trustworthiness<const D: usize>(
    values: &[f32],
    width: usize,
    positions: &[[f32; D]],
    k: usize,
    looked_at: &[usize],
    spread: &Spread,
) -> Option<f64> {
    let n = positions.len();
    if k == 0 || looked_at.is_empty() || n < 2 * k || width == 0 || values.len() != n * width {
        return None;
    }
    let mut penalties = vec![0.0; looked_at.len()];
    fill(spread, &mut penalties, 1, 1, |first, penalties| {
        for (penalty, point) in penalties.iter_mut().zip(&looked_at[first..]) {
            *penalty = self::penalty(values, width, positions, k, *point);
        }
    });
    let (n, k, n_looked) = (n as f64, k as f64, penalties.len() as f64);
    let worst = n_looked * k * (2.0 * n - 3.0 * k - 1.0) / 2.0;
    Some(1.0 - penalties.iter().sum::<f64>() / worst)
}

/// How far beyond place `k` the neighbours of point `i` on the map come in space, in all.
fn penalty<const D: usize>(
    values: &[f32],
    width: usize,
    positions: &[[f32; D]],
    k: usize,
    i: usize,
) -> f64 {
    let square = |a: &[f32], b: &[f32]| -> f64 {
        a.iter()
            .zip(b)
            .map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2))
            .sum()
    };
    let mut on_map: Vec<(f64, usize)> = positions
        .iter()
        .enumerate()
        .filter(|(j, _)| *j != i)
        .map(|(j, position)| (square(position, &positions[i]), j))
        .collect();
    let by_distance = |a: &(f64, usize), b: &(f64, usize)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
    on_map.select_nth_unstable_by(k - 1, by_distance);
    let point = |i: usize| &values[i * width..][..width];
    let distances: Vec<f64> = (0..positions.len())
        .map(|j| square(point(i), point(j)))
        .collect();
    let place = |j: usize| {
        let is_nearer = |l: &usize| *l != i && (distances[*l], *l) < (distances[j], j);
        1 + (0..positions.len()).filter(is_nearer).count()
    };
    let beyond = |&(_, j): &(f64, usize)| place(j).saturating_sub(k) as f64;
    on_map[..k].iter().map(beyond).sum()
}

#[cfg(test)]
mod tests {
    use super::super::spread::serially;
    use super::*;

    #[test]
    fn a_map_that_keeps_all_distances_is_trusted_wholly() {
        let all: Vec<usize> = (0..60).collect();
        let values: Vec<f32> = (0..60).map(|i| (i * i) as f32).collect();
        let map: Vec<[f32; 1]> = values.iter().map(|x| [2.0 * x]).collect();
        assert_eq!(
            trustworthiness(&values, 1, &map, 5, &all, &serially),
            Some(1.0)
        );
        assert_eq!(trustworthiness(&values, 1, &map, 31, &all, &serially), None);
    }

    #[test]
    fn it_is_that_of_scikit_learn() {
        // sklearn.manifold.trustworthiness(x, y, n_neighbors=5) of scikit-learn 1.9.1, for 40 points
        // x = i + i² / 1024 and y = 7 i mod 40 + i² / 4096.
        let all: Vec<usize> = (0..40).collect();
        let values: Vec<f32> = (0..40)
            .map(|i| i as f32 + (i * i) as f32 / 1024.0)
            .collect();
        let map: Vec<[f32; 1]> = (0..40)
            .map(|i| [(7 * i % 40) as f32 + (i * i) as f32 / 4096.0])
            .collect();
        let ours = trustworthiness(&values, 1, &map, 5, &all, &serially).unwrap();
        assert!((ours - SKLEARN).abs() < 1e-12, "{ours}");
    }

    const SKLEARN: f64 = 0.489_687_5;
}
