//! A digest over every byte of a run.

use std::collections::BTreeMap;
use std::fmt;

use mta_core::time::Time;
use sha2::{Digest as _, Sha256};

use super::{Flow, Tap};

/// SHA-256 over the bytes of every connection, each direction by itself: how they were sliced and when they came
/// does not matter, only what they were.
#[derive(Clone, Debug, Default)]
pub struct WireDigest {
    streams: BTreeMap<(Stream, u32), State>,
}

/// How far a stream's digest is.
#[derive(Clone, Debug)]
enum State {
    /// More may come.
    Open(Box<Sha256>),
    /// Nothing follows: a third of the memory, and there are three look-ups for each attempt to deliver.
    Done([u8; 32]),
}

/// What is digested together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stream {
    ToPeer,
    ToSender,
    Dns,
}

impl WireDigest {
    /// The digest over all streams, in the order of their numbers.
    pub fn finish(&self) -> [u8; 32] {
        let mut all = Sha256::new();
        for ((stream, connection), digest) in &self.streams {
            all.update([*stream as u8]);
            all.update(connection.to_be_bytes());
            all.update(digest.value());
        }
        all.finalize().into()
    }
}

impl Tap for WireDigest {
    fn bytes(&mut self, _: Time, flow: Flow, bytes: &[u8]) {
        let stream = match flow {
            Flow::ToPeer(connection) => (Stream::ToPeer, connection),
            Flow::ToSender(connection) => (Stream::ToSender, connection),
            Flow::Query(query) | Flow::Reply(query) => (Stream::Dns, query),
        };
        let state = self.streams.entry(stream).or_default();
        if let State::Open(digest) = state {
            digest.update(bytes);
        }
        if matches!(flow, Flow::Reply(_)) {
            *state = State::Done(state.value());
        }
    }
}

impl State {
    fn value(&self) -> [u8; 32] {
        match self {
            State::Open(digest) => Sha256::clone(digest).finalize().into(),
            State::Done(digest) => *digest,
        }
    }
}

impl Default for State {
    fn default() -> Self {
        State::Open(Box::default())
    }
}

/// All 32 bytes in hexadecimal.
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
