//! From maps to maps: tiles to points, a matrix product at each, and back.

#![expect(
    clippy::inline_always,
    clippy::needless_range_loop,
    reason = "what is inlined is compiled again for each width of vectors, and only loops are sure to be"
)]

use super::Maps;
use super::kernel::Points;
use super::scheme::{self, Doubled, Scheme, Square};
use crate::nn::conv::geometry::Size;
use crate::nn::parts::{for_parts, share};
use crate::nn::register_sums::{Rows, times};
use crate::nn::simd::{LANES, Lanes, Work, widest};
use std::cell::RefCell;
use std::marker::PhantomData;
use std::ops::Range;

thread_local! {
    /// What a worker writes between the steps, kept from one part to the next.
    static SCRATCH: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
}

/// Calls `work` with `n` numbers of this thread, of any value.
pub(super) fn with_scratch(n: usize, work: impl FnOnce(&mut [f32])) {
    SCRATCH.with_borrow_mut(|scratch| {
        if scratch.len() < n {
            scratch.resize(n, 0.0);
        }
        work(&mut scratch[..n]);
    });
}

/// The maps that are written; `finish` is called on parts of them.
pub(super) fn forward<S: Scheme<N>, const N: usize>(
    maps: &Maps,
    x: &[f32],
    points: &Points,
    finish: &(dyn Fn(&mut [f32]) + Sync),
) -> Vec<f32> {
    let line = 2 * maps.written().w * maps.co;
    let n_rows = maps.n_images * maps.rows;
    let n_rows_each = maps.rows_at_once(N * N, maps.ci + maps.co);
    let n_rows_each = n_rows_each.min(share(n_rows, 1));
    let mut out = vec![0.0; n_rows * line];
    for_parts(&mut out, n_rows_each * line, |index, out| {
        let rows = index * n_rows_each..index * n_rows_each + out.len() / line;
        let n_tiles = rows.len() * maps.columns;
        with_scratch(N * N * n_tiles * (maps.ci + maps.co), |scratch| {
            let (read, written) = scratch.split_at_mut(N * N * n_tiles * maps.ci);
            widest(Forward::<S, N> {
                tiles: Tiles {
                    maps,
                    rows,
                    scheme: PhantomData,
                },
                x,
                points,
                read,
                written,
                out,
            });
        });
        finish(out);
    });
    out
}

/// Some rows of tiles.
pub(super) struct Tiles<'a, S, const N: usize> {
    pub maps: &'a Maps,
    /// Rows of tiles, of all images one after the other.
    pub rows: Range<usize>,
    pub scheme: PhantomData<S>,
}

impl<S: Scheme<N>, const N: usize> Tiles<'_, S, N> {
    pub fn n_tiles(&self) -> usize {
        self.rows.len() * self.maps.columns
    }

    /// `Bᵀ d B` of the channels of `lanes` (numbers of vectors) of maps `x`: to (points, tiles, channels).
    #[inline(always)]
    pub fn input<V: Lanes>(&self, x: &[f32], lanes: &Range<usize>, to: &mut [f32]) {
        let size = self.maps.read(S::STEP);
        let (n_tiles, width) = (self.n_tiles(), lanes.len() * LANES);
        let mut tile = 0;
        for row in self.rows.clone() {
            let image = &x[row / self.maps.rows * size.len()..][..size.len()];
            let i = row % self.maps.rows;
            for j in 0..self.maps.columns {
                let window = Window::<N>::new(size, S::STEP * i, S::STEP * j);
                for (lane, at) in lanes.clone().zip((0..).step_by(LANES)) {
                    let mut square = [[V::splat(0.0); N]; N];
                    for ky in 0..N {
                        for kx in 0..N {
                            if let Some(place) = window.places[ky][kx] {
                                square[ky][kx] = load(&image[place + lane * LANES..]);
                            }
                        }
                    }
                    let points = scheme::input::<V, S, N>(square);
                    put(points, &mut to[tile * width + at..], n_tiles * width);
                }
                tile += 1;
            }
        }
    }

    /// `A y Aᵀ` of maps `y` that were written: to (points, tiles, channels).
    #[inline(always)]
    pub fn output_back<V: Lanes>(&self, y: &[f32], to: &mut [f32]) {
        let size = self.maps.written();
        let (n_tiles, c) = (self.n_tiles(), size.c);
        let first = &y[self.rows.start * 2 * size.w * c..];
        for (tile, places) in self.written_places().enumerate() {
            for at in (0..c).step_by(LANES) {
                let mut square = [[V::splat(0.0); 2]; 2];
                for ky in 0..2 {
                    for kx in 0..2 {
                        square[ky][kx] = load(&first[places[ky][kx] + at..]);
                    }
                }
                let points = scheme::output_back::<V, S, N>(square);
                put(points, &mut to[tile * c + at..], n_tiles * c);
            }
        }
    }

    /// `Aᵀ m A`: from (points, tiles, channels) to the rows of maps that are written.
    #[inline(always)]
    fn output<V: Lanes>(&self, from: &[f32], out: &mut [f32]) {
        let c = self.maps.co;
        let n_tiles = self.n_tiles();
        for (tile, places) in self.written_places().enumerate() {
            for at in (0..c).step_by(LANES) {
                let points = get::<V, N>(&from[tile * c + at..], n_tiles * c);
                let square = scheme::output::<V, S, N>(points);
                for ky in 0..2 {
                    for kx in 0..2 {
                        save(square[ky][kx], &mut out[places[ky][kx] + at..]);
                    }
                }
            }
        }
    }

    /// Where the four pixels begin that each tile writes, from the first row of tiles on.
    #[inline(always)]
    fn written_places(&self) -> impl Iterator<Item = [[usize; 2]; 2]> {
        let Size { w, c, .. } = self.maps.written();
        let columns = self.maps.columns;
        (0..self.rows.len()).flat_map(move |row| {
            (0..columns).map(move |j| {
                let first = (2 * row * w + 2 * j) * c;
                [[first, first + c], [first + w * c, first + (w + 1) * c]]
            })
        })
    }
}

/// Where the pixels begin that a tile reads, those that are in the image.
struct Window<const N: usize> {
    places: [[Option<usize>; N]; N],
}

impl<const N: usize> Window<N> {
    /// Of the tile whose second pixel is in row `y` and column `x`.
    #[inline(always)]
    fn new(size: Size, y: usize, x: usize) -> Self {
        let mut places = [[None; N]; N];
        for ky in 0..N {
            for kx in 0..N {
                let (y, x) = (y + ky, x + kx);
                if (1..=size.h).contains(&y) && (1..=size.w).contains(&x) {
                    places[ky][kx] = Some(((y - 1) * size.w + x - 1) * size.c);
                }
            }
        }
        Self { places }
    }
}

#[inline(always)]
fn load<V: Lanes>(from: &[f32]) -> V {
    match from.first_chunk() {
        Some(lanes) => V::load(lanes),
        None => V::splat(0.0), // Not reached: channels are whole vectors.
    }
}

#[inline(always)]
fn save<V: Lanes>(vector: V, to: &mut [f32]) {
    if let Some(lanes) = to.first_chunk_mut() {
        vector.store(lanes);
    }
}

/// A vector for each point, `stride` numbers apart.
#[inline(always)]
pub(super) fn get<V: Lanes, const N: usize>(from: &[f32], stride: usize) -> Square<V, N> {
    let mut square = [[V::splat(0.0); N]; N];
    for i in 0..N {
        for j in 0..N {
            square[i][j] = load(&from[(N * i + j) * stride..]);
        }
    }
    square
}

#[inline(always)]
fn put<V: Lanes, const N: usize>(square: Square<V, N>, to: &mut [f32], stride: usize) {
    for i in 0..N {
        for j in 0..N {
            save(square[i][j], &mut to[(N * i + j) * stride..]);
        }
    }
}

struct Forward<'a, S, const N: usize> {
    tiles: Tiles<'a, S, N>,
    x: &'a [f32],
    points: &'a Points,
    /// (points, tiles, channels read).
    read: &'a mut [f32],
    /// (points, tiles, channels written).
    written: &'a mut [f32],
    out: &'a mut [f32],
}

impl<S: Scheme<N>, const N: usize> Work for Forward<'_, S, N> {
    #[inline(always)]
    fn run<V: Lanes>(self) {
        let lanes = 0..self.tiles.maps.ci / LANES;
        self.tiles.input::<V>(self.x, &lanes, self.read);
        products::<V, N>(self.points, self.read, self.written);
        self.tiles.output::<V>(self.written, self.out);
    }
}

/// At each point, `read` (points, tiles, channels) times its matrix, to `written`.
#[inline(always)]
fn products<V: Lanes, const N: usize>(points: &Points, read: &[f32], written: &mut [f32]) {
    let (n_read, n_written) = (read.len() / (N * N), written.len() / (N * N));
    let pairs = read
        .chunks_exact(n_read)
        .zip(written.chunks_exact_mut(n_written));
    for (point, (read, written)) in pairs.enumerate() {
        let rows = Rows {
            numbers: read,
            stride: points.n_rows(),
            width: points.n_rows(),
        };
        let tile = |index| points.tile(point, index);
        times::<V>(rows, tile, points.n_tiles(), written);
    }
}

/// The gradient of maps that are read doubled, of that of maps `dy` that are written.
pub(super) fn doubled_backward(maps: &Maps, dy: &[f32], points: &Points) -> Vec<f32> {
    let image_len = maps.read(Doubled::STEP).len();
    let mut out = vec![0.0; maps.n_images * image_len];
    for_parts(&mut out, image_len, |image, out| {
        let rows = image * maps.rows..(image + 1) * maps.rows;
        let n_tiles = maps.rows * maps.columns;
        with_scratch(9 * n_tiles * (maps.ci + maps.co), |scratch| {
            let (written, read) = scratch.split_at_mut(9 * n_tiles * maps.co);
            widest(DoubledBackward {
                tiles: Tiles {
                    maps,
                    rows,
                    scheme: PhantomData,
                },
                dy,
                points,
                written,
                read,
                out,
            });
        });
    });
    out
}

/// Of one image.
struct DoubledBackward<'a> {
    tiles: Tiles<'a, Doubled, 3>,
    dy: &'a [f32],
    points: &'a Points,
    written: &'a mut [f32],
    read: &'a mut [f32],
    out: &'a mut [f32],
}

impl Work for DoubledBackward<'_> {
    #[inline(always)]
    fn run<V: Lanes>(self) {
        let maps = self.tiles.maps;
        self.tiles.output_back::<V>(self.dy, self.written);
        products::<V, 3>(self.points, self.written, self.read);
        let (c, n_tiles) = (maps.ci, maps.rows * maps.columns);
        for tile in 0..n_tiles {
            let size = maps.read(Doubled::STEP);
            let window = Window::<3>::new(size, tile / maps.columns, tile % maps.columns);
            for at in (0..c).step_by(LANES) {
                let points = get::<V, 3>(&self.read[tile * c + at..], n_tiles * c);
                let square = scheme::doubled_input_back(points);
                for ky in 0..3 {
                    for kx in 0..3 {
                        if let Some(place) = window.places[ky][kx] {
                            let to = &mut self.out[place + at..];
                            save(load::<V>(to).add(square[ky][kx]), to);
                        }
                    }
                }
            }
        }
    }
}
