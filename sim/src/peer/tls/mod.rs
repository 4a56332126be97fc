//! The peer's end of TLS: one configuration for all its connections, and what is read of a ClientHello.

mod by_name;
mod channel;
mod client_auth;
mod config;
mod hello;
mod mint;
mod sessions;

pub(crate) use channel::{Channel, Progress};
pub use config::TlsMaterial;
pub(crate) use config::TlsSide;
pub(crate) use hello::Hello;
pub use hello::TicketOffer;
pub use mint::{Minted, Owner};
