//! Processes of Postfix: what they find when they start, which of them run, and when they end (src/master).
//!
//! A smtp(8) process makes one delivery at a time. It reads its configuration, its tables and its certificates when it
//! starts; what it learns of DNS and of policies it takes along when it ends. So all that is remembered between two
//! deliveries, but for what tlsmgr(8) and scache(8) keep, is remembered by a process.

mod client;
mod master;
mod rewrite;
mod services;

pub(crate) use client::{Process, Shared};
pub(crate) use master::Master;
pub(crate) use rewrite::Rewrite;
pub use services::{Client, FatalConfig, Service, Services};

/// The service that every master.cf has.
pub(crate) const SMTP: &str = "smtp";
