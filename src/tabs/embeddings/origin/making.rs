//! The job that makes vectors of a text: count, weigh, then squeeze or train.

use super::setup::{Maker, Setup, Text};
use crate::jobs::{Emit, Job, Wake};
use crate::labs::compute::Compute;
use crate::labs::embeddings::Space;
use crate::labs::embeddings::origin::{
    self, Counts, OriginEvent, Source, Sparse, Trap, count, squeeze, train, weigh,
};
use crate::refusal::Result;
use std::sync::Arc;

/// Pairs of words to look for a popularity trap along, the first that a text has.
const TRAP_CONTEXTS: [[&str; 2]; 6] = [
    ["sea", "man"],
    ["ship", "whale"],
    ["he", "she"],
    ["good", "time"],
    ["the", "of"],
    ["und", "die"],
];

/// What was counted and weighed, and with what.
#[derive(Debug, Clone)]
pub(super) struct Counted {
    pub setup: Setup,
    pub counts: Arc<Counts>,
    pub weighed: Arc<Sparse>,
    /// The text's own popularity trap.
    pub trap: Option<Trap>,
}

impl Counted {
    /// Whether these counts are those that `setup` asks for.
    pub(super) fn serves(&self, setup: &Setup) -> bool {
        let key = |setup: &Setup| {
            (
                setup.text.clone(),
                setup.counting(),
                setup.smoothing.to_bits(),
            )
        };
        key(&self.setup) == key(setup)
    }
}

/// Vectors that were made.
#[derive(Debug, Clone)]
pub(super) struct Finished {
    pub setup: Setup,
    pub space: Space,
    pub singular_values: Vec<f64>,
    pub losses: Vec<f64>,
    pub stopped: bool,
}

#[derive(Debug)]
pub(super) enum Message {
    Event(OriginEvent),
    /// PPMI is being worked out.
    Weighing,
    Counted(Counted),
    Finished(Result<Finished>),
}

/// Counts what is not counted yet, and makes vectors of it unless only counting is asked for.
pub(super) fn make(
    setup: Setup,
    counted: Option<Counted>,
    only_count: bool,
    compute: Compute,
    wake: Wake,
) -> Result<Job<Message>> {
    Job::spawn("make vectors", wake, move |emit| {
        compute.set_threads();
        let counted = match counted.filter(|counted| counted.serves(&setup)) {
            Some(counted) => counted,
            None => match count_and_weigh(&setup, emit) {
                Ok(Some(counted)) => counted,
                Ok(None) => return,
                Err(refusal) => {
                    _ = emit(Message::Finished(Err(refusal)));
                    return;
                }
            },
        };
        if !only_count {
            let finished = squeeze_or_train(setup, &counted, emit);
            _ = emit(Message::Finished(finished));
        }
    })
}

fn count_and_weigh(setup: &Setup, emit: Emit<'_, Message>) -> Result<Option<Counted>> {
    let source = match &setup.text {
        Text::Shipped => Source::Text(origin::builtin().1),
        Text::File(path) => Source::File(path),
    };
    let counts = count(source, &setup.counting(), &mut |event| {
        emit(Message::Event(event))
    })?;
    let Some(counts) = counts else {
        return Ok(None);
    };
    if emit(Message::Weighing).is_break() {
        return Ok(None);
    }
    let counted = Counted {
        setup: setup.clone(),
        weighed: Arc::new(weigh(&counts, setup.weighting())),
        trap: find_trap(&counts),
        counts: Arc::new(counts),
    };
    let going = emit(Message::Counted(counted.clone()));
    Ok(going.is_continue().then_some(counted))
}

fn find_trap(counts: &Counts) -> Option<Trap> {
    let known = TRAP_CONTEXTS.iter().filter_map(|pair| {
        let [a, b] = pair.map(|word| counts.index(word));
        Some([a?, b?])
    });
    known
        .chain([[0, 1]])
        .find_map(|contexts| Trap::of(counts, contexts))
}

fn squeeze_or_train(setup: Setup, counted: &Counted, emit: Emit<'_, Message>) -> Result<Finished> {
    let mut emit = |event| emit(Message::Event(event));
    let (vectors, how) = match setup.maker {
        Maker::Svd => (
            squeeze(&counted.weighed, &setup.squeezing(), &mut emit),
            "PPMI + SVD",
        ),
        Maker::Glove => (
            train(&counted.counts, setup.glove(), setup.n_epochs, &mut emit),
            "GloVe",
        ),
    };
    let name = format!("{}, {how} to {}", setup.text_name(), setup.width);
    let (singular_values, losses) = (vectors.singular_values.clone(), vectors.losses.clone());
    let stopped = vectors.stopped;
    let space = Space::new(vectors.with_words(name, &counted.counts)?);
    Ok(Finished {
        setup,
        space,
        singular_values,
        losses,
        stopped,
    })
}
