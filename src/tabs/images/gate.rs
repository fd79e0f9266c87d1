//! Where a training waits while a person pauses.

use std::ops::ControlFlow;
use std::sync::{Condvar, Mutex, PoisonError};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Open,
    Closed,
    Ended,
}

/// Where a training waits while it is paused, and hears that it should end.
#[derive(Debug)]
pub(in crate::tabs::images) struct Gate {
    way: Mutex<Way>,
    changed: Condvar,
}

impl Gate {
    /// It is open.
    pub(in crate::tabs::images) fn new() -> Self {
        Self {
            way: Mutex::new(Way::Open),
            changed: Condvar::new(),
        }
    }

    fn set(&self, to: Way) {
        let mut way = self.way.lock().unwrap_or_else(PoisonError::into_inner);
        if *way != Way::Ended {
            *way = to;
        }
        self.changed.notify_all();
    }

    /// The training waits after its current turn.
    pub(in crate::tabs::images) fn close(&self) {
        self.set(Way::Closed);
    }

    /// It goes on.
    pub(in crate::tabs::images) fn open(&self) {
        self.set(Way::Open);
    }

    /// It ends.
    pub(in crate::tabs::images) fn end(&self) {
        self.set(Way::Ended);
    }

    /// Whether to go on; says so at once.
    pub(in crate::tabs::images) fn glance(&self) -> ControlFlow<()> {
        let way = self.way.lock().unwrap_or_else(PoisonError::into_inner);
        flow(*way)
    }

    /// Whether to go on; waits while the gate is closed.
    pub(in crate::tabs::images) fn pass(&self) -> ControlFlow<()> {
        let way = self.way.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.changed.wait_while(way, |way| *way == Way::Closed);
        flow(*waited.unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether a training that passes now would wait.
    pub(in crate::tabs::images) fn is_closed(&self) -> bool {
        *self.way.lock().unwrap_or_else(PoisonError::into_inner) == Way::Closed
    }
}

fn flow(way: Way) -> ControlFlow<()> {
    match way {
        Way::Ended => ControlFlow::Break(()),
        Way::Open | Way::Closed => ControlFlow::Continue(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_gate_holds_until_it_is_opened_or_ended() {
        let gate = Gate::new();
        assert!(gate.pass().is_continue());
        gate.close();
        // Glancing at it never waits.
        assert!(gate.glance().is_continue() && gate.is_closed());
        gate.end();
        assert!(gate.pass().is_break());
        gate.open();
        assert!(gate.glance().is_break(), "what was ended stays ended");
    }
}
