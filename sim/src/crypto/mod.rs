//! TLS in which nothing comes from the operating system: randomness from a stream, time from a clock that is set.

mod ambient;
mod clock;
mod group;
mod keys;
mod provider;
mod ticketer;

pub use ambient::scope;
pub use clock::SimClock;
pub use provider::{Tier, provider};
pub use ticketer::Ticketer;
