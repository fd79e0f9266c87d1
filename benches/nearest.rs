//! How fast the nearest words are found: `cargo bench --bench nearest`.
//!
//! A whole question, `w1 - w2 + w3` over 400,000 words of 300 numbers, beside a plain read of the
//! same bytes and candle's product of the same matrix with a vector. The words lie in eight parts,
//! asked one after the other, so that none is still in the cache when its turn comes again; a time is
//! the sum over the parts of each part's best (what the code can do) or median (what the machine let
//! it do). Candle computes with `RAYON_NUM_THREADS` threads, which is set from outside.
//! `benches/nearest.py` asks numpy and faiss in the same way.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark that cannot run should end, and its result is what it prints"
)]

use candle_core::{Device, Tensor};
use glassbox::files::word_vectors::{Rows, WordVectors};
use glassbox::labs::embeddings::{Metric, Options, Scale, Space};
use glassbox::nn::pool;
use std::hint::black_box;
use std::ops::ControlFlow;
use std::time::Instant;

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const N_PARTS: usize = 8;
const N_WORDS: usize = 50_000;
const WIDTH: usize = 300;
const ROUNDS: usize = 25;

/// A part of the words, for us and for candle.
struct Part {
    space: Space,
    table: Tensor,
}

/// A name, and what is done with each part.
type Task<'a> = (&'static str, &'a dyn Fn(&Part));

fn main() {
    let mut state = 1_u64;
    let mut number = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 40) as f32 / (1 << 23) as f32 - 1.0
    };
    let parts: Vec<Part> = (0..N_PARTS)
        .map(|_| part((0..N_WORDS * WIDTH).map(|_| number()).collect()))
        .collect();
    let vector: Vec<f32> = (0..WIDTH).map(|_| number()).collect();
    let vector = Tensor::from_slice(&vector, (WIDTH, 1), &Device::Cpu).unwrap();
    let megabytes = (N_PARTS * N_WORDS * WIDTH * size_of::<f32>()) as f64 / 1e6;
    println!(
        "{} words of {WIDTH} numbers, {megabytes:.0} MB",
        N_PARTS * N_WORDS
    );
    for n_threads in [1, 2] {
        pool::set_threads(n_threads);
        println!("{n_threads} thread(s); candle as RAYON_NUM_THREADS says");
        let tasks: [Task; 5] = [
            ("plain read of the bytes", &read),
            ("question, cosine", &|part| {
                ask(part, Metric::Cosine, Scale::Unit);
            }),
            ("question, dot product", &|part| {
                ask(part, Metric::Dot, Scale::Raw);
            }),
            ("question, distance", &|part| {
                ask(part, Metric::Euclid, Scale::Raw);
            }),
            ("candle, product alone", &|part| {
                black_box(part.table.matmul(&vector).unwrap());
            }),
        ];
        let mut millis = vec![vec![Vec::new(); N_PARTS]; tasks.len()];
        for _ in 0..ROUNDS {
            for ((_, task), millis) in tasks.iter().zip(&mut millis) {
                for (part, millis) in parts.iter().zip(millis) {
                    let started = Instant::now();
                    task(part);
                    millis.push(started.elapsed().as_secs_f64() * 1e3);
                }
            }
        }
        for ((name, _), millis) in tasks.iter().zip(&mut millis) {
            let (mut best, mut median) = (0.0, 0.0);
            for part in millis {
                part.sort_by(f64::total_cmp);
                best += part[0];
                median += part[ROUNDS / 2];
            }
            let speed = megabytes / best;
            println!("  {name:<24} best {best:6.1} ms ({speed:.1} GB/s), median {median:6.1} ms");
        }
    }
}

fn part(values: Vec<f32>) -> Part {
    let table = Tensor::from_slice(&values, (N_WORDS, WIDTH), &Device::Cpu).unwrap();
    let words = (0..N_WORDS).map(|i| format!("w{i}")).collect();
    let vectors = WordVectors::from_rows("random", words, WIDTH, values).unwrap();
    let space = Space::new(vectors);
    Part { space, table }
}

fn ask(part: &Part, metric: Metric, scale: Scale) {
    let options = Options {
        metric,
        scale,
        ..Options::default()
    };
    let emit = &mut |_| ControlFlow::Continue(());
    black_box(part.space.evaluate("w1 - w2 + w3", &options, emit)).unwrap();
}

/// Adds up all bytes, eight at a time.
fn read(part: &Part) {
    let Rows::F32 { values } = part.space.vectors().rows() else {
        return;
    };
    pool::for_chunks(values.len(), 128 << 10, |range| {
        let words: &[u64] = bytemuck::cast_slice(&values[range]);
        let (lanes, rest) = words.as_chunks::<16>();
        let mut sums = [0_u64; 16];
        for lanes in lanes {
            for (sum, lane) in sums.iter_mut().zip(lanes) {
                *sum = sum.wrapping_add(*lane);
            }
        }
        black_box((sums, rest));
    });
}
