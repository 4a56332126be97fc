//! Does what was done in a case, step by step, in simulated time.

mod message;
mod seen;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use mta_core::event::{Detail, Event};
use mta_core::process::{Client, Services};
use mta_core::time::Wall;
use mta_core::tls::SessionCache;
use mta_core::{Draw, Mta};
use mta_sim::drive::memory::Memory;
use mta_sim::seed::{Purpose, Seed, Stream};

use crate::case::{Case, Record, Step};
use crate::hosts::Hosts;
use crate::machine::{ALT, SMTP, services};
use crate::normal;
use crate::observation::{Connection, Observation};
use crate::pki::Certificates;
use crate::reach::NotYet;
use crate::world;
use mta_core::config::Release;

/// A step may take so long, in simulated time: the harness of the dataset gives up sooner.
const STEP_MAX: Duration = Duration::from_secs(3600);

/// What is wanted of a case.
pub(crate) struct Wanted<'a> {
    pub(crate) case: &'a Case,
    pub(crate) release: Release,
    pub(crate) certificates: &'a Certificates,
    pub(crate) names: &'a [String],
    pub(crate) start: Wall,
    pub(crate) seed: u64,
}

/// Plays a case.
///
/// # Errors
/// What the simulator does not have yet.
pub(crate) fn play(wanted: &Wanted<'_>) -> Result<Observation, NotYet> {
    let mut play = Play::begin(wanted)?;
    let mut seen = Observation::default();
    let mut opened = Vec::new();
    for step in &wanted.case.steps {
        play.step(step)?;
        let step = play.seen();
        seen.steps.push(step);
        opened.push(play.memory.opened());
    }
    play.let_connections_end();
    play.write_logs(&mut seen);
    for (number, connection) in play.connections {
        let step = opened.iter().position(|&opened| number < opened);
        if let Some(step) = step.and_then(|step| seen.steps.get_mut(step)) {
            step.connections.push(connection);
        }
    }
    normal::queue_ids(&mut seen);
    Ok(seen)
}

struct Play<'a> {
    wanted: &'a Wanted<'a>,
    memory: Memory,
    config: BTreeMap<String, String>,
    /// What DNS holds now.
    records: Vec<Record>,
    hosts: Hosts,
    /// What other programs than the sender warned of in this step.
    warnings: Vec<String>,
    /// That, and what happened at the sender, step by step.
    steps: Vec<(Vec<String>, Vec<Event>)>,
    sent: u64,
    /// What was seen of connections, by their number.
    connections: BTreeMap<u32, Connection>,
}

impl<'a> Play<'a> {
    fn begin(wanted: &'a Wanted<'a>) -> Result<Self, NotYet> {
        let case = wanted.case;
        out_of_reach(case)?;
        let seed = Seed(wanted.seed);
        let world = world::build(case, wanted.certificates, wanted.names, wanted.start, seed)?;
        let services = services(
            case,
            &case.config,
            &world,
            wanted.certificates,
            wanted.release,
        )?;
        let mta = Mta::new(
            services,
            Arc::new(SessionCache::new()),
            Box::new(MxOrder(seed.stream(Purpose::MxOrder, 0))),
            Detail::Decisions,
        );
        let mut play = Play {
            wanted,
            memory: Memory::new(world, mta),
            config: case.config.clone(),
            records: case.dns.clone(),
            hosts: case
                .hosts_extra
                .as_deref()
                .map(Hosts::read)
                .unwrap_or_default(),
            warnings: Vec::new(),
            steps: Vec::new(),
            sent: 0,
            connections: BTreeMap::new(),
        };
        play.resolve()?;
        Ok(play)
    }

    fn step(&mut self, step: &Step) -> Result<(), NotYet> {
        match step.op.as_str() {
            "send" => {
                for _ in 0..step.count.unwrap_or(1) {
                    let message = self.message(step)?;
                    self.memory.submit_at(self.memory.now(), message);
                }
                if step.settle {
                    self.settle();
                } else {
                    self.run();
                }
            }
            "flush" => {
                self.memory.flush();
                self.run();
            }
            "sleep" => {
                let span = Duration::try_from_secs_f64(step.seconds.unwrap_or_default())
                    .map_err(|error| NotYet::new(format!("sleep: {error}")))?;
                self.memory.wait(span);
            }
            "config" => {
                self.edit_main_cf(step)?;
                self.memory.sender().reload();
            }
            "main_cf" => self.edit_main_cf(step)?,
            "dns" => {
                self.records.clone_from(&step.records);
                self.resolve()?;
            }
            "peer_down" => {
                let down = |address: &std::net::SocketAddr| Some(address.ip()) == step.addr;
                for (address, host) in &mut self.memory.world().hosts {
                    if down(address) {
                        host.peer = None;
                    }
                }
            }
            "peer_set" => {
                if let Some(row) = &step.peer {
                    world::put(row, self.wanted.certificates, self.memory.world())?;
                }
            }
            "drop_tickets" => {
                for host in self.memory.world().hosts.values() {
                    if let Some(peer) = &host.peer {
                        peer.forget_sessions();
                    }
                }
            }
            op => return Err(NotYet::new(format!("step {op}"))),
        }
        if !step.files.is_empty() && step.op != "send" {
            return Err(NotYet::new("a step that writes files"));
        }
        Ok(())
    }

    /// Processes that start from now on find another main.cf.
    fn edit_main_cf(&mut self, step: &Step) -> Result<(), NotYet> {
        self.config.extend(step.set.clone());
        let Wanted {
            case,
            certificates,
            release,
            ..
        } = *self.wanted;
        let world = self.memory.world();
        let services = services(case, &self.config, world, certificates, release)?;
        self.memory.sender().install(services);
        self.resolve()
    }

    /// What is installed at the sender now.
    fn installed(&self) -> Option<&Services> {
        self.memory.services().last().map(|services| &**services)
    }

    /// The hosts that the process looks up in the system's own file; none if it asks DNS (`smtp_host_lookup`).
    fn own_hosts(&self) -> Option<&Hosts> {
        let smtp = self.installed()?.client(SMTP).and_then(Client::starts)?;
        (!smtp.settings().resolver.hosts_from_dns).then_some(&self.hosts)
    }

    /// Puts up the resolver that the process asks.
    fn resolve(&mut self) -> Result<(), NotYet> {
        let records = match self.own_hosts() {
            Some(hosts) => hosts.before(&self.records),
            None => self.records.clone(),
        };
        let resolver = world::resolver(self.wanted.case, &records, self.wanted.certificates)?;
        self.memory.world().resolver = resolver;
        Ok(())
    }

    /// Lets what was begun come to its end.
    fn run(&mut self) {
        let end = self.memory.now() + STEP_MAX;
        self.memory.run_until_quiet(end);
    }

    /// The same, but connections that stay open do so.
    fn settle(&mut self) {
        let end = self.memory.now() + STEP_MAX;
        self.memory.run_until_resting(end);
    }
}

/// What no play can show yet.
fn out_of_reach(case: &Case) -> Result<(), NotYet> {
    let known = [SMTP, ALT];
    match case
        .master
        .keys()
        .find(|service| !known.contains(&service.as_str()))
    {
        Some(service) => Err(NotYet::new(format!("the service {service} of master.cf"))),
        None => Ok(()),
    }
}

/// Orders servers of equal preference.
struct MxOrder(Stream);

impl Draw for MxOrder {
    fn below(&mut self, bound: u32) -> u32 {
        u32::try_from(self.0.below(u64::from(bound))).unwrap_or_default()
    }
}
