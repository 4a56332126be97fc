//! tokio over turmoil's simulated sockets: every byte, DNS included, goes through a socket, and time ticks.
//!
//! The sender, the resolver and each address of the world are hosts of their own. What is said, and every byte of
//! it, is what the driver in memory says. The times are too, but for these: a hop takes whole ticks, and without
//! latency the hop away from the sender takes one, that of a DNS query to which the reply takes no time included.
//! So what falls upon a limit to the millisecond in memory may fall behind it here: a message that is deferred at once,
//! by a look-up that fails in no time, waits for the next scan of the queue.
//!
//! While nothing is on the way turmoil would tick on, through every minute of a back-off. So a run is cut into
//! episodes: when all is quiet and the next thing to happen is far off, the simulation ends, and a new one begins at
//! that time. The machines stay as they are.

mod net;

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use std::time::{Duration, SystemTime};

use mta_core::time::{Time, Wall};
use turmoil::Sim;

use super::hosts::Hosts;
use super::peer_host::PeerHost;
use super::resolver;
use crate::drive::clocks::clocks;
use crate::drive::halves::{Halves, Outcome};
use crate::plan::PlanError;
use crate::seed::Seed;
use crate::world::World;

use net::Simulated;
pub use net::TICK;

/// The addresses that a world may have. A tick costs more than in proportion to them: 7 µs with one, 40 with twelve,
/// and 1,400 with a hundred.
pub const ADDRESSES_MAX: usize = 12;

/// How much simulated time may tick by in a run; the quiet between episodes does not count. No limit of Postfix on
/// one delivery is longer, and with one address the ticks take about a minute.
pub const BUSY_MAX: Duration = Duration::from_secs(2 * 3600);

/// Quiet that is longer than this is not ticked through. A new simulation costs about as much as five ticks.
const QUIET_MIN: Duration = Duration::from_millis(10);

/// Segments on their way in one direction of a connection, connections not yet accepted, and datagrams not yet read.
/// turmoil panics or drops beyond it, and nothing here comes near: connections and look-ups are 10,000 at most, and a
/// segment has a byte at least.
const TURMOIL_QUEUE: usize = 1 << 20;

/// Makes a run under turmoil.
///
/// # Errors
/// [`PlanError::Driver`] if the world is too large for this driver, or stays busy for longer than [`BUSY_MAX`].
pub(in crate::drive) fn run(halves: Halves, end: Time) -> Result<Outcome, PlanError> {
    check(&halves.world)?;
    let episodes = Episodes {
        start: halves.world.start,
        client: halves.world.client.ipv4.into(),
        seed: halves.world.seed,
        hosts: Hosts::new(Simulated::default(), halves),
    };
    let ended = episodes.until(end)?;
    Ok(episodes.hosts.outcome(ended))
}

fn check(world: &World) -> Result<(), PlanError> {
    let mut addresses: Vec<IpAddr> = world.hosts.keys().map(SocketAddr::ip).collect();
    addresses.dedup();
    if addresses.len() > ADDRESSES_MAX {
        return Err(PlanError::Driver(format!(
            "turmoil: the world has {} addresses, and a tick gets too slow with more than {ADDRESSES_MAX}",
            addresses.len()
        )));
    }
    let unfit = |address: &&IpAddr| {
        let own = [world.client.ipv4.into(), world.client.resolver.ip()];
        own.contains(address) || address.is_unspecified() || address.is_loopback()
    };
    match addresses.iter().find(unfit) {
        Some(address) => Err(PlanError::Driver(format!(
            "turmoil: {address} is no address for a host: the simulation needs it for itself"
        ))),
        None => Ok(()),
    }
}

/// A run, over all its episodes.
struct Episodes {
    start: Wall,
    /// The sender's address.
    client: IpAddr,
    seed: Seed,
    hosts: Rc<Hosts<Simulated>>,
}

impl Episodes {
    /// Makes episodes until nothing is left to do, or `end` is reached; when that was.
    fn until(&self, end: Time) -> Result<Time, PlanError> {
        let net = &self.hosts.net;
        let mut left = BUSY_MAX;
        while let Some(next) = self.hosts.next().filter(|next| *next <= end) {
            net.begin(next.max(net.ended()));
            self.episode(end, &mut left)?;
            if net.ended() >= end && !self.is_quiet() {
                return Ok(end);
            }
        }
        let is_cut = self.hosts.next().is_some();
        Ok(if is_cut { end } else { net.ended() })
    }

    /// One simulation, until all is quiet for a while or `end` is reached.
    fn episode(&self, end: Time, left: &mut Duration) -> Result<(), PlanError> {
        let mut sim = self.build();
        loop {
            sim.step()
                .map_err(|error| PlanError::Driver(format!("turmoil: {error}")))?;
            self.hosts.net.ticked();
            if let Some(trouble) = self.hosts.tasks.take_trouble() {
                return Err(PlanError::Driver(format!("turmoil: {trouble}")));
            }
            *left = left.checked_sub(TICK).ok_or_else(too_long)?;
            if self.hosts.net.ended() >= end || self.is_quiet() {
                return Ok(());
            }
        }
    }

    /// Whether nothing is on the way, and nothing will be for a while.
    fn is_quiet(&self) -> bool {
        let soon = self.hosts.net.ended() + QUIET_MIN;
        !self.hosts.tasks.is_busy() && self.hosts.next().is_none_or(|next| next > soon)
    }

    fn build(&self) -> Sim<'static> {
        let mut builder = turmoil::Builder::new();
        let Wall(epoch) = clocks(self.start, self.hosts.net.ended()).wall;
        builder
            .rng_seed(self.seed.0)
            .epoch(SystemTime::UNIX_EPOCH + Duration::from_secs(epoch))
            .tick_duration(TICK)
            .simulation_duration(Duration::MAX)
            .min_message_latency(Duration::ZERO)
            .max_message_latency(Duration::ZERO)
            .tcp_capacity(TURMOIL_QUEUE)
            .udp_capacity(TURMOIL_QUEUE);
        let mut sim = builder.build();
        let hosts = self.hosts.clone();
        sim.host(hosts.resolver.ip(), move || {
            let serve = resolver::serve(hosts.clone());
            async { Ok(serve.await?) }
        });
        let by_host = self.by_host();
        for (ip, addresses) in by_host.clone() {
            let hosts = self.hosts.clone();
            sim.host(ip, move || {
                let peer = PeerHost {
                    hosts: hosts.clone(),
                    addresses: addresses.clone(),
                };
                async {
                    peer.serve().await;
                    Ok(())
                }
            });
        }
        // The last to run in a tick, so that everybody listens before the first thing is sent.
        let hosts = self.hosts.clone();
        sim.host(self.client, move || {
            let work = hosts.clone().work();
            async {
                work.await;
                Ok(())
            }
        });
        for (ip, addresses) in &by_host {
            let first = addresses.first();
            let latency = first.and_then(|address| self.hosts.latency_to(*address));
            sim.set_link_latency(self.client, *ip, latency.unwrap_or_default());
        }
        sim
    }

    fn by_host(&self) -> BTreeMap<IpAddr, Vec<SocketAddr>> {
        let mut hosts: BTreeMap<IpAddr, Vec<SocketAddr>> = BTreeMap::new();
        for address in self.hosts.addresses() {
            hosts.entry(address.ip()).or_default().push(address);
        }
        hosts
    }
}

fn too_long() -> PlanError {
    PlanError::Driver(format!(
        "turmoil: connections or look-ups are under way for more than {} h of simulated time",
        BUSY_MAX.as_secs() / 3600
    ))
}
