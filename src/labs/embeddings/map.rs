//! The map: points of many dimensions laid out in two or three.
//!
//! PCA shows the directions of most variance and is exact. t-SNE and UMAP keep neighbours together at
//! the price of everything else: distances between groups on such a map mean little.

use crate::algo::pca::pca;
use crate::nn::pool;
use crate::refusal::{Refusal, Result};
use std::ops::{ControlFlow, Range};
use std::sync::Arc;

/// The least points a map is made of.
const MIN_POINTS: usize = 3;

/// How the points are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// Principal component analysis.
    Pca,
    /// t-distributed stochastic neighbour embedding.
    Tsne,
    /// Uniform manifold approximation and projection.
    Umap,
}

/// What to lay out and how. What a method does not have is not looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The method.
    pub method: Method,
    /// 2 or 3.
    pub n_dims: usize,
    /// Compare directions alone: every vector is scaled to length 1 first, as the cosine does.
    pub unit_length: bool,
    /// t-SNE: how many neighbours count, softly; 5 to 50 are usual.
    pub perplexity: f64,
    /// UMAP: how many neighbours count.
    pub n_neighbors: usize,
    /// UMAP: how close together points may lie, against a spread of 1.
    pub min_dist: f64,
    /// t-SNE: steps; UMAP: passes over all neighbours.
    pub n_iterations: usize,
    /// Fixes everything random.
    pub seed: u64,
}

impl Settings {
    /// The values that are usual for a method: those of scikit-learn and of umap-learn.
    #[must_use]
    pub fn usual(method: Method) -> Self {
        Self {
            method,
            n_dims: 2,
            unit_length: true,
            perplexity: 30.0,
            n_neighbors: 15,
            min_dist: 0.1,
            n_iterations: if method == Method::Umap { 300 } else { 1000 },
            seed: 0,
        }
    }
}

/// What is under way before the points move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The directions of most variance are sought.
    Components,
    /// The nearest neighbours of every point are sought, exactly.
    Neighbors,
    /// How much each neighbour counts is settled.
    Weights,
}

/// What is said on the way.
#[derive(Debug, Clone, PartialEq)]
pub enum MapEvent {
    /// Something is under way.
    Progress {
        /// What.
        stage: Stage,
        /// How far, `0.0..=1.0`; PCA does not know.
        fraction: Option<f32>,
    },
    /// PCA: the share of the whole variance along each axis, `0.0..=1.0`.
    Explained(Vec<f64>),
    /// Where the points are now; the third coordinate is 0 in two dimensions.
    Points {
        /// One for each point, in their order.
        positions: Arc<[[f32; 3]]>,
        /// Steps made.
        iteration: usize,
        /// Steps in all.
        n_iterations: usize,
        /// t-SNE: the Kullback–Leibler divergence, in nats, as far as it was computed lately.
        kl: Option<f64>,
    },
}

/// The map at the end, or when it was stopped.
#[derive(Debug, Clone, PartialEq)]
pub struct Map {
    /// One for each point, in their order; empty when stopped before there were any.
    pub positions: Arc<[[f32; 3]]>,
    /// PCA: the share of the whole variance along each axis.
    pub explained: Vec<f64>,
    /// t-SNE: the Kullback–Leibler divergence at the end, in nats.
    pub kl: Option<f64>,
    /// Steps made.
    pub n_iterations: usize,
    /// Ended by whoever watched.
    pub stopped: bool,
}

/// Lays out the points in `values`, row-major, each `width` numbers. Runs on the compute pool.
///
/// # Errors
/// Settings that cannot be met, fewer than three points, or numbers that are none.
pub fn run(
    values: &[f32],
    width: usize,
    settings: &Settings,
    emit: &mut dyn FnMut(MapEvent) -> ControlFlow<()>,
) -> Result<Map> {
    check(values, width, settings)?;
    let scaled;
    let values = if settings.unit_length {
        scaled = unit_rows(values, width);
        &scaled
    } else {
        values
    };
    let map = match settings.method {
        Method::Pca => run_pca(values, width, settings, emit),
        Method::Tsne | Method::Umap => return Err(not_yet()),
    };
    Ok(map.unwrap_or_else(|Stopped| Map {
        positions: Arc::new([]),
        explained: Vec::new(),
        kl: None,
        n_iterations: 0,
        stopped: true,
    }))
}

/// Whoever watched wants no more.
struct Stopped;

/// Shares rows out to the compute pool.
fn spread(n_items: usize, chunk: usize, work: &(dyn Fn(Range<usize>) + Sync)) {
    pool::for_chunks(n_items, chunk, work);
}

fn run_pca(
    values: &[f32],
    width: usize,
    settings: &Settings,
    emit: &mut dyn FnMut(MapEvent) -> ControlFlow<()>,
) -> std::result::Result<Map, Stopped> {
    let mut go_on = |_| {
        let progress = MapEvent::Progress {
            stage: Stage::Components,
            fraction: None,
        };
        emit(progress).is_continue()
    };
    let found = pca(
        values,
        width,
        settings.n_dims,
        settings.seed,
        &spread,
        &mut go_on,
    );
    let found = found.ok_or(Stopped)?;
    let place = |point: &[f32]| {
        let mut position = [0.0; 3];
        for (x, coordinate) in position.iter_mut().zip(found.project(point)) {
            *x = coordinate as f32;
        }
        position
    };
    let positions: Arc<[[f32; 3]]> = values.chunks_exact(width).map(place).collect();
    let mut explained = found.explained_ratio;
    explained.resize(settings.n_dims, 0.0);
    let mut stopped = emit(MapEvent::Explained(explained.clone())).is_break();
    let points = MapEvent::Points {
        positions: Arc::clone(&positions),
        iteration: 1,
        n_iterations: 1,
        kl: None,
    };
    stopped = stopped || emit(points).is_break();
    Ok(Map {
        positions,
        explained,
        kl: None,
        n_iterations: 1,
        stopped,
    })
}

/// Every row scaled to length 1; a row of zeros stays.
fn unit_rows(values: &[f32], width: usize) -> Vec<f32> {
    let mut scaled = values.to_vec();
    for row in scaled.chunks_exact_mut(width) {
        let length = row
            .iter()
            .map(|x| f64::from(*x).powi(2))
            .sum::<f64>()
            .sqrt();
        if length > 0.0 {
            for x in row.iter_mut() {
                *x = (f64::from(*x) / length) as f32;
            }
        }
    }
    scaled
}

fn check(values: &[f32], width: usize, settings: &Settings) -> Result<()> {
    let refuse =
        |what: &str, evidence: String, next: &str| Err(Refusal::unchanged(what, evidence, next));
    if width == 0 || !values.len().is_multiple_of(width) {
        return refuse(
            "There are no points to lay out",
            format!(
                "{} numbers are not whole points of {width} numbers.",
                values.len()
            ),
            "Choose other vectors.",
        );
    }
    let n_points = values.len() / width;
    if n_points < MIN_POINTS {
        return refuse(
            "Too few points for a map",
            format!("There are {n_points}; {MIN_POINTS} are the least."),
            "Choose more words.",
        );
    }
    if let Some(at) = values.iter().position(|x| !x.is_finite()) {
        return refuse(
            "One of the points has a value that is no number",
            format!(
                "Value {} of point {} is {}.",
                at % width + 1,
                at / width + 1,
                values[at]
            ),
            "Leave that word out, or choose other vectors.",
        );
    }
    if !(2..=3).contains(&settings.n_dims) {
        return refuse(
            "A map has two dimensions or three",
            format!("{} were asked for.", settings.n_dims),
            "Choose 2 or 3.",
        );
    }
    Ok(())
}

fn not_yet() -> Refusal {
    Refusal::unchanged("t-SNE and UMAP are not here yet", "", "Choose PCA.")
}

#[cfg(test)]
mod tests;
