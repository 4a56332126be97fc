//! What the network does to a connection, as data.

mod spec;

pub use spec::{NetworkSpec, Slice};
