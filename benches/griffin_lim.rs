//! How fast the lost phase is found, and a sound becomes a spectrogram: `cargo bench --bench griffin_lim`.
//!
//! Five seconds at 44,100 Hz, 32 steps with momentum 0.99, at Riffusion's parameters and at librosa's usual
//! ones; a minute's transform; and an hour of sound, from its file to the first picture and to its end, with
//! the memory it took. `GLASSBOX_THREADS` sets the threads (1 unless given). `benches/griffin_lim.py` gives
//! the same sound to librosa and torchaudio.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark that cannot run should end, and its result is what it prints"
)]

use glassbox::dsp::griffin_lim::{GriffinLim, Start, USUAL_MOMENTUM};
use glassbox::dsp::riffusion::Params;
use glassbox::dsp::stft::{Padding, Shape, Stft};
use glassbox::files::sound::wav::{Depth, to_bytes};
use glassbox::labs::sound::spectrogram::{Settings, picture};
use glassbox::labs::sound::{on_pool, opening};
use glassbox::nn::pool;
use std::f64::consts::TAU;
use std::hint::black_box;
use std::ops::ControlFlow;
use std::time::Instant;

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const RATE_HZ: u32 = 44_100;
const ROUNDS: usize = 5;

/// A chord whose partials fade, over a little noise: the same samples as in `griffin_lim.py`.
fn sound(secs: u32) -> Vec<f32> {
    let mut state = 1u64;
    let mut noise = move || {
        state = state * 48_271 % 2_147_483_647;
        state as f64 / 1_073_741_823.5 - 1.0
    };
    let partials = [220.0, 277.18, 329.63, 440.0, 880.0, 1760.0];
    let at = |i: u32| {
        let t = f64::from(i) / f64::from(RATE_HZ);
        let fade = (t * 2.0).fract();
        let partial = |(k, hz): (usize, f64)| (TAU * hz * t).sin() * (-fade * k as f64 / 3.0).exp();
        let chord: f64 = (1..).zip(partials).map(partial).sum();
        (0.12 * chord + 0.01 * noise()) as f32
    };
    (0..secs * RATE_HZ).map(at).collect()
}

/// The best and the median of several rounds, in milliseconds.
fn timed(mut work: impl FnMut()) -> (f64, f64) {
    let mut times: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let started = Instant::now();
            work();
            started.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    times.sort_by(f64::total_cmp);
    (times[0], times[ROUNDS / 2])
}

fn main() {
    let n_threads = std::env::var("GLASSBOX_THREADS")
        .ok()
        .and_then(|n| n.parse().ok());
    pool::set_threads(n_threads.unwrap_or(1));
    println!("{} threads", pool::threads());
    let samples = sound(5);
    let riffusion = Shape {
        padding: Padding::Zero,
        ..Params::default().shape()
    };
    for (name, shape) in [
        ("Riffusion's 17640/4410/441", riffusion),
        ("2048/2048/512", Shape::of(2048)),
    ] {
        let stft = Stft::new(shape).unwrap();
        let n = samples.len();
        let magnitudes = stft.magnitudes(&samples, 0..shape.n_frames(n), &on_pool);
        let mut convergence = 0.0;
        let (best, median) = timed(|| {
            let (s, start) = (magnitudes.clone(), Start::Random(0));
            let mut search = GriffinLim::new(&stft, s, n, start, USUAL_MOMENTUM, &on_pool);
            for _ in 0..32 {
                search.step(&on_pool);
            }
            convergence = search.convergence(&on_pool);
        });
        println!(
            "Griffin-Lim {name}: {best:.0} ms (median {median:.0}), {:.1} × real time, convergence {convergence:.4}",
            5000.0 / best
        );
    }
    let minute = sound(60);
    let stft = Stft::new(Shape::of(2048)).unwrap();
    let (best, median) = timed(|| drop(black_box(stft.forward_on(&minute, &on_pool))));
    println!("transform of a minute: {best:.1} ms (median {median:.1})");
    an_hour(&minute);
}

/// From the file of an hour (stereo, 16 bits) to its first picture and to its end.
fn an_hour(minute: &[f32]) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hour.wav");
    let stereo: Vec<f32> = minute.iter().flat_map(|&x| [x, -x * 0.5]).collect();
    let hour = stereo.repeat(60);
    std::fs::write(&path, to_bytes(&hour, RATE_HZ, 2, Depth::Int16).unwrap()).unwrap();
    drop((hour, stereo));
    let memory = || memory_stats::memory_stats().map_or(0, |it| it.physical_mem) as f64 / 1e6;
    let (before, started) = (memory(), Instant::now());
    let (mut first, mut most) = (None, 0.0f64);
    let opened = opening::open(&path, &mut |opened| {
        if first.is_none() {
            let secs = 0.0..opened.sound.len() as f64 / f64::from(RATE_HZ);
            black_box(picture(&opened.sound, secs, &Settings::default(), 1000, 400).unwrap());
            first = Some(started.elapsed());
        }
        most = most.max(memory());
        ControlFlow::Continue(())
    });
    let opened = opened.unwrap();
    let whole = started.elapsed();
    let started = Instant::now();
    let secs = 0.0..opened.sound.secs();
    black_box(picture(&opened.sound, secs, &Settings::default(), 1000, 400).unwrap());
    println!(
        "an hour of stereo: first picture after {:.0} ms, all of it read after {:.1} s, its whole picture in {:.0} ms more; {:.0} MB at most, {before:.0} MB before",
        first.unwrap_or_default().as_secs_f64() * 1000.0,
        whole.as_secs_f64(),
        started.elapsed().as_secs_f64() * 1000.0,
        most.max(memory()),
    );
}
