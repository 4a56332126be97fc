//! A peer of a world behind a listener.

use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mta_core::time::Wall;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::JoinSet;

use super::{Clock, Served, carry};
use crate::drive::arrival::PeerEnd;
use crate::nearest;
use crate::network::{NetworkSpec, Path};
use crate::peer::{Accept, Observe, Peer, Seen};
use crate::plan::{Plan, PlanError};
use crate::seed::{Purpose, Streams};
use crate::world::{World, WorldError};

/// Where connections come from.
pub trait Listener {
    /// A connection.
    type Stream: AsyncRead + AsyncWrite + Send + 'static;

    /// The next connection, and who opened it.
    fn accept(&self) -> impl Future<Output = io::Result<(Self::Stream, SocketAddr)>> + Send;
}

impl Listener for tokio::net::TcpListener {
    type Stream = tokio::net::TcpStream;

    async fn accept(&self) -> io::Result<(Self::Stream, SocketAddr)> {
        tokio::net::TcpListener::accept(self).await
    }
}

#[cfg(feature = "turmoil")]
impl Listener for turmoil::net::TcpListener {
    type Stream = turmoil::net::TcpStream;

    async fn accept(&self) -> io::Result<(Self::Stream, SocketAddr)> {
        turmoil::net::TcpListener::accept(self).await
    }
}

/// A peer of a world, for any client. Its clones are the same peer.
///
/// The path to it is acted out as its `network` says: slices, bandwidth, cuts. Latency is the sockets' own. What changes in
/// the world as time goes by does not change here.
#[derive(Clone)]
pub struct Server(Arc<Shared>);

struct Shared {
    peer: Mutex<Peer>,
    network: NetworkSpec,
    slices: Streams,
    start: Wall,
    /// It goes from the first connection on.
    clock: Mutex<Option<Clock>>,
    seen: Mutex<Vec<Seen>>,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = lock(&self.0.peer).host().to_owned();
        f.debug_tuple("Server").field(&host).finish()
    }
}

impl World {
    /// Takes the peer at this host out of the world, to serve it to a client of one's own. A host with several addresses
    /// has a peer at each; this is the one at the lowest that is left.
    ///
    /// # Errors
    /// [`WorldError::UnknownHost`] if nobody stands at such a host.
    pub fn server(&mut self, host: &str) -> Result<Server, WorldError> {
        let is_it = |peer: &mut Peer| peer.host().eq_ignore_ascii_case(host);
        let found = self
            .hosts
            .values_mut()
            .find_map(|entry| Some((entry.peer.take_if(is_it)?, &entry.network)));
        let Some((peer, network)) = found else {
            let peers = self.hosts.values().filter_map(|entry| entry.peer.as_ref());
            let near = nearest(host, peers.map(Peer::host)).map(str::to_owned);
            return Err(WorldError::UnknownHost(host.to_owned(), near));
        };
        Ok(Server(Arc::new(Shared {
            peer: Mutex::new(peer),
            network: network.clone(),
            slices: self.seed.streams(Purpose::Slices),
            start: self.start,
            clock: Mutex::default(),
            seen: Mutex::default(),
        })))
    }
}

impl Plan {
    /// The peer at this host of the plan's world, to serve it to a client of one's own.
    ///
    /// # Errors
    /// [`PlanError::World`] if the world makes no sense, or nobody stands at such a host.
    pub fn server(&self, host: &str) -> Result<Server, PlanError> {
        let mut world = World::build(&self.world, &self.peers, self.seed, Observe::Texts)?;
        Ok(world.server(host)?)
    }
}

impl Server {
    /// Serves all who connect, until the future is dropped, and with it those who are still connected.
    ///
    /// # Errors
    /// If nobody can be accepted any more.
    pub async fn serve_on(&self, listener: impl Listener) -> io::Result<()> {
        let mut connections = JoinSet::new();
        loop {
            let (stream, client) = listener.accept().await?;
            let server = self.clone();
            connections.spawn(async move { server.serve(stream, client).await });
            while connections.try_join_next().is_some() {}
        }
    }

    /// Serves one connection, until the client has closed its side and everything is sent. A peer that refuses connections
    /// closes it at once; one that does not answer says nothing.
    ///
    /// # Errors
    /// As [`serve`](super::serve).
    pub async fn serve(
        &self,
        stream: impl AsyncRead + AsyncWrite,
        client: SocketAddr,
    ) -> io::Result<()> {
        let clock = self.clock();
        let accepted = lock(&self.0.peer).accept(clock.now(), client);
        match accepted {
            Accept::Refuse => Ok(()),
            Accept::Drop => drain(stream).await,
            Accept::Serve(connection) => {
                let number = connection.number();
                let path = Path::new(&self.0.network, self.0.slices.stream(number));
                let mut noted = Noted {
                    end: PeerEnd::new(connection, path, self.0.start),
                    server: self,
                    is_noted: false,
                };
                carry(&mut noted, stream, clock).await
            }
        }
    }

    /// The clock of the peer. It shows the world's start when it is asked for the first time, or the first client comes.
    pub fn clock(&self) -> Clock {
        let start = self.0.start;
        *lock(&self.0.clock).get_or_insert_with(|| Clock::starting_at(start))
    }

    /// What the peer saw of the connections that ended for it since the last call, if the world observes.
    pub fn take_seen(&self) -> Vec<Seen> {
        std::mem::take(&mut *lock(&self.0.seen))
    }

    /// How often each rule of the peer applied so far: [`Peer::rule_hits`].
    pub fn rule_hits(&self) -> Vec<u64> {
        lock(&self.0.peer).rule_hits()
    }
}

/// The peer's end of a connection, of which the server keeps what was seen.
struct Noted<'a> {
    end: PeerEnd,
    server: &'a Server,
    is_noted: bool,
}

impl Served for Noted<'_> {
    fn end(&mut self) -> &mut PeerEnd {
        &mut self.end
    }

    /// Nothing more is seen once the peer is done, though the client may not be.
    fn moved(&mut self) {
        if !self.is_noted && self.end.is_over() {
            self.is_noted = true;
            lock(&self.server.0.seen).extend(self.end.seen());
        }
    }
}

/// Reads until the client gives up.
async fn drain(stream: impl AsyncRead + AsyncWrite) -> io::Result<()> {
    let (mut reader, _writer) = tokio::io::split(stream);
    tokio::io::copy(&mut reader, &mut tokio::io::sink()).await?;
    Ok(())
}

/// Nothing is left half done where a lock is held.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
