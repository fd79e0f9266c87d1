//! Files that must not hurt anyone: damaged, absurd and malicious ones, each made here byte by byte.
//! All end in a refusal of four parts or in a result that shows what is wrong, within bounded memory.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test ends where it meets what it did not expect, and says what it skips"
)]

mod build;
mod chance;
mod gguf;
mod inspect;
mod memory;
mod model;
mod models;
mod safetensors;
mod sentence_piece;
mod template;
#[path = "../tiny/mod.rs"]
mod tiny;
mod vocabulary;
mod word_vectors;
mod world;

use glassbox::files::shown::is_deceptive;
use glassbox::refusal::{Refusal, Result};

/// More than any small file may cost while it is looked at.
const MOST_EXTRA_BYTES: usize = 200_000_000;

/// The refusal of `read`, which ended without a panic, in little memory, in words fit for a person.
#[track_caller]
fn refusal<T>(read: impl FnOnce() -> Result<T>) -> Refusal {
    let (result, peak_bytes) = memory::peak(read);
    assert!(peak_bytes < MOST_EXTRA_BYTES, "it took {peak_bytes} bytes");
    let Err(refusal) = result else {
        panic!("it was not refused");
    };
    fit_for_a_person(&refusal);
    refusal
}

/// As [`refusal`]; what happened or its evidence must hold `words`.
#[track_caller]
fn refused_for<T>(words: &str, read: impl FnOnce() -> Result<T>) {
    let refusal = refusal(read);
    let said = format!("{} {}", refusal.what, refusal.evidence);
    assert!(said.contains(words), "{words:?} is not in: {refusal}");
}

#[track_caller]
fn fit_for_a_person(refusal: &Refusal) {
    let Refusal {
        what,
        evidence,
        meaning,
        next,
    } = refusal;
    for part in [what, evidence, meaning, next] {
        assert!(!part.trim().is_empty(), "a part is empty: {refusal}");
        assert!(part.len() < 1500, "a part is too long: {refusal}");
        assert!(!part.chars().any(is_deceptive), "{part:?}");
        for machine_word in ["panicked", "unwrap", "src/", ".rs:", "None", "Some("] {
            assert!(!part.contains(machine_word), "{part}");
        }
    }
}
