//! UMAP beside umap-learn's.

use super::super::neighbours::nearest;
use super::super::spread::serially;
use super::*;

#[test]
fn the_curve_is_that_of_umap_learn() {
    // umap.umap_.find_ab_params(1.0, min_dist) of umap-learn 0.5.12.
    for (min_dist, a, b) in CURVES {
        let curve = Curve::fit(min_dist);
        assert!(
            (curve.a - a).abs() < 1e-5 && (curve.b - b).abs() < 1e-5,
            "{curve:?} {a} {b}"
        );
    }
}

/// `min_dist`, a, b.
const CURVES: [(f64, f64, f64); 4] = [
    (0.0, 1.932_808_397, 0.790_494_973),
    (0.1, 1.576_943_460, 0.895_060_878),
    (0.5, 0.583_030_020, 1.334_166_992),
    (0.99, 0.119_305_300, 1.916_390_417),
];

#[test]
fn ties_add_up_to_the_logarithm_of_the_neighbours_and_the_nearest_is_tied_wholly() {
    let mut rng = Rng::new(2, "test");
    let values = rng.normals(300, 0.0, 1.0);
    let neighbours = nearest(&values, 3, 14, &serially);
    let graph = memberships(&neighbours, &serially);
    for i in 0..100 {
        let nearest = neighbours.of(i)[0].index;
        let to_nearest = graph
            .edges(i)
            .iter()
            .find(|edge| edge.to == nearest)
            .unwrap();
        assert!((to_nearest.weight - 1.0).abs() < 1e-6);
        // At least log₂ 15, for ties the other way come on top.
        let sum: f32 = graph.edges(i).iter().map(|edge| edge.weight).sum();
        assert!(sum > 15_f32.log2() - 1e-3, "{sum}");
    }
}

#[test]
fn clouds_stay_together_and_come_apart_from_one_another() {
    fn check<const D: usize>() {
        let n = 50;
        let mut rng = Rng::new(5, "test");
        let centre = |i: usize, c: usize| if c == i / n { 20.0 } else { 0.0 };
        let coordinates = (0..3 * n).flat_map(|i| (0..5).map(move |c| centre(i, c)));
        let values: Vec<f32> = coordinates.map(|x| (x + rng.normal()) as f32).collect();
        let graph = memberships(&nearest(&values, 5, 14, &serially), &serially);
        let beginning = values
            .chunks(5)
            .map(|row| std::array::from_fn(|c| row[c]))
            .collect();
        let mut umap = Umap::<D>::new(&graph, beginning, Curve::fit(0.1), 200, 0);
        while umap.step() {}
        assert_eq!(umap.n_done(), 200);
        let apart = |i: usize, j: usize| {
            let (a, b) = (umap.positions()[i], umap.positions()[j]);
            (0..D).map(|c| (a[c] - b[c]).powi(2)).sum::<f32>()
        };
        for i in 0..3 * n {
            let others = (0..3 * n).filter(|j| *j != i);
            let nearest = others.min_by(|a, b| apart(i, *a).total_cmp(&apart(i, *b)));
            assert_eq!(nearest.unwrap() / n, i / n, "point {i}");
        }
    }
    check::<2>();
    check::<3>();
}
