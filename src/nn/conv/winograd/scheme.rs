//! The linear maps of Winograd's convolution along one axis: what stands before and after the products.
//!
//! Two neighbouring numbers of a convolution with three taps are `Aᵀ[(G g) ⊙ (Bᵀ d)]`: maps of the taps
//! `g` and of what is read, `d`, then one product for each of `N` points, then a map of the products.
//! The gradients are the same maps, transposed.

#![expect(
    clippy::inline_always,
    reason = "what is inlined is compiled again for each width of vectors"
)]

use crate::nn::simd::Lanes;

/// A vector for each point of a tile, row by row.
pub(super) type Square<V, const N: usize> = [[V; N]; N];

/// How a tile of 2 × 2 written pixels is made of `N` × `N` read ones.
pub(super) trait Scheme<const N: usize> {
    /// Read pixels from one tile to the next.
    const STEP: usize;

    /// `Bᵀ d`.
    fn input<V: Lanes>(d: [V; N]) -> [V; N];
    /// `G g`.
    fn kernel<V: Lanes>(g: [V; 3]) -> [V; N];
    /// `Gᵀ u`.
    fn kernel_back<V: Lanes>(u: [V; N]) -> [V; 3];
    /// `Aᵀ m`.
    fn output<V: Lanes>(m: [V; N]) -> [V; 2];
    /// `A y`.
    fn output_back<V: Lanes>(y: [V; 2]) -> [V; N];
}

/// F(2, 3) of Lavin & Gray (2016): 4 products where a convolution has 6; 16 instead of 36 on a map.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plain;

impl Scheme<4> for Plain {
    const STEP: usize = 2;

    #[inline(always)]
    fn input<V: Lanes>([a, b, c, d]: [V; 4]) -> [V; 4] {
        [a.sub(c), b.add(c), c.sub(b), b.sub(d)]
    }

    #[inline(always)]
    fn kernel<V: Lanes>([a, b, c]: [V; 3]) -> [V; 4] {
        let half = V::splat(0.5);
        let (ends, middle) = (a.add(c).mul(half), b.mul(half));
        [a, ends.add(middle), ends.sub(middle), c]
    }

    #[inline(always)]
    fn kernel_back<V: Lanes>([a, b, c, d]: [V; 4]) -> [V; 3] {
        let half = V::splat(0.5);
        let ends = b.add(c).mul(half);
        [a.add(ends), b.sub(c).mul(half), ends.add(d)]
    }

    #[inline(always)]
    fn output<V: Lanes>([a, b, c, d]: [V; 4]) -> [V; 2] {
        [a.add(b).add(c), b.sub(c).sub(d)]
    }

    #[inline(always)]
    fn output_back<V: Lanes>([a, b]: [V; 2]) -> [V; 4] {
        [a, a.add(b), a.sub(b), V::splat(0.0).sub(b)]
    }
}

/// The same on a map of which every pixel stands twice: one of the four products is then always 0, and
/// the map need not be written out. 9 products instead of 36.
#[derive(Debug, Clone, Copy)]
pub(super) struct Doubled;

impl Scheme<3> for Doubled {
    const STEP: usize = 1;

    #[inline(always)]
    fn input<V: Lanes>([a, b, c]: [V; 3]) -> [V; 3] {
        [a.sub(b), b, b.sub(c)]
    }

    #[inline(always)]
    fn kernel<V: Lanes>([a, b, c]: [V; 3]) -> [V; 3] {
        [a, a.add(b).add(c), c]
    }

    #[inline(always)]
    fn kernel_back<V: Lanes>([a, b, c]: [V; 3]) -> [V; 3] {
        [a.add(b), b, b.add(c)]
    }

    #[inline(always)]
    fn output<V: Lanes>([a, b, c]: [V; 3]) -> [V; 2] {
        [a.add(b), b.sub(c)]
    }

    #[inline(always)]
    fn output_back<V: Lanes>([a, b]: [V; 2]) -> [V; 3] {
        [a, a.add(b), V::splat(0.0).sub(b)]
    }
}

/// `B v`, for the gradient of what is read, along both axes of a map that is doubled.
#[inline(always)]
pub(super) fn doubled_input_back<V: Lanes>(square: Square<V, 3>) -> Square<V, 3> {
    let mut rows = square;
    for i in 0..3 {
        let [a, b, c] = square[i];
        rows[i] = [a, b.sub(a).add(c), V::splat(0.0).sub(c)];
    }
    let mut out = rows;
    for j in 0..3 {
        let [a, b, c] = [rows[0][j], rows[1][j], rows[2][j]];
        out[0][j] = a;
        out[1][j] = b.sub(a).add(c);
        out[2][j] = V::splat(0.0).sub(c);
    }
    out
}

/// Calls `along` on every row of `square`, then on every column of what came out.
macro_rules! both_axes {
    ($name:ident, $along:ident, $from:tt, $to:tt) => {
        #[inline(always)]
        pub(super) fn $name<V: Lanes, S: Scheme<N>, const N: usize>(
            square: [[V; $from]; $from],
        ) -> [[V; $to]; $to] {
            let mut rows = [[V::splat(0.0); $from]; $to];
            for i in 0..$from {
                let row = S::$along(square[i]);
                for j in 0..$to {
                    rows[j][i] = row[j];
                }
            }
            let mut out = [[V::splat(0.0); $to]; $to];
            for j in 0..$to {
                let column = S::$along(rows[j]);
                for i in 0..$to {
                    out[i][j] = column[i];
                }
            }
            out
        }
    };
}

both_axes!(input, input, N, N);
both_axes!(kernel, kernel, 3, N);
both_axes!(kernel_back, kernel_back, N, 3);
both_axes!(output, output, N, 2);
both_axes!(output_back, output_back, 2, N);
