//! Ctrl-C: the first asks the verb to stop and keep what it made, the second quits at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

/// A verb is at work and will look at the flag.
const WORKING: u8 = 0;
/// A verb waits for input, where nothing looks at the flag and nothing would be lost.
const WAITING: u8 = 1;
/// Ctrl-C was pressed.
const STOPPING: u8 = 2;

/// The exit status of a program that Ctrl-C ended, by the shells' convention.
const INTERRUPTED: i32 = 130;

/// The flag that Ctrl-C sets. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicU8>);

impl Stop {
    /// Whether to end now and keep what was made.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed) == STOPPING
    }

    /// Asks the verb to stop, as Ctrl-C does.
    pub fn set(&self) {
        self.0.store(STOPPING, Ordering::Relaxed);
    }

    /// What a lab's `emit` returns: go on until Ctrl-C.
    pub fn flow(&self) -> std::ops::ControlFlow<()> {
        if self.is_set() {
            std::ops::ControlFlow::Break(())
        } else {
            std::ops::ControlFlow::Continue(())
        }
    }

    /// Runs something that blocks on the outside world, such as stdin; Ctrl-C ends it at once.
    pub fn while_waiting<T>(&self, wait: impl FnOnce() -> T) -> T {
        self.swap(WORKING, WAITING);
        let result = wait();
        self.swap(WAITING, WORKING);
        result
    }

    /// Lets Ctrl-C (and a polite kill) set this flag from now on.
    pub fn on_ctrl_c(&self) {
        let flag = self.clone();
        let installed = ctrlc::set_handler(move || {
            if flag.0.swap(STOPPING, Ordering::Relaxed) != WORKING {
                std::process::exit(INTERRUPTED);
            }
        });
        if let Err(error) = installed {
            eprintln!("Ctrl-C will end this at once, keeping nothing ({error}).");
        }
    }

    /// Changes one state into another, unless Ctrl-C came between.
    fn swap(&self, from: u8, to: u8) {
        let _ = self
            .0
            .compare_exchange(from, to, Ordering::Relaxed, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stop_is_seen_by_every_clone_and_outlasts_a_wait() {
        let stop = Stop::default();
        let seen_by_the_lab = stop.clone();
        assert!(seen_by_the_lab.flow().is_continue());
        stop.while_waiting(|| stop.set());
        assert!(seen_by_the_lab.is_set());
        assert!(seen_by_the_lab.flow().is_break());
    }
}
