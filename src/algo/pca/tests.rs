//! Principal components beside scikit-learn's.

use super::super::spread::serially;
use super::*;

fn whole(values: &[f32], width: usize, k: usize) -> Pca {
    pca(values, width, k, 0, &serially, &mut |_| true).unwrap()
}

#[test]
fn the_points_of_an_ellipse_have_its_axes() {
    // Turned by the angle of the triangle 3, 4, 5; half axes 2 and 1: variances 2 and ½ (times n/(n−1)).
    let n = 1000;
    let point = |i: i32| {
        let t = std::f64::consts::TAU * f64::from(i) / f64::from(n);
        let (a, b) = (2.0 * t.cos(), t.sin());
        [7.0 + 0.8 * a - 0.6 * b, -3.0 + 0.6 * a + 0.8 * b].map(|x| x as f32)
    };
    let values: Vec<f32> = (0..n).flat_map(point).collect();
    let found = whole(&values, 2, 2);
    let is_near = |a: f64, b: f64| (a - b).abs() < 1e-6;
    assert!(is_near(found.components[0][0], 0.8) && is_near(found.components[0][1], 0.6));
    assert!(is_near(found.components[1][0], -0.6) && is_near(found.components[1][1], 0.8));
    assert!(is_near(found.explained_ratio[0], 0.8) && is_near(found.explained_ratio[1], 0.2));
    assert!(is_near(found.explained_variance[0], 2.0 * 1000.0 / 999.0));
    assert!(is_near(found.mean[0], 7.0) && is_near(found.mean[1], -3.0));
}

#[test]
fn no_more_components_are_found_than_there_are_directions() {
    let found = whole(&[1.0, 2.0, 3.0, 4.0, 6.0, 8.0], 3, 3);
    assert!((found.explained_ratio[0] - 1.0).abs() < 1e-12, "{found:?}");
    assert_eq!(found.components.len(), 1);
    assert!(whole(&[1.0; 12], 3, 2).components.is_empty());
    assert!(whole(&[], 3, 2).components.is_empty());
}

#[test]
fn it_stops_when_told() {
    let values: Vec<f32> = (0..64).map(|i| (i * i % 7) as f32).collect();
    assert_eq!(pca(&values, 8, 2, 0, &serially, &mut |pass| pass < 2), None);
}
