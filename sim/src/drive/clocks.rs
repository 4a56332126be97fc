//! What the clocks of a machine show.

use mta_core::time::{Now, Time, Wall};

/// Both clocks of a machine whose wall clock showed `start` at the start.
pub(super) fn clocks(start: Wall, time: Time) -> Now {
    Now {
        time,
        wall: Wall(start.0.saturating_add(time.as_secs())),
    }
}
