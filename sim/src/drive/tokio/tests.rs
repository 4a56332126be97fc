//! A third driver, over the TCP and UDP of the machine itself: what a net needs beside the shared part.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mta_core::config::Release;
use mta_core::time::Time;
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::task::{LocalSet, yield_now};
use tokio::time::Instant;

use super::hosts::Hosts;
use super::peer_host::PeerHost;
use super::{Datagrams, Net, resolver};
use crate::drive::halves::{Halves, Outcome};
use crate::drive::server::Timer;
use crate::plan::Plan;
use crate::run::Driver;
use crate::tap::WireDigest;
use crate::view::{Times, conversation};
use crate::world::MessageSpec;

/// Sockets of 127.0.0.1, each at a port that is free.
struct Loopback {
    began: Instant,
    /// Where the addresses of the world are in truth.
    listeners: RefCell<BTreeMap<SocketAddr, SocketAddr>>,
    datagrams: RefCell<BTreeMap<SocketAddr, SocketAddr>>,
}

struct Datagram(UdpSocket, BTreeMap<SocketAddr, SocketAddr>);

/// By how much time goes slower than outside, so that a busy machine does not change what tickets say of it.
const SLOWER: u32 = 100;

const ANY: (Ipv4Addr, u16) = (Ipv4Addr::LOCALHOST, 0);

impl Timer for Loopback {
    fn now(&self) -> Time {
        Time::after_start(self.began.elapsed() / SLOWER)
    }

    fn sleep(&self, span: Duration) -> impl Future<Output = ()> + Send {
        tokio::time::sleep(span.saturating_mul(SLOWER))
    }
}

impl Net for Loopback {
    type Listener = TcpListener;
    type Stream = TcpStream;
    type Datagrams = Datagram;

    const HOP: Duration = Duration::ZERO;

    async fn bind(&self, address: SocketAddr) -> io::Result<TcpListener> {
        let listener = TcpListener::bind(ANY).await?;
        let listeners = &mut self.listeners.borrow_mut();
        listeners.insert(address, listener.local_addr()?);
        Ok(listener)
    }

    async fn accept(&self, listener: &TcpListener) -> io::Result<TcpStream> {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    async fn connect(&self, address: SocketAddr) -> io::Result<TcpStream> {
        let place = self.listeners.borrow().get(&address).copied();
        let stream = TcpStream::connect(place.ok_or(io::ErrorKind::ConnectionRefused)?).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    async fn datagrams(&self, address: Option<SocketAddr>) -> io::Result<Datagram> {
        let socket = UdpSocket::bind(ANY).await?;
        let datagrams = &mut self.datagrams.borrow_mut();
        if let Some(address) = address {
            datagrams.insert(address, socket.local_addr()?);
        }
        Ok(Datagram(socket, datagrams.clone()))
    }
}

impl Datagrams for Datagram {
    async fn send_to(&self, bytes: &[u8], to: SocketAddr) -> io::Result<()> {
        let to = self.1.get(&to).copied().unwrap_or(to);
        self.0.send_to(bytes, to).await.map(drop)
    }

    async fn receive(&self, buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.0.recv_from(buffer).await
    }
}

/// Makes a run, up to what would come long after.
fn run(plan: &Plan) -> (Outcome, WireDigest) {
    let mut halves = Halves::of(plan.prepare().expect("a world"));
    let digest = Arc::new(Mutex::new(WireDigest::default()));
    halves.listen(Box::new(digest.clone()));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    LocalSet::new().block_on(&runtime, async {
        let net = Loopback {
            began: Instant::now(),
            listeners: RefCell::default(),
            datagrams: RefCell::default(),
        };
        let hosts = Hosts::new(net, halves);
        let addresses = hosts.addresses();
        let listening = addresses.len() + 1;
        let resolver = resolver::serve(hosts.clone());
        hosts
            .net
            .spawn(async { resolver.await.expect("a resolver") });
        let peers = PeerHost {
            hosts: hosts.clone(),
            addresses,
        };
        hosts.net.spawn(peers.serve());
        while hosts.net.listeners.borrow().len() < listening {
            yield_now().await;
        }
        hosts.net.spawn(hosts.clone().work());
        let end = Time::after_start(plan.limit);
        while hosts.tasks.is_busy() || hosts.next().is_some_and(|next| next <= end) {
            assert_eq!(hosts.tasks.take_trouble(), None);
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        (
            hosts.outcome(hosts.net.now()),
            std::mem::take(&mut *digest.lock().expect("whole")),
        )
    })
}

const MAIN_CF: &str =
    "smtp_tls_security_level = may\nsmtp_tls_CAfile = /etc/ssl/cert.pem\ninet_protocols = ipv4\n";

/// Each row: what must come up in the conversation, and the world.
const WORLDS: [(&str, &str); 6] = [
    ("TLSv1.3", "[[domain]]\nname = 'a.example'\n"),
    (
        "250 PIPELINING",
        "[[domain]]\nname = 'a.example'\npeer = { ehlo.keywords = ['PIPELINING'] }\n",
    ),
    (
        "TLSv1.2",
        "[[domain]]\nname = 'a.example'\n[domain.peer]\ntls.versions = ['1.2']\nnetwork.slice = [1, 7]\n",
    ),
    (
        "lost connection",
        "[[domain]]\nname = 'a.example'\npeer = { network.reset-after = 1500 }\n",
    ),
    (
        "Connection refused",
        "[[domain]]\nname = 'a.example'\nmx = [{ preference = 1, host = 'mx1.a.example', down = true }, \
         { preference = 2, host = 'mx2.a.example' }]\n",
    ),
    (
        "TLSv1.3",
        "[[domain]]\nname = 'a.example'\n[[dns]]\nname = 'a.example'\nmx = ['10 mx1.a.example']\nfault = 'truncated'\n",
    ),
];

#[test]
fn real_sockets_say_what_memory_says() {
    for (word, world) in WORLDS {
        let mut plan = Plan::from_main_cf(MAIN_CF, Release::V3_12);
        plan.world = toml::from_str(world).expect("a world");
        plan.messages = vec![MessageSpec::to("one@a.example")];
        plan.limit = Duration::from_secs(1);
        let memory = plan.run(Driver::Memory).expect("a run in memory");
        let (loopback, wire) = run(&plan);
        let [one, other] =
            [&memory.events, &loopback.events].map(|events| conversation(events, Times::Hidden));
        assert_eq!(one, other, "{world}");
        assert!(one.contains(word), "{world}: {one}");
        assert_eq!(memory.wire, wire, "{world}");
        assert_eq!(memory.seen, loopback.seen, "{world}");
        assert_eq!(memory.left_in_queue, loopback.left_in_queue, "{world}");
    }
}
