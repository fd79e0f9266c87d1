//! Sound as numbers: samples to a spectrogram and back. Slices in, slices out; no file, no thread, no
//! screen.
//!
//! Read [`window`], then [`stft`] (a spectrum every few milliseconds), [`mel`] (frequencies as the ear
//! spaces them), [`decibel`], [`griffin_lim`] (the phase that a picture lacks) and [`riffusion`] (a
//! spectrogram as a picture file).
//!
//! Whatever takes a [`Run`] may be computed on several threads, which the caller brings; the numbers
//! are the same with any of them.

pub mod decibel;
pub mod griffin_lim;
pub mod mel;
pub mod riffusion;
pub mod stft;
pub mod window;

pub use realfft::num_complex::Complex32;
use std::sync::Mutex;

/// Calls a piece of work once with each of `0..n`, in any order, on as many threads as it likes, and
/// returns when all are done.
pub type Run<'a> = &'a dyn Fn(usize, &(dyn Fn(usize) + Sync));

/// The [`Run`] of one thread: one after another, here.
pub fn one_by_one(n: usize, work: &(dyn Fn(usize) + Sync)) {
    (0..n).for_each(work);
}

/// Cuts `all` into pieces of `len` (the last may be shorter) and has `work(index, piece)` done on each.
fn for_pieces<T: Send>(run: Run, all: &mut [T], len: usize, work: impl Fn(usize, &mut [T]) + Sync) {
    // Each lock is taken once: it proves to the compiler that no two threads have the same piece.
    let pieces: Vec<Mutex<&mut [T]>> = all.chunks_mut(len.max(1)).map(Mutex::new).collect();
    run(pieces.len(), &|index| {
        if let Ok(mut piece) = pieces[index].lock() {
            work(index, &mut piece);
        }
    });
}
