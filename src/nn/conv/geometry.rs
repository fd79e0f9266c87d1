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

/// One tap of the kernel, or one run of taps, and where the pixels that it reads begin.
#[derive(Debug)]
pub(super) struct Tap {
    /// Its number, `ky · kernel + kx`; of a run, `ky`.
    pub index: usize,
    /// For each written pixel, where the pixel that is read begins, or [`OUTSIDE`].
    pub inputs: Vec<u32>,
}

impl Geometry {
    /// Taps of the kernel.
    pub fn n_taps(&self) -> usize {
        self.kernel * self.kernel
    }

    /// Big numbers that a window reads in one go: without padding, a whole row of the window, which
    /// lies in the image in one piece; with padding, a pixel.
    pub(super) fn run(&self) -> usize {
        match self.padding {
            0 => self.kernel * self.big.c,
            _ => self.big.c,
        }
    }

    /// Runs of a window. Run by run, the numbers of a window are in the order of the kernel's rows.
    pub(super) fn n_runs(&self) -> usize {
        self.n_taps() * self.big.c / self.run()
    }

    /// Numbers of the kernel, (k, k, big channels, small channels).
    pub fn n_weights(&self) -> usize {
        self.n_taps() * self.big.c * self.small.c
    }

    /// The small pixels of `rows` (rows of all images, one image after the other), each with its
    /// window of the big image.
    pub(super) fn windows(&self, rows: Range<usize>) -> Sites {
        let (n_pixels, small) = (rows.len() * self.small.w, self.small);
        let taps = (0..self.n_runs()).map(|index| {
            let mut inputs = Vec::with_capacity(n_pixels);
            for row in rows.clone() {
                let line = self.window_line(row, index);
                line.places(small.w, |place| inputs.push(place));
            }
            Tap { index, inputs }
        });
        Sites {
            outputs: (0..n_pixels).map(|i| (i * small.c) as u32).collect(),
            taps: taps.collect(),
        }
    }

    /// Every run `index` of the windows of `rows` with its small pixel: where each begins, the small
    /// ones in rows of `small_width` numbers a pixel.
    pub(super) fn pairs(
        &self,
        rows: Range<usize>,
        index: usize,
        small_width: usize,
    ) -> Vec<(u32, u32)> {
        let small = self.small;
        let mut pairs = Vec::with_capacity(rows.len() * small.w);
        for row in rows {
            let line = self.window_line(row, index);
            let at = |i: usize| ((row * small.w + i) * small_width) as u32;
            pairs.extend(line.inside.clone().map(|i| (line.place(i), at(i))));
        }
        pairs
    }

    /// The big pixels of `rows`, each with the small pixels whose windows hold it. With a stride,
    /// big pixels of different remainders meet different taps, so there is a list for each.
    pub(super) fn holders(&self, rows: &Range<usize>) -> Vec<Sites> {
        let remainders = (0..self.stride).flat_map(|a| (0..self.stride).map(move |b| (a, b)));
        remainders.map(|at| self.holders_of(rows, at)).collect()
    }

    fn holders_of(&self, rows: &Range<usize>, (a, b): (usize, usize)) -> Sites {
        let (big, s, p) = (self.big, self.stride, self.padding);
        let of_remainder = rows.clone().filter(|row| row % big.h % s == a);
        let of_remainder: Vec<usize> = of_remainder.collect();
        let n_columns = big.w.saturating_sub(b).div_ceil(s);
        let meets = |index: &usize| {
            let (ky, kx) = (index / self.kernel, index % self.kernel);
            (a + p + s * self.kernel - ky).is_multiple_of(s)
                && (b + p + s * self.kernel - kx).is_multiple_of(s)
        };
        let taps = (0..self.n_taps()).filter(meets).map(|index| {
            let mut inputs = Vec::with_capacity(of_remainder.len() * n_columns);
            for &row in &of_remainder {
                let line = self.holder_line(row, b, index);
                line.places(n_columns, |place| inputs.push(place));
            }
            Tap { index, inputs }
        });
        let taps = taps.collect();
        let outputs = of_remainder.iter().flat_map(|row| {
            let line = (row - rows.start) * big.w;
            (b..big.w)
                .step_by(s)
                .map(move |x| ((line + x) * big.c) as u32)
        });
        Sites {
            outputs: outputs.collect(),
            taps,
        }
    }

    /// What run `index` reads for the small pixels of a row.
    fn window_line(&self, row: usize, index: usize) -> Line {
        let (big, s, p) = (self.big, self.stride as isize, self.padding as isize);
        let (ky, kx) = match p {
            0 => (index, 0),
            _ => (index / self.kernel, index % self.kernel),
        };
        let y = s * (row % self.small.h) as isize + ky as isize - p;
        let x = kx as isize - p;
        Line::new(row / self.small.h, big, y, x, s, self.small.w)
    }

    /// What tap `index` reads for the big pixels b, b + s, … of a row whose remainders it meets.
    fn holder_line(&self, row: usize, b: usize, index: usize) -> Line {
        let (s, p) = (self.stride as isize, self.padding as isize);
        let (ky, kx) = (index / self.kernel, index % self.kernel);
        let i = ((row % self.big.h) as isize + p - ky as isize).div_euclid(s);
        let j = (b as isize + p - kx as isize).div_euclid(s);
        let n_columns = self.big.w.saturating_sub(b).div_ceil(self.stride);
        Line::new(row / self.big.h, self.small, i, j, 1, n_columns)
    }
}

/// Pixels that are read at even distances from one line of an image.
struct Line {
    /// Which of them lie in the image.
    inside: Range<usize>,
    /// Where the first would begin, which may be left of the image.
    first: isize,
    /// Numbers from one to the next.
    step: isize,
}

impl Line {
    /// `n` pixels of line `y`, from column `x` on, `s` columns apart.
    fn new(image: usize, size: Size, y: isize, x: isize, s: isize, n: usize) -> Self {
        let line = image as isize * size.h as isize + y;
        let (w, c) = (size.w as isize, size.c as isize);
        let from = (-x).max(0).unsigned_abs().div_ceil(s.unsigned_abs());
        let to = (w - x).max(0).unsigned_abs().div_ceil(s.unsigned_abs());
        let there = (0..size.h as isize).contains(&y);
        let to = if there { to.min(n) } else { 0 };
        Self {
            inside: from.min(to)..to,
            first: (line * w + x) * c,
            step: s * c,
        }
    }

    /// Where pixel `i`, which is inside, begins.
    fn place(&self, i: usize) -> u32 {
        (self.first + i as isize * self.step) as u32
    }

    /// Calls `each` with the places of all `n` pixels.
    fn places(&self, n: usize, mut each: impl FnMut(u32)) {
        for _ in 0..self.inside.start {
            each(OUTSIDE);
        }
        for i in self.inside.clone() {
            each(self.place(i));
        }
        for _ in self.inside.end..n {
            each(OUTSIDE);
        }
    }
}
