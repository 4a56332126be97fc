//! The simulated world around the sender: everything but the sender, as data and machines.

pub mod network;
pub mod peer;
pub mod span;
