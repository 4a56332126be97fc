//! tokio over sockets of some kind: every byte, DNS included, goes through one. What kind is a [`Net`].
//!
//! The sender, the resolver and each address of the world are tasks. What sockets cannot say travels beside them, from
//! the peer's end of a connection to the sender's, as both are in one process: that the request was refused or lost,
//! though a listener accepts every one; and that the end of the stream stands for a reset.

mod connection;
mod hosts;
mod lookup;
mod peer_host;
mod resolver;
mod side_channel;
mod sockets;
mod tasks;
pub mod turmoil;

#[cfg(test)]
mod tests;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use ::tokio::io::{AsyncRead, AsyncWrite};

use super::server::Timer;

/// Sockets, and the clock that goes with them. Addresses are those of the world: where they are in truth is the net's
/// own affair.
trait Net: Timer + Sized + 'static {
    /// A listening socket.
    type Listener: 'static;
    /// A TCP connection.
    type Stream: AsyncRead + AsyncWrite + Unpin + 'static;
    /// A UDP socket.
    type Datagrams: Datagrams + 'static;

    /// What a hop takes that has no latency.
    const HOP: Duration;

    /// Listens at an address of the host that asks.
    fn bind(&self, address: SocketAddr) -> impl Future<Output = io::Result<Self::Listener>>;

    /// The next connection, in the order in which they were opened.
    fn accept(&self, listener: &Self::Listener) -> impl Future<Output = io::Result<Self::Stream>>;

    /// Opens a connection.
    fn connect(&self, address: SocketAddr) -> impl Future<Output = io::Result<Self::Stream>>;

    /// Opens a socket at an address of the host that asks, or at any port of it.
    fn datagrams(
        &self,
        address: Option<SocketAddr>,
    ) -> impl Future<Output = io::Result<Self::Datagrams>>;

    /// Starts a task beside the one that asks.
    fn spawn(&self, work: impl Future<Output = ()> + 'static) {
        ::tokio::task::spawn_local(work);
    }
}

/// A UDP socket.
trait Datagrams {
    /// Sends a datagram.
    fn send_to(&self, bytes: &[u8], to: SocketAddr) -> impl Future<Output = io::Result<()>>;

    /// The bytes of the next datagram, and whom to answer.
    fn receive(&self, buffer: &mut [u8]) -> impl Future<Output = io::Result<(usize, SocketAddr)>>;
}
