//! A mail exchanger that behaves as its [`PeerSpec`] says, as a sans-IO machine.

mod spec;

pub use spec::*;
