//! What it costs to look inside a pass: `cargo bench --bench inside`.
//!
//! A traced pass against the same pass untraced, for a short text and for a long one, `SmolLM2` as
//! shipped where it has been fetched. Each figure is the best and the median of several rounds that take
//! turns: on a machine that does other things too, the best says what the code can do.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark that cannot run should end, and its result is what it prints"
)]

use glassbox::files::manifest;
use glassbox::labs::compute::Compute;
use glassbox::labs::inside::explain::explain;
use glassbox::labs::inside::{At, BUDGET_BYTES, SiteName, Trace};
use glassbox::labs::text::{LoadedText, Source, load};
use glassbox::models::{self, LogitsFor, TextModel};
use glassbox::nn::hooks::NoHooks;
use std::hint::black_box;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Instant;

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    for name in ["stories", "smollm2"] {
        let source = Source::Named(name.into());
        let mut go_on = |_| ControlFlow::Continue(());
        let folders = manifest::folders();
        let Ok(loaded) = load(&source, &folders, Compute::default(), &mut go_on) else {
            println!("skipped: {name} is not there");
            continue;
        };
        let plain = plain(&loaded);
        for (n, rounds) in [(20, 30), (128, 10), (1024, 3)] {
            if n <= loaded.n_ctx {
                compare(name, &loaded, &plain, n, rounds);
            }
        }
    }
}

/// The same model as its forward pass alone.
fn plain(loaded: &LoadedText) -> TextModel {
    let file = match &loaded.path {
        Some(path) => glassbox::files::weights::WeightFile::open(path).unwrap(),
        None => glassbox::files::embedded::weights().unwrap(),
    };
    let mut go_on = |_| ControlFlow::Continue(());
    models::load(&file, &candle_core::Device::Cpu, &mut go_on).unwrap()
}

fn compare(name: &str, loaded: &Arc<LoadedText>, plain: &TextModel, n: usize, rounds: usize) {
    let vocab_size = loaded.config.vocab_size as u32;
    let ids: Vec<u32> = (0..n as u32).map(|i| (i * 97 + 11) % vocab_size).collect();
    let untraced = || {
        let mut cache = plain.new_cache(n).unwrap();
        let logits = plain.forward(&ids, &mut cache, LogitsFor::Last, &mut NoHooks);
        black_box(logits.unwrap());
    };
    let trace = || {
        let mut go_on = |_| ControlFlow::Continue(());
        let trace = Trace::of(loaded, &ids, BUDGET_BYTES, &mut go_on);
        trace.unwrap().unwrap()
    };
    // What the walk shows first: the tables of one block and the last probabilities.
    let walk = || {
        let trace = trace();
        for site in trace.sites() {
            let head = site.is_by_pairs().then_some(0);
            let at = At {
                site,
                block: 0,
                head,
            };
            let rows = trace.shape(at).unwrap()[0];
            let first = match site {
                SiteName::Logits | SiteName::Probs => rows - 1,
                _ => 0,
            };
            black_box(trace.rows(at, first..rows).unwrap());
        }
    };
    let mut times = [const { Vec::new() }; 3];
    let mut time = |which: usize, work: &dyn Fn()| {
        let began = Instant::now();
        work();
        times[which].push(began.elapsed().as_secs_f64() * 1e3);
    };
    for _ in 0..rounds {
        time(0, &untraced);
        time(1, &|| drop(black_box(trace())));
        time(2, &walk);
    }
    for times in &mut times {
        times.sort_by(f64::total_cmp);
    }
    let best = |i: usize| times[i][0];
    let median = |i: usize| times[i][times[i].len() / 2];
    let trace = trace();
    let (kept, all) = trace.n_kept();
    println!(
        "{name}, {n} tokens: untraced {:.1} ms (median {:.1}), traced {:.1} ms (median {:.1}), {:.2}×; \
         with all tables of a block {:.1} ms; keeps {kept} of {all} tensors, {} MB",
        best(0),
        median(0),
        best(1),
        median(1),
        best(1) / best(0),
        best(2),
        trace.n_bytes() >> 20
    );
    let last = loaded.config.n_layers - 1;
    for site in [
        SiteName::Q,
        SiteName::Pattern,
        SiteName::MlpOut,
        SiteName::Logits,
    ] {
        let head = site.has_heads().then_some(0);
        let block = if site.is_in_block() { last } else { 0 };
        let place = At { site, block, head }.place(n - 1, 5);
        let began = Instant::now();
        black_box(explain(&trace, place).unwrap());
        let first = began.elapsed().as_secs_f64() * 1e3;
        let began = Instant::now();
        black_box(explain(&trace, place).unwrap());
        let again = began.elapsed().as_secs_f64() * 1e3;
        println!("  explain {site}: {first:.2} ms, again {again:.2} ms");
    }
}
