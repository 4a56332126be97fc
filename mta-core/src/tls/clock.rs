//! The core's time of day, as rustls asks for it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rustls::pki_types::UnixTime;
use rustls::time_provider::TimeProvider;

use crate::time::Wall;

/// Says what it was last told.
#[derive(Debug, Default)]
pub(super) struct ToldClock(AtomicU64);

impl ToldClock {
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
