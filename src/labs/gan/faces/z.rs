//! What can be done with `z`: drawn, walked between, added up.
//!
//! In 64 dimensions numbers drawn from the normal distribution lie on a shell: their length is nearly
//! always close to √64 = 8, and the generator has learned from such only. A straight line between two
//! faces runs through the shell's inside, where it drew nothing ever, and the faces on the way turn
//! into one average face. So walks follow the shell.

use crate::rng::Rng;

/// The `z` of the face with this number: `d_z` draws of the standard normal distribution.
#[must_use]
pub fn new_z(d_z: usize, seed: u64) -> Vec<f32> {
    Rng::new(seed, "z of a face").normals(d_z, 0.0, 1.0)
}

/// The length of `z`.
#[must_use]
pub fn length(z: &[f32]) -> f64 {
    z.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt()
}

/// About the length of every `z` that is drawn: √`d_z`.
#[must_use]
pub fn usual_length(d_z: usize) -> f64 {
    (d_z as f64).sqrt()
}

/// The `z` at the part `t` (0..=1) of the way from `a` to `b`, along the arc between them (spherical
/// interpolation, Shoemake 1985), while the length goes evenly from that of `a` to that of `b`.
#[must_use]
pub fn walk(a: &[f32], b: &[f32], t: f64) -> Vec<f32> {
    let (length_a, length_b) = (
        length(a).max(f64::MIN_POSITIVE),
        length(b).max(f64::MIN_POSITIVE),
    );
    let products = a.iter().zip(b).map(|(x, y)| f64::from(*x) * f64::from(*y));
    let cosine = (products.sum::<f64>() / (length_a * length_b)).clamp(-1.0, 1.0);
    let (angle, sine) = (cosine.acos(), (1.0 - cosine * cosine).sqrt());
    // The same direction has no arc, opposite ones have too many: there a line is as good.
    let (part_a, part_b) = if sine < 1e-6 {
        (1.0 - t, t)
    } else {
        (((1.0 - t) * angle).sin() / sine, (t * angle).sin() / sine)
    };
    let length = length_a + t * (length_b - length_a);
    let (scale_a, scale_b) = (part_a * length / length_a, part_b * length / length_b);
    let mixed = a
        .iter()
        .zip(b)
        .map(|(x, y)| scale_a * f64::from(*x) + scale_b * f64::from(*y));
    mixed.map(|x| x as f32).collect()
}

/// `a − b + c`, each the mean of one or several faces, brought back to the usual length.
///
/// Radford, Metz and Chintala (2016) found that single faces add up badly and means of three add up
/// well. The mean of three keeps what they share and a third of the variance of what they do not, so
/// that three such means together have the length of a face again; of single faces the sum is √3 times
/// as long, and what is peculiar to each is as loud as what was meant. Empty ones count as nothing.
#[must_use]
pub fn arithmetic(a: &[&[f32]], b: &[&[f32]], c: &[&[f32]]) -> Vec<f32> {
    let d_z = [a, b, c]
        .iter()
        .filter_map(|faces| faces.first())
        .map(|z| z.len())
        .max()
        .unwrap_or(0);
    let mut sum = vec![0.0_f64; d_z];
    for (faces, sign) in [(a, 1.0), (b, -1.0), (c, 1.0)] {
        for face in faces {
            for (sum, x) in sum.iter_mut().zip(*face) {
                *sum += sign * f64::from(*x) / faces.len() as f64;
            }
        }
    }
    let length = sum.iter().map(|x| x * x).sum::<f64>().sqrt();
    let scale = usual_length(d_z) / length.max(1e-9);
    sum.iter().map(|x| (x * scale) as f32).collect()
}

/// `z` moved by `amount` (in standard deviations of a number of `z`) along a unit vector, and brought
/// back to the length that it had.
#[must_use]
pub fn moved(z: &[f32], unit: &[f32], amount: f32) -> Vec<f32> {
    let moved: Vec<f32> = z.iter().zip(unit).map(|(x, u)| x + amount * u).collect();
    let scale = (length(z) / length(&moved).max(1e-9)) as f32;
    moved.iter().map(|x| x * scale).collect()
}
