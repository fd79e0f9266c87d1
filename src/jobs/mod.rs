//! A [`Job`]: one lab on a named thread, its events in a bounded channel, and a way to stop it.
//!
//! The window never waits: it calls [`Job::poll`] once a frame and takes what has arrived. A job
//! that gets ahead of the window blocks on the full channel until the window catches up. Stop sets
//! a flag that the lab sees the next time it emits; a lab emits at least every 200 ms.

pub mod microphone;
mod ring;
pub mod speaker;
mod system_words;

use crate::refusal::{Refusal, Result};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, TrySendError, sync_channel};
use std::time::Duration;

/// Called after each event, from the job's thread: asks the window for a frame.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// Takes one event and says whether to go on: the parameter every lab streams through.
pub type Emit<'a, E> = &'a mut dyn FnMut(E) -> ControlFlow<()>;

/// How many events may wait for the window before the job waits for it.
const CHANNEL_EVENTS: usize = 256;

/// Deep enough for a training graph's recursive drop.
const STACK_BYTES: usize = 64 << 20;

/// A lab at work on its own thread. Dropping the job stops it.
#[derive(Debug)]
pub struct Job<E> {
    events: Receiver<E>,
    stop: Arc<AtomicBool>,
    running: bool,
    failed: Option<Refusal>,
    panicked: Arc<std::sync::Mutex<Option<String>>>,
}

impl<E: Send + 'static> Job<E> {
    /// Starts `work` on a thread called `name`. `wake` runs after every event and at the end.
    ///
    /// # Errors
    /// When the system cannot start another thread.
    pub fn spawn(
        name: &str,
        wake: Wake,
        work: impl FnOnce(Emit<'_, E>) + Send + 'static,
    ) -> Result<Self> {
        let (sender, events) = sync_channel(CHANNEL_EVENTS);
        let stop = Arc::new(AtomicBool::new(false));
        let panicked = Arc::new(std::sync::Mutex::new(None));
        let (stop_seen, panic_slot) = (Arc::clone(&stop), Arc::clone(&panicked));
        let run = move || {
            let mut emit = |event| send(&sender, event, &stop_seen, &wake);
            let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| work(&mut emit)));
            if let (Err(panic), Ok(mut slot)) = (caught, panic_slot.lock()) {
                *slot = Some(panic_message(panic.as_ref()));
            }
            drop(sender);
            wake();
        };
        std::thread::Builder::new()
            .name(name.into())
            .stack_size(STACK_BYTES)
            .spawn(run)
            .map_err(|error| {
                Refusal::unchanged(
                    format!("The work “{name}” could not be started"),
                    format!("The system refused another thread: {error}."),
                    "Close other programs and try again.",
                )
            })?;
        Ok(Self {
            events,
            stop,
            running: true,
            failed: None,
            panicked,
        })
    }

    /// The events that arrived since the last call, oldest first. Never waits.
    pub fn poll(&mut self) -> Vec<E> {
        let mut arrived = Vec::new();
        while self.running {
            match self.events.try_recv() {
                Ok(event) => arrived.push(event),
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => self.close(),
            }
        }
        arrived
    }

    /// Asks the lab to stop at its next event. Events already sent still arrive.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Whether the lab is still at work, as far as [`Job::poll`] has seen.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.running
    }

    /// Why the work ended by itself in the middle, once: a fault of ours, told as a refusal.
    pub fn take_failure(&mut self) -> Option<Refusal> {
        self.failed.take()
    }

    fn close(&mut self) {
        self.running = false;
        let panic = self.panicked.lock().ok().and_then(|mut slot| slot.take());
        self.failed = panic.map(|message| {
            Refusal::new(
                "This work ended in the middle because of a fault in Glassbox",
                message,
                "What was made before it is kept; the rest of the window works on.",
                "Try again with other settings, and please report it.",
            )
        });
    }
}

impl<E> Drop for Job<E> {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

/// Sends one event, waiting while the channel is full, unless the job is being stopped.
fn send<E>(sender: &SyncSender<E>, event: E, stop: &AtomicBool, wake: &Wake) -> ControlFlow<()> {
    let mut waiting = event;
    loop {
        match sender.try_send(waiting) {
            Ok(()) => break,
            Err(TrySendError::Disconnected(_)) => return ControlFlow::Break(()),
            Err(TrySendError::Full(event)) => waiting = event,
        }
        wake();
        std::thread::sleep(Duration::from_millis(5));
        if stop.load(Ordering::Relaxed) {
            return ControlFlow::Break(());
        }
    }
    wake();
    if stop.load(Ordering::Relaxed) {
        ControlFlow::Break(())
    } else {
        ControlFlow::Continue(())
    }
}

/// The words a panic carried, without its source line.
#[must_use]
pub fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no reason was given".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn silent() -> Wake {
        Arc::new(|| {})
    }

    fn drain<E: Send + 'static>(job: &mut Job<E>) -> Vec<E> {
        let mut all = Vec::new();
        while job.is_running() {
            all.extend(job.poll());
            std::thread::yield_now();
        }
        all
    }

    #[test]
    fn events_arrive_in_the_order_they_were_sent() {
        let mut job = Job::spawn("count", silent(), |emit| {
            for i in 0..1000 {
                if emit(i).is_break() {
                    return;
                }
            }
        })
        .unwrap();
        assert_eq!(drain(&mut job), (0..1000).collect::<Vec<_>>());
    }

    #[test]
    fn a_stopped_job_ends_and_keeps_what_it_had_sent() {
        let mut job =
            Job::spawn("forever", silent(), |emit| while emit(1).is_continue() {}).unwrap();
        while job.poll().is_empty() {}
        job.stop();
        drain(&mut job);
        assert!(!job.is_running());
        assert!(job.take_failure().is_none());
    }

    #[test]
    fn a_panic_becomes_a_refusal_and_not_a_crash() {
        let mut job: Job<()> = Job::spawn("faulty", silent(), |_| panic!("seven")).unwrap();
        drain(&mut job);
        assert_eq!(job.take_failure().unwrap().evidence, "seven");
    }
}
