//! The simulated world around the sender: everything but the sender, as data and machines.

pub mod crypto;
pub mod network;
pub mod peer;
pub mod pki;
pub mod seed;
pub mod span;
