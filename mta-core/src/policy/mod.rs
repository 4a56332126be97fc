//! What is asked of TLS for a destination.

mod level;
mod require_tls;
mod server;
mod tlsa;

pub use level::{Level, UnknownLevel};
pub use require_tls::{Asks, RequireTls};
pub use server::{Matching, Name, Policy};
pub use tlsa::Tlsa;
