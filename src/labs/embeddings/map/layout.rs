//! The layouts that move: t-SNE and UMAP, step by step.

use super::{Emit, End, Map, MapEvent, Settings, Stage, neighbours, say, spread};
use crate::algo::tsne::{Tsne, affinities, n_neighbours, shares};
use crate::algo::umap::{Curve, Umap, memberships};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Between two pictures of the moving points.
const BETWEEN_PICTURES: Duration = Duration::from_millis(33);

/// Points whose neighbours' shares are settled together.
const POINTS_AT_ONCE: usize = 2048;

/// t-SNE computes its divergence every so many steps.
const STEPS_PER_MEASURE: usize = 10;

pub(super) fn tsne<const D: usize>(
    values: &[f32],
    width: usize,
    beginning: Vec<[f32; D]>,
    settings: &Settings,
    map: &mut Map,
    emit: Emit,
) -> Result<(), End> {
    let neighbours = neighbours::find(values, width, n_neighbours(settings.perplexity), emit)?;
    let n = neighbours.n_points();
    let mut all = Vec::with_capacity(n * neighbours.k());
    for start in (0..n).step_by(POINTS_AT_ONCE) {
        let fraction = Some(start as f32 / n as f32);
        let stage = Stage::Weights;
        say(emit, MapEvent::Progress { stage, fraction })?;
        let range = start..n.min(start + POINTS_AT_ONCE);
        all.extend(shares(&neighbours, range, settings.perplexity, &spread));
    }
    let affinities = affinities(&neighbours, &all);
    let mut tsne = Tsne::new(affinities, beginning, settings.seed);
    let mut watch = Watch::new(settings.n_iterations);
    watch.show(tsne.positions(), 0, None, map, emit)?;
    for step in 1..=settings.n_iterations {
        let measure = step % STEPS_PER_MEASURE == 0 || step == settings.n_iterations;
        let kl = tsne.step(measure, &spread).or(map.kl);
        watch.show(tsne.positions(), step, kl, map, emit)?;
    }
    Ok(())
}

pub(super) fn umap<const D: usize>(
    values: &[f32],
    width: usize,
    beginning: Vec<[f32; D]>,
    settings: &Settings,
    map: &mut Map,
    emit: Emit,
) -> Result<(), End> {
    // Among its neighbours umap-learn counts the point itself.
    let neighbours = neighbours::find(values, width, settings.n_neighbors - 1, emit)?;
    say(
        emit,
        MapEvent::Progress {
            stage: Stage::Weights,
            fraction: None,
        },
    )?;
    let graph = memberships(&neighbours, &spread);
    say(
        emit,
        MapEvent::Progress {
            stage: Stage::Weights,
            fraction: None,
        },
    )?;
    let curve = Curve::fit(settings.min_dist);
    let n_epochs = settings.n_iterations;
    let mut umap = Umap::new(&graph, beginning, curve, n_epochs, settings.seed);
    let mut watch = Watch::new(n_epochs);
    watch.show(umap.positions(), 0, None, map, emit)?;
    while umap.step() {
        watch.show(umap.positions(), umap.n_done(), None, map, emit)?;
    }
    Ok(())
}

/// Shows moving points now and then.
struct Watch {
    n_iterations: usize,
    last: Option<Instant>,
}

impl Watch {
    fn new(n_iterations: usize) -> Self {
        Self {
            n_iterations,
            last: None,
        }
    }

    /// Notes where the points are, and shows them when it is time.
    fn show<const D: usize>(
        &mut self,
        positions: &[[f32; D]],
        iteration: usize,
        kl: Option<f64>,
        map: &mut Map,
        emit: Emit,
    ) -> Result<(), End> {
        map.n_iterations = iteration;
        map.kl = kl;
        let is_last = iteration == self.n_iterations;
        if !is_last
            && self
                .last
                .is_some_and(|last| last.elapsed() < BETWEEN_PICTURES)
        {
            return Ok(());
        }
        self.last = Some(Instant::now());
        let in_space = |position: &[f32; D]| {
            let mut all = [0.0; 3];
            all[..D].copy_from_slice(position);
            all
        };
        map.positions = positions.iter().map(in_space).collect();
        let event = MapEvent::Points {
            positions: Arc::clone(&map.positions),
            iteration,
            n_iterations: self.n_iterations,
            kl,
        };
        say(emit, event)
    }
}
