//! The peer's end of TLS: one configuration for all its connections, and what is read of a ClientHello.

mod ages;
mod by_name;
mod channel;
mod client_auth;
mod config;
mod forge;
mod hello;
mod lacking;
mod mint;
mod sessions;

pub(crate) use ages::TicketAges;
pub(crate) use channel::{Channel, Progress};
pub use config::TlsMaterial;
pub(crate) use config::{Refusal, TlsSide};
pub(crate) use forge::{Changes, clear_records, hello_retry, old_server_hello};
pub(crate) use hello::Hello;
pub use hello::TicketOffer;
pub use mint::{Minted, Owner};
