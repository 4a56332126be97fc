//! Postfix's outbound SMTP and TLS rules as a sans-IO state machine.

pub mod config;
pub mod dns;
pub mod fault;
pub mod policy;
pub mod time;
