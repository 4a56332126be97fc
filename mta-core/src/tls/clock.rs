//! The time of day as rustls asks for it. Each connection has a clock of its own, set at every call.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rustls::pki_types::UnixTime;
use rustls::time_provider::TimeProvider;

use crate::time::Wall;

/// A connection's clock: it shows what it was last set to.
#[derive(Debug)]
pub(super) struct ToldClock(AtomicU64);

impl ToldClock {
    pub(super) const fn at(wall: Wall) -> Self {
        ToldClock(AtomicU64::new(wall.0))
    }

    pub(super) fn set(&self, wall: Wall) {
        self.0.store(wall.0, Ordering::Relaxed);
    }
}

impl TimeProvider for ToldClock {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(Duration::from_secs(
            self.0.load(Ordering::Relaxed),
        )))
    }
}

/// No clock: what a configuration has before it is some connection's. rustls then fails instead of guessing.
#[derive(Debug)]
pub(super) struct NoClock;

impl TimeProvider for NoClock {
    fn current_time(&self) -> Option<UnixTime> {
        None
    }
}
