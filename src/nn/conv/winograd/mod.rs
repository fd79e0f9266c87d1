//! Convolutions of 3 × 3 with fewer products (Winograd 1980; Lavin & Gray 2016).
//!
//! A map is written in tiles of 2 × 2 pixels. What a tile reads is mapped to `N` × `N` points, the kernel
//! too; at each point a product sums over the channels; and what comes out is mapped to the tile. The
//! maps cost additions only, a hundredth of the products they save. Each point's products are one
//! matrix product over all tiles, in registers, in one order: the same bits at any number of threads.
//!
//! Letters: n points of a tile (16, or 9 of a doubled map), t tiles at once, ci and co channels read and
//! written.

mod gradient;
mod kernel;
mod pass;
mod scheme;

use super::geometry::{Geometry, Size};
use scheme::{Doubled, Plain};

/// The fewest tiles for which mapping the kernel pays.
const FEWEST_TILES: usize = 12;

/// Bytes of what a worker holds at once: about half of its second-level cache.
const AT_ONCE_BYTES: usize = 448 << 10;

/// A batch of maps that is read, and one of twice as many or the same many pixels that is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Maps {
    n_images: usize,
    /// Rows and columns of tiles.
    rows: usize,
    columns: usize,
    /// Channels read and written.
    ci: usize,
    co: usize,
}

impl Maps {
    /// Tiles of all images.
    fn n_tiles(&self) -> usize {
        self.n_images * self.rows * self.columns
    }

    /// Rows of tiles that a worker takes at once, where it holds `width` numbers for each of the `n`
    /// points of a tile.
    fn rows_at_once(&self, n: usize, width: usize) -> usize {
        let n_tiles = (AT_ONCE_BYTES / size_of::<f32>() / (n * width)).clamp(12, 96);
        // Whole blocks of 24: whatever the number of tiles that are summed together, none is left.
        let n_tiles = if n_tiles < 24 {
            n_tiles
        } else {
            n_tiles / 24 * 24
        };
        (n_tiles / self.columns).max(1)
    }

    /// What is read of each image by a scheme of that step.
    fn read(&self, step: usize) -> Size {
        Size {
            h: step * self.rows,
            w: step * self.columns,
            c: self.ci,
        }
    }

    /// What is written of each image.
    fn written(&self) -> Size {
        Size {
            h: 2 * self.rows,
            w: 2 * self.columns,
            c: self.co,
        }
    }

    /// The same maps, read as they were written.
    fn back(&self) -> Self {
        Self {
            ci: self.co,
            co: self.ci,
            ..*self
        }
    }
}

/// The maps of a convolution that is better computed here.
pub(super) fn maps(geometry: &Geometry) -> Option<Maps> {
    let Geometry {
        n_images,
        big,
        small,
        ..
    } = *geometry;
    let (same, h, w) = ((big.h, big.w) == (small.h, small.w), small.h, small.w);
    let fits = geometry.kernel == 3 && geometry.stride == 1 && geometry.padding == 1 && same;
    let maps = of_tiles(n_images, (h / 2, w / 2), (big.c, small.c))?;
    (fits && h % 2 == 0 && w % 2 == 0 && maps.n_tiles() >= FEWEST_TILES).then_some(maps)
}

/// Maps of that many tiles, if their channels are whole vectors.
pub(super) fn of_tiles(
    n_images: usize,
    (rows, columns): (usize, usize),
    (ci, co): (usize, usize),
) -> Option<Maps> {
    let whole = |c: usize| c > 0 && c.is_multiple_of(crate::nn::simd::LANES);
    let maps = Maps {
        n_images,
        rows,
        columns,
        ci,
        co,
    };
    (whole(ci) && whole(co) && maps.n_tiles() > 0).then_some(maps)
}

/// `x` (images, 2 · rows, 2 · columns, ci) with a `weight` (3, 3, ci, co).
pub(super) fn forward(
    maps: &Maps,
    x: &[f32],
    weight: &[f32],
    finish: &(dyn Fn(&mut [f32]) + Sync),
) -> Vec<f32> {
    pass::forward::<Plain, 4>(maps, x, &kernel::points::<Plain, 4>(weight, maps), finish)
}

/// The gradient of the `x` of [`forward`].
pub(super) fn backward(
    maps: &Maps,
    dy: &[f32],
    weight: &[f32],
    finish: &(dyn Fn(&mut [f32]) + Sync),
) -> Vec<f32> {
    // A convolution again, with the kernel turned about.
    let turned = kernel::turned_points::<Plain, 4>(weight, maps, true);
    pass::forward::<Plain, 4>(&maps.back(), dy, &turned, finish)
}

/// The gradient of the kernel of [`forward`].
pub(super) fn weight_gradient(maps: &Maps, x: &[f32], dy: &[f32]) -> Vec<f32> {
    gradient::of_kernel::<Plain, 4>(maps, x, dy)
}

/// `x` (images, rows, columns, ci), each pixel of it twice in both directions, with a `weight`.
pub(super) fn doubled_forward(
    maps: &Maps,
    x: &[f32],
    weight: &[f32],
    finish: &(dyn Fn(&mut [f32]) + Sync),
) -> Vec<f32> {
    let points = kernel::points::<Doubled, 3>(weight, maps);
    pass::forward::<Doubled, 3>(maps, x, &points, finish)
}

/// The gradient of the `x` of [`doubled_forward`].
pub(super) fn doubled_backward(maps: &Maps, dy: &[f32], weight: &[f32]) -> Vec<f32> {
    let points = kernel::turned_points::<Doubled, 3>(weight, maps, false);
    pass::doubled_backward(maps, dy, &points)
}

/// The gradient of the kernel of [`doubled_forward`].
pub(super) fn doubled_weight_gradient(maps: &Maps, x: &[f32], dy: &[f32]) -> Vec<f32> {
    gradient::of_kernel::<Doubled, 3>(maps, x, dy)
}
