//! What moves the machines: thin, and of one shape. A decision found here belongs elsewhere.

pub mod memory;
#[cfg(feature = "turmoil")]
pub mod turmoil;
