//! The paths against each other and against sums in f64.

use super::*;
use crate::nn::pool;
use crate::rng::Rng;
use half::f16;

/// Random blocks of a format as a file would have them, and their weights by GGML's definition.
fn random_blocks(rng: &mut Rng, format: Format, n_blocks: usize) -> (Vec<u8>, Vec<f64>) {
    let (mut bytes, mut weights) = (Vec::new(), Vec::new());
    for _ in 0..n_blocks {
        let d = f16::from_f64(0.01 + 0.1 * rng.uniform());
        let m = f16::from_f64(rng.normal());
        bytes.extend(d.to_le_bytes());
        if format == Format::Q4_1 {
            bytes.extend(m.to_le_bytes());
        }
        let n_bytes = if format == Format::Q8_0 { 32 } else { 16 };
        let quants: Vec<u8> = (0..n_bytes).map(|_| rng.below(256) as u8).collect();
        let (d, m) = (d.to_f64(), m.to_f64());
        match format {
            Format::Q8_0 => weights.extend(quants.iter().map(|&q| d * f64::from(q as i8))),
            Format::Q4_0 | Format::Q4_1 => {
                let low = quants.iter().map(|q| q & 15);
                let all = low.chain(quants.iter().map(|q| q >> 4)).map(f64::from);
                match format {
                    Format::Q4_0 => weights.extend(all.map(|u| d * (u - 8.0))),
                    _ => weights.extend(all.map(|u| d * u + m)),
                }
            }
        }
        bytes.extend(quants);
    }
    (bytes, weights)
}

const FORMATS: [Format; 3] = [Format::Q4_0, Format::Q4_1, Format::Q8_0];

#[test]
fn every_path_equals_the_sum_in_f64_and_all_agree_bit_for_bit() {
    let mut rng = Rng::new(1, "test");
    for format in FORMATS {
        for (n_out, k) in [(16, 32), (48, 576), (5, 96), (33, 1536)] {
            let (bytes, weights) = random_blocks(&mut rng, format, n_out * k / BLOCK);
            for (activations, tolerance) in [(Activations::I16, 2.5e-4), (Activations::I8, 5e-2)] {
                let arena = Arena::new();
                let matrix = PackedMatrix::pack(&arena, k, &[Weights::Blocks(format, &bytes)])
                    .unwrap()
                    .with_activations(activations);
                for t in [1, 2, 7, 8, 15, 131] {
                    let x = rng.normals(t * k, 0.0, 1.0);
                    let mut portable = vec![0.0; t * n_out];
                    matrix.matmul_on(Path::Portable, &x, t, &mut portable);
                    for path in Path::ALL.into_iter().filter(|path| path.runs_here()) {
                        let mut y = vec![0.0; t * n_out];
                        matrix.matmul_on(path, &x, t, &mut y);
                        assert_eq!(y, portable, "{path:?} {format:?} {activations:?} t {t}");
                    }
                    for (i, y) in portable.iter().enumerate() {
                        let row = &weights[i % n_out * k..][..k];
                        let x = &x[i / n_out * k..][..k];
                        let terms = row.iter().zip(x).map(|(w, &x)| w * f64::from(x));
                        let (sum, size) = terms.fold((0.0, 0.0), |(sum, size), term: f64| {
                            (sum + term, size + term * term)
                        });
                        let error = (f64::from(*y) - sum).abs() / f64::sqrt(size);
                        assert!(error < tolerance, "{format:?} {activations:?}: {error}");
                    }
                }
            }
        }
    }
}

#[test]
fn sources_lie_one_below_the_other_and_rows_come_back_as_they_were() {
    let mut rng = Rng::new(2, "test");
    let k = 64;
    let (q4, mut weights) = random_blocks(&mut rng, Format::Q4_1, 20 * k / BLOCK);
    let (q8, more) = random_blocks(&mut rng, Format::Q8_0, 7 * k / BLOCK);
    weights.extend(more);
    let sources = [
        Weights::Blocks(Format::Q4_1, &q4),
        Weights::Blocks(Format::Q8_0, &q8),
    ];
    let matrix = PackedMatrix::pack(&Arena::new(), k, &sources).unwrap();
    assert_eq!((matrix.n_out(), matrix.k()), (27, 64));
    let (mut row, mut y) = (vec![0.0; k], vec![0.0; 27]);
    let x = rng.normals(k, 0.0, 1.0);
    matrix.matmul(&x, 1, &mut y);
    for (i, expected) in weights.chunks(k).enumerate() {
        matrix.row(i, &mut row);
        let error = row
            .iter()
            .zip(expected)
            .map(|(&a, &b)| (f64::from(a) - b).abs());
        assert!(error.fold(0.0, f64::max) < 1e-6);
        let sum: f64 = expected
            .iter()
            .zip(&x)
            .map(|(w, &x)| w * f64::from(x))
            .sum();
        assert!(
            (f64::from(y[i]) - sum).abs() < 1e-2,
            "row {i}: {} {sum}",
            y[i]
        );
    }
}

#[test]
fn floats_of_any_width_are_rounded_to_eight_bits_without_cutting_any() {
    let mut rng = Rng::new(3, "test");
    for k in [1, 31, 32, 50] {
        let floats = rng.normals(3 * k, 0.0, 0.02);
        let matrix = PackedMatrix::pack(&Arena::new(), k, &[Weights::Floats(&floats)]).unwrap();
        let mut row = vec![0.0; k];
        for (i, expected) in floats.chunks(k).enumerate() {
            matrix.row(i, &mut row);
            for (block, expected) in row.chunks(BLOCK).zip(expected.chunks(BLOCK)) {
                let largest = expected.iter().fold(0.0_f32, |l, x| l.max(x.abs()));
                for (a, b) in block.iter().zip(expected) {
                    assert!((a - b).abs() <= largest / 253.0, "{a} {b}");
                }
            }
        }
    }
}

#[test]
fn the_result_is_the_same_at_every_number_of_threads_and_for_every_company() {
    let mut rng = Rng::new(4, "test");
    let (n_out, k, t) = (3000, 256, 19);
    let (bytes, _) = random_blocks(&mut rng, Format::Q4_1, n_out * k / BLOCK);
    let sources = [Weights::Blocks(Format::Q4_1, &bytes)];
    let matrix = PackedMatrix::pack(&Arena::new(), k, &sources).unwrap();
    let x = rng.normals(t * k, 0.0, 1.0);
    let mut alone = vec![0.0; t * n_out];
    for (x, y) in x.chunks(k).zip(alone.chunks_mut(n_out)) {
        matrix.matmul(x, 1, y);
    }
    for n_threads in [1, 2, 3, 7] {
        pool::set_threads(n_threads);
        let mut together = vec![0.0; t * n_out];
        matrix.matmul(&x, t, &mut together);
        assert_eq!(alone, together, "{n_threads} threads");
    }
}

#[test]
fn bytes_that_are_not_whole_rows_are_refused() {
    let arena = Arena::new();
    for (k, n_bytes) in [(32, 17), (64, 18), (33, 18), (0, 18)] {
        let bytes = vec![0; n_bytes];
        let sources = [Weights::Blocks(Format::Q4_0, &bytes)];
        assert!(
            PackedMatrix::pack(&arena, k, &sources).is_err(),
            "{k} {n_bytes}"
        );
    }
}
