//! The wall clock that TLS reads: it stands still until it is set.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use mta_core::time::Wall;
use rustls::pki_types::UnixTime;
use rustls::time_provider::TimeProvider;

/// A wall clock set by hand, shared by what reads it through an `Arc`.
#[derive(Debug)]
pub struct SimClock(AtomicU64);

impl SimClock {
    /// A clock that shows `now`.
    pub const fn new(now: Wall) -> Self {
        SimClock(AtomicU64::new(now.0))
    }

    /// Sets the clock, forwards or back.
    pub fn set(&self, now: Wall) {
        self.0.store(now.0, Ordering::Relaxed);
    }

    /// What the clock shows.
    pub fn wall(&self) -> Wall {
        Wall(self.0.load(Ordering::Relaxed))
    }
}

impl TimeProvider for SimClock {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(Duration::from_secs(
            self.wall().0,
        )))
    }
}
