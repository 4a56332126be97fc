//! Postfix's outbound SMTP and TLS rules as a sans-IO state machine.
//!
//! [`Mta`] is the sender: a queue, its deliveries and their connections. It owns no socket, clock, thread, file or
//! random source. Whoever drives it says what happened and what time it is ([`Input`]), and does what it asks
//! ([`Output`]). This is a complete loop, around a server that says yes to everything:
//!
//! ```
//! use std::collections::VecDeque;
//! use std::sync::Arc;
//!
//! use mta_core::config::{Release, Settings};
//! use mta_core::dns::{Answer, Data, Kind, Question};
//! use mta_core::event::{Detail, Status};
//! use mta_core::queue::Message;
//! use mta_core::process::Service;
//! use mta_core::time::Now;
//! use mta_core::tls::SessionCache;
//! use mta_core::{Input, Mta, Output};
//!
//! /// The domain has no MX record, and an address.
//! fn resolve(question: &Question) -> Answer {
//!     let address = (question.kind == Kind::A).then(|| Data::A([192, 0, 2, 1].into()));
//!     Answer::unsigned(60, address)
//! }
//!
//! fn server(said: &[u8]) -> &'static [u8] {
//!     match said {
//!         b"DATA\r\n" => b"354 go ahead\r\n",
//!         _ => b"250 yes\r\n",
//!     }
//! }
//!
//! let settings = Arc::new(Settings::default_for(Release::V3_12));
//! let services = Service::without_tls(settings).into();
//! let first = |_| 0; // of servers with equal preference; an event loop would ask its randomness
//! let mut mta = Mta::new(services, Arc::new(SessionCache::new()), Box::new(first), Detail::Outcomes);
//! let text = b"Subject: hello\n\nThe disk is full.\n";
//! let message = Message::new("4F1A", "alerts@client.example", "user@example.test", text);
//!
//! let now = Now::default(); // an event loop would ask its clocks
//! let mut inputs = VecDeque::from([Input::Submit(message)]);
//! let mut sent = 0;
//! while let Some(input) = inputs.pop_front() {
//!     for output in mta.handle(now, input) {
//!         match output {
//!             Output::Resolve { query, question } => {
//!                 inputs.push_back(Input::Answer { query, answer: resolve(&question) });
//!             }
//!             Output::Connect { connection, .. } => {
//!                 inputs.push_back(Input::Connected { connection });
//!                 inputs.push_back(Input::Received { connection, bytes: b"220 mx\r\n".into() });
//!             }
//!             Output::Send { connection, bytes } => {
//!                 inputs.push_back(Input::Received { connection, bytes: server(&bytes).into() });
//!             }
//!             Output::Close { .. } | Output::WakeAt(_) | Output::Secret { .. } => {}
//!             Output::Event(event) => {
//!                 sent += event.outcome().filter(|outcome| outcome.status == Status::Sent).iter().count();
//!             }
//!         }
//!     }
//! }
//! assert_eq!(sent, 1);
//! assert!(mta.queue_is_empty());
//! ```
//!
//! A sender may move between threads, and is used by one at a time. Several share [`Services`](process::Services), TLS
//! engines with them, and one place for sessions.
//!
//! For TLS, [`Service::load`](process::Service::load) reads what the settings name, and takes a rustls crypto provider. A
//! loop over sockets is `sim/examples/event_loop.rs`.

pub mod time;

pub mod dns;
pub mod fault;
pub mod maps;
pub mod policy;
pub mod smtp;

pub mod sasl;

pub mod event;

pub mod config;

pub mod policy_table;

pub mod tls;
pub mod trust;

pub mod log;

mod connection;
mod delivery;
pub mod queue;
mod routing;

pub mod process;

mod mta;
mod next_hops;
mod outbox;

pub use delivery::{Destination, Lookup};
pub use mta::{Input, Mta, Outputs};
pub use next_hops::next_hops;
pub use outbox::Output;

/// Random numbers, from outside.
pub trait Draw {
    /// A number from 0 to `bound` - 1, each as likely; 0 if `bound` is 0.
    fn below(&mut self, bound: u32) -> u32;

    /// Fills `bytes` with what nobody can guess, for a login (RFC 5802 §5.1). By default the bytes are drawn one after the
    /// other.
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            *byte = u8::try_from(self.below(256)).unwrap_or_default();
        }
    }
}

impl<F: FnMut(u32) -> u32> Draw for F {
    fn below(&mut self, bound: u32) -> u32 {
        self(bound)
    }
}
