//! Images of one or three channels: too few to fill a vector, so their windows are read in runs.

use super::geometry::{Geometry, Size};
use crate::nn::parts::for_parts;

impl Geometry {
    /// Whether the big image has so few channels that its windows are better laid out to be written.
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

    /// The big images with their padding written out, where that is worth a copy: then a row of a
    /// window is one run.
    pub(super) fn padded(&self, big: &[f32]) -> Option<(Self, Vec<f32>)> {
        if self.big.c > 32 || self.kernel == 1 || self.padding == 0 {
            return None;
        }
        let (size, p) = (self.big, self.padding);
        let wide = Size {
            h: size.h + 2 * p,
            w: size.w + 2 * p,
            c: size.c,
        };
        let mut padded = vec![0.0; self.n_images * wide.len()];
        let (line, wide_line) = (size.w * size.c, wide.w * wide.c);
        for_parts(&mut padded, wide.len(), |index, image| {
            let lines = big[index * size.len()..].chunks_exact(line).take(size.h);
            for (to, from) in image[p * wide_line..]
                .chunks_exact_mut(wide_line)
                .zip(lines)
            {
                to[p * size.c..][..line].copy_from_slice(from);
            }
        });
        let geometry = Self {
            big: wide,
            padding: 0,
            ..*self
        };
        Some((geometry, padded))
    }

    /// Adds the windows of an image, (small pixels, k · k · big channels), up where they overlap.
    pub(super) fn fold(&self, windows: &[f32], image: &mut [f32]) {
        let (big, small, s, p) = (self.big, self.small, self.stride, self.padding);
        let line = self.kernel * big.c;
        for (pixel, window) in windows.chunks_exact(self.kernel * line).enumerate() {
            let (i, j) = (pixel / small.w, pixel % small.w);
            // The part of the window's width that lies in the image.
            let from = p.saturating_sub(s * j).min(self.kernel);
            let to = self.kernel.min((big.w + p).saturating_sub(s * j));
            if from >= to {
                continue;
            }
            for (ky, terms) in window.chunks_exact(line).enumerate() {
                let Some(y) = (s * i + ky).checked_sub(p).filter(|y| *y < big.h) else {
                    continue;
                };
                let at = (y * big.w + s * j + from - p) * big.c;
                let sums = &mut image[at..][..(to - from) * big.c];
                let terms = &terms[from * big.c..];
                sums.iter_mut().zip(terms).for_each(|(sum, x)| *sum += x);
            }
        }
    }
}
