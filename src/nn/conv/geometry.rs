//! Which pixels of two images a convolution ties together.
//!
//! A convolution with stride `s` ties each pixel of its *small* image (its output) to a window of
//! its *big* image (its input); a transposed convolution is the same tie, read the other way. Small
//! pixel (i, j) and tap (ky, kx) of the kernel meet big pixel (s·i + ky − p, s·j + kx − p), where it
//! exists: p is the padding.

use std::ops::Range;

/// Height, width and channels of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Rows of pixels.
    pub h: usize,
    /// Pixels of a row.
    pub w: usize,
    /// Numbers of a pixel.
    pub c: usize,
}

impl Size {
    /// Numbers of an image.
    #[must_use]
    pub fn len(self) -> usize {
        self.h * self.w * self.c
    }
}

/// A batch of big images, a batch of small ones, and the kernel between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Geometry {
    /// Images in the batch.
    pub n_images: usize,
    /// What a convolution reads.
    pub big: Size,
    /// What it writes.
    pub small: Size,
    /// Height and width of the kernel.
    pub kernel: usize,
    /// Big pixels from one window to the next.
    pub stride: usize,
    /// Pixels of zeros around the big image.
    pub padding: usize,
}

/// The place of a pixel that is not in the image: it is zero.
pub(super) const OUTSIDE: u32 = u32::MAX;

/// What is read around each of some pixels that are written.
#[derive(Debug, Default)]
pub(super) struct Sites {
    /// Where each written pixel begins, counted from the first row asked for.
    pub outputs: Vec<u32>,
    /// The taps that reach these pixels.
    pub taps: Vec<Tap>,
}

/// One tap of the kernel, and where the pixels that it reads begin.
#[derive(Debug)]
pub(super) struct Tap {
    /// Its number, `ky · kernel + kx`.
    pub index: usize,
    /// For each written pixel, where the pixel that is read begins, or [`OUTSIDE`].
    pub inputs: Vec<u32>,
}

impl Geometry {
    /// Taps of the kernel.
    pub fn n_taps(&self) -> usize {
        self.kernel * self.kernel
    }

    /// Numbers of the kernel, (k, k, big channels, small channels).
    pub fn n_weights(&self) -> usize {
        self.n_taps() * self.big.c * self.small.c
    }

    /// The small pixels of `rows` (rows of all images, one image after the other), each with its
    /// window of the big image.
    pub(super) fn windows(&self, rows: Range<usize>) -> Sites {
        let (small, start) = (self.small, rows.start);
        let pixels = rows.flat_map(|row| (0..small.w).map(move |j| (row, j)));
        let pixels: Vec<_> = pixels.collect();
        let place = |&(row, j): &(usize, usize)| (((row - start) * small.w + j) * small.c) as u32;
        let taps = (0..self.n_taps()).map(|index| Tap {
            index,
            inputs: pixels
                .iter()
                .map(|&(row, j)| self.big_place(row / small.h, row % small.h, j, index))
                .collect(),
        });
        Sites {
            outputs: pixels.iter().map(place).collect(),
            taps: taps.collect(),
        }
    }

    /// The big pixels of `rows`, each with the small pixels whose windows hold it. With a stride,
    /// big pixels of different remainders meet different taps, so there is a list for each.
    pub(super) fn holders(&self, rows: &Range<usize>) -> Vec<Sites> {
        let remainders = (0..self.stride).flat_map(|a| (0..self.stride).map(move |b| (a, b)));
        remainders.map(|at| self.holders_of(rows, at)).collect()
    }

    fn holders_of(&self, rows: &Range<usize>, (a, b): (usize, usize)) -> Sites {
        let (big, small, s, p) = (self.big, self.small, self.stride, self.padding);
        let of_remainder = rows.clone().filter(|row| row % big.h % s == a);
        let pixels = of_remainder.flat_map(|row| (b..big.w).step_by(s).map(move |x| (row, x)));
        let pixels: Vec<_> = pixels.collect();
        let meets = |index: &usize| {
            let (ky, kx) = (index / self.kernel, index % self.kernel);
            (a + p + s * self.kernel - ky).is_multiple_of(s)
                && (b + p + s * self.kernel - kx).is_multiple_of(s)
        };
        let taps = (0..self.n_taps()).filter(meets).map(|index| {
            let (ky, kx) = (index / self.kernel, index % self.kernel);
            // The small row or column whose tap lands on the big one at `at`.
            let holder = |at: usize, k: usize, n: usize| {
                let from = (at + p).checked_sub(k)? / s;
                (from < n).then_some(from)
            };
            let input = |&(row, x): &(usize, usize)| {
                let i = holder(row % big.h, ky, small.h);
                match i.zip(holder(x, kx, small.w)) {
                    Some((i, j)) => (((row / big.h * small.h + i) * small.w + j) * small.c) as u32,
                    None => OUTSIDE,
                }
            };
            Tap {
                index,
                inputs: pixels.iter().map(input).collect(),
            }
        });
        let place = |&(row, x): &(usize, usize)| (((row - rows.start) * big.w + x) * big.c) as u32;
        Sites {
            outputs: pixels.iter().map(place).collect(),
            taps: taps.collect(),
        }
    }

    /// Every (big, small) pair of pixels that tap `index` ties in `images`: where each begins, the
    /// small one in rows of `small_width` numbers a pixel.
    pub(super) fn pairs(
        &self,
        images: Range<usize>,
        index: usize,
        small_width: usize,
    ) -> Vec<(u32, u32)> {
        let small = self.small;
        let mut pairs = Vec::with_capacity(images.len() * small.h * small.w);
        for image in images {
            for i in 0..small.h {
                for j in 0..small.w {
                    let big = self.big_place(image, i, j, index);
                    if big != OUTSIDE {
                        let at = ((image * small.h + i) * small.w + j) * small_width;
                        pairs.push((big, at as u32));
                    }
                }
            }
        }
        pairs
    }

    /// Where the big pixel begins that small pixel (i, j) meets by tap `index`.
    fn big_place(&self, image: usize, i: usize, j: usize, index: usize) -> u32 {
        let (big, s, p) = (self.big, self.stride, self.padding);
        let (ky, kx) = (index / self.kernel, index % self.kernel);
        let inside = |at: usize, k: usize, n: usize| (s * at + k).checked_sub(p).filter(|y| *y < n);
        match inside(i, ky, big.h).zip(inside(j, kx, big.w)) {
            Some((y, x)) => (((image * big.h + y) * big.w + x) * big.c) as u32,
            None => OUTSIDE,
        }
    }
}
