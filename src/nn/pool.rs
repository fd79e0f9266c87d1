//! The compute pool: one function, run by every worker at once (single program, multiple data).
//!
//! [`run`] calls `work(worker, n_workers)` on each worker and returns when all have finished; the
//! caller is worker 0. Workers spin for a few tens of microseconds after a call, because the next
//! product of a decoder step comes that soon, then sleep until they are woken: an idle pool uses no
//! CPU, and a desktop program never burns a core that something else could use.
//!
//! Results never depend on the number of threads: callers split what they compute by output rows,
//! so each sum is added up by one worker in one order. [`for_chunks`] hands rows out as workers
//! become free, so a core that another program borrows slows only the chunk it holds, and a worker
//! that does not wake in time is not waited for.

#![expect(
    unsafe_code,
    reason = "a borrowed closure crosses to threads that outlive the borrow; see `Pool::run`"
)]

use std::any::Any;
use std::cell::Cell;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::Thread;
use std::time::{Duration, Instant};

/// How long a worker, or a caller whose workers are late, looks before it sleeps.
const SPIN: Duration = Duration::from_micros(40);

/// What a panic carried.
type Panic = Box<dyn Any + Send>;

/// The closure of one call, with its lifetime erased: only [`Pool::run`] makes one.
type Work = &'static (dyn Fn(usize, usize) + Sync);

/// The pool of the process.
static POOL: Pool = Pool::new();

thread_local! {
    /// Whether this thread is inside a call, where a further call runs serially.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// Sets how many threads compute, the caller included; at least 1. Takes effect at the next call.
pub fn set_threads(n_threads: usize) {
    POOL.wanted.store(n_threads.max(1), Ordering::Relaxed);
}

/// How many threads compute, the caller included. Unless set: the physical cores less one, which
/// is left for the window.
#[must_use]
pub fn threads() -> usize {
    POOL.threads()
}

/// Calls `work(worker, n_workers)` once for every worker and waits for all of them. Allocates
/// nothing. A worker that has not begun when the caller is done with its own share is not waited
/// for: the caller does that share too, so the shares must not wait for one another. Calls from
/// several threads take turns; a call from inside `work` runs as `work(0, 1)` on the spot.
///
/// # Panics
/// With the first panic of `work`, after every worker has finished; later calls work as before.
pub fn run(work: impl Fn(usize, usize) + Sync) {
    POOL.run(&work);
}

/// Splits `0..n_items` into chunks of `chunk` (the last may be shorter) and calls `work` on each
/// chunk once, on whichever worker is free.
///
/// # Panics
/// As [`run`].
pub fn for_chunks(n_items: usize, chunk: usize, work: impl Fn(Range<usize>) + Sync) {
    POOL.for_chunks(n_items, chunk.max(1), &work);
}

/// Threads that wait for calls, and how many there are to be.
struct Pool {
    /// The number of threads asked for, the caller included; 0 until somebody asks.
    wanted: AtomicUsize,
    /// The workers besides the caller. Locked for a whole call: one computation at a time.
    workers: Mutex<Vec<Worker>>,
}

impl Pool {
    const fn new() -> Self {
        Self {
            wanted: AtomicUsize::new(0),
            workers: Mutex::new(Vec::new()),
        }
    }

    fn threads(&self) -> usize {
        match self.wanted.load(Ordering::Relaxed) {
            0 => {
                let n_threads = num_cpus::get_physical().saturating_sub(1).max(1);
                self.wanted.store(n_threads, Ordering::Relaxed);
                n_threads
            }
            n_threads => n_threads,
        }
    }

    fn run(&self, work: &(dyn Fn(usize, usize) + Sync)) {
        if INSIDE.get() {
            return work(0, 1);
        }
        let mut workers = lock(&self.workers);
        resize(&mut workers, self.threads() - 1);
        let n_workers = workers.len() + 1;
        // SAFETY: only the lifetime changes. The reference is used by the workers it is given to
        // below, and each drops it before it turns IDLE. This function waits for every one of them
        // to turn IDLE, or takes its call back before it began, before it returns or unwinds:
        // between here and the last `finish` nothing can panic (the caller's own shares are
        // caught). So `work` outlives every use.
        let erased: Work = unsafe { std::mem::transmute(work) };
        let caller = std::thread::current();
        for (worker, index) in workers.iter().zip(1..) {
            worker.start(erased, index, n_workers, &caller);
        }
        let share = |index| catch_unwind(AssertUnwindSafe(|| work(index, n_workers))).err();
        INSIDE.set(true);
        let mut panic = share(0);
        for (worker, index) in workers.iter().zip(1..) {
            if worker.revoke() {
                panic = share(index).or(panic);
            } else {
                panic = worker.finish().or(panic);
            }
        }
        INSIDE.set(false);
        drop(workers);
        if let Some(panic) = panic {
            resume_unwind(panic);
        }
    }

    fn for_chunks(&self, n_items: usize, chunk: usize, work: &(dyn Fn(Range<usize>) + Sync)) {
        if n_items <= chunk {
            if n_items > 0 {
                work(0..n_items);
            }
            return;
        }
        let next = AtomicUsize::new(0);
        self.run(&|_, _| {
            loop {
                let start = next.fetch_add(chunk, Ordering::Relaxed);
                if start >= n_items {
                    break;
                }
                work(start..n_items.min(start.saturating_add(chunk)));
            }
        });
    }
}

/// One thread that waits for calls.
struct Worker {
    slot: Arc<Slot>,
    thread: Thread,
}

/// Where a call is handed to a worker and its outcome handed back.
#[derive(Default)]
struct Slot {
    /// [`IDLE`], [`READY`], [`RUNNING`] or [`QUIT`].
    state: AtomicU8,
    call: Mutex<Option<Call>>,
    panic: Mutex<Option<Panic>>,
}

/// Waiting for a call; also the answer to one.
const IDLE: u8 = 0;
/// A call lies in the slot; the worker may begin it, or the caller take it back.
const READY: u8 = 1;
/// The worker is at it.
const RUNNING: u8 = 2;
/// The thread is to end.
const QUIT: u8 = 3;

struct Call {
    work: Work,
    index: usize,
    n_workers: usize,
    caller: Thread,
}

impl Worker {
    /// A new thread, or `None` when the system has none to give: the pool is then smaller.
    fn spawn() -> Option<Self> {
        let slot = Arc::new(Slot::default());
        let seen = Arc::clone(&slot);
        let join = std::thread::Builder::new()
            .name("compute".into())
            .spawn(move || seen.serve())
            .ok()?;
        let thread = join.thread().clone();
        Some(Self { slot, thread })
    }

    fn start(&self, work: Work, index: usize, n_workers: usize, caller: &Thread) {
        *lock(&self.slot.call) = Some(Call {
            work,
            index,
            n_workers,
            caller: caller.clone(),
        });
        self.slot.state.store(READY, Ordering::Release);
        self.thread.unpark();
    }

    /// Takes the call back if the worker has not begun it: its core is busy with something else.
    fn revoke(&self) -> bool {
        let revoked = change(&self.slot.state, READY, IDLE);
        if revoked {
            lock(&self.slot.call).take();
        }
        revoked
    }

    /// Waits for the worker to be idle again; its panic, if it had one.
    fn finish(&self) -> Option<Panic> {
        wait_while(&self.slot.state, RUNNING);
        lock(&self.slot.panic).take()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.slot.state.store(QUIT, Ordering::Release);
        self.thread.unpark();
    }
}

impl Slot {
    /// The life of a worker's thread.
    fn serve(&self) {
        INSIDE.set(true);
        loop {
            wait_while(&self.state, IDLE);
            if self.state.load(Ordering::Acquire) == QUIT {
                return;
            }
            if !change(&self.state, READY, RUNNING) {
                continue; // Taken back.
            }
            let Some(call) = lock(&self.call).take() else {
                // Not reached: a call lies here whenever the state is READY.
                self.state.store(IDLE, Ordering::Release);
                continue;
            };
            let outcome =
                catch_unwind(AssertUnwindSafe(|| (call.work)(call.index, call.n_workers)));
            *lock(&self.panic) = outcome.err();
            let caller = call.caller;
            self.state.store(IDLE, Ordering::Release);
            caller.unpark();
        }
    }
}

/// Returns once `state` is no longer `value`: looks for a while, then sleeps between wake-ups.
fn wait_while(state: &AtomicU8, value: u8) {
    let unchanged = || state.load(Ordering::Acquire) == value;
    let started = Instant::now();
    while unchanged() {
        for _ in 0..64 {
            if !unchanged() {
                return;
            }
            std::hint::spin_loop();
        }
        if started.elapsed() >= SPIN {
            break;
        }
    }
    while unchanged() {
        std::thread::park();
    }
}

/// Changes `state` from one value to another, unless it has changed already.
fn change(state: &AtomicU8, from: u8, to: u8) -> bool {
    let changed = state.compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire);
    changed.is_ok()
}

/// Starts or ends threads until there are `n_workers` besides the caller.
fn resize(workers: &mut Vec<Worker>, n_workers: usize) {
    workers.truncate(n_workers);
    while workers.len() < n_workers {
        match Worker::spawn() {
            Some(worker) => workers.push(worker),
            None => break,
        }
    }
}

/// Locks, whatever happened to an earlier holder: nothing here is left half-changed by a panic.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicBool;

    /// A pool of its own: the process's belongs to every test.
    fn pool(n_threads: usize) -> Pool {
        let pool = Pool::new();
        pool.wanted.store(n_threads, Ordering::Relaxed);
        pool
    }

    #[test]
    fn every_worker_is_called_once_with_its_own_number() {
        let pool = pool(1);
        for n_threads in [1, 2, 5, 3] {
            pool.wanted.store(n_threads, Ordering::Relaxed);
            let calls: Vec<AtomicUsize> = (0..n_threads).map(|_| AtomicUsize::new(0)).collect();
            pool.run(&|worker, n_workers| {
                assert_eq!(n_workers, n_threads);
                calls[worker].fetch_add(1, Ordering::Relaxed);
            });
            assert!(calls.iter().all(|n| n.load(Ordering::Relaxed) == 1));
        }
    }

    #[test]
    fn chunks_cover_every_item_once() {
        let seen: Vec<AtomicUsize> = (0..1001).map(|_| AtomicUsize::new(0)).collect();
        pool(3).for_chunks(seen.len(), 7, &|range| {
            for item in &seen[range] {
                item.fetch_add(1, Ordering::Relaxed);
            }
        });
        assert!(seen.iter().all(|n| n.load(Ordering::Relaxed) == 1));
    }

    #[test]
    fn a_panic_in_any_worker_reaches_the_caller_and_the_pool_works_on() {
        let pool = pool(3);
        for bad in 0..3 {
            let call = || pool.run(&|worker, _| assert_ne!(worker, bad, "worker {bad}"));
            assert!(catch_unwind(AssertUnwindSafe(call)).is_err());
        }
        let ran = AtomicUsize::new(0);
        pool.run(&|_, _| {
            ran.fetch_add(1, Ordering::Relaxed);
        });
        assert_eq!(ran.load(Ordering::Relaxed), 3);
    }

    #[test]
    fn a_call_inside_a_call_runs_serially() {
        let (pool, inner) = (pool(2), AtomicUsize::new(0));
        pool.run(&|_, _| {
            pool.run(&|worker, n_workers| {
                assert_eq!((worker, n_workers), (0, 1));
                inner.fetch_add(1, Ordering::Relaxed);
            });
        });
        assert_eq!(inner.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn two_callers_take_turns() {
        let (pool, busy) = (pool(2), AtomicBool::new(false));
        let call = || {
            for _ in 0..200 {
                pool.run(&|worker, _| {
                    if worker == 0 {
                        assert!(!busy.swap(true, Ordering::SeqCst), "two calls at once");
                        busy.store(false, Ordering::SeqCst);
                    }
                });
            }
        };
        std::thread::scope(|scope| {
            let other = scope.spawn(call);
            call();
            other.join().unwrap();
        });
    }
}
