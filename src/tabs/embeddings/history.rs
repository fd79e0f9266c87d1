//! What can be undone: the states before, and those that were undone.

/// So many steps can be undone.
const MOST: usize = 200;

/// The states around the one there is.
#[derive(Debug)]
pub(super) struct History<T> {
    undone: Vec<T>,
    done: Vec<T>,
    /// What is being changed: its changes are one step.
    editing: Option<String>,
}

impl<T> Default for History<T> {
    fn default() -> Self {
        Self {
            undone: Vec::new(),
            done: Vec::new(),
            editing: None,
        }
    }
}

impl<T: PartialEq> History<T> {
    /// Puts `new` in the place of `current`. Changes of one `name`, one after the other, are one step.
    /// Returns whether anything changed.
    pub(super) fn change(&mut self, current: &mut T, new: T, name: &str) -> bool {
        if *current == new {
            return false;
        }
        let before = std::mem::replace(current, new);
        if self.editing.as_deref() != Some(name) {
            self.undone.push(before);
            if self.undone.len() > MOST {
                self.undone.remove(0);
            }
        }
        self.editing = Some(name.to_owned());
        self.done.clear();
        true
    }

    /// What follows is another step, whatever its name.
    pub(super) fn close_step(&mut self) {
        self.editing = None;
    }

    pub(super) fn can_undo(&self) -> bool {
        !self.undone.is_empty()
    }

    pub(super) fn can_redo(&self) -> bool {
        !self.done.is_empty()
    }

    /// Back to the state before the last step.
    pub(super) fn undo(&mut self, current: &mut T) {
        if let Some(before) = self.undone.pop() {
            self.done.push(std::mem::replace(current, before));
            self.editing = None;
        }
    }

    /// Takes an undo back.
    pub(super) fn redo(&mut self, current: &mut T) {
        if let Some(after) = self.done.pop() {
            self.undone.push(std::mem::replace(current, after));
            self.editing = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_of_one_name_are_one_step_and_a_change_forgets_what_was_undone() {
        let (mut history, mut now) = (History::default(), 0);
        for n in 1..=5 {
            assert!(history.change(&mut now, n, "drag"));
        }
        assert!(!history.change(&mut now, 5, "drag"));
        history.close_step();
        history.change(&mut now, 6, "drag");
        history.undo(&mut now);
        assert_eq!(now, 5);
        history.undo(&mut now);
        assert_eq!((now, history.can_undo()), (0, false));
        history.redo(&mut now);
        assert_eq!((now, history.can_redo()), (5, true));
        history.change(&mut now, 9, "other");
        assert!(!history.can_redo());
        history.undo(&mut now);
        assert_eq!(now, 5);
    }
}
