//! DNS for the simulated world: zones as data, a validating resolver that answers from them in real
//! messages, the stub resolver that asks it, and a memo for those who ask a hundred thousand times.
//!
//! ```text
//! NameSpec (TOML) -> Zones --answer(query bytes)--> Reply (message bytes, delay)
//!                      ^                               |
//!                 Resolver (memo) ---- drives ----- Stub --> mta_core::dns::Answer
//! ```
//!
//! A driver with sockets moves the bytes between the stub resolver and [`Zones::answer`]; a driver without asks
//! [`Resolver::lookup`]. Both see the same messages and the same answers.
//!
//! Not modelled: iterative resolution and signatures. [`Zones`] plays the validating resolver on the
//! sender's host, which says what it found out in RCODE and AD bit, and that is all an MTA learns.

mod answer;
mod decode;
mod error;
mod key;
mod name;
mod record;
mod resolver;
mod spec;
mod stub;
mod walk;
mod words;
mod zones;

#[cfg(test)]
mod tests;

pub use answer::{Reply, Transport};
pub use error::{Trouble, ZoneError};
pub use resolver::{Exchange, Resolver};
pub use spec::{Dnssec, Fault, NameSpec, PerKind, Spoof};
pub use stub::{Input, Output, StubSpec};
pub use zones::Zones;

// For resolvers on sockets.
#[cfg(feature = "turmoil")]
pub(crate) use {answer::EDNS_BYTES, resolver::query_id, stub::Stub};
