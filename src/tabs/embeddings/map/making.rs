//! The jobs of the map: laying out, colouring by a direction, looking around a word.

use super::setup::{Pair, Setup};
use crate::jobs::{Job, Wake};
use crate::labs::compute::Compute;
use crate::labs::embeddings::directions::{Direction, places};
use crate::labs::embeddings::map::{self, Map, MapEvent, Stage};
use crate::labs::embeddings::{Neighbour, Space};
use crate::refusal::{Refusal, Result};
use std::sync::Arc;

/// Neighbours that are lit up and listed.
pub(super) const N_NEAREST: usize = 12;

/// What a laying-out job says.
#[derive(Debug)]
pub(super) enum Message {
    /// Which words stand on the map: their places in the set.
    Words(Arc<[u32]>),
    Event(MapEvent),
    /// The angle in degrees between the first two axes of one's own.
    Angle(f32),
    Done(Result<Map>),
}

/// What a stage of the work is called.
pub(super) fn stage_words(stage: Stage) -> &'static str {
    match stage {
        Stage::Components => "Seeking the directions of most variance",
        Stage::Neighbors => "Seeking every word's neighbours",
        Stage::Weights => "Settling how much each neighbour counts",
        Stage::Trust => "Comparing neighbours on the map with those in space",
    }
}

/// Lays the words out.
pub(super) fn lay_out(
    space: Space,
    setup: Setup,
    compute: Compute,
    wake: Wake,
) -> Result<Job<Message>> {
    Job::spawn("lay out a map", wake, move |emit| {
        compute.set_threads();
        let words: Arc<[u32]> = space.commonest(setup.n_words).into();
        if emit(Message::Words(Arc::clone(&words))).is_break() {
            return;
        }
        let values = space.rows_at(&words);
        let width = space.vectors().width();
        let done = match setup.layout.method() {
            Some(method) => map::run(&values, width, &setup.settings(method), &mut |event| {
                emit(Message::Event(event))
            }),
            None => along_axes(&space, &values, &setup, emit),
        };
        _ = emit(Message::Done(done));
    })
}

fn along_axes(
    space: &Space,
    values: &[f32],
    setup: &Setup,
    emit: crate::jobs::Emit<'_, Message>,
) -> Result<Map> {
    let pairs = setup.axes.iter().take(setup.n_dims());
    let axes: Vec<Direction> = pairs
        .map(|pair| direction(space, pair))
        .collect::<Result<_>>()?;
    if let [first, second, ..] = axes.as_slice() {
        _ = emit(Message::Angle(first.angle_degrees(second)));
    }
    Ok(Map {
        positions: places(values, space.vectors().width(), &axes).into(),
        n_iterations: 1,
        ..Map::default()
    })
}

/// The direction of a pair of words.
fn direction(space: &Space, pair: &Pair) -> Result<Direction> {
    let vector = |word: &str| {
        let index = space.find(word.trim()).ok_or_else(|| {
            Refusal::unchanged(
                format!("“{word}” is not among the words of this set"),
                format!("An axis was to go from “{}” to “{}”.", pair.from, pair.to),
                "Choose another word.",
            )
        })?;
        Ok(space.vector(index))
    };
    let (from, to) = (vector(&pair.from)?, vector(&pair.to)?);
    Direction::between(&[&from], &[&to], true)
}

/// Where each word of the map stands along a direction.
pub(super) fn shade(
    space: Space,
    words: Arc<[u32]>,
    pair: Pair,
    wake: Wake,
) -> Result<Job<Result<Vec<f32>>>> {
    Job::spawn("colour a map", wake, move |emit| {
        let values = direction(&space, &pair).map(|direction| {
            let mut row = vec![0.0; space.vectors().width()];
            let place = |&i: &u32| {
                space.vectors().row(i as usize, &mut row);
                direction.place(&row)
            };
            words.iter().map(place).collect()
        });
        _ = emit(values);
    })
}

/// The neighbours of the word at `index` of the set.
pub(super) fn look_around(
    space: Space,
    index: usize,
    wake: Wake,
) -> Result<Job<(usize, Vec<Neighbour>)>> {
    Job::spawn("look around a word", wake, move |emit| {
        let vector = space.vector(index);
        let mut go_on = |_| std::ops::ControlFlow::Continue(());
        if let Some(near) = space.around(&vector, &[index], N_NEAREST, &mut go_on) {
            _ = emit((index, near));
        }
    })
}
