//! The map: points of many dimensions laid out in two or three.
//!
//! PCA shows the directions of most variance and is exact. t-SNE and UMAP keep neighbours together at
//! the price of everything else: distances between groups on such a map mean little.

mod check;
mod layout;
mod neighbours;

use crate::algo::pca::{Pca, pca};
use crate::algo::trustworthiness::trustworthiness;
use crate::nn::pool;
use crate::refusal::{Refusal, Result};
use std::ops::{ControlFlow, Range};
use std::sync::Arc;

/// Neighbours on the map that are compared with those in space.
const TRUST_NEIGHBOURS: usize = 10;

/// So many points are looked at for that: each costs a pass over all points.
const TRUST_POINTS: usize = 192;

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
    /// The map is compared with the space it was made from.
    Trust,
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
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Map {
    /// One for each point, in their order; empty when stopped before there were any.
    pub positions: Arc<[[f32; 3]]>,
    /// PCA: the share of the whole variance along each axis.
    pub explained: Vec<f64>,
    /// t-SNE: the Kullback–Leibler divergence at the end, in nats.
    pub kl: Option<f64>,
    /// How far neighbours on the map can be trusted to be neighbours in space: 1 when each one's
    /// nearest 10 are its nearest 10, about ½ when by chance. (Trustworthiness, over a sample.)
    pub trust: Option<f64>,
    /// Steps made.
    pub n_iterations: usize,
    /// Ended by whoever watched.
    pub stopped: bool,
}

/// Lays out the points in `values`, row-major, each `width` numbers. Runs on the compute pool.
///
/// # Errors
/// Settings that cannot be met, fewer than three points, or numbers that are none.
pub fn run(values: &[f32], width: usize, settings: &Settings, emit: Emit) -> Result<Map> {
    check::check(values, width, settings)?;
    let scaled;
    let values = if settings.unit_length {
        scaled = unit_rows(values, width);
        &scaled
    } else {
        values
    };
    let mut map = Map::default();
    let ended = lay_out(values, width, settings, &mut map, emit);
    let ended = ended.and_then(|()| trust(values, width, settings, &mut map, emit));
    match ended {
        Err(End::Refused(refusal)) => return Err(refusal),
        Err(End::Stopped) => map.stopped = true,
        Ok(()) => {}
    }
    Ok(map)
}

/// Takes an event and says whether to go on.
type Emit<'a> = &'a mut dyn FnMut(MapEvent) -> ControlFlow<()>;

/// Why a layout ends before its end.
enum End {
    /// Whoever watched wants no more.
    Stopped,
    /// Something cannot be done.
    Refused(Refusal),
}

impl From<Refusal> for End {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Says something and hears whether to go on.
fn say(emit: Emit, event: MapEvent) -> std::result::Result<(), End> {
    match emit(event) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(End::Stopped),
    }
}

/// Shares rows out to the compute pool.
fn spread(n_items: usize, chunk: usize, work: &(dyn Fn(Range<usize>) + Sync)) {
    pool::for_chunks(n_items, chunk, work);
}

fn lay_out(
    values: &[f32],
    width: usize,
    settings: &Settings,
    map: &mut Map,
    emit: Emit,
) -> std::result::Result<(), End> {
    let mut go_on = |_| {
        let stage = Stage::Components;
        emit(MapEvent::Progress {
            stage,
            fraction: None,
        })
        .is_continue()
    };
    let found = pca(
        values,
        width,
        settings.n_dims,
        settings.seed,
        &spread,
        &mut go_on,
    );
    let found = found.ok_or(End::Stopped)?;
    match (settings.method, settings.n_dims) {
        (Method::Pca, _) => {
            map.positions = along::<3>(&found, values, width).into();
            map.n_iterations = 1;
            map.explained.clone_from(&found.explained_ratio);
            map.explained.resize(settings.n_dims, 0.0);
            say(emit, MapEvent::Explained(map.explained.clone()))?;
            let positions = Arc::clone(&map.positions);
            let (iteration, n_iterations, kl) = (1, 1, None);
            say(
                emit,
                MapEvent::Points {
                    positions,
                    iteration,
                    n_iterations,
                    kl,
                },
            )
        }
        (Method::Tsne, 3) => {
            let beginning = along::<3>(&found, values, width);
            layout::tsne(values, width, beginning, settings, map, emit)
        }
        (Method::Tsne, _) => {
            let beginning = along::<2>(&found, values, width);
            layout::tsne(values, width, beginning, settings, map, emit)
        }
        (Method::Umap, 3) => {
            let beginning = along::<3>(&found, values, width);
            layout::umap(values, width, beginning, settings, map, emit)
        }
        (Method::Umap, _) => {
            let beginning = along::<2>(&found, values, width);
            layout::umap(values, width, beginning, settings, map, emit)
        }
    }
}

/// The coordinates along the first components; 0 where there are no more.
fn along<const D: usize>(found: &Pca, values: &[f32], width: usize) -> Vec<[f32; D]> {
    let place = |point: &[f32]| {
        let mut position = [0.0; D];
        for (x, coordinate) in position.iter_mut().zip(found.project(point)) {
            *x = coordinate as f32;
        }
        position
    };
    values.chunks_exact(width).map(place).collect()
}

/// Compares the neighbours of a sample of points, evenly spaced in their order.
fn trust(
    values: &[f32],
    width: usize,
    settings: &Settings,
    map: &mut Map,
    emit: Emit,
) -> std::result::Result<(), End> {
    let n = map.positions.len();
    let sample: Vec<usize> = (0..n).step_by(n.div_ceil(TRUST_POINTS).max(1)).collect();
    let flat: Vec<[f32; 2]> = map.positions.iter().map(|p| [p[0], p[1]]).collect();
    let (mut sum, mut n_looked) = (0.0, 0);
    for points in sample.chunks(16) {
        let fraction = Some(n_looked as f32 / sample.len() as f32);
        say(
            emit,
            MapEvent::Progress {
                stage: Stage::Trust,
                fraction,
            },
        )?;
        let k = TRUST_NEIGHBOURS;
        let trusted = if settings.n_dims == 2 {
            trustworthiness(values, width, &flat, k, points, &spread)
        } else {
            trustworthiness(values, width, &map.positions, k, points, &spread)
        };
        let Some(trusted) = trusted else {
            return Ok(());
        };
        sum += trusted * points.len() as f64;
        n_looked += points.len();
    }
    map.trust = Some(sum / n_looked.max(1) as f64);
    Ok(())
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

#[cfg(test)]
mod tests;
