//! A digest over a run's events, to compare two runs in one line.

use std::fmt;

use sha2::{Digest as _, Sha256};

use super::Event;

/// SHA-256 over events, in order.
#[derive(Clone, Debug, Default)]
pub struct EventDigest(Sha256);

impl EventDigest {
    /// Adds one event.
    pub fn add(&mut self, event: &Event) {
        self.0.update(format!("{event:?}\n"));
    }

    /// The digest of all added so far.
    pub fn finish(&self) -> [u8; 32] {
        self.0.clone().finalize().into()
    }
}

/// The first eight bytes in hexadecimal.
impl fmt::Display for EventDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.finish()
            .iter()
            .take(8)
            .try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
