//! What is under way, and what went wrong.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// Connections, at either end, and look-ups under way at once. Each needs a port or two at the sender, and turmoil
/// panics when its 16,384 are used up.
pub(super) const TASKS_MAX: usize = 10_000;

/// The tasks that are not done.
#[derive(Default)]
pub(super) struct Tasks {
    count: Cell<usize>,
    trouble: RefCell<Option<String>>,
}

impl Tasks {
    /// Whether something is on the way.
    pub(super) fn is_busy(&self) -> bool {
        self.count.get() > 0
    }

    /// Counts one more, unless there are too many; the [`Task`] takes it back.
    pub(super) fn begin(self: &Rc<Self>) -> Option<Task> {
        let count = self.count.get();
        if count >= TASKS_MAX {
            self.trouble(&format!(
                "more than {TASKS_MAX} connections and look-ups at once"
            ));
            return None;
        }
        self.count.set(count + 1);
        Some(Task(self.clone()))
    }

    /// Ends the run: the sockets did something that they should not.
    pub(super) fn trouble(&self, what: &str) {
        self.trouble
            .borrow_mut()
            .get_or_insert_with(|| what.to_owned());
    }

    pub(super) fn take_trouble(&self) -> Option<String> {
        self.trouble.borrow_mut().take()
    }
}

/// Counts as one while it lives. tokio swallows a task's panic, so this looks out for it.
pub(super) struct Task(Rc<Tasks>);

impl Task {
    /// Ends the run: see [`Tasks::trouble`].
    pub(super) fn trouble(&self, what: &str) {
        self.0.trouble(what);
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        let tasks = &self.0;
        tasks.count.set(tasks.count.get().saturating_sub(1));
        if std::thread::panicking() {
            tasks.trouble("a task panicked");
        }
    }
}
