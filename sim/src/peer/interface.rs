//! What goes into a peer's connection, and what comes out.

use mta_core::time::Time;

/// What a driver tells a peer's connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeerInput<'a> {
    /// Bytes from the client, in order.
    Received(&'a [u8]),
    /// The client has closed its side.
    Closed,
    /// The connection was reset.
    Reset,
    /// The time of the last [`PeerOutput::WakeAt`] has come.
    Timeout,
}

/// What a peer's connection asks of its driver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PeerOutput {
    /// Send these bytes.
    Send(Vec<u8>),
    /// Close the connection, once everything is sent. Nothing follows.
    Close,
    /// Reset the connection, once everything is handed to the network. Nothing follows.
    Reset,
    /// Come back with [`PeerInput::Timeout`] at this time; a later one replaces it.
    WakeAt(Time),
}
