//! From a matrix of words by words to a few numbers per word.

use super::{BETWEEN_EVENTS, Counts, Emit, OriginEvent, now_and_then};
use crate::algo::cooccurrence::{Sparse, SparseOperator};
use crate::algo::glove::{Glove, Settings};
use crate::algo::svd::Lanczos;
use crate::files::word_vectors::WordVectors;
use crate::nn::pool;
use crate::refusal::Result;
use std::ops::Range;
use std::time::Instant;

/// A singular value is found when its residual is this small beside the largest.
const TOLERANCE: f64 = 1e-7;

/// Cells that GloVe takes before it looks whether to stop.
const CELLS_AT_ONCE: usize = 1 << 14;

/// How a matrix is squeezed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SqueezeSettings {
    /// Numbers per word.
    pub width: usize,
    /// The power of the singular values in the vectors U Sᵖ: 1 keeps the matrix's own products, ½
    /// and 0 make common directions count less, which serves words better (Levy, Goldberg & Dagan 2015).
    pub power: f64,
    /// Fixes the random beginning.
    pub seed: u64,
}

impl Default for SqueezeSettings {
    fn default() -> Self {
        Self {
            width: 50,
            power: 0.5,
            seed: 0,
        }
    }
}

/// Vectors made of counts.
#[derive(Debug, Clone, PartialEq)]
pub struct Vectors {
    /// Numbers per word.
    pub width: usize,
    /// One row per word of the counts, row-major.
    pub values: Vec<f32>,
    /// By SVD: the singular values, falling.
    pub singular_values: Vec<f64>,
    /// By GloVe: the mean loss of a cell in each epoch.
    pub losses: Vec<f64>,
    /// Ended by whoever watched; what there is by then is here.
    pub stopped: bool,
}

impl Vectors {
    /// The vectors with their words, as if read from a file.
    ///
    /// # Errors
    /// When they are of other counts.
    pub fn with_words(self, name: impl Into<String>, counts: &Counts) -> Result<WordVectors> {
        WordVectors::from_rows(name, counts.words.clone(), self.width, self.values)
    }
}

/// Truncated singular value decomposition: U Sᵖ of the largest singular values. Stopped, it gives
/// what was found by then. Runs on the compute pool.
pub fn squeeze(matrix: &Sparse, settings: &SqueezeSettings, emit: Emit) -> Vectors {
    let spread = |n_items: usize, chunk: usize, work: &(dyn Fn(Range<usize>) + Sync)| {
        pool::for_chunks(n_items, chunk, work);
    };
    let operator = SparseOperator::new(matrix, &spread);
    let mut lanczos = Lanczos::new(&operator, settings.seed, &spread);
    let mut last_event = Instant::now();
    let stopped = loop {
        let is_last = !lanczos.step();
        let look = is_last || last_event.elapsed() >= BETWEEN_EVENTS;
        if !look {
            continue;
        }
        let n_done = lanczos.n_converged(TOLERANCE).min(settings.width);
        let mut values = lanczos.values();
        values.truncate(settings.width);
        let event = OriginEvent::Squeezing {
            values,
            n_done,
            n_wanted: settings.width,
        };
        let stopped = emit(event).is_break();
        last_event = Instant::now();
        if is_last || stopped || n_done >= settings.width {
            break stopped;
        }
    };
    let svd = lanczos.finish(settings.width);
    let width = settings.width;
    let mut values = vec![0.0; matrix.n() * width];
    for (k, (left, s)) in svd.left.iter().zip(&svd.values).enumerate() {
        let scale = s.powf(settings.power);
        for (row, u) in values.chunks_mut(width).zip(left) {
            row[k] = (u * scale) as f32;
        }
    }
    Vectors {
        width,
        values,
        singular_values: svd.values,
        losses: Vec::new(),
        stopped,
    }
}

/// Trains GloVe on the counts. Stopped, it gives the vectors as they are by then.
pub fn train(counts: &Counts, settings: Settings, n_epochs: usize, emit: Emit) -> Vectors {
    let mut glove = Glove::new(&counts.matrix, settings);
    let n_cells = glove.n_cells();
    let mut losses = Vec::new();
    let mut stopped = false;
    let mut last_event = Instant::now();
    for epoch in 0..n_epochs {
        glove.shuffle();
        let mut sum = 0.0;
        for start in (0..n_cells).step_by(CELLS_AT_ONCE) {
            let end = n_cells.min(start + CELLS_AT_ONCE);
            sum += glove.train(start..end);
            let event = || OriginEvent::Training {
                epoch,
                n_epochs,
                fraction: end as f32 / n_cells as f32,
                losses: losses.clone(),
            };
            stopped = now_and_then(&mut last_event, || emit(event())).is_break();
            if stopped {
                break;
            }
        }
        if stopped {
            break;
        }
        losses.push(sum / n_cells.max(1) as f64);
        let event = OriginEvent::Training {
            epoch: epoch + 1,
            n_epochs,
            fraction: 0.0,
            losses: losses.clone(),
        };
        if emit(event).is_break() {
            stopped = epoch + 1 < n_epochs;
            break;
        }
    }
    Vectors {
        width: settings.width,
        values: glove.vectors(),
        singular_values: Vec::new(),
        losses,
        stopped,
    }
}
