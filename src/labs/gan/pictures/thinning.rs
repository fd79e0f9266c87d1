//! Which states of a film are kept when they take too much memory.

use super::State;
use std::sync::Arc;

impl State {
    /// Memory that it takes.
    #[must_use]
    pub fn n_bytes(&self) -> usize {
        let numbers = self.tensors.iter().map(|(_, _, values)| values.len());
        4 * numbers.sum::<usize>()
    }
}

/// Forgets states, given from the earliest to the latest, until they take `n_bytes` at most. The first
/// and the last stay; of the others, the one that leaves the smallest gap in turns goes first, so that
/// what is left covers the whole film. `known` tells the turn of a state and its bytes.
pub fn thin<S>(
    states: &mut [&mut Option<Arc<S>>],
    n_bytes: usize,
    known: impl Fn(&S) -> (usize, usize),
) {
    loop {
        let kept = states.iter().enumerate();
        let kept: Vec<(usize, usize, usize)> = kept
            .filter_map(|(i, state)| {
                let (step, n_bytes) = known(state.as_ref()?);
                Some((i, step, n_bytes))
            })
            .collect();
        if kept.iter().map(|(_, _, n)| n).sum::<usize>() <= n_bytes {
            return;
        }
        let gaps = kept
            .windows(3)
            .map(|w| (w[2].1.saturating_sub(w[0].1), w[1].0));
        let Some((_, forgotten)) = gaps.min() else {
            return;
        };
        *states[forgotten] = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(state: &State) -> (usize, usize) {
        (state.step, state.n_bytes())
    }

    #[test]
    fn the_states_that_are_kept_cover_the_whole_film() {
        let state = |step| {
            let tensors = vec![("w".to_owned(), vec![25], vec![0.0; 25])];
            Some(Arc::new(State {
                step,
                tensors,
                ..State::default()
            }))
        };
        let mut states: Vec<Option<Arc<State>>> = (0..=100).map(state).collect();
        let mut borrowed: Vec<_> = states.iter_mut().collect();
        thin(&mut borrowed, 11 * 100, known); // eleven states of 100 bytes
        let steps: Vec<usize> = states.iter().flatten().map(|s| s.step).collect();
        assert_eq!(steps.len(), 11);
        assert_eq!((steps[0], steps[10]), (0, 100));
        assert!(steps.windows(2).all(|w| w[1] - w[0] <= 16), "{steps:?}");
    }

    #[test]
    fn two_states_are_kept_however_little_memory_there_is() {
        let mut states = [Some(Arc::new(State::default())), None, Some(Arc::default())];
        thin(&mut states.each_mut(), 0, known);
        assert!(states[0].is_some() && states[2].is_some());
    }
}
