//! Postfix's outbound SMTP and TLS rules as a sans-IO state machine.

pub mod time;

pub mod dns;
pub mod fault;
pub mod policy;
pub mod smtp;

pub mod event;

pub mod config;

pub mod tls;
pub mod trust;

pub mod log;

mod connection;
mod delivery;
pub mod queue;

mod mta;
mod outbox;

pub use mta::{Input, Mta, Outputs};
pub use outbox::Output;

/// Random numbers, from outside.
pub trait Draw {
    /// A number from 0 to `bound` - 1, each as likely; 0 if `bound` is 0.
    fn below(&mut self, bound: u32) -> u32;
}
