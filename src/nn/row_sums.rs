//! A vector against every row of a table: dot products and distances, as fast as the memory hands
//! the table over.
//!
//! Each row is read once, sixteen numbers at a time, with the rows to come already asked for. A row
//! gives the same bits wherever it lies, on every processor. Rows may be f32, f32 as bytes at any
//! place of a mapped file, f16, or whole numbers with a scale for each row.

#![expect(
    clippy::inline_always,
    reason = "what is not inlined into a function compiled for wide vectors is compiled without them"
)]

use super::simd::{LANES, Lanes, Work, widest};
use half::f16;
use half::slice::{HalfBitsSliceExt as _, HalfFloatSliceExt as _};

/// Bytes of a row of sixteen f32.
const LANES_BYTES: usize = LANES * size_of::<f32>();

/// How far ahead of the row at work memory is asked for.
const AHEAD_BYTES: usize = 8 << 10;

/// Rows of a table.
#[derive(Debug, Clone, Copy)]
pub enum Rows<'a> {
    /// One after the other.
    F32(&'a [f32]),
    /// Little-endian, each at a place of its own; one that does not lie in the bytes is passed over.
    Bytes {
        /// Where they lie.
        bytes: &'a [u8],
        /// Where each begins.
        offsets: &'a [u64],
    },
    /// Bits of f16, one row after the other.
    F16(&'a [u16]),
    /// Whole numbers, one row after the other, and what each row is multiplied by.
    I8(&'a [i8], &'a [f32]),
}

/// Sums over the numbers of a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DotAndSquare {
    /// Of the products with the vector's numbers.
    pub dot: f32,
    /// Of the row's squares.
    pub square: f32,
}

/// A vector that is compared with rows.
#[derive(Debug, Clone)]
pub struct Vector {
    width: usize,
    lanes: Vec<[f32; LANES]>,
    /// What is left, so laid out as [`Numbers::rest`] lays a row's.
    rest: [f32; LANES],
    /// 1 where `rest` counts.
    counts: [f32; LANES],
}

impl Vector {
    /// Takes the numbers over.
    #[must_use]
    pub fn new(numbers: &[f32]) -> Self {
        let (lanes, rest) = numbers.as_chunks::<LANES>();
        // The last sixteen numbers of a row are read at once; the first of them were counted.
        let from = if lanes.is_empty() {
            0
        } else {
            LANES - rest.len()
        };
        let (mut last, mut counts) = ([0.0; LANES], [0.0; LANES]);
        last[from..from + rest.len()].copy_from_slice(rest);
        counts[from..from + rest.len()].fill(1.0);
        Self {
            width: numbers.len(),
            lanes: lanes.to_vec(),
            rest: last,
            counts,
        }
    }

    /// Calls `each` with the number of each row, from `first` on, and its sums.
    pub fn dots(&self, first: usize, rows: Rows<'_>, each: impl FnMut(usize, DotAndSquare)) {
        let measure = Dots;
        widest(Scan {
            vector: self,
            first,
            rows,
            measure,
            each,
        });
    }

    /// Calls `each` with the number of each row, from `first` on, and the square of its distance.
    pub fn distances(&self, first: usize, rows: Rows<'_>, each: impl FnMut(usize, f32)) {
        let measure = Distances;
        widest(Scan {
            vector: self,
            first,
            rows,
            measure,
            each,
        });
    }
}

/// What is summed up over a row.
trait Measure: Copy {
    type Sums;
    fn of<V: Lanes>(self, vector: &Vector, row: impl Numbers) -> Self::Sums;
}

#[derive(Clone, Copy)]
struct Dots;

impl Measure for Dots {
    type Sums = DotAndSquare;

    #[inline(always)]
    fn of<V: Lanes>(self, vector: &Vector, row: impl Numbers) -> DotAndSquare {
        let mut dot = V::splat(0.0);
        let mut square = V::splat(0.0);
        for (i, ours) in vector.lanes.iter().enumerate() {
            let x = row.lanes::<V>(i);
            dot = V::load(ours).mul_add(x, dot);
            square = x.mul_add(x, square);
        }
        let x = row.rest::<V>(vector.width).mul(V::load(&vector.counts));
        dot = V::load(&vector.rest).mul_add(x, dot);
        square = x.mul_add(x, square);
        DotAndSquare {
            dot: total(dot),
            square: total(square),
        }
    }
}

#[derive(Clone, Copy)]
struct Distances;

impl Measure for Distances {
    type Sums = f32;

    #[inline(always)]
    fn of<V: Lanes>(self, vector: &Vector, row: impl Numbers) -> f32 {
        let minus = V::splat(-1.0);
        let mut sum = V::splat(0.0);
        for (i, ours) in vector.lanes.iter().enumerate() {
            let apart = row.lanes::<V>(i).mul_add(minus, V::load(ours));
            sum = apart.mul_add(apart, sum);
        }
        let x = row.rest::<V>(vector.width).mul(V::load(&vector.counts));
        let apart = x.mul_add(minus, V::load(&vector.rest));
        total(apart.mul_add(apart, sum))
    }
}

/// A row as vectors read it.
trait Numbers: Copy {
    /// Numbers 16 i to 16 i + 15.
    fn lanes<V: Lanes>(self, i: usize) -> V;
    /// The last sixteen; of fewer, those there are and zeros.
    fn rest<V: Lanes>(self, width: usize) -> V;
}

impl Numbers for &[f32] {
    #[inline(always)]
    fn lanes<V: Lanes>(self, i: usize) -> V {
        let (lanes, _) = self.as_chunks::<LANES>();
        lanes.get(i).map_or_else(|| V::splat(0.0), V::load)
    }

    #[inline(always)]
    fn rest<V: Lanes>(self, width: usize) -> V {
        if let Some(last) = self.last_chunk::<LANES>() {
            return V::load(last);
        }
        let mut numbers = [0.0; LANES];
        numbers[..width].copy_from_slice(&self[..width]);
        V::load(&numbers)
    }
}

impl Numbers for &[u8] {
    #[inline(always)]
    fn lanes<V: Lanes>(self, i: usize) -> V {
        let (lanes, _) = self.as_chunks::<LANES_BYTES>();
        lanes.get(i).map_or_else(|| V::splat(0.0), V::load_bytes)
    }

    #[inline(always)]
    fn rest<V: Lanes>(self, width: usize) -> V {
        if let Some(last) = self.last_chunk::<LANES_BYTES>() {
            return V::load_bytes(last);
        }
        let mut bytes = [0; LANES_BYTES];
        bytes[..width * size_of::<f32>()].copy_from_slice(self);
        V::load_bytes(&bytes)
    }
}

/// One pass over rows.
struct Scan<'a, M, F> {
    vector: &'a Vector,
    first: usize,
    rows: Rows<'a>,
    measure: M,
    each: F,
}

impl<M: Measure, F: FnMut(usize, M::Sums)> Work for Scan<'_, M, F> {
    #[inline(always)]
    fn run<V: Lanes>(mut self) {
        let width = self.vector.width;
        if width == 0 {
            return;
        }
        match self.rows {
            Rows::F32(rows) => {
                let ahead = AHEAD_BYTES / size_of::<f32>();
                for (i, row) in rows.chunks_exact(width).enumerate() {
                    let to_come = rows.get(i * width + ahead..).unwrap_or_default();
                    prefetch::<V, _>(&to_come[..width.min(to_come.len())]);
                    let sums = self.measure.of::<V>(self.vector, row);
                    (self.each)(self.first + i, sums);
                }
            }
            Rows::Bytes { bytes, offsets } => {
                let n_bytes = width * size_of::<f32>();
                for (i, &offset) in offsets.iter().enumerate() {
                    let row = usize::try_from(offset).ok().and_then(|at| bytes.get(at..));
                    let Some((row, to_come)) = row.and_then(|row| row.split_at_checked(n_bytes))
                    else {
                        continue;
                    };
                    let to_come = to_come.get(AHEAD_BYTES..).unwrap_or_default();
                    prefetch::<V, _>(&to_come[..n_bytes.min(to_come.len())]);
                    let sums = self.measure.of::<V>(self.vector, row);
                    (self.each)(self.first + i, sums);
                }
            }
            Rows::F16(rows) => {
                let mut numbers = vec![0.0; width];
                for (i, row) in rows.chunks_exact(width).enumerate() {
                    let row = row.reinterpret_cast::<f16>();
                    row.convert_to_f32_slice(&mut numbers);
                    let sums = self.measure.of::<V>(self.vector, numbers.as_slice());
                    (self.each)(self.first + i, sums);
                }
            }
            Rows::I8(rows, scales) => {
                let mut numbers = vec![0.0; width];
                let rows = rows.chunks_exact(width).zip(scales);
                for (i, (row, &scale)) in rows.enumerate() {
                    for (number, &whole) in numbers.iter_mut().zip(row) {
                        *number = f32::from(whole) * scale;
                    }
                    let sums = self.measure.of::<V>(self.vector, numbers.as_slice());
                    (self.each)(self.first + i, sums);
                }
            }
        }
    }
}

/// Asks for the memory of `slice`, a cache line at a time.
#[inline(always)]
fn prefetch<V: Lanes, T>(slice: &[T]) {
    for line in slice.chunks(LANES_BYTES / size_of::<T>()) {
        V::prefetch(&line[0]);
    }
}

/// The sum of the sixteen, by halves.
#[inline(always)]
fn total(lanes: impl Lanes) -> f32 {
    let mut sums = [0.0; LANES];
    lanes.store(&mut sums);
    let mut half = LANES / 2;
    while half > 0 {
        for lane in 0..half {
            sums[lane] += sums[lane + half];
        }
        half /= 2;
    }
    sums[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers that look random.
    fn numbers(n: usize, from: usize) -> Vec<f32> {
        let number = |i| ((i * 7919 + from * 104_729) % 2003) as f32 / 1000.0 - 1.0;
        (0..n).map(number).collect()
    }

    fn exact(q: &[f32], row: &[f32], of: impl Fn(f64, f64) -> f64) -> f64 {
        let pairs = q.iter().zip(row);
        pairs.map(|(&q, &x)| of(f64::from(q), f64::from(x))).sum()
    }

    #[test]
    fn every_width_and_kind_of_row_gives_the_sums_of_its_numbers() {
        for width in [1, 3, 15, 16, 17, 31, 32, 50, 100, 300] {
            let n_rows = 40;
            let vector = numbers(width, 1);
            let whole: Vec<i8> = (0..n_rows * width)
                .map(|i| (i * 37 % 255) as u8 as i8)
                .collect();
            let scales: Vec<f32> = (0..n_rows).map(|i| 0.001 * (i + 1) as f32).collect();
            let bits: Vec<u16> = numbers(n_rows * width, 3)
                .iter()
                .map(|&x| f16::from_f32(x).to_bits())
                .collect();
            let f32s = numbers(n_rows * width, 2);
            // Rows apart by an odd number of bytes, the last of them cut short.
            let mut bytes = vec![0_u8; 3];
            let mut offsets = Vec::new();
            for row in f32s.chunks(width) {
                offsets.push(bytes.len() as u64);
                bytes.extend(row.iter().flat_map(|x| x.to_le_bytes()));
                bytes.push(0);
            }
            offsets.push(bytes.len() as u64 - 2);
            offsets.push(u64::MAX);
            let of_whole = |i: usize| f32::from(whole[i]) * scales[i / width];
            let scaled: Vec<f32> = (0..whole.len()).map(of_whole).collect();
            let halves: Vec<f32> = bits.iter().map(|&x| f16::from_bits(x).to_f32()).collect();
            for (rows, same) in [
                (Rows::F32(&f32s), &f32s),
                (
                    Rows::Bytes {
                        bytes: &bytes,
                        offsets: &offsets,
                    },
                    &f32s,
                ),
                (Rows::F16(&bits), &halves),
                (Rows::I8(&whole, &scales), &scaled),
            ] {
                let mut n_seen = 0;
                Vector::new(&vector).dots(100, rows, |index, sums| {
                    assert_eq!(index, 100 + n_seen);
                    let row = &same[n_seen * width..][..width];
                    let dot = exact(&vector, row, |q, x| q * x);
                    let square = exact(&vector, row, |_, x| x * x);
                    let scale = square.max(1.0) * 1e-5;
                    assert!((f64::from(sums.dot) - dot).abs() < scale, "{width}");
                    assert!((f64::from(sums.square) - square).abs() < scale, "{width}");
                    n_seen += 1;
                });
                assert_eq!(n_seen, n_rows);
                Vector::new(&vector).distances(0, rows, |index, squared| {
                    let row = &same[index * width..][..width];
                    let apart = exact(&vector, row, |q, x| (q - x) * (q - x));
                    assert!((f64::from(squared) - apart).abs() < apart * 1e-5 + 1e-9);
                });
            }
        }
    }

    #[test]
    fn a_vector_is_at_no_distance_from_itself() {
        let row = numbers(37, 5);
        Vector::new(&row).distances(0, Rows::F32(&row), |_, squared| assert_eq!(squared, 0.0));
    }
}
