//! The distance against formulas and what NumPy and `SciPy` give.

use super::*;
use crate::rng::Rng;

fn fixture(key: &str) -> serde_json::Value {
    let text = include_str!("../../../tests/data/frechet.json");
    serde_json::from_str::<serde_json::Value>(text).unwrap()[key].take()
}

fn cloud(key: &str) -> Gaussian {
    let points: Vec<f32> = serde_json::from_value(fixture(key)).unwrap();
    Gaussian::fit(&points, 7).unwrap()
}

#[test]
fn the_distance_is_that_of_scipys_root_of_the_product() {
    for (a, b) in [("a", "b"), ("a", "flat")] {
        let expected = fixture(&format!("{a}_{b}")).as_f64().unwrap();
        let (a, b) = (cloud(a), cloud(b));
        let found = distance_squared(&a, &b);
        assert!(
            (found - expected).abs() < 1e-6 * expected,
            "{found} {expected}"
        );
        assert!((distance_squared(&b, &a) - found).abs() < 1e-7 * expected);
    }
}

#[test]
fn in_one_dimension_it_is_the_difference_of_means_and_of_deviations() {
    // W₂² of two normal distributions on the line: (μ₁ − μ₂)² + (σ₁ − σ₂)².
    let line = |mean: f64, deviation: f64| Gaussian {
        mean: vec![mean],
        covariance: vec![deviation * deviation],
    };
    let found = distance_squared(&line(1.0, 2.0), &line(4.0, 6.0));
    assert!((found - 25.0).abs() < 1e-12, "{found}");
    assert_eq!(distance_squared(&line(1.0, 0.0), &line(4.0, 0.0)), 9.0);
}

#[test]
fn nothing_lies_between_a_distribution_and_itself() {
    let points = Rng::new(0, "test").normals(200 * 64, 0.0, 1.0);
    let a = Gaussian::fit(&points, 64).unwrap();
    assert!(distance_squared(&a, &a) < 1e-9);
    // Two samples of one distribution lie a little apart, and less with more points.
    let apart = |n: usize| {
        let draw = |seed| Rng::new(seed, "test").normals(n * 64, 0.0, 1.0);
        let [a, b] = [1, 2].map(|seed| Gaussian::fit(&draw(seed), 64).unwrap());
        distance_squared(&a, &b)
    };
    assert!(apart(500) > 2.0 * apart(2000));
}

#[test]
fn the_root_times_itself_is_the_matrix() {
    let a = cloud("a").covariance;
    let root = root(&a, 7);
    for (x, y) in product(&root, &root, 7).iter().zip(&a) {
        assert!((x - y).abs() < 1e-10);
    }
}

#[test]
fn one_point_or_a_number_that_is_none_fits_nothing() {
    assert_eq!(Gaussian::fit(&[1.0, 2.0], 2), None);
    assert_eq!(Gaussian::fit(&[1.0, f32::NAN, 2.0, 3.0], 2), None);
    assert_eq!(Gaussian::fit(&[], 0), None);
}
