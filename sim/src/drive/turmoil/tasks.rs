//! What all hosts share: the time, what is under way, and what went wrong.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::io;
use std::rc::Rc;
use std::time::Duration;

use mta_core::time::{Now, Time, Wall};

use crate::drive::sender::clocks;
use crate::peer::Seen;
use crate::seed::Seed;

/// Connections, at either end, and look-ups under way at once. Each needs a port or two at the sender, and turmoil
/// panics when its 16,384 are used up.
pub(super) const TASKS_MAX: usize = 10_000;

/// The time and what is under way.
pub(super) struct Tasks {
    pub(super) seed: Seed,
    start: Wall,
    /// When the episode began.
    began: Cell<Time>,
    /// How far it has come, in whole ticks.
    ended: Cell<Time>,
    tasks: Cell<usize>,
    trouble: RefCell<Option<String>>,
    seen: RefCell<Vec<(u32, Seen)>>,
}

impl Tasks {
    pub(super) fn new(seed: Seed, start: Wall) -> Self {
        Tasks {
            seed,
            start,
            began: Cell::new(Time::START),
            ended: Cell::new(Time::START),
            tasks: Cell::new(0),
            trouble: RefCell::new(None),
            seen: RefCell::new(Vec::new()),
        }
    }

    /// An episode begins.
    pub(super) fn begin(&self, at: Time) {
        self.began.set(at);
        self.ended.set(at);
    }

    /// A tick is over.
    pub(super) fn ticked(&self, tick: Duration) {
        self.ended.set(self.ended.get() + tick);
    }

    /// Up to when everything has happened.
    pub(super) fn ended(&self) -> Time {
        self.ended.get()
    }

    /// The present instant, on the host that asks.
    pub(super) fn now(&self) -> Time {
        self.began.get() + turmoil::sim_elapsed().unwrap_or_default()
    }

    /// Both clocks, on the host that asks.
    pub(super) fn clocks(&self) -> Now {
        self.clocks_at(self.now())
    }

    pub(super) fn clocks_at(&self, time: Time) -> Now {
        clocks(self.start, time)
    }

    /// Waits for a time; for ever, if there is none.
    pub(super) async fn until(&self, at: Option<Time>) {
        match at {
            Some(at) => tokio::time::sleep(at.since(self.now())).await,
            None => std::future::pending().await,
        }
    }

    /// Whether something is on the way.
    pub(super) fn is_busy(&self) -> bool {
        self.tasks.get() > 0
    }

    /// Starts something that is on the way until it is done.
    pub(super) fn spawn(self: &Rc<Self>, work: impl Future<Output = io::Result<()>> + 'static) {
        if self.tasks.get() >= TASKS_MAX {
            self.trouble(&format!(
                "more than {TASKS_MAX} connections and look-ups at once"
            ));
            return;
        }
        self.tasks.set(self.tasks.get() + 1);
        let task = Task(self.clone());
        tokio::task::spawn_local(async move {
            if let Err(error) = work.await {
                task.0.trouble(&error.to_string());
            }
        });
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

    /// Notes what a peer saw of a connection.
    pub(super) fn note(&self, connection: u32, seen: Seen) {
        self.seen.borrow_mut().push((connection, seen));
    }

    pub(super) fn take_seen(&self) -> Vec<(u32, Seen)> {
        self.seen.take()
    }
}

/// Counts as one while it lives. tokio swallows a task's panic, so this looks out for it.
struct Task(Rc<Tasks>);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.tasks.set(self.0.tasks.get().saturating_sub(1));
        if std::thread::panicking() {
            self.0.trouble("a task panicked");
        }
    }
}
