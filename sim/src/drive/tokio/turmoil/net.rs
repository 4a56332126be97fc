//! turmoil's sockets and clock.

use std::cell::Cell;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use mta_core::time::Time;
use turmoil::net::{TcpListener, TcpStream, UdpSocket};

use crate::drive::server::Timer;
use crate::drive::tokio::{Datagrams, Net};

/// The tick: tokio's timers have no finer grain, and all that is measured in less is rounded up.
pub const TICK: Duration = Duration::from_millis(1);

/// Simulated sockets; each address is a host of its own.
#[derive(Default)]
pub(super) struct Simulated {
    /// When the episode began.
    began: Cell<Time>,
    /// How far it has come, in whole ticks.
    ended: Cell<Time>,
}

impl Simulated {
    /// An episode begins.
    pub(super) fn begin(&self, at: Time) {
        self.began.set(at);
        self.ended.set(at);
    }

    /// A tick is over.
    pub(super) fn ticked(&self) {
        self.ended.set(self.ended.get() + TICK);
    }

    /// Up to when everything has happened.
    pub(super) fn ended(&self) -> Time {
        self.ended.get()
    }
}

impl Timer for Simulated {
    fn now(&self) -> Time {
        self.began.get() + turmoil::sim_elapsed().unwrap_or_default()
    }
}

impl Net for Simulated {
    type Listener = TcpListener;
    type Stream = TcpStream;
    type Datagrams = UdpSocket;

    const HOP: Duration = TICK;

    async fn bind(&self, address: SocketAddr) -> io::Result<TcpListener> {
        TcpListener::bind(here(Some(address))).await
    }

    async fn accept(&self, listener: &TcpListener) -> io::Result<TcpStream> {
        listener.accept().await.map(|(stream, _)| stream)
    }

    async fn connect(&self, address: SocketAddr) -> io::Result<TcpStream> {
        TcpStream::connect(address).await
    }

    async fn datagrams(&self, address: Option<SocketAddr>) -> io::Result<UdpSocket> {
        UdpSocket::bind(here(address)).await
    }
}

impl Datagrams for UdpSocket {
    async fn send_to(&self, bytes: &[u8], to: SocketAddr) -> io::Result<()> {
        UdpSocket::send_to(self, bytes, to).await.map(drop)
    }

    async fn receive(&self, buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.recv_from(buffer).await
    }
}

/// The same port of the host that asks; it has one address of each family at most.
fn here(address: Option<SocketAddr>) -> SocketAddr {
    match address {
        Some(address @ SocketAddr::V6(_)) => {
            SocketAddr::new(Ipv6Addr::UNSPECIFIED.into(), address.port())
        }
        Some(address) => SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), address.port()),
        None => SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0),
    }
}
