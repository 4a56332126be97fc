//! Does what was done in a case, step by step, in simulated time.

mod message;
mod seen;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use mta_core::event::Detail;
use mta_core::time::Wall;
use mta_core::tls::{Engine, SessionCache, SessionStore as _};
use mta_core::{Draw, Mta};
use mta_sim::drive::memory::Memory;
use mta_sim::seed::{Purpose, Seed, Stream};

use crate::case::{Case, Record, Step};
use crate::hosts::Hosts;
use crate::machine::{
    ALT, Configured, Process, SMTP, configure, main_cf, manager_starts, max_use, overrides,
};
use crate::normal;
use crate::observation::{Connection, Observation};
use crate::pki::Certificates;
use crate::reach::NotYet;
use crate::world;
use message::recipients;
use mta_core::config::Release;

/// A step may take so long, in simulated time: the harness of the dataset gives up sooner.
const STEP_MAX: Duration = Duration::from_secs(3600);

/// A process that had nothing to do for so long ends (`max_idle`).
const MAX_IDLE: Duration = Duration::from_secs(100);

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
        play.log.clear();
        play.step(step)?;
        seen.steps.push(play.seen());
        opened.push(play.memory.opened());
    }
    play.let_connections_end();
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
    sessions: Arc<SessionCache>,
    config: BTreeMap<String, String>,
    /// The processes that wait for work, by service, and how many deliveries each made.
    processes: BTreeMap<&'static str, (Process, u64)>,
    /// The last engine of each service.
    engines: BTreeMap<&'static str, Arc<Engine>>,
    last_use: mta_core::time::Time,
    /// What DNS holds now.
    records: Vec<Record>,
    hosts: Hosts,
    log: Vec<String>,
    sent: u64,
    /// A tlsmgr(8) process is there.
    manager_runs: bool,
    /// A tlsproxy(8) process is there.
    proxy_runs: bool,
    /// What was seen of connections, by their number.
    connections: BTreeMap<u32, Connection>,
}

impl<'a> Play<'a> {
    fn begin(wanted: &'a Wanted<'a>) -> Result<Self, NotYet> {
        let case = wanted.case;
        out_of_reach(case)?;
        let seed = Seed(wanted.seed);
        let world = world::build(case, wanted.certificates, wanted.names, wanted.start, seed)?;
        let settings = mta_core::config::Settings::default_for(wanted.release);
        let sessions = Arc::new(SessionCache::new());
        let mta = Mta::new(
            Arc::new(settings),
            None,
            sessions.clone(),
            Box::new(MxOrder(seed.stream(Purpose::MxOrder, 0))),
            Detail::Decisions,
        )
        .with_files(world.all_files());
        Ok(Play {
            wanted,
            memory: Memory::new(world, mta),
            sessions,
            config: case.config.clone(),
            processes: BTreeMap::new(),
            engines: BTreeMap::new(),
            last_use: mta_core::time::Time::START,
            records: case.dns.clone(),
            hosts: case
                .hosts_extra
                .as_deref()
                .map(Hosts::read)
                .unwrap_or_default(),
            log: Vec::new(),
            sent: 0,
            manager_runs: false,
            proxy_runs: false,
            connections: BTreeMap::new(),
        })
    }

    fn step(&mut self, step: &Step) -> Result<(), NotYet> {
        match step.op.as_str() {
            "send" => {
                if !self.processes_are_ready(&recipients(step))? {
                    return Ok(());
                }
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
                if !self.processes_are_ready(&[])? {
                    return Ok(());
                }
                self.memory.flush();
                self.run();
            }
            "sleep" => {
                let span = Duration::try_from_secs_f64(step.seconds.unwrap_or_default())
                    .map_err(|error| NotYet::new(format!("sleep: {error}")))?;
                self.memory.wait(span);
            }
            "config" => {
                self.config.extend(step.set.clone());
                // tlsmgr(8) starts anew at a reload, and empties its cache.
                self.sessions.clear();
                self.processes.clear();
                self.manager_runs = false;
                self.proxy_runs = false;
            }
            "main_cf" => self.config.extend(step.set.clone()),
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

    /// Sees to it that processes are there to deliver a message; false if one cannot start.
    fn processes_are_ready(&mut self, recipients: &[Arc<str>]) -> Result<bool, NotYet> {
        // The queue manager goes by the same main.cf as the first process.
        if !self.process_is_ready(SMTP)? {
            return Ok(false);
        }
        let sender = self.memory.sender();
        let alt = recipients
            .iter()
            .any(|recipient| sender.service_for(recipient).as_deref() == Some(ALT));
        Ok(!alt || self.process_is_ready(ALT)?)
    }

    fn process_is_ready(&mut self, service: &'static str) -> Result<bool, NotYet> {
        let now = self.memory.now();
        let idle = now.since(self.last_use) >= MAX_IDLE;
        let overrides = overrides(self.wanted.case, service);
        let max_use = max_use(&overrides);
        let spent = |uses: u64| max_use.is_some_and(|max| uses >= max);
        if let Some((_, uses)) = self.processes.get_mut(service)
            && !idle
            && !spent(*uses)
        {
            *uses += 1;
            return Ok(true);
        }
        self.processes.remove(service);
        let text = main_cf(self.wanted.case, &self.config, self.wanted.certificates)?;
        match configure(&text, service, &overrides, self.wanted.release)? {
            Configured::Fatal(lines) => {
                self.log.extend(lines);
                Ok(false)
            }
            Configured::Runs(settings, log) => {
                let world = self.memory.world();
                let before = self.engines.get(service);
                let process = Process::start(settings, log, world, before)?;
                self.log.extend(process.log.iter().cloned());
                if process.settings.tls.needs_engine() && !self.manager_runs {
                    self.manager_runs = true;
                    self.log.extend(manager_starts(&process));
                }
                if let Some(engine) = &process.engine {
                    self.engines.insert(service, engine.clone());
                }
                let sender = self.memory.sender();
                let (settings, engine) = (process.settings.clone(), process.engine.clone());
                if service == SMTP {
                    sender.reconfigure(settings, engine, process.tables.clone());
                } else {
                    sender.serve(service, settings, engine, process.tables.clone());
                }
                self.processes.insert(service, (process, 1));
                self.resolve()?;
                Ok(true)
            }
        }
    }

    /// The hosts that the process looks up in the system's own file; none if it asks DNS (`smtp_host_lookup`).
    fn own_hosts(&self) -> Option<&Hosts> {
        let (process, _) = self.processes.get(SMTP)?;
        (!process.settings.resolver.hosts_from_dns).then_some(&self.hosts)
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
        self.last_use = self.memory.now();
    }

    /// The same, but connections that stay open do so.
    fn settle(&mut self) {
        let end = self.memory.now() + STEP_MAX;
        self.memory.run_until_resting(end);
        self.last_use = self.memory.now();
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
