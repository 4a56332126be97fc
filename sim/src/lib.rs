//! The simulated world around the sender: everything but the sender, as data and machines.

pub mod crypto;
pub mod dns;
pub mod pki;
pub mod seed;
