//! Does what was done in a case, step by step, in simulated time.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use mta_core::event::{Detail, Event, What};
use mta_core::log::lines;
use mta_core::policy::Asks;
use mta_core::queue::{HeaderAsks, Message};
use mta_core::smtp::Body;
use mta_core::time::Wall;
use mta_core::tls::{Engine, SessionCache, SessionStore as _};
use mta_core::{Draw, Mta};
use sim::drive::memory::Memory;
use sim::peer::Seen;
use sim::seed::{Purpose, Seed, Stream};

use crate::case::{Case, Record, Step};
use crate::hosts::Hosts;
use crate::machine::{Configured, Process, configure, main_cf, max_use, proxy_starts, style};
use crate::normal;
use crate::observation::{Connection, Delivery, HelloSeen, Observation, StepSeen, TlsSeen};
use crate::pki::Certificates;
use crate::reach::NotYet;
use crate::world;
use mta_core::config::PostfixVersion;

/// A step may take so long, in simulated time: the harness of the dataset gives up sooner.
const STEP_MAX: Duration = Duration::from_secs(3600);

/// A process that had nothing to do for so long ends (`max_idle`).
const MAX_IDLE: Duration = Duration::from_secs(100);

/// What is wanted of a case.
pub(crate) struct Wanted<'a> {
    pub(crate) case: &'a Case,
    pub(crate) version: PostfixVersion,
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
    /// The process that waits for work, and how many deliveries it made.
    process: Option<(Process, u64)>,
    engine: Option<Arc<Engine>>,
    last_use: mta_core::time::Time,
    max_use: Option<u64>,
    /// What DNS holds now.
    records: Vec<Record>,
    hosts: Hosts,
    log: Vec<String>,
    sent: u64,
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
        let settings = mta_core::config::Settings::default_for(wanted.version);
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
            process: None,
            engine: None,
            last_use: mta_core::time::Time::START,
            max_use: max_use(case),
            records: case.dns.clone(),
            hosts: case
                .hosts_extra
                .as_deref()
                .map(Hosts::read)
                .unwrap_or_default(),
            log: Vec::new(),
            sent: 0,
            proxy_runs: false,
            connections: BTreeMap::new(),
        })
    }

    fn step(&mut self, step: &Step) -> Result<(), NotYet> {
        match step.op.as_str() {
            "send" => {
                if !self.process_is_ready()? {
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
                if !self.process_is_ready()? {
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
                self.process = None;
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

    /// Sees to it that a process is there to deliver; false if it cannot start.
    fn process_is_ready(&mut self) -> Result<bool, NotYet> {
        let now = self.memory.now();
        let idle = now.since(self.last_use) >= MAX_IDLE;
        let spent = |uses: u64| self.max_use.is_some_and(|max| uses >= max);
        if let Some((_, uses)) = &mut self.process
            && !idle
            && !spent(*uses)
        {
            *uses += 1;
            return Ok(true);
        }
        let text = main_cf(&self.config, self.wanted.certificates)?;
        match configure(&text, self.wanted.version)? {
            Configured::Fatal(lines) => {
                self.log.extend(lines);
                self.process = None;
                Ok(false)
            }
            Configured::Runs(settings, log) => {
                let world = self.memory.world();
                let process = Process::start(settings, log, world, self.engine.as_ref())?;
                self.log.extend(process.log.iter().cloned());
                self.engine = process.engine.clone().or(self.engine.take());
                let sender = self.memory.sender();
                sender.reconfigure(
                    process.settings.clone(),
                    process.engine.clone(),
                    process.tables.clone(),
                );
                self.process = Some((process, 1));
                self.resolve()?;
                Ok(true)
            }
        }
    }

    /// The hosts that the process looks up in the system's own file; none if it asks DNS (`smtp_host_lookup`).
    fn own_hosts(&self) -> Option<&Hosts> {
        let (process, _) = self.process.as_ref()?;
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

    fn message(&mut self, step: &Step) -> Result<Message, NotYet> {
        self.sent += 1;
        let recipients = match step.rcpt.as_slice() {
            [] => vec!["user@example.test".into()],
            named => named.iter().map(|rcpt| rcpt.as_str().into()).collect(),
        };
        let from = step.from.as_deref().unwrap_or("sender@client.test");
        // As sendmail(1) and cleanup(8) begin a message.
        let id = normal::queue_id(self.sent);
        let mut content = format!(
            "Received: by mail.client.test (Postfix, from userid 0)\n\tid {id}; \
             Mon,  1 Jun 2026 00:00:00 +0000 (UTC)\n"
        );
        for header in &step.headers {
            content.push_str(header);
            content.push('\n');
        }
        content.push_str(&format!(
            "Message-Id: <20260601000000.{id}@mail.client.test>\n\
             Date: Mon,  1 Jun 2026 00:00:00 +0000 (UTC)\nFrom: {from}\nSubject: test\n"
        ));
        let asks = self.asks(step)?;
        let settings = self.process.as_ref().map(|(process, _)| &process.settings);
        let header = settings.map_or_else(HeaderAsks::default, |settings| {
            HeaderAsks::read(content.as_bytes(), asks, &settings.tls.asks)
        });
        for warning in &header.warnings {
            self.log.push(format!("cleanup: warning: {warning}"));
        }
        if let Some(added) = header.added {
            content.push_str(added);
            content.push('\n');
        }
        content.push('\n');
        content.push_str(step.body.as_deref().unwrap_or("Hello.\n"));
        Ok(Message {
            queue_id: id.into(),
            sender: from.into(),
            recipients,
            body: Body::new(content.as_bytes(), None),
            age: Duration::ZERO,
            asks: header.asks,
            probe: step.probe,
        })
    }

    /// What the options of sendmail(1) ask for (src/sendmail/sendmail.c).
    fn asks(&mut self, step: &Step) -> Result<Asks, NotYet> {
        let mut asks = Asks::default();
        for option in step.args.chunks(2) {
            let [name, value] = option else {
                return Err(NotYet::new("options of sendmail"));
            };
            let requires = match (name.as_str(), value.to_ascii_lowercase().as_str()) {
                ("-O", "requiretls=yes") => true,
                ("-O", "requiretls=no") => false,
                _ => return Err(NotYet::new(format!("option of sendmail {name} {value}"))),
            };
            let settings = self.process.as_ref().map(|(process, _)| &process.settings);
            let Some(settings) = settings.filter(|at| at.version >= PostfixVersion::V3_12) else {
                continue;
            };
            if settings.tls.asks.require_tls {
                asks.require_tls = requires;
            } else {
                self.log.push(format!(
                    "sendmail: warning: Ignoring option '{name} {value}, because the configuration is \
                     'requiretls_enable = no'"
                ));
            }
        }
        Ok(asks)
    }

    /// Lets what stayed open be closed, and notes what was seen of every connection.
    fn let_connections_end(&mut self) {
        let end = self.memory.now() + STEP_MAX;
        self.memory.run_until_quiet(end);
        self.note_connections();
    }

    fn note_connections(&mut self) {
        for (number, address, seen) in self.memory.take_seen() {
            self.connections.insert(number, connection(address, seen));
        }
    }

    /// What the step led to.
    fn seen(&mut self) -> StepSeen {
        self.note_connections();
        let events = self.memory.take_events();
        let mut log = std::mem::take(&mut self.log);
        if let Some((process, _)) = &self.process {
            let style = style(&process.settings);
            for event in &events {
                log.extend(lines(event, &style).iter().map(normal::line_of));
            }
        }
        let first = log.iter().position(|line| line.starts_with("tlsproxy: "));
        if let (Some(place), false) = (first, self.proxy_runs) {
            self.proxy_runs = true;
            if let Some(line) = proxy_starts(self.wanted.version) {
                log.insert(place, line.to_owned());
            }
        }
        let label = |line: &String| self.wanted.certificates.label_digests(&normal::ours(line));
        StepSeen {
            log: log.iter().map(label).collect(),
            deliveries: events.iter().filter_map(delivery).collect(),
            connections: Vec::new(),
            dns: self.queries(&events),
        }
    }
}

impl Play<'_> {
    /// What DNS was asked.
    fn queries(&self, events: &[Event]) -> Vec<String> {
        let own = self.own_hosts();
        let query = |event: &Event| {
            let What::Asked(question) = &event.what else {
                return None;
            };
            let asks_dns = own.is_none_or(|hosts| !hosts.answers(question));
            asks_dns.then(|| question.to_string())
        };
        events.iter().filter_map(query).collect()
    }
}

/// What no event of a play can show yet.
fn out_of_reach(case: &Case) -> Result<(), NotYet> {
    if case.master.keys().any(|service| service != "smtp") {
        return Err(NotYet::new("a second smtp service in master.cf"));
    }
    let unread = |table: &BTreeMap<String, serde_json::Value>| {
        table.keys().find(|name| *name != "max_use").cloned()
    };
    if let Some(name) = case.master.values().find_map(unread) {
        return Err(NotYet::new(format!("-o {name} in master.cf")));
    }
    Ok(())
}

fn delivery(event: &Event) -> Option<Delivery> {
    let outcome = event.outcome()?;
    Some(Delivery {
        rcpt: outcome.recipient.to_string(),
        relay: outcome
            .relay
            .as_ref()
            .map_or_else(|| "none".to_owned(), ToString::to_string),
        dsn: outcome.dsn.to_string(),
        status: outcome.status.to_string(),
        text: normal::ours(&outcome.text),
    })
}

fn connection(address: std::net::SocketAddr, seen: Seen) -> Connection {
    Connection {
        peer: format!("{}:{}", address.ip(), address.port()),
        plain: seen.plain.iter().map(|line| as_octets(line)).collect(),
        tls: seen.tls.map(|tls| TlsSeen {
            hello: (!tls.offered_versions.is_empty()).then_some(HelloSeen {
                sni: tls.sni,
                psk: tls.psk,
                versions: None,
                suites: None,
            }),
            version: tls.version.map(|version| version.replace('_', ".")),
            cipher: None,
            resumed: tls.resumed,
        }),
        in_tls: seen.in_tls.iter().map(|line| as_octets(line)).collect(),
    }
}

/// The dataset shows every octet of a command as one character.
fn as_octets(line: &str) -> String {
    line.bytes().map(char::from).collect()
}

/// Orders servers of equal preference.
struct MxOrder(Stream);

impl Draw for MxOrder {
    fn below(&mut self, bound: u32) -> u32 {
        u32::try_from(self.0.below(u64::from(bound))).unwrap_or_default()
    }
}
