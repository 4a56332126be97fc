//! What the network does to a connection, as data, and acted out.

mod path;
mod spec;

pub use path::{Arrival, Path};
pub use spec::{Bandwidth, NetworkSpec, Slice};
