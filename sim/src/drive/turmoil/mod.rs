//! tokio over turmoil's simulated sockets: every octet, DNS included, goes through a socket, and time ticks.
//!
//! The sender, the resolver and each address of the world are hosts of their own. What is said, and every octet of
//! it, is what the driver in memory says. The times are too, but for these: a hop takes whole ticks, and without
//! latency the hop away from the sender takes one, that of a DNS query to which the reply takes no time included.
//! So what falls upon a limit to the millisecond in memory may fall behind it here: a message that is deferred at once,
//! by a look-up that fails in no time, waits for the next scan of the queue.
//!
//! While nothing is on the way turmoil would tick on, through every minute of a back-off. So a run is cut into
//! episodes: when all is quiet and the next thing to happen is far off, the simulation ends, and a new one begins at
//! that time. The machines stay as they are.
//!
//! What turmoil's sockets cannot say travels beside them, from the peer's end of a connection to the sender's: that the
//! request was refused or lost, though a listener of turmoil accepts every one; and that the end of the stream stands
//! for a reset, since there is no call for one.

mod connection;
mod lookup;
mod peer_host;
mod resolver;
mod sender;
mod side_channel;
mod tasks;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::time::{Duration, SystemTime};

use mta_core::time::{Time, Wall};
use turmoil::Sim;

use crate::dns::Zones;
use crate::run::{Run, Setup, SetupError, Start};
use crate::world::{CLIENT_IPV4, World};

use peer_host::PeerHost;
use sender::Sender;
use tasks::Tasks;

/// The addresses that a world may have. A tick costs more than in proportion to them: 7 µs with one, 40 with twelve,
/// and 1,400 with a hundred.
pub const ADDRESSES_MAX: usize = 12;

/// How much simulated time may tick by in a run; the quiet between episodes does not count. No limit of Postfix on
/// one delivery is longer, and with one address the ticks take about a minute.
pub const BUSY_MAX: Duration = Duration::from_secs(2 * 3600);

/// The tick: tokio's timers have no finer grain, and all that is measured in less is rounded up.
pub const TICK: Duration = Duration::from_millis(1);

/// Quiet that is longer than this is not ticked through. A new simulation costs about as much as five ticks.
const QUIET_MIN: Duration = Duration::from_millis(10);

/// Segments on their way in one direction of a connection, connections not yet accepted, and datagrams not yet read.
/// turmoil panics or drops beyond it, and nothing here comes near: connections and look-ups are 10,000 at most, and a
/// segment has an octet at least.
const TURMOIL_QUEUE: usize = 1 << 20;

/// The resolver's address (RFC 5737), in the sender's network.
const RESOLVER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(198, 51, 100, 53)), 53);

/// Makes a run under turmoil.
///
/// # Errors
/// [`SetupError::World`] if the world cannot be built; [`SetupError::Driver`] if it is too large for this driver, or
/// stays busy for longer than [`BUSY_MAX`].
pub fn run(setup: &Setup) -> Result<Run, SetupError> {
    let mut world = World::build(&setup.world, &setup.peers, setup.seed, true)?;
    check(&world)?;
    let Start {
        mta,
        timeline,
        services,
    } = setup.sender(&mut world)?;
    let tasks = Rc::new(Tasks::new(world.seed, world.start));
    let zones = Rc::new(RefCell::new(world.resolver.zones().clone()));
    let peers: BTreeMap<SocketAddr, Rc<PeerHost>> = std::mem::take(&mut world.hosts)
        .into_iter()
        .map(|(address, host)| {
            let peer = PeerHost::new(tasks.clone(), address, host);
            (address, Rc::new(peer))
        })
        .collect();
    let plan = setup.plan();
    let hosts = Hosts {
        sender: Sender::new(tasks.clone(), (world, mta), zones.clone(), peers.clone())
            .with_plan(timeline, plan),
        tasks,
        zones,
        peers,
    };
    let ended = hosts.play(Time::after_start(setup.limit))?;
    let recording = hosts.sender.take();
    Ok(Run {
        events: recording.events,
        wire: recording.wire,
        seen: hosts.tasks.take_seen(),
        ended,
        left_in_queue: recording.left_in_queue,
        services,
    })
}

fn check(world: &World) -> Result<(), SetupError> {
    let mut addresses: Vec<IpAddr> = world.hosts.keys().map(SocketAddr::ip).collect();
    addresses.dedup();
    if addresses.len() > ADDRESSES_MAX {
        return Err(SetupError::Driver(format!(
            "turmoil: the world has {} addresses, and a tick gets too slow with more than {ADDRESSES_MAX}",
            addresses.len()
        )));
    }
    let unfit = |address: &&IpAddr| {
        [CLIENT_IPV4, RESOLVER.ip()].contains(address)
            || address.is_unspecified()
            || address.is_loopback()
    };
    match addresses.iter().find(unfit) {
        Some(address) => Err(SetupError::Driver(format!(
            "turmoil: {address} is no address for a host: the simulation needs it for itself"
        ))),
        None => Ok(()),
    }
}

/// Everybody, over all episodes.
struct Hosts {
    tasks: Rc<Tasks>,
    sender: Rc<Sender>,
    zones: Rc<RefCell<Zones>>,
    peers: BTreeMap<SocketAddr, Rc<PeerHost>>,
}

impl Hosts {
    /// Plays episodes until nothing is left to do, or `end` is reached; when that was.
    fn play(&self, end: Time) -> Result<Time, SetupError> {
        let mut left = BUSY_MAX;
        while let Some(next) = self.sender.next().filter(|next| *next <= end) {
            self.tasks.begin(next.max(self.tasks.ended()));
            self.episode(end, &mut left)?;
            if self.tasks.ended() >= end && !self.is_quiet() {
                return Ok(end);
            }
        }
        let is_cut = self.sender.next().is_some();
        Ok(if is_cut { end } else { self.tasks.ended() })
    }

    /// One simulation, until all is quiet for a while or `end` is reached.
    fn episode(&self, end: Time, left: &mut Duration) -> Result<(), SetupError> {
        let mut sim = self.build();
        loop {
            sim.step()
                .map_err(|error| SetupError::Driver(format!("turmoil: {error}")))?;
            self.tasks.ticked(TICK);
            if let Some(trouble) = self.tasks.take_trouble() {
                return Err(SetupError::Driver(format!("turmoil: {trouble}")));
            }
            *left = left.checked_sub(TICK).ok_or_else(too_long)?;
            if self.tasks.ended() >= end || self.is_quiet() {
                return Ok(());
            }
        }
    }

    /// Whether nothing is on the way, and nothing will be for a while.
    fn is_quiet(&self) -> bool {
        let soon = self.tasks.ended() + QUIET_MIN;
        !self.tasks.is_busy() && self.sender.next().is_none_or(|next| next > soon)
    }

    fn build(&self) -> Sim<'static> {
        let mut builder = turmoil::Builder::new();
        let Wall(epoch) = self.tasks.clocks_at(self.tasks.ended()).wall;
        builder
            .rng_seed(self.tasks.seed.0)
            .epoch(SystemTime::UNIX_EPOCH + Duration::from_secs(epoch))
            .tick_duration(TICK)
            .simulation_duration(Duration::MAX)
            .min_message_latency(Duration::ZERO)
            .max_message_latency(Duration::ZERO)
            .tcp_capacity(TURMOIL_QUEUE)
            .udp_capacity(TURMOIL_QUEUE);
        let mut sim = builder.build();
        let zones = self.zones.clone();
        sim.host(RESOLVER.ip(), move || resolver::serve(zones.clone()));
        let hosts = self.by_host();
        for (ip, peers) in hosts.clone() {
            sim.host(ip, move || peer_host::open_all(peers.clone()));
        }
        // The last to run in a tick, so that everybody listens before the first thing is sent.
        let sender = self.sender.clone();
        sim.host(CLIENT_IPV4, move || sender.clone().work());
        for (ip, peers) in &hosts {
            let latency = peers.first().map(|peer| peer.latency());
            sim.set_link_latency(CLIENT_IPV4, *ip, latency.unwrap_or_default());
        }
        sim
    }

    fn by_host(&self) -> BTreeMap<IpAddr, Vec<Rc<PeerHost>>> {
        let mut hosts: BTreeMap<IpAddr, Vec<Rc<PeerHost>>> = BTreeMap::new();
        for (address, peer) in &self.peers {
            hosts.entry(address.ip()).or_default().push(peer.clone());
        }
        hosts
    }
}

fn too_long() -> SetupError {
    SetupError::Driver(format!(
        "turmoil: connections or look-ups are under way for more than {} h of simulated time",
        BUSY_MAX.as_secs() / 3600
    ))
}
