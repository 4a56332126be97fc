//! A digest over every octet of a run.

use std::collections::BTreeMap;
use std::fmt;

use sha2::{Digest as _, Sha256};

/// SHA-256 over the octets of every connection, each direction by itself: how they were sliced and when they came
/// does not matter, only what they were.
#[derive(Clone, Debug, Default)]
pub struct WireDigest {
    streams: BTreeMap<(Octets, u32), Sha256>,
}

/// A direction of octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Octets {
    ToPeer,
    ToSender,
    Dns,
}

impl WireDigest {
    pub(crate) fn add(&mut self, stream: Octets, connection: u32, octets: &[u8]) {
        self.streams
            .entry((stream, connection))
            .or_default()
            .update(octets);
    }

    /// The digest over all streams, in the order of their numbers.
    pub fn finish(&self) -> [u8; 32] {
        let mut all = Sha256::new();
        for ((stream, connection), digest) in &self.streams {
            all.update([*stream as u8]);
            all.update(connection.to_be_bytes());
            all.update(digest.clone().finalize());
        }
        all.finalize().into()
    }
}

/// All 32 octets in hexadecimal.
impl fmt::Display for WireDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.finish()
            .iter()
            .try_for_each(|octet| write!(f, "{octet:02x}"))
    }
}

impl PartialEq for WireDigest {
    fn eq(&self, other: &Self) -> bool {
        self.finish() == other.finish()
    }
}
