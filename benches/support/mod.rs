//! What the benchmarks measure: a delivery through sender and peer, and the TLS that it cannot do without.

#![allow(dead_code, reason = "each benchmark uses its part of this")]

pub(crate) mod bare;
pub(crate) mod delivery;
pub(crate) mod dialogue;
mod mode;

pub(crate) use mode::{Mode, Tls};
