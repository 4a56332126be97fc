//! What the core asks its driver to do.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;

use crate::dns::Question;
use crate::event::{Detail, Event, What};
use crate::time::Time;
use crate::tls::Secret;

/// Something for the driver to do, or to know.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Ask the resolver, and answer with [`Input::Answer`](crate::Input::Answer).
    Resolve {
        /// To be given back with the answer.
        query: u32,
        /// The question.
        question: Question,
    },
    /// Open a TCP connection, and say how it went.
    Connect {
        /// To be given back with everything about this connection.
        connection: u32,
        /// Where to.
        address: SocketAddr,
    },
    /// Send these bytes, all of them, in order.
    Send {
        /// The connection.
        connection: u32,
        /// The bytes; never empty.
        bytes: Vec<u8>,
    },
    /// Close the connection once everything is sent. Nothing more is expected from it.
    Close {
        /// The connection.
        connection: u32,
    },
    /// Come back with [`Input::Timeout`](crate::Input::Timeout) at this time, or not at all. Replaces what was said
    /// before.
    WakeAt(Option<Time>),
    /// Something happened. Nothing is to be done.
    Event(Event),
    /// A TLS secret came up. Put out only if that was asked for ([`Mta::tell_secrets`](crate::Mta::tell_secrets)).
    Secret {
        /// The connection.
        connection: u32,
        /// The secret.
        secret: Secret,
    },
}

/// Collects outputs.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    pub(crate) queue: VecDeque<Output>,
    pub(crate) detail: Detail,
    pub(crate) tells_secrets: bool,
    /// The service whose events these are, if it is another one than `smtp`.
    pub(crate) service: Option<Arc<str>>,
}

impl Outbox {
    pub(crate) fn put(&mut self, output: Output) {
        self.queue.push_back(output);
    }

    /// Whether events of this detail are wanted at all; saves making them.
    pub(crate) fn wants(&self, detail: Detail) -> bool {
        detail <= self.detail
    }

    pub(crate) fn event(&mut self, mut event: Event) {
        if self.wants(event.what.detail()) {
            event.service.clone_from(&self.service);
            self.queue.push_back(Output::Event(event));
        }
    }

    /// An event about no connection.
    pub(crate) fn tell(&mut self, at: Time, queue_id: Option<&Arc<str>>, what: What) {
        if self.wants(what.detail()) {
            self.queue.push_back(Output::Event(Event {
                at,
                queue_id: queue_id.cloned(),
                connection: None,
                service: self.service.clone(),
                what,
            }));
        }
    }
}
