//! A peer's host: who is at an address, and the peer's end of each connection.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;

use mta_core::time::Time;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use turmoil::net::tcp::OwnedWriteHalf;
use turmoil::net::{TcpListener, TcpStream};

use super::side_channel::{SideChannel, Verdict};
use super::tasks::Tasks;
use crate::drive::arrival::client_of;
use crate::network::{Arrival, Path};
use crate::peer::{Accept, PeerConnection, PeerInput, PeerOutput};
use crate::seed::Purpose;
use crate::world::{Absent, HostEntry};

/// Octets read at once.
const READ_OCTETS: usize = 16 << 10;

/// An address of the world.
pub(super) struct PeerHost {
    tasks: Rc<Tasks>,
    address: SocketAddr,
    /// One-way delay to here.
    latency: Duration,
    /// Who is here at present.
    present: RefCell<HostEntry>,
    /// The connection requests on their way here. One link keeps them in order.
    coming: RefCell<VecDeque<Rc<SideChannel>>>,
}

/// Opens every port of a host, also where nobody is at present. Never ends.
pub(super) async fn open_all(peers: Vec<Rc<PeerHost>>) -> turmoil::Result {
    for peer in peers {
        tokio::task::spawn_local(async move {
            if let Err(error) = peer.listen().await {
                peer.tasks.trouble(&error.to_string());
            }
        });
    }
    std::future::pending().await
}

impl PeerHost {
    pub(super) fn new(tasks: Rc<Tasks>, address: SocketAddr, host: HostEntry) -> Self {
        PeerHost {
            tasks,
            address,
            latency: host.network.latency,
            present: RefCell::new(host),
            coming: RefCell::default(),
        }
    }

    /// One-way delay to here.
    pub(super) fn latency(&self) -> Duration {
        self.latency
    }

    /// Somebody else is here from now on, or nobody.
    pub(super) fn change(&self, host: HostEntry) {
        self.present.replace(host);
    }

    /// A connection request is about to leave.
    pub(super) fn expect(&self, side_channel: Rc<SideChannel>) {
        self.coming.borrow_mut().push_back(side_channel);
    }

    async fn listen(&self) -> io::Result<()> {
        let any: IpAddr = if self.address.is_ipv4() {
            Ipv4Addr::UNSPECIFIED.into()
        } else {
            Ipv6Addr::UNSPECIFIED.into()
        };
        let listener = TcpListener::bind(SocketAddr::new(any, self.address.port())).await?;
        loop {
            let (stream, _) = listener.accept().await?;
            let Some(side_channel) = self.coming.borrow_mut().pop_front() else {
                return Err(io::Error::other("a connection that nobody opened"));
            };
            self.decide(stream, side_channel);
        }
    }

    fn decide(&self, stream: TcpStream, side_channel: Rc<SideChannel>) {
        let now = self.tasks.clocks();
        let mut present = self.present.borrow_mut();
        let absent = present.absent;
        let accepted = match (&mut present.peer, absent) {
            (Some(peer), _) => peer.accept(now, client_of(self.address)),
            (None, Absent::Refuses) => Accept::Refuse,
            (None, Absent::Silent) => Accept::Drop,
        };
        match accepted {
            Accept::Refuse => side_channel.verdict.set(Verdict::Refused),
            Accept::Drop => side_channel.verdict.set(Verdict::Dropped),
            Accept::Serve(peer) => {
                side_channel.verdict.set(Verdict::Served);
                let slices = Purpose::Slices;
                let stream_of = self
                    .tasks
                    .seed
                    .stream(slices, u64::from(side_channel.connection));
                let served = PeerTask {
                    tasks: self.tasks.clone(),
                    path: Path::new(&present.network, stream_of),
                    peer,
                    side_channel,
                    wake: None,
                    leaving: VecDeque::new(),
                    left: Time::START,
                };
                self.tasks.spawn(served.serve(stream));
            }
        }
    }
}

/// The peer's end of a connection.
struct PeerTask {
    tasks: Rc<Tasks>,
    peer: Box<PeerConnection>,
    path: Path,
    side_channel: Rc<SideChannel>,
    wake: Option<Time>,
    /// What the path lets through, and when it leaves.
    leaving: VecDeque<(Time, Leaving)>,
    /// When the latest of it does; nothing overtakes it.
    left: Time,
}

enum Leaving {
    Octets(Vec<u8>),
    Close,
    Reset,
}

impl PeerTask {
    /// Carries octets until the sender has closed its side, and everything has left.
    async fn serve(mut self, stream: TcpStream) -> io::Result<()> {
        let (mut reader, mut writer) = stream.into_split();
        let mut buffer = vec![0; READ_OCTETS];
        let mut reads = true;
        loop {
            self.take_outputs();
            self.send_due(&mut writer).await?;
            if !reads && self.leaving.is_empty() {
                return Ok(());
            }
            let leaves = self.leaving.front().map(|(at, _)| *at);
            let tasks = self.tasks.clone();
            tokio::select! {
                biased;
                () = tasks.until(leaves), if leaves.is_some() => {}
                count = reader.read(&mut buffer), if reads => match buffer.get(..count?) {
                    None | Some([]) => {
                        reads = false;
                        self.closed();
                    }
                    Some(bytes) => self.peer.handle(tasks.clocks(), PeerInput::Received(bytes)),
                },
                () = tasks.until(self.wake), if reads && self.wake.is_some() => {
                    self.wake = None;
                    self.peer.handle(tasks.clocks(), PeerInput::Timeout);
                }
            }
        }
    }

    fn closed(&mut self) {
        self.peer.handle(self.tasks.clocks(), PeerInput::Closed);
        self.take_outputs();
        if let Some(seen) = self.peer.seen() {
            self.tasks.note(self.side_channel.connection, seen);
        }
    }

    fn take_outputs(&mut self) {
        while let Some(output) = self.peer.poll() {
            self.left = self.left.max(self.tasks.now());
            match output {
                PeerOutput::Send(octets) => self.cut(&octets),
                PeerOutput::Close if !self.path.is_over() => self.leave(Leaving::Close),
                PeerOutput::Reset if !self.path.is_over() => self.leave(Leaving::Reset),
                PeerOutput::Close | PeerOutput::Reset => {}
                PeerOutput::WakeAt(at) => self.wake = Some(at),
            }
        }
    }

    fn cut(&mut self, octets: &[u8]) {
        for arrival in self.path.carry(octets.len()) {
            match arrival {
                Arrival::Octets(gap, range) => {
                    self.left = self.left + gap;
                    let slice = octets.get(range).unwrap_or_default();
                    self.leave(Leaving::Octets(slice.to_vec()));
                }
                Arrival::Reset => self.leave(Leaving::Reset),
                Arrival::Cut => self.leave(Leaving::Close),
            }
        }
        self.side_channel.over.set(self.path.is_over());
    }

    fn leave(&mut self, leaving: Leaving) {
        self.leaving.push_back((self.left, leaving));
    }

    async fn send_due(&mut self, writer: &mut OwnedWriteHalf) -> io::Result<()> {
        let now = self.tasks.now();
        while let Some((_, leaving)) = self.leaving.pop_front_if(|(at, _)| *at <= now) {
            match leaving {
                Leaving::Octets(octets) => writer.write_all(&octets).await?,
                Leaving::Close => writer.shutdown().await?,
                Leaving::Reset => {
                    self.side_channel.reset.set(true);
                    writer.shutdown().await?;
                }
            }
        }
        Ok(())
    }
}
