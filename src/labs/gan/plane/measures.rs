//! How far what is generated is from what is real: KL and JS divergence, and which parts are covered.
//!
//! Both distributions are laid on one lattice of 65 × 65 nodes over the plane. The real one by
//! integrating its exact density; the generated one by change of variables: G is computed at the corners
//! of 60 × 60 cells of the z plane, whose probabilities are known exactly, and each cell's probability
//! is spread over the image of the cell, bilinearly between its corners. No sample is drawn, so nothing
//! flickers. On both sides each bit of probability is shared among the four nodes around it in the same
//! proportions; a divergence after such a common blur (of 0.015 a direction) is never greater than the
//! true one (the data processing inequality), and for two Gaussians of σ 0.25 it is within 1 % of it.
//!
//! GAN Lab's chart (github.com/poloclub/ganlab, `ganlab_evaluators.ts`), which invites comparison, is
//! wrong: its histogram of the real distribution reads the 12,000 samples with a `splice` that removes
//! ever longer runs from the list it walks, so that 154 of them are counted, each as 1 / 12,000: the
//! "distribution" sums to 0.013. To both histograms 0.0001 is added in each of 900 cells without
//! dividing again by the sum, and logarithms are to base 2 without saying so. Its KL and JS therefore
//! compare two things that are not probabilities, can be negative, and do not reach 0 when the
//! generator is perfect. Here both sum to 1 and values are in nats.

use super::EXTENT;
use super::settings::Noise;
use super::shape::{Distribution, Shape, below};

/// Cells of the lattice along a side; one node more.
const SIDE: usize = 64;
/// Cells of the z plane along a side; one corner more. A multiple of the warped grid's side.
pub(super) const Z_SIDE: usize = 60;
/// Gaussian z is looked at this far out: but for one in 16,000 that is all of it.
const Z_REACH: f64 = 4.0;
/// Mixed into the generated distribution, evenly over the lattice, before the logarithm of KL: where
/// nothing at all is generated KL would be infinite, as in truth it is.
const FLOOR: f64 = 1e-4;
/// A part is covered when it gets this share of the probability it should have.
pub const ENOUGH: f64 = 0.25;
/// Points and weights of Gauss–Legendre integration on −1..=1.
const GAUSS: [(f64, f64); 4] = [
    (-0.861_136_311_594_052_6, 0.347_854_845_137_453_85),
    (-0.339_981_043_584_856_26, 0.652_145_154_862_546_1),
    (0.339_981_043_584_856_26, 0.652_145_154_862_546_1),
    (0.861_136_311_594_052_6, 0.347_854_845_137_453_85),
];

/// How far the generated distribution q is from the real one p, in nats.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Divergence {
    /// KL(p ‖ q) = Σ p ln(p / q), 0 or more: grows most where something real is never generated. A
    /// ten-thousandth of q is spread over the whole plane first; without it, one real spot that is
    /// never generated would make this infinite.
    pub kl: f64,
    /// JS(p, q) = ½ KL(p ‖ m) + ½ KL(q ‖ m), m = ½(p + q): 0 when equal, ln 2 = 0.693 when they share
    /// nothing.
    pub js: f64,
}

impl Divergence {
    /// Of two lists of probabilities of the same things; each is divided by its sum.
    #[must_use]
    pub fn between(p: &[f64], q: &[f64]) -> Self {
        let (sum_p, sum_q) = (p.iter().sum::<f64>(), q.iter().sum::<f64>());
        let term = |a: f64, b: f64| if a > 0.0 { a * (a / b).ln() } else { 0.0 };
        let (mut kl, mut js) = (0.0, 0.0);
        for (p, q) in p.iter().zip(q) {
            let (p, q) = (p / sum_p, q / sum_q);
            let middle = 0.5 * (p + q);
            kl += term(p, (1.0 - FLOOR) * q + FLOOR / SIDE.pow(2) as f64);
            js += 0.5 * (term(p, middle) + term(q, middle));
        }
        Self {
            kl: kl.max(0.0),
            js: js.max(0.0),
        }
    }
}

/// How much of what is real is generated. A distribution has modes, or, where it is all of a piece,
/// parts of equal weight ([`Distribution::n_parts`]); a point belongs to a part when it is within 3 σ
/// of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Coverage {
    /// For each part: the probability with which it is generated over that which it should have. 1 is
    /// right, 0 is a mode that was dropped.
    pub shares: Vec<f32>,
    /// Parts that get at least a quarter of what they should.
    pub n_covered: usize,
    /// The probability that a generated point belongs to any part; of real ones 98.9 to 99.8 % do.
    pub near: f32,
}

impl Coverage {
    /// How many parts there are.
    #[must_use]
    pub fn n_parts(&self) -> usize {
        self.shares.len()
    }
}

/// Probability laid on the nodes of the lattice; the last entry is what lies outside of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Masses(Vec<f64>);

impl Masses {
    const NODES: usize = SIDE + 1;

    fn nothing() -> Self {
        Self(vec![0.0; Self::NODES * Self::NODES + 1])
    }

    fn step() -> f64 {
        2.0 * f64::from(EXTENT) / SIDE as f64
    }

    /// Shares `mass` at a point among the four nodes around it.
    fn add(&mut self, [x, y]: [f64; 2], mass: f64) {
        let across = |x: f64| (x + f64::from(EXTENT)) / Self::step();
        let (x, y) = (across(x), across(y));
        let inside = 0.0..SIDE as f64;
        if !(inside.contains(&x) && inside.contains(&y)) {
            if let Some(outside) = self.0.last_mut() {
                *outside += mass;
            }
            return;
        }
        let (i, j) = (x as usize, y as usize);
        let (fx, fy) = (x - i as f64, y - j as f64);
        let at = j * Self::NODES + i;
        self.0[at] += mass * (1.0 - fx) * (1.0 - fy);
        self.0[at + 1] += mass * fx * (1.0 - fy);
        self.0[at + Self::NODES] += mass * (1.0 - fx) * fy;
        self.0[at + Self::NODES + 1] += mass * fx * fy;
    }

    /// A density integrated over the plane.
    pub(super) fn of_density(density: impl Fn([f64; 2]) -> f64) -> Self {
        let mut masses = Self::nothing();
        let half = 0.5 * Self::step();
        let centre = |i: usize| (2 * i + 1) as f64 * half - f64::from(EXTENT);
        for j in 0..SIDE {
            for i in 0..SIDE {
                for (gy, weight_y) in GAUSS {
                    for (gx, weight_x) in GAUSS {
                        let point = [centre(i) + half * gx, centre(j) + half * gy];
                        let area = weight_x * weight_y * half * half;
                        masses.add(point, area * density(point));
                    }
                }
            }
        }
        masses
    }

    /// What becomes of the z plane under a map: `corners` are where the ([`Z_SIDE`] + 1)² points of
    /// [`z_corners`] arrive.
    pub(super) fn of_images(corners: &[[f32; 2]], noise: Noise) -> Self {
        let mut masses = Self::nothing();
        let along = z_masses(noise);
        let point = |at: usize| {
            let corner = corners.get(at);
            corner.map_or([f64::NAN; 2], |corner| corner.map(f64::from))
        };
        for (j, mass_y) in along.iter().enumerate() {
            for (i, mass_x) in along.iter().enumerate() {
                let at = j * (Z_SIDE + 1) + i;
                let [a, b] = [point(at), point(at + 1)];
                let [c, d] = [point(at + Z_SIDE + 1), point(at + Z_SIDE + 2)];
                let reach = |axis: usize| {
                    let all = [a[axis], b[axis], c[axis], d[axis]];
                    let most = all.into_iter().fold(f64::NEG_INFINITY, f64::max);
                    most - all.into_iter().fold(f64::INFINITY, f64::min)
                };
                // Three bits of probability for each step of the lattice that the image spans.
                let n = |axis: usize| (3.0 * reach(axis) / Self::step()).ceil().clamp(1.0, 24.0);
                let n = n(0).max(n(1)) as usize;
                let mass = mass_x * mass_y / (n * n) as f64;
                for v in (0..n).map(|v| (v as f64 + 0.5) / n as f64) {
                    for u in (0..n).map(|u| (u as f64 + 0.5) / n as f64) {
                        let at = |axis: usize| {
                            let low = a[axis] + u * (b[axis] - a[axis]);
                            let high = c[axis] + u * (d[axis] - c[axis]);
                            low + v * (high - low)
                        };
                        masses.add([at(0), at(1)], mass);
                    }
                }
            }
        }
        masses
    }

    pub(super) fn divergence_of(&self, generated: &Self) -> Divergence {
        Divergence::between(&self.0, &generated.0)
    }
}

/// Where the lines of the grid on the z plane are along one axis: [`Z_SIDE`] + 1 values.
fn z_lines(noise: Noise) -> impl Iterator<Item = f64> {
    let reach = match noise {
        Noise::Uniform => 1.0,
        Noise::Gaussian => Z_REACH,
    };
    (0..=Z_SIDE).map(move |i| reach * (2.0 * i as f64 / Z_SIDE as f64 - 1.0))
}

/// The probability between two neighbouring lines.
fn z_masses(noise: Noise) -> Vec<f64> {
    match noise {
        Noise::Uniform => vec![1.0 / Z_SIDE as f64; Z_SIDE],
        Noise::Gaussian => {
            let below: Vec<f64> = z_lines(noise).map(below).collect();
            below.windows(2).map(|pair| pair[1] - pair[0]).collect()
        }
    }
}

/// The corners of the cells of the z plane, row by row.
pub(super) fn z_corners(noise: Noise) -> Vec<[f32; 2]> {
    let lines: Vec<f32> = z_lines(noise).map(|z| z as f32).collect();
    let row = |&y: &f32| lines.iter().map(move |&x| [x, y]).collect::<Vec<_>>();
    lines.iter().flat_map(row).collect()
}

/// The real distribution, measured once.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Real {
    pub(super) shape: Shape,
    pub(super) distribution: Distribution,
    masses: Masses,
    /// The part that each node belongs to.
    parts: Vec<Option<usize>>,
}

impl Real {
    pub(super) fn new(shape: &Shape) -> Self {
        let distribution = Distribution::of(shape);
        let masses = Masses::of_density(|point| distribution.density(point));
        let along = |i: usize| i as f64 * Masses::step() - f64::from(EXTENT);
        let nodes = (0..Masses::NODES).flat_map(|j| (0..Masses::NODES).map(move |i| (i, j)));
        let parts = nodes.map(|(i, j)| distribution.part([along(i), along(j)]));
        Self {
            shape: shape.clone(),
            parts: parts.collect(),
            masses,
            distribution,
        }
    }

    /// Both measures of what G makes of the corners of the z plane.
    pub(super) fn measure(&self, corners: &[[f32; 2]], noise: Noise) -> (Divergence, Coverage) {
        let generated = Masses::of_images(corners, noise);
        let (real, made) = (self.by_part(&self.masses), self.by_part(&generated));
        let shares = real.iter().zip(&made);
        let shares: Vec<f32> = shares.map(|(real, made)| (made / real) as f32).collect();
        let covered = shares.iter().filter(|share| f64::from(**share) >= ENOUGH);
        let coverage = Coverage {
            n_covered: covered.count(),
            near: made.iter().sum::<f64>() as f32,
            shares,
        };
        (self.masses.divergence_of(&generated), coverage)
    }

    fn by_part(&self, masses: &Masses) -> Vec<f64> {
        let mut by_part = vec![0.0; self.distribution.n_parts()];
        for (part, mass) in self.parts.iter().zip(&masses.0) {
            if let Some(sum) = part.and_then(|part| by_part.get_mut(part)) {
                *sum += mass;
            }
        }
        by_part
    }
}

#[cfg(test)]
mod tests {
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
}
