//! The worker that asks the network: what was wished for last is done first, and what takes long stands
//! back for what is urgent. The window never waits for it.

use crate::jobs::{Job, Wake};
use crate::labs::autoencoder::compressed::Compressed;
use crate::labs::autoencoder::explain::Explained;
use crate::labs::autoencoder::map::Map;
use crate::labs::autoencoder::mixing::Mixed;
use crate::labs::autoencoder::{Fault, Pictures};
use crate::labs::compute::Compute;
use crate::refusal::Result;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::ControlFlow;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

/// What is asked for. Those that come first here are answered first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// A picture, its code, and what comes back.
    One,
    /// Where a number comes from.
    Explain,
    /// Between two pictures.
    Between,
    /// Bytes against those of JPEG.
    Bytes,
    /// All codes on a plane.
    Map,
}

/// A picture, squeezed and unfolded.
#[derive(Debug, Clone)]
pub(super) struct One {
    /// What the encoder makes of the picture.
    pub(super) own: Vec<f32>,
    /// What was unfolded: the same, unless a number was changed by hand.
    pub(super) code: Vec<f32>,
    /// The picture, and what comes back.
    pub(super) pictures: Pictures,
    /// For each pixel, how far it is off: the root of the mean square over its colours, 0–255.
    pub(super) errors: Vec<f32>,
    pub(super) fault: Fault,
}

/// Bytes against those of JPEG, with an example.
#[derive(Debug, Clone)]
pub(super) struct Bytes {
    pub(super) compressed: Compressed,
    /// The picture, by its rounded code, and as the JPEG that is about as far off.
    pub(super) pictures: Pictures,
    /// The quality of that JPEG, and the bytes of its data.
    pub(super) quality: u8,
    pub(super) size: usize,
    /// How far the picture by its code is off, and how far the JPEG.
    pub(super) faults: [Fault; 2],
}

/// What comes back.
#[derive(Debug)]
pub(super) enum Answer {
    One(One),
    Explain(Explained),
    Between(Mixed),
    Bytes(Box<Bytes>),
    Map(Arc<Map>),
}

/// What the worker sends: an answer with the number of its wish.
pub(super) type Message = Result<(u64, Answer)>;

type GoOn<'a> = &'a mut dyn FnMut() -> ControlFlow<()>;
/// Works something out; asked now and then whether to go on, `None` where it did not.
type Work = Arc<dyn Fn(GoOn<'_>) -> Result<Option<Answer>> + Send + Sync>;

#[derive(Default)]
struct Wishes {
    open: BTreeMap<Place, (u64, Work)>,
    ended: bool,
}

impl fmt::Debug for Wishes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let open: Vec<&Place> = self.open.keys().collect();
        f.debug_struct("Wishes")
            .field("open", &open)
            .finish_non_exhaustive()
    }
}

#[derive(Debug, Default)]
struct Board {
    wishes: Mutex<Wishes>,
    changed: Condvar,
}

impl Board {
    fn with<T>(&self, act: impl FnOnce(&mut Wishes) -> T) -> T {
        let mut wishes = self.wishes.lock().unwrap_or_else(PoisonError::into_inner);
        let out = act(&mut wishes);
        self.changed.notify_all();
        out
    }

    /// The most urgent wish; waits for one. `None` at the end.
    fn next(&self) -> Option<(Place, u64, Work)> {
        let wishes = self.wishes.lock().unwrap_or_else(PoisonError::into_inner);
        let idle = |wishes: &mut Wishes| !wishes.ended && wishes.open.is_empty();
        let waited = self.changed.wait_while(wishes, idle);
        let mut wishes = waited.unwrap_or_else(PoisonError::into_inner);
        if wishes.ended {
            return None;
        }
        let (place, (number, work)) = wishes.open.pop_first()?;
        Some((place, number, work))
    }

    /// Whether what is being done for `place` should stand back.
    fn is_urgent(&self, place: Place) -> bool {
        let is_before = |wishes: &mut Wishes| {
            let first = wishes.open.keys().next();
            wishes.ended || first.is_some_and(|first| *first <= place)
        };
        self.with(is_before)
    }
}

/// The worker. Dropping it ends it.
#[derive(Debug)]
pub(super) struct Studio {
    pub(super) job: Job<Message>,
    board: Arc<Board>,
}

impl Studio {
    /// Starts it.
    pub(super) fn open(compute: Compute, wake: Wake) -> Result<Self> {
        let board = Arc::new(Board::default());
        let shared = Arc::clone(&board);
        let job = Job::spawn("ask an autoencoder", wake, move |emit| {
            compute.set_threads();
            while let Some((place, number, work)) = shared.next() {
                let answer = work(&mut || {
                    if shared.is_urgent(place) {
                        ControlFlow::Break(())
                    } else {
                        ControlFlow::Continue(())
                    }
                });
                let flow = match answer {
                    Ok(Some(answer)) => emit(Ok((number, answer))),
                    Err(refusal) => emit(Err(refusal)),
                    Ok(None) => {
                        // Later, unless something newer is wished for at this place.
                        shared.with(|wishes| {
                            wishes.open.entry(place).or_insert((number, work));
                        });
                        ControlFlow::Continue(())
                    }
                };
                if flow.is_break() {
                    return;
                }
            }
        })?;
        Ok(Self { job, board })
    }

    /// Wishes for something. A wish for the same place that is still open is forgotten.
    pub(super) fn wish(
        &self,
        place: Place,
        number: u64,
        work: impl Fn(GoOn<'_>) -> Result<Option<Answer>> + Send + Sync + 'static,
    ) {
        let work: Work = Arc::new(work);
        self.board
            .with(|wishes| wishes.open.insert(place, (number, work)));
    }
}

impl Drop for Studio {
    fn drop(&mut self) {
        self.board.with(|wishes| wishes.ended = true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nothing() -> Work {
        Arc::new(|_| Ok(None))
    }

    #[test]
    fn the_newest_wish_for_a_place_counts_and_what_takes_long_stands_back() {
        let board = Board::default();
        let wish = |place, number| {
            board.with(|wishes| wishes.open.insert(place, (number, nothing())));
        };
        wish(Place::Map, 1);
        wish(Place::One, 2);
        wish(Place::One, 3);
        let (place, number, _) = board.next().unwrap();
        assert_eq!((place, number), (Place::One, 3));
        assert!(!board.is_urgent(Place::One) && board.is_urgent(Place::Map));
        let (place, number, _) = board.next().unwrap();
        assert_eq!((place, number), (Place::Map, 1));
        assert!(!board.is_urgent(Place::Map));
        wish(Place::Explain, 4);
        assert!(board.is_urgent(Place::Map) && !board.is_urgent(Place::One));
        board.with(|wishes| wishes.ended = true);
        assert!(board.next().is_none());
    }
}
