//! What is asked of TLS for a destination.

mod level;

pub use level::{Level, UnknownLevel};
