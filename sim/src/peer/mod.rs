//! A mail exchanger that behaves as its [`PeerSpec`] says, as a sans-IO machine.
//!
//! [`load`] reads a spec from a file; [`Peer`] acts it out over many connections, one [`PeerConnection`] each:
//! bytes and time go in, bytes and wake-up times come out.

mod body;
mod breakage;
mod connection;
mod dialogue;
mod dialogue_state;
mod envelope;
mod handshake;
mod interface;
mod ledger;
mod login;
mod logins;
mod outbox;
mod plan;
mod reply_progress;
mod replying;
mod seen;
mod server;
mod spec;
mod state;
mod text;
mod tls;

pub use connection::PeerConnection;
pub use interface::{PeerInput, PeerOutput};
pub(crate) use plan::{Conduct, needs_tls};
pub use seen::{End, Observe, Seen, SeenMessage, SeenTls};
pub(crate) use server::conduct_of;
pub use server::{Accept, Host, Peer, PeerError};
pub use spec::*;
pub use tls::{Minted, Owner, TicketOffer, TlsMaterial};

#[cfg(test)]
mod tests;
