//! Pixels into channels and back (Shi et al. 2016), and doubling a map's sides, channels last.
//!
//! Letters: b images, h and w pixels, c channels, p side of a patch.

use candle_core::{Result, Tensor, bail};

/// Each patch of p × p pixels becomes one pixel: (b, h, w, c) to (b, h/p, w/p, p·p·c), the pixels of a
/// patch row by row. (`torch.pixel_unshuffle` puts the channel first: c·p·p.)
///
/// # Errors
/// When the sides are not whole numbers of patches.
pub fn pixel_unshuffle(x: &Tensor, p: usize) -> Result<Tensor> {
    let (b, h, w, c) = x.dims4()?;
    if p == 1 {
        return Ok(x.clone());
    }
    if p == 0 || h % p != 0 || w % p != 0 {
        bail!("pixel_unshuffle: {h} × {w} pixels, patches of {p} × {p}");
    }
    let (h, w) = (h / p, w / p);
    let patches = x.reshape(&[b, h, p, w, p, c][..])?.transpose(2, 3)?; // (b, h/p, w/p, p, p, c)
    patches.contiguous()?.reshape((b, h, w, p * p * c))
}

/// The way back: (b, h, w, p·p·c) to (b, p·h, p·w, c).
///
/// # Errors
/// When the channels are not whole patches.
pub fn pixel_shuffle(x: &Tensor, p: usize) -> Result<Tensor> {
    let (b, h, w, c) = x.dims4()?;
    if p == 1 {
        return Ok(x.clone());
    }
    if p == 0 || c % (p * p) != 0 {
        bail!("pixel_shuffle: {c} channels, patches of {p} × {p}");
    }
    let c = c / (p * p);
    let lines = x.reshape(&[b, h, w, p, p, c][..])?.transpose(2, 3)?; // (b, h, p, w, p, c)
    lines.contiguous()?.reshape((b, h * p, w * p, c))
}

/// Every pixel four times: (b, h, w, c) to (b, 2h, 2w, c).
///
/// # Errors
/// When `x` is no batch of images.
pub fn doubled(x: &Tensor) -> Result<Tensor> {
    let (b, h, w, c) = x.dims4()?;
    let wide = x.reshape(&[b, h, 1, w, 1, c][..])?;
    // By broadcasting: candle's own upsampling overwrites gradients that were there.
    let wide = wide.broadcast_as(&[b, h, 2, w, 2, c][..])?.contiguous()?;
    wide.reshape((b, 2 * h, 2 * w, c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::{Device, Var};

    /// 2 × (4 × 6) pixels of 2 channels, each number another.
    fn pictures() -> Result<Tensor> {
        Tensor::arange(0f32, 96.0, &Device::Cpu)?.reshape((2, 4, 6, 2))
    }

    #[test]
    fn a_patch_lies_row_by_row_in_its_pixel_and_comes_back() -> Result<()> {
        let x = pictures()?;
        let y = pixel_unshuffle(&x, 2)?;
        assert_eq!(y.dims(), [2, 2, 3, 8]);
        let first = y.flatten_all()?.narrow(0, 0, 8)?.to_vec1::<f32>()?;
        assert_eq!(first, [0.0, 1.0, 2.0, 3.0, 12.0, 13.0, 14.0, 15.0]);
        let back = pixel_shuffle(&y, 2)?;
        assert_eq!(
            back.flatten_all()?.to_vec1::<f32>()?,
            x.flatten_all()?.to_vec1::<f32>()?
        );
        assert!(pixel_unshuffle(&x, 4).is_err() && pixel_shuffle(&x, 2).is_err());
        Ok(())
    }

    #[test]
    fn a_doubled_map_holds_each_pixel_four_times_and_its_gradient_is_their_sum() -> Result<()> {
        let x = Var::from_tensor(&pictures()?)?;
        let y = doubled(&x)?;
        assert_eq!(y.dims(), [2, 8, 12, 2]);
        let line = y.flatten_all()?.narrow(0, 24, 6)?.to_vec1::<f32>()?;
        assert_eq!(line, [0.0, 1.0, 0.0, 1.0, 2.0, 3.0]);
        let pull = Tensor::arange(0f32, 384.0, &Device::Cpu)?.reshape((2, 8, 12, 2))?;
        let store = (y * pull)?.sum_all()?.backward()?;
        let first = store.get(&x).unwrap().flatten_all()?.get(0)?;
        assert_eq!(first.to_scalar::<f32>()?, 0.0 + 2.0 + 24.0 + 26.0);
        Ok(())
    }
}
