//! What waits for the driver: bytes, then the end, then the time at which to come back.

use mta_core::time::Time;

use super::interface::PeerOutput;

#[derive(Default)]
pub(super) struct Outbox {
    pub(super) bytes: Vec<u8>,
    /// How many of the bytes leave in a segment of their own: the 220 of STARTTLS, so that bytes sent right behind it
    /// reach the client's TLS and not the text that it throws away.
    first_segment: usize,
    end: Option<Ending>,
    pub(super) wake: Option<Time>,
}

/// How the peer ends its side.
enum Ending {
    Close,
    Reset,
}

impl Outbox {
    pub(super) fn next(&mut self) -> Option<PeerOutput> {
        if !self.bytes.is_empty() {
            return Some(PeerOutput::Send(self.next_segment()));
        }
        match self.end.take() {
            Some(Ending::Close) => Some(PeerOutput::Close),
            Some(Ending::Reset) => Some(PeerOutput::Reset),
            None => self.wake.take().map(PeerOutput::WakeAt),
        }
    }

    fn next_segment(&mut self) -> Vec<u8> {
        let length = std::mem::take(&mut self.first_segment);
        if (1..self.bytes.len()).contains(&length) {
            let rest = self.bytes.split_off(length);
            return std::mem::replace(&mut self.bytes, rest);
        }
        std::mem::take(&mut self.bytes)
    }

    /// What waits now leaves in a segment of its own.
    pub(super) fn end_segment(&mut self) {
        self.first_segment = self.bytes.len();
    }

    /// The peer's side is closed once everything is sent.
    pub(super) fn close(&mut self) {
        self.end = Some(Ending::Close);
    }

    /// The connection is reset once everything is sent.
    pub(super) fn reset(&mut self) {
        self.end = Some(Ending::Reset);
    }

    /// Nobody is there to hear the rest.
    pub(super) fn forget_bytes(&mut self) {
        self.bytes = Vec::new();
    }

    /// Nothing is to be said.
    pub(super) fn clear(&mut self) {
        *self = Outbox::default();
    }
}
