//! Images of one or three channels: too few to fill a vector, so their windows are laid out whole.

use super::geometry::{Geometry, OUTSIDE, Size};
use crate::nn::parts::{for_parts, share};

impl Geometry {
    /// Whether the big image has so few channels that its windows are better laid out.
    pub(super) fn is_narrow(&self) -> bool {
        self.big.c < 8 && self.kernel > 1
    }

    /// The same product between laid-out windows, as the pixels of a big image, and the small image:
    /// a convolution with a kernel of 1 × 1.
    pub(super) fn unfolded(&self) -> Self {
        Self {
            big: Size {
                c: self.n_taps() * self.big.c,
                ..self.small
            },
            kernel: 1,
            stride: 1,
            padding: 0,
            ..*self
        }
    }

    /// Each small pixel's window, (small pixels, taps · big channels), zeros where it leaves the image.
    pub(super) fn unfold(&self, big: &[f32]) -> Vec<f32> {
        let (small, c) = (self.small, self.big.c);
        let row_len = small.w * self.n_taps() * c;
        let n_rows = self.n_images * small.h;
        let mut windows = vec![0.0; n_rows * row_len];
        let n_rows_each = share(n_rows, 4);
        for_parts(&mut windows, n_rows_each * row_len, |index, part| {
            let first = index * n_rows_each;
            let sites = self.windows(first..first + part.len() / row_len);
            for (pixel, window) in part.chunks_exact_mut(self.n_taps() * c).enumerate() {
                for (tap, to) in sites.taps.iter().zip(window.chunks_exact_mut(c)) {
                    let at = tap.inputs[pixel];
                    if at != OUTSIDE {
                        to.copy_from_slice(&big[at as usize..][..c]);
                    }
                }
            }
        });
        windows
    }

    /// Adds up where windows overlap: the reverse of [`Geometry::unfold`]. `finish` is called on the
    /// images of each worker when they are done.
    pub(super) fn fold(&self, windows: &[f32], finish: &(dyn Fn(&mut [f32]) + Sync)) -> Vec<f32> {
        let (big, small, s, p) = (self.big, self.small, self.stride, self.padding);
        let line = self.kernel * big.c;
        let mut images = vec![0.0; self.n_images * big.len()];
        let n_each = share(self.n_images, 1);
        for_parts(&mut images, n_each * big.len(), |index, part| {
            for (i, image) in part.chunks_exact_mut(big.len()).enumerate() {
                let first = (index * n_each + i) * small.h * small.w;
                for pixel in 0..small.h * small.w {
                    let (i, j) = (pixel / small.w, pixel % small.w);
                    let window = &windows[(first + pixel) * self.kernel * line..];
                    // The part of the window's width that lies in the image.
                    let from = p.saturating_sub(s * j).min(self.kernel);
                    let to = self.kernel.min((big.w + p).saturating_sub(s * j));
                    if from >= to {
                        continue;
                    }
                    for ky in 0..self.kernel {
                        let Some(y) = (s * i + ky).checked_sub(p).filter(|y| *y < big.h) else {
                            continue;
                        };
                        let at = (y * big.w + s * j + from - p) * big.c;
                        let sums = &mut image[at..][..(to - from) * big.c];
                        let terms = &window[ky * line + from * big.c..];
                        sums.iter_mut().zip(terms).for_each(|(sum, x)| *sum += x);
                    }
                }
            }
            finish(part);
        });
        images
    }
}
