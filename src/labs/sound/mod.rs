//! Sound: what a spectrogram shows, and what it takes to hear one.
//!
//! [`opening`] reads a sound from a file, [`made`] makes one that teaches something, [`shipped`] are a few phrases, [`peaks`] and
//! [`spectrogram`] say what is drawn of it and [`cell`] why, [`drawn`] writes it, [`phase`] finds the half that a spectrogram lacks, and
//! [`pictures`] turns pictures into sound and back. One paints on a spectrogram in [`painting`], and
//! [`vocoder`] makes sounds longer and higher. [`phrases`] are music made by rule, which a model learns from
//! that makes phrases of its own out of noise ([`generation`]); an [`exam`] says how well.

pub mod cell;
pub mod drawn;
pub mod exam;
pub mod generation;
pub mod made;
pub mod opening;
pub mod painting;
pub mod peaks;
pub mod phase;
pub mod phrases;
pub mod pictures;
pub mod resampling;
pub mod shipped;
pub mod spectrogram;
pub mod vocoder;

pub use crate::dsp::Complex32;
pub use crate::dsp::mel::MelScale;
pub use crate::dsp::stft::{Padding, Shape, Spectrum, Stft};
pub use crate::dsp::window::Window;
pub use crate::files::sound::Sound;
pub use crate::files::sound::wav::{Depth, to_bytes as wav_bytes};

use crate::nn::pool;

/// Runs work on the compute pool: the [`Run`](crate::dsp::Run) of the whole program.
pub fn on_pool(n: usize, work: &(dyn Fn(usize) + Sync)) {
    pool::for_chunks(n, 1, |range| range.for_each(work));
}
