//! What a decode step takes from the allocator: counted by an allocator of our own, which is why
//! this is a test binary for itself with a single test.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test ends where it meets what it did not expect, and says what it found"
)]

#[path = "support/gguf.rs"]
mod gguf;
#[path = "support/random_model.rs"]
mod random_model;

use candle_core::Device;
use gguf::Type;
use glassbox::models::{self, LogitsFor, TextModel};
use glassbox::nn::hooks::NoHooks;
use glassbox::nn::pool;
use random_model::Shape;
use std::alloc::{GlobalAlloc, Layout, System};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The system's allocator, with every byte asked for counted.
struct Counting;

static N_BYTES: AtomicUsize = AtomicUsize::new(0);

#[expect(
    unsafe_code,
    reason = "an allocator is unsafe by its nature; it only counts and passes on"
)]
// SAFETY: every call is passed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        N_BYTES.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promises are those the system's allocator asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        N_BYTES.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, old: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        N_BYTES.fetch_add(new_size, Ordering::Relaxed);
        // SAFETY: as above.
        unsafe { System.realloc(old, layout, new_size) }
    }

    unsafe fn dealloc(&self, old: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(old, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Bytes that one decode step asks for behind each of `contexts` positions, fewest first.
fn bytes_per_step(model: &TextModel, contexts: &[usize]) -> Vec<usize> {
    let longest = contexts.iter().copied().max().unwrap();
    let mut cache = model.new_cache(longest + 1).unwrap();
    let mut step = |ids: &[u32]| {
        let before = N_BYTES.load(Ordering::Relaxed);
        let logits = model.forward(ids, &mut cache, LogitsFor::Last, &mut NoHooks);
        drop(logits.unwrap());
        let n_bytes = N_BYTES.load(Ordering::Relaxed) - before;
        let n_read = cache.len();
        if ids.len() == 1 {
            cache.truncate(n_read - 1);
        }
        n_bytes
    };
    let mut read = 0;
    let mut counts = Vec::new();
    for &context in contexts {
        step(&vec![7; context - read]);
        read = context;
        // The first step may grow what is kept from call to call.
        step(&[11]);
        counts.push(step(&[11]));
    }
    counts
}

#[test]
fn a_decode_step_allocates_nothing_that_grows_with_the_context() {
    let load =
        |file| models::load(&file, &Device::Cpu, &mut |_| ControlFlow::Continue(())).unwrap();
    let models = [
        ("Llama", load(random_model::llama(Shape::SMALL, Type::Q4_1))),
        ("GPT-2", load(random_model::gpt2(Shape::SMALL))),
    ];
    // With several threads, attention is shared out from some hundred positions on: each row of
    // heads becomes a task then. That happens once and grows no further.
    for (n_threads, contexts) in [(1, [2, 20, 400, 3500]), (2, [400, 800, 1600, 3500])] {
        pool::set_threads(n_threads);
        for (name, model) in &models {
            let counts = bytes_per_step(model, &contexts);
            println!("{name}, {n_threads} threads: {counts:?} bytes behind {contexts:?} positions");
            assert!(counts.iter().all(|&n| n == counts[0]), "{name}: {counts:?}");
        }
    }
}
