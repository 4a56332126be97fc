//! What moves the machines: thin, and of one shape. A decision found here belongs elsewhere.
//!
//! The sender's half (`sender`) and the half of those who accept (`arrival`) are the same for every driver. What a
//! driver adds is how time passes and how things travel between the two.

mod arrival;
mod clocks;
mod sender;

pub mod memory;
#[cfg(feature = "tokio")]
pub mod server;
#[cfg(feature = "turmoil")]
mod tokio;

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use mta_core::event::Event;
use mta_core::process::Services;
use mta_core::time::Time;

use crate::peer::Seen;
use crate::plan::{Plan, PlanError, Prepared};
use crate::run::{Driver, RuleHits, Run};
use crate::tap::{Tap, WireDigest};
use crate::world::World;

use arrival::Arrivals;
use sender::Sender;

#[cfg(feature = "turmoil")]
pub use self::tokio::turmoil;

impl Plan {
    /// Prepares the run, and makes it.
    ///
    /// # Errors
    /// [`PlanError`] if the plan makes no sense, or the driver cannot do it.
    pub fn run(&self, driver: Driver) -> Result<Run, PlanError> {
        self.prepare()?.run(driver)
    }
}

impl Prepared {
    /// Makes the run.
    ///
    /// # Errors
    /// [`PlanError::Driver`] if the driver cannot do it.
    pub fn run(self, driver: Driver) -> Result<Run, PlanError> {
        self.run_tapped(driver, Vec::new())
    }

    /// Makes the run, with somebody listening.
    ///
    /// # Errors
    /// As [`Prepared::run`].
    pub fn run_tapped(self, driver: Driver, taps: Vec<Box<dyn Tap>>) -> Result<Run, PlanError> {
        let end = self.limit;
        let mut halves = Halves::of(self);
        let digest = Rc::new(RefCell::new(WireDigest::default()));
        halves.listen(Box::new(digest.clone()));
        for tap in taps {
            halves.listen(tap);
        }
        let outcome = match driver {
            Driver::Memory => memory::run(halves, end),
            #[cfg(feature = "turmoil")]
            Driver::Turmoil => turmoil::run(halves, end)?,
        };
        Ok(Run {
            events: outcome.events,
            wire: digest.take(),
            seen: outcome.seen,
            ended: outcome.ended,
            left_in_queue: outcome.left_in_queue,
            services: outcome.services,
            rules: outcome.rules,
        })
    }
}

/// Both halves of a run before its first event, and the world between them.
struct Halves {
    world: World,
    sender: Sender,
    arrivals: Arrivals,
}

impl Halves {
    fn of(prepared: Prepared) -> Halves {
        let Prepared {
            world,
            mta,
            timeline,
            messages,
            ..
        } = prepared;
        Halves {
            sender: Sender::new(mta, &world).with_plan(timeline, messages),
            arrivals: Arrivals::new(&world),
            world,
        }
    }

    fn listen(&mut self, tap: Box<dyn Tap>) {
        self.sender.listen(tap, &mut self.arrivals);
    }
}

/// What came out of both halves in the end.
struct Outcome {
    events: Vec<Event>,
    seen: Vec<(u32, Seen)>,
    ended: Time,
    left_in_queue: usize,
    services: Vec<Arc<Services>>,
    rules: Vec<RuleHits>,
}

impl Outcome {
    fn of(sender: &mut Sender, arrivals: &mut Arrivals, world: &World, ended: Time) -> Outcome {
        let seen = arrivals.take_seen().into_iter();
        Outcome {
            events: sender.take_events(),
            seen: seen.map(|(number, _, seen)| (number, seen)).collect(),
            ended,
            left_in_queue: sender.queued(),
            services: sender.services().to_vec(),
            rules: sender.rule_hits(world),
        }
    }
}
