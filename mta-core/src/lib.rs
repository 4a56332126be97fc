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
//! use mta_core::dns::{Answer, Data, LookupFault, Question, Records};
//! use mta_core::event::{Detail, Status};
//! use mta_core::queue::Message;
//! use mta_core::process::Service;
//! use mta_core::smtp::Body;
//! use mta_core::time::Now;
//! use mta_core::tls::SessionCache;
//! use mta_core::{Draw, Input, Mta, Output};
//!
//! /// Orders servers of equal preference; here there is one.
//! struct First;
//! impl Draw for First {
//!     fn below(&mut self, _: u32) -> u32 {
//!         0
//!     }
//! }
//!
//! /// The domain has no MX record, and an address.
//! fn resolve(question: &Question) -> Answer {
//!     let found = match question.kind {
//!         mta_core::dns::Kind::A => Ok(Records { canonical: None, ttl: 60, data: [Data::A([192, 0, 2, 1].into())].into() }),
//!         _ => Err(LookupFault::NoData),
//!     };
//!     Answer { found, secure: false }
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
//! let mut mta = Mta::new(services, Arc::new(SessionCache::new()), Box::new(First), Detail::Outcomes);
//! let message = Message {
//!     queue_id: "4F1A".into(),
//!     sender: "alerts@client.example".into(),
//!     recipients: vec!["user@example.test".into()],
//!     body: Body::new(b"Subject: hello\n\nThe disk is full.\n", None),
//!     age: std::time::Duration::ZERO,
//!     asks: mta_core::policy::Asks::default(),
//!     probe: false,
//! };
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
//!                 inputs.push_back(Input::Received { connection, bytes: b"220 mx\r\n" });
//!             }
//!             Output::Send { connection, bytes } => {
//!                 inputs.push_back(Input::Received { connection, bytes: server(&bytes) });
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
//! For TLS, give the [`Service`](process::Service) the material of an engine: what the settings name, read by
//! [`Material::load`](tls::Material::load), and a rustls crypto provider.

pub mod time;

pub mod dns;
pub mod fault;
pub mod maps;
pub mod policy;
pub mod smtp;

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
mod outbox;

pub use mta::{Input, Mta, Outputs};
pub use outbox::Output;

/// Random numbers, from outside.
pub trait Draw {
    /// A number from 0 to `bound` - 1, each as likely; 0 if `bound` is 0.
    fn below(&mut self, bound: u32) -> u32;
}
