//! GloVe (Pennington, Socher & Manning 2014): vectors whose products are the logarithms of counts.
//!
//! For words i and j that stand together `x_ij` times, with vectors w, context vectors w̃ and a bias
//! for each, the loss is
//!
//! ```text
//! Σ f(x_ij) (w_i · w̃_j + b_i + b̃_j − ln x_ij)² / 2,   f(x) = min(1, (x / x_max)^α)
//! ```
//!
//! and each cell that is not 0 pulls at its two vectors once an epoch, in a new random order, by
//! AdaGrad. A word's vector is w + w̃ at the end, as in the paper.

use super::cooccurrence::Sparse;
use crate::rng::Rng;

/// How the vectors are trained. The defaults are the paper's, but for `x_max`: its 100 is for six
/// billion words, and a book has few pairs that often.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Numbers per vector.
    pub width: usize,
    /// Counts from here on weigh alike.
    pub x_max: f64,
    /// The power by which smaller counts weigh less.
    pub alpha: f64,
    /// The first step size of AdaGrad.
    pub learning_rate: f32,
    /// Fixes the first vectors and the order of the cells.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            width: 50,
            x_max: 10.0,
            alpha: 0.75,
            learning_rate: 0.05,
            seed: 0,
        }
    }
}

/// A training under way.
#[derive(Debug, Clone)]
pub struct Glove {
    settings: Settings,
    cells: Vec<Cell>,
    /// For each word: its vector and bias, `width + 1` numbers.
    words: Trained,
    contexts: Trained,
    rng: Rng,
}

/// A cell of the matrix, as the loss needs it.
#[derive(Debug, Clone, Copy)]
struct Cell {
    word: u32,
    context: u32,
    log_count: f32,
    weight: f32,
}

/// Numbers under AdaGrad: each is divided by the root of all its squared gradients so far.
#[derive(Debug, Clone)]
struct Trained {
    values: Vec<f32>,
    squares: Vec<f32>,
}

impl Glove {
    /// Random small vectors, as GloVe's own tool begins.
    #[must_use]
    pub fn new(counts: &Sparse, settings: Settings) -> Self {
        let mut rng = Rng::new(settings.seed, "glove");
        let row = settings.width + 1;
        let mut trained = || Trained {
            values: (0..counts.n() * row)
                .map(|_| (rng.uniform() - 0.5) as f32 / row as f32)
                .collect(),
            squares: vec![1.0; counts.n() * row],
        };
        let (words, contexts) = (trained(), trained());
        let cell = |i: usize, (j, count): (usize, f64)| Cell {
            word: i as u32,
            context: j as u32,
            log_count: count.ln() as f32,
            weight: (count / settings.x_max).powf(settings.alpha).min(1.0) as f32,
        };
        let rows = (0..counts.n()).flat_map(|i| counts.row(i).map(move |entry| cell(i, entry)));
        Self {
            settings,
            cells: rows.collect(),
            words,
            contexts,
            rng,
        }
    }

    /// Cells of an epoch.
    #[must_use]
    pub fn n_cells(&self) -> usize {
        self.cells.len()
    }

    /// Puts the cells in a new random order: the beginning of an epoch.
    pub fn shuffle(&mut self) {
        self.rng.shuffle(&mut self.cells);
    }

    /// Trains on the cells in `range` of the present order. Returns the sum of their losses, each as
    /// it was before its step.
    pub fn train(&mut self, range: std::ops::Range<usize>) -> f64 {
        let row = self.settings.width + 1;
        let mut loss = 0.0;
        for cell in &self.cells[range] {
            let at = cell.word as usize * row;
            let (w, w_squares) = self.words.row(at, row);
            let at = cell.context as usize * row;
            let (c, c_squares) = self.contexts.row(at, row);
            let width = row - 1;
            let difference = dot(&w[..width], &c[..width]) + w[width] + c[width] - cell.log_count;
            let pull = cell.weight * difference;
            loss += 0.5 * f64::from(pull) * f64::from(difference);
            let pull = pull.clamp(-100.0, 100.0) * self.settings.learning_rate;
            let both = w.iter_mut().zip(w_squares).zip(c.iter_mut().zip(c_squares));
            for ((w, w_square), (c, c_square)) in both.take(width) {
                let (w_step, c_step) = (pull * *c, pull * *w);
                *w -= w_step / w_square.sqrt();
                *c -= c_step / c_square.sqrt();
                *w_square += w_step * w_step;
                *c_square += c_step * c_step;
            }
            self.words.step(cell.word as usize * row + width, pull);
            self.contexts
                .step(cell.context as usize * row + width, pull);
        }
        loss
    }

    /// The vectors as they are now, w + w̃, row-major: `(n_words, width)`.
    #[must_use]
    pub fn vectors(&self) -> Vec<f32> {
        let row = self.settings.width + 1;
        let pairs = self
            .words
            .values
            .chunks(row)
            .zip(self.contexts.values.chunks(row));
        let sum = |(w, c): (&[f32], &[f32])| -> Vec<f32> {
            w.iter().zip(c).take(row - 1).map(|(w, c)| w + c).collect()
        };
        pairs.flat_map(sum).collect()
    }
}

impl Trained {
    fn row(&mut self, at: usize, width: usize) -> (&mut [f32], &mut [f32]) {
        (
            &mut self.values[at..at + width],
            &mut self.squares[at..at + width],
        )
    }

    fn step(&mut self, at: usize, step: f32) {
        self.values[at] -= step / self.squares[at].sqrt();
        self.squares[at] += step * step;
    }
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (a8, a_rest) = a.as_chunks::<8>();
    let (b8, b_rest) = b.as_chunks::<8>();
    let mut sums = [0.0; 8];
    for (a, b) in a8.iter().zip(b8) {
        for i in 0..8 {
            sums[i] += a[i] * b[i];
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f32>() + rest
}
