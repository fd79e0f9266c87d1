//! A worker that does what was wished for last. Whoever moves a slider wishes anew with every move; of
//! several wishes for one place only the newest counts, and places that come first are served first.

use crate::jobs::{Emit, Job};
use crate::refusal::Result;
use crate::tabs::TabContext;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::ControlFlow;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

/// The worker. Dropping it ends it.
pub(crate) struct Latest<P, W, A> {
    pub(crate) job: Job<A>,
    board: Arc<Board<P, W>>,
}

struct Wishes<P, W> {
    open: BTreeMap<P, W>,
    ended: bool,
}

struct Board<P, W> {
    wishes: Mutex<Wishes<P, W>>,
    changed: Condvar,
}

impl<P: Ord + Copy, W> Board<P, W> {
    fn new() -> Self {
        Self {
            wishes: Mutex::new(Wishes {
                open: BTreeMap::new(),
                ended: false,
            }),
            changed: Condvar::new(),
        }
    }

    fn with<T>(&self, act: impl FnOnce(&mut Wishes<P, W>) -> T) -> T {
        let mut wishes = self.wishes.lock().unwrap_or_else(PoisonError::into_inner);
        let out = act(&mut wishes);
        self.changed.notify_all();
        out
    }

    /// The most urgent wish; waits for one. `None` at the end.
    fn next(&self) -> Option<(P, W)> {
        let wishes = self.wishes.lock().unwrap_or_else(PoisonError::into_inner);
        let idle = |wishes: &mut Wishes<P, W>| wishes.open.is_empty() && !wishes.ended;
        let waited = self.changed.wait_while(wishes, idle);
        let mut wishes = waited.unwrap_or_else(PoisonError::into_inner);
        if wishes.ended {
            return None;
        }
        wishes.open.pop_first()
    }

    /// Whether something at `place`, or more urgent than that, was wished for meanwhile.
    fn is_stale(&self, place: P) -> bool {
        self.with(|wishes| {
            let first = wishes.open.first_key_value();
            wishes.ended || first.is_some_and(|(&first, _)| first <= place)
        })
    }
}

impl<P, W, A> Latest<P, W, A>
where
    P: Ord + Copy + Send + 'static,
    W: Send + 'static,
    A: Send + 'static,
{
    /// Starts it. `work` is told the place, the wish, and whether it has been overtaken, which it asks
    /// now and then where it takes long; when it breaks, the worker ends.
    pub(crate) fn spawn(
        name: &str,
        cx: &TabContext<'_>,
        mut work: impl FnMut(P, W, &dyn Fn() -> bool, Emit<'_, A>) -> ControlFlow<()> + Send + 'static,
    ) -> Result<Self> {
        let board = Arc::new(Board::new());
        let shared: Arc<Board<P, W>> = Arc::clone(&board);
        let compute = cx.compute;
        let job = Job::spawn(name, Arc::clone(&cx.wake), move |emit| {
            compute.set_threads();
            while let Some((place, wish)) = shared.next() {
                let is_stale = || shared.is_stale(place);
                if work(place, wish, &is_stale, &mut *emit).is_break() {
                    return;
                }
            }
        })?;
        Ok(Self { job, board })
    }

    /// Wishes for something at a place. What was wished for there before and is not begun is forgotten.
    pub(crate) fn wish(&self, place: P, wish: W) {
        self.board.with(|wishes| wishes.open.insert(place, wish));
    }
}

impl<P, W, A> Drop for Latest<P, W, A> {
    fn drop(&mut self) {
        let wishes = self.board.wishes.lock();
        wishes.unwrap_or_else(PoisonError::into_inner).ended = true;
        self.board.changed.notify_all();
    }
}

impl<P, W, A> fmt::Debug for Latest<P, W, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Latest").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_wishes_for_a_place_the_newer_counts_and_the_first_place_comes_first() {
        let board = Board::new();
        for (place, wish) in [(2, "a strip"), (1, "old"), (1, "new")] {
            board.with(|wishes| wishes.open.insert(place, wish));
        }
        assert!(board.is_stale(1) && !board.is_stale(0));
        assert_eq!(board.next(), Some((1, "new")));
        assert!(!board.is_stale(1) && board.is_stale(2));
        assert_eq!(board.next(), Some((2, "a strip")));
        board.with(|wishes| wishes.ended = true);
        assert!(board.is_stale(0));
        assert_eq!(board.next(), None);
    }
}
