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
mod outbox;

pub use outbox::Output;

/// Random numbers, from outside.
pub trait Draw {
    /// A number below `bound`
    fn below(&mut self, bound: u32) -> u32;
}
/// x
pub enum Input {}
