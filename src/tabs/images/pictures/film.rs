//! The snapshots of a training of a GAN, and the ways it took.

use super::trace::Trace;
use crate::labs::gan::pictures::Pictures;
use crate::labs::gan::pictures::{Snapshot, State, thin};
use crate::tabs::images::ways::{self, Shot};
use std::sync::Arc;

pub(super) type Frame = ways::Frame<Snapshot>;
pub(super) type Way = ways::Way<Snapshot>;

impl Shot for Snapshot {
    type State = State;
    type Trace = Trace;

    const STEP: &'static str = "turn";

    fn step(&self) -> usize {
        self.step
    }

    fn secs(&self) -> f64 {
        self.secs
    }

    fn pictures(&self) -> &Pictures {
        &self.fakes
    }

    fn take_state(&mut self) -> Option<Arc<State>> {
        self.state.take()
    }

    fn thin(states: &mut [&mut Option<Arc<State>>], n_bytes: usize) {
        thin(states, n_bytes, |state| (state.step, state.n_bytes()));
    }

    fn until(trace: &Trace, step: usize) -> Trace {
        trace.until(step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labs::gan::pictures::Variety;

    type Film = ways::Film<Snapshot>;

    fn snapshot(step: usize) -> Snapshot {
        Snapshot {
            step,
            secs: step as f64,
            fakes: Arc::new(Pictures {
                side: 1,
                n_channels: 1,
                pixels: vec![0; 64],
            }),
            fake_logits: vec![0.0; 64],
            reals: Vec::new(),
            real_logits: Vec::new(),
            state: Some(Arc::new(State {
                step,
                ..State::default()
            })),
        }
    }

    fn film() -> Film {
        let mut film = Film::default();
        film.clear();
        for step in [0, 1, 2, 4, 8] {
            film.push(snapshot(step), None);
        }
        film
    }

    fn steps(film: &Film) -> Vec<usize> {
        film.frames()
            .iter()
            .map(|frame| frame.snapshot.step)
            .collect()
    }

    #[test]
    fn going_on_from_an_earlier_snapshot_keeps_both_ways() {
        let mut film = film();
        film.select(Some(2));
        let state = film.go_on_from_here().unwrap();
        assert_eq!(state.step, 2);
        film.push(snapshot(3), None);
        assert_eq!(steps(&film), [0, 1, 2, 3]);
        assert!(film.is_fork(2));
        let (ways, shown) = film.ways();
        assert_eq!(ways, ["Way 1: to turn 8", "Way 2: from turn 2 to 3"]);
        assert_eq!(shown, 1);
        film.show_way(0);
        assert_eq!(steps(&film), [0, 1, 2, 4, 8]);
    }

    #[test]
    fn going_on_from_the_end_is_no_second_way() {
        let mut film = film();
        assert_eq!(film.go_on_from_here().unwrap().step, 8);
        film.push(snapshot(9), None);
        assert!(film.ways().0.is_empty());
        assert_eq!(steps(&film), [0, 1, 2, 4, 8, 9]);
    }

    #[test]
    fn a_turn_has_one_snapshot() {
        let mut film = film();
        let variety = Variety {
            spread: 0.5,
            kinds: Vec::new(),
        };
        film.push(snapshot(8), Some(variety.clone()));
        assert_eq!(steps(&film), [0, 1, 2, 4, 8]);
        assert_eq!(film.newest().unwrap().variety, Some(variety));
    }
}
