//! The measures against the formulas of known distributions.

use super::*;

fn gaussian(mean: [f64; 2], sigma: [f64; 2]) -> impl Fn([f64; 2]) -> f64 {
    move |at| {
        let along = |axis: usize| {
            let z = (at[axis] - mean[axis]) / sigma[axis];
            (-0.5 * z * z).exp() / (sigma[axis] * std::f64::consts::TAU.sqrt())
        };
        along(0) * along(1)
    }
}

/// KL(N(m, s²) ‖ N(n, t²)) of independent axes: Σ ln(t/s) + (s² + (m − n)²) / 2t² − ½.
fn formula(m: [f64; 2], s: [f64; 2], n: [f64; 2], t: [f64; 2]) -> f64 {
    let along = |a: usize| {
        let spread = (s[a] * s[a] + (m[a] - n[a]).powi(2)) / (2.0 * t[a] * t[a]);
        (t[a] / s[a]).ln() + spread - 0.5
    };
    along(0) + along(1)
}

/// What a generator that only moves and stretches makes of Gaussian z.
fn moved(mean: [f64; 2], sigma: [f64; 2]) -> Masses {
    let to = |z: f32, axis: usize| (mean[axis] + sigma[axis] * f64::from(z)) as f32;
    let corners = z_corners(Noise::Gaussian);
    let corners: Vec<_> = corners.iter().map(|&[x, y]| [to(x, 0), to(y, 1)]).collect();
    Masses::of_images(&corners, Noise::Gaussian)
}

#[test]
fn kl_of_two_known_gaussians_is_within_one_percent_of_the_formula() {
    let pairs = [
        ([0.0, 0.0], [0.25, 0.25], [0.2, -0.1], [0.25, 0.25]),
        ([-0.1, 0.1], [0.2, 0.22], [0.1, 0.05], [0.25, 0.24]),
        ([0.05, 0.0], [0.25, 0.2], [-0.05, 0.1], [0.2, 0.2]),
    ];
    for (m, s, n, t) in pairs {
        let truth = formula(m, s, n, t);
        let measured = Masses::of_density(gaussian(m, s))
            .divergence_of(&moved(n, t))
            .kl;
        assert!(
            (measured / truth - 1.0).abs() < 0.01,
            "{measured} for {truth}"
        );
    }
}

#[test]
fn js_of_two_known_gaussians_is_within_one_percent_of_its_integral() {
    // No closed form exists; in one dimension, along the line that joins the means of two equal round
    // Gaussians, it is an integral that a sum of 200,000 terms gives to ten digits.
    let (apart, sigma) = (0.4, 0.22);
    let density = |x: f64, mean: f64| {
        let z = (x - mean) / sigma;
        (-0.5 * z * z).exp() / (sigma * std::f64::consts::TAU.sqrt())
    };
    let dx = 1e-5;
    let truth: f64 = (-200_000..200_000)
        .map(|i| {
            let x = f64::from(i) * dx;
            let (p, q) = (density(x, 0.5 * apart), density(x, -0.5 * apart));
            let m = 0.5 * (p + q);
            0.5 * dx * (p * (p / m).ln() + q * (q / m).ln())
        })
        .sum();
    let p = Masses::of_density(gaussian([0.5 * apart, 0.0], [sigma; 2]));
    let measured = p.divergence_of(&moved([-0.5 * apart, 0.0], [sigma; 2])).js;
    assert!(
        (measured / truth - 1.0).abs() < 0.01,
        "{measured} for {truth}"
    );
}

#[test]
fn what_is_equal_is_at_zero_and_what_shares_nothing_at_ln_two() {
    let p = Masses::of_density(gaussian([0.0; 2], [0.2; 2]));
    let same = p.divergence_of(&moved([0.0; 2], [0.2; 2]));
    assert!(same.kl < 1e-3 && same.js < 1e-4, "{same:?}");
    let left = Masses::of_density(gaussian([-0.6; 2], [0.06; 2]));
    let apart = left.divergence_of(&moved([0.6; 2], [0.06; 2]));
    assert!(
        (apart.js - std::f64::consts::LN_2).abs() < 1e-6,
        "{apart:?}"
    );
}

#[test]
fn change_of_variables_agrees_with_a_million_samples() {
    use crate::rng::Rng;
    // A map that folds and bends: no formula for its density, but a histogram has one.
    let bend = |[x, y]: [f64; 2]| [0.8 * (2.0 * x).sin(), 0.5 * y + 0.4 * x * x - 0.2];
    let corners = z_corners(Noise::Uniform);
    let image = |&[x, y]: &[f32; 2]| bend([x.into(), y.into()]).map(|x| x as f32);
    let corners: Vec<_> = corners.iter().map(image).collect();
    let ours = Masses::of_images(&corners, Noise::Uniform);
    let mut rng = Rng::new(3, "bent");
    let mut histogram = Masses::nothing();
    for _ in 0..1_000_000 {
        let z = [2.0 * rng.uniform() - 1.0, 2.0 * rng.uniform() - 1.0];
        histogram.add(bend(z), 1e-6);
    }
    // A histogram of n samples in k cells differs from the truth by about k / 8n.
    let js = histogram.divergence_of(&ours).js;
    assert!(js < 1.5e-3, "{js}");
}

#[test]
fn a_generator_that_makes_one_mode_of_four_covers_one() {
    let real = Real::new(&Shape::FourDisjoint);
    let corners = z_corners(Noise::Uniform);
    let to = |&[x, y]: &[f32; 2]| [0.6 + 0.05 * x, -0.6 + 0.05 * y];
    let corners: Vec<_> = corners.iter().map(to).collect();
    let (divergence, coverage) = real.measure(&corners, Noise::Uniform);
    assert_eq!((coverage.n_covered, coverage.n_parts()), (1, 4));
    assert!((coverage.shares[3] - 4.0).abs() < 0.1, "{coverage:?}");
    // A quarter of p meets all of q: JS is at least that of perfect agreement on that quarter.
    let least = 0.5 * (1.6f64.ln() + 0.25 * 0.4f64.ln() + 0.75 * 2f64.ln());
    assert!(divergence.js > least, "{divergence:?}");
}

#[test]
fn every_shape_sums_to_one_and_its_parts_weigh_the_same() {
    let stroke = vec![[-0.8, 0.1], [-0.2, 0.6], [0.5, 0.5], [0.8, -0.7]];
    let mut shapes = Shape::READY.to_vec();
    shapes.push(Shape::Drawn(vec![stroke, vec![[0.0, -0.6]]]));
    for shape in shapes {
        let real = Real::new(&shape);
        let total: f64 = real.masses.0.iter().sum();
        assert!((total - 1.0).abs() < 1e-6, "{shape:?} sums to {total}");
        let parts = real.by_part(&real.masses);
        let even = 1.0 / parts.len() as f64;
        let within = if matches!(shape, Shape::Drawn(_)) {
            0.5
        } else {
            0.15
        };
        for part in &parts {
            assert!((part / even - 1.0).abs() < within, "{shape:?}: {parts:?}");
        }
    }
}
