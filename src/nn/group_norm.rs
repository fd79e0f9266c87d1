//! Group normalisation (Wu & He 2018) with what follows it, channels last.
//!
//! The channels of an image are cut into groups, and each group is shifted and scaled to mean 0 and
//! variance 1 over all its pixels; then each channel is given a gain and a bias, which may be other
//! ones for each image (FiLM, Perez et al. 2018), and an activation.
//!
//! Letters: b images, h and w pixels, c channels, g groups.

use candle_core::{Result, Tensor, bail};

/// `silu((x − mean)/√(var + ε) · gain + bias)`, where `silu(z) = z/(1 + e^−z)`.
///
/// # Shapes
/// `x` (b, h, w, c), `gain` and `bias` (c), or (b, c): other ones for each image.
///
/// # Errors
/// When the channels differ or are not whole groups.
pub fn group_norm_silu(
    x: &Tensor,
    (gain, bias): (&Tensor, &Tensor),
    n_groups: usize,
    epsilon: f64,
) -> Result<Tensor> {
    composed(x, (gain, bias), n_groups, epsilon)?.silu()
}

/// As [`group_norm_silu`], without the activation.
///
/// # Errors
/// As [`group_norm_silu`].
pub fn group_norm(
    x: &Tensor,
    (gain, bias): (&Tensor, &Tensor),
    n_groups: usize,
    epsilon: f64,
) -> Result<Tensor> {
    composed(x, (gain, bias), n_groups, epsilon)
}

/// From candle's operations.
fn composed(
    x: &Tensor,
    (gain, bias): (&Tensor, &Tensor),
    n_groups: usize,
    epsilon: f64,
) -> Result<Tensor> {
    let (b, h, w, c) = x.dims4()?;
    if n_groups == 0 || c % n_groups != 0 {
        bail!("group_norm: {c} channels, {n_groups} groups");
    }
    let groups = x.reshape((b, h * w, n_groups, c / n_groups))?;
    let mean = groups.mean_keepdim((1, 3))?; // (b, 1, g, 1)
    let centred = groups.broadcast_sub(&mean)?;
    let var = centred.sqr()?.mean_keepdim((1, 3))?;
    let normed = centred.broadcast_div(&(var + epsilon)?.sqrt()?)?;
    let normed = normed.reshape((b, h, w, c))?;
    let per_channel = |t: &Tensor| t.reshape(((), 1, 1, c)); // (1 or b, 1, 1, c)
    normed
        .broadcast_mul(&per_channel(gain)?)?
        .broadcast_add(&per_channel(bias)?)
}
