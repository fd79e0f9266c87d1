//! How fast language models load, read and write: `cargo bench --bench decode`.
//!
//! `SmolLM2` as shipped, where it has been fetched, and the shape of GPT-2 (124M) in f32 with random
//! weights. Each figure is the best and the median of several rounds: on a machine that does other
//! things too, the best says what the code can do. Tokens per second of CPU time are those of the
//! one thread that computes; they count what was computed and not what was waited for.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark that cannot run should end, and its result is what it prints"
)]

#[path = "../tests/support/gguf.rs"]
mod gguf;
#[path = "../tests/support/random_model.rs"]
mod random_model;

use candle_core::Device;
use glassbox::files::weights::WeightFile;
use glassbox::models::{self, LogitsFor, TextModel};
use glassbox::nn::hooks::NoHooks;
use glassbox::nn::kv_cache::KvCache;
use glassbox::nn::pool;
use random_model::Shape;
use std::hint::black_box;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Instant;

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Positions in the cache before tokens are decoded.
const CONTEXT: usize = 128;
/// Tokens decoded in a round.
const DECODED: usize = 32;
/// Rounds of decoding.
const DECODE_ROUNDS: usize = 16;
/// Tokens of a prompt.
const PROMPT: usize = 512;
/// Prompts read.
const PROMPT_ROUNDS: usize = 6;

/// GPT-2 as it was released first.
const GPT2_SMALL: Shape = Shape {
    n_layers: 12,
    n_heads: 12,
    n_kv_heads: 12,
    d_model: 768,
    d_mlp: 3072,
    vocab_size: 50257,
    n_ctx: 1024,
};

fn main() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/SmolLM2-135M-Instruct.Q4_1.gguf");
    if path.exists() {
        println!("SmolLM2-135M-Instruct Q4_1");
        let mut seconds = Vec::new();
        let mut model = load(&path, &mut seconds);
        if let Some(peak) = status("VmHWM") {
            println!("  peak memory of the process once it is loaded: {peak}");
        }
        for _ in 0..4 {
            drop(model);
            model = load(&path, &mut seconds);
        }
        seconds.sort_by(f64::total_cmp);
        println!(
            "  open to ready: best {:.3} s, median {:.3} s",
            seconds[0], seconds[2]
        );
        speed_of(&model);
    } else {
        println!("skipped: {} is not there", path.display());
    }
    println!("GPT-2 124M in f32, random weights");
    let model = ready(&random_model::gpt2(GPT2_SMALL));
    speed_of(&model);
}

fn load(path: &Path, seconds: &mut Vec<f64>) -> TextModel {
    let started = Instant::now();
    let model = ready(&WeightFile::open(path).unwrap());
    seconds.push(started.elapsed().as_secs_f64());
    model
}

fn ready(file: &WeightFile) -> TextModel {
    models::load(file, &Device::Cpu, &mut |_| ControlFlow::Continue(())).unwrap()
}

fn speed_of(model: &TextModel) {
    let vocab_size = model.config().vocab_size;
    let ids: Vec<u32> = (0..PROMPT)
        .map(|i| (i * 7919 % vocab_size) as u32)
        .collect();
    let mut cache = model.new_cache(PROMPT + 1).unwrap();
    let forward = |ids: &[u32], cache: &mut KvCache| {
        black_box(model.forward(ids, cache, LogitsFor::Last, &mut NoHooks)).unwrap();
    };
    for n_threads in [1, 2] {
        pool::set_threads(n_threads);
        cache.truncate(0);
        forward(&ids[..CONTEXT], &mut cache);
        let decode = rounds(DECODE_ROUNDS, DECODED, || {
            cache.truncate(CONTEXT);
            for id in ids[..DECODED].chunks(1) {
                forward(id, &mut cache);
            }
        });
        report("decode", n_threads, &decode);
        let prompt = rounds(PROMPT_ROUNDS, PROMPT, || {
            cache.truncate(0);
            forward(&ids, &mut cache);
        });
        report("prompt of 512", n_threads, &prompt);
    }
}

/// Tokens a second, by the clock and by this thread's CPU time, of each round.
struct Speeds {
    by_clock: Vec<f64>,
    by_cpu: Vec<f64>,
}

fn rounds(n_rounds: usize, n_tokens: usize, mut round: impl FnMut()) -> Speeds {
    let mut speeds = Speeds {
        by_clock: Vec::new(),
        by_cpu: Vec::new(),
    };
    round();
    for _ in 0..n_rounds {
        let (started, cpu) = (Instant::now(), cpu_seconds());
        round();
        let seconds = started.elapsed().as_secs_f64();
        speeds.by_clock.push(n_tokens as f64 / seconds);
        if let (Some(before), Some(after)) = (cpu, cpu_seconds()) {
            speeds.by_cpu.push(n_tokens as f64 / (after - before));
        }
    }
    speeds.by_clock.sort_by(f64::total_cmp);
    speeds.by_cpu.sort_by(f64::total_cmp);
    speeds
}

fn report(what: &str, n_threads: usize, speeds: &Speeds) {
    let both = |sorted: &[f64]| {
        let best = sorted.last()?;
        Some(format!(
            "best {best:.0}, median {:.0}",
            sorted[sorted.len() / 2]
        ))
    };
    let by_clock = both(&speeds.by_clock).unwrap_or_default();
    print!("  {what}, {n_threads} thread(s): {by_clock} tokens/s");
    match both(&speeds.by_cpu).filter(|_| n_threads == 1) {
        Some(by_cpu) => println!("; of CPU time {by_cpu}"),
        None => println!(),
    }
}

/// How long this process's first thread has run, where the system tells.
fn cpu_seconds() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/schedstat").ok()?;
    let nanoseconds: f64 = text.split_whitespace().next()?.parse().ok()?;
    Some(nanoseconds / 1e9)
}

/// A line of the process's status, where the system tells.
fn status(key: &str) -> Option<String> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(key))?;
    Some(line.trim_start_matches(':').trim().to_owned())
}
