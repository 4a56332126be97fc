//! What moves the machines: thin, and of one shape. A decision found here belongs elsewhere.
//!
//! The sender's half (`sender`) and the half of those who accept (`arrival`) are the same for every driver. What a
//! driver adds is how time passes and how things travel between the two.

mod arrival;
mod clocks;
mod halves;
mod sender;

#[cfg(feature = "tokio")]
pub mod client;
pub mod memory;
#[cfg(feature = "tokio")]
pub mod server;
#[cfg(feature = "turmoil")]
mod tokio;

use std::sync::{Arc, Mutex, PoisonError};

use crate::plan::{Plan, PlanError, Prepared};
use crate::run::{Driver, Run};
use crate::tap::{Tap, WireDigest};

use halves::Halves;

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
        let digest = Arc::new(Mutex::new(WireDigest::default()));
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
            wire: std::mem::take(&mut *digest.lock().unwrap_or_else(PoisonError::into_inner)),
            seen: outcome.seen,
            ended: outcome.ended,
            left_in_queue: outcome.left_in_queue,
            services: outcome.services,
            rules: outcome.rules,
        })
    }
}
