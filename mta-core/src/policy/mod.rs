//! What is asked of TLS for a destination.

mod level;
mod server;
mod tlsa;

pub use level::{Level, UnknownLevel};
pub use server::{Matching, Name, Policy};
pub use tlsa::Tlsa;
