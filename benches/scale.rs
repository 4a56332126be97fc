//! What many peers and many messages cost: processor time and memory of a world and of five simulated days in it.
//!
//! Each row is a process of its own, so that its peak of memory is its own. Both are read from Linux's /proc; elsewhere
//! the runs are made and nothing is measured.

#![expect(clippy::print_stdout, reason = "the result is for a person to read")]

mod support;

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::process::{Command, ExitCode};
use std::time::Duration;

use mta_core::event::{Channel, Event, Status};
use mta_core::time::Time;
use mta_sim::drive::memory::Memory;
use mta_sim::peer::{Moment, PeerSpec, Rule, Then};
use mta_sim::plan::Plan;
use mta_sim::run::Driver;
use mta_sim::world::{DomainSpec, MessageSpec, MxSpec};
use support::bare::Bare;
use support::delivery::{Deliveries, MESSAGE_BYTES, plan};
use support::{Mode, Tls};

/// Peers, messages and kind of the rows of the table.
const ROWS: [(u32, u32, Kind); 7] = [
    (1_000, 20_000, Kind::Plain),
    (10_000, 50_000, Kind::Plain),
    (100_000, 200_000, Kind::Plain),
    (1_000, 20_000, Kind::Observed),
    (100_000, 200_000, Kind::Observed),
    (1_000, 20_000, Kind::Tls),
    (100_000, 200_000, Kind::Tls),
];

/// The messages come evenly over this time; what is deferred then is left in the queue.
const DAYS: Duration = Duration::from_secs(5 * 86_400);
const HOUR: Duration = Duration::from_secs(3600);

/// The most memory that any row may take, in bytes.
const MEMORY_MAX: u64 = 1_000_000_000;

/// A kind of run, all at the lowest detail, `Outcomes`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Without TLS; events are taken away hour by hour.
    Plain,
    /// The same, digested and with all events and all that the peers saw kept to the end.
    Observed,
    /// As `Plain`, each handshake a full one of TLS 1.3.
    Tls,
}

impl Kind {
    const ALL: [Kind; 3] = [Kind::Plain, Kind::Observed, Kind::Tls];

    const fn name(self) -> &'static str {
        match self {
            Kind::Plain => "plain",
            Kind::Observed => "observed",
            Kind::Tls => "TLS",
        }
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let passed = match words.as_slice() {
        ["work", peers, messages, kind] => {
            let kind = Kind::ALL.into_iter().find(|known| known.name() == *kind);
            let number = |text: &str| text.parse().expect("a number");
            row(number(peers), number(messages), kind.expect("a known kind"))
        }
        _ if words.contains(&"--bench") => {
            header();
            let rows = ROWS.map(|(peers, messages, kind)| in_a_process(peers, messages, kind));
            rows.into_iter().all(|passed| passed)
        }
        _ => {
            header();
            let rows = Kind::ALL.map(|kind| row(40, 120, kind));
            rows.into_iter().all(|passed| passed)
        }
    };
    if passed {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn in_a_process(peers: u32, messages: u32, kind: Kind) -> bool {
    let here = std::env::current_exe().expect("this program has a file");
    let mut row = Command::new(here);
    row.args([
        "work",
        &peers.to_string(),
        &messages.to_string(),
        kind.name(),
    ]);
    row.status().is_ok_and(|status| status.success())
}

fn header() {
    println!(
        "{:>8} {:>8} {:8} {:>8} {:>8} {:>9} {:>8} {:>8} {:>8}",
        "peers", "messages", "", "world s", "run s", "us/msg", "attempts", "TLS", "peak MB"
    );
}

/// Makes one run, and prints what it took; whether its memory passes.
fn row(peers: u32, messages: u32, kind: Kind) -> bool {
    let plan = many(peers, messages, kind);
    let mut reference = (kind == Kind::Tls).then(Reference::new);
    let start = processor_time();
    let (built, counted) = if kind == Kind::Observed {
        let run = plan.run(Driver::Memory).expect("the run can be made");
        let mut counted = Counted::default();
        counted.add(&run.events);
        (start, counted)
    } else {
        let mut memory = Memory::unobserved(&plan).expect("the world can be built");
        let built = processor_time();
        let mut counted = Counted::default();
        let mut now = Time::START;
        while now.since_start() < DAYS {
            now = now + HOUR;
            memory.run_until(now);
            counted.add(&memory.take_events());
            if let Some(reference) = &mut reference {
                reference.measure();
            }
        }
        (built, counted)
    };
    let end = processor_time();
    counted.check(messages, kind);
    let peak = peak_bytes();
    let between = |from: Option<Duration>, to: Option<Duration>| Some(to? - from?);
    let aside = reference.as_ref().map_or(Duration::ZERO, |it| it.spent);
    let spent = between(start, end).map(|spent| spent.saturating_sub(aside));
    let run = between(built, end).map(|run| run.saturating_sub(aside));
    let passed = peak.is_none_or(|octets| octets <= MEMORY_MAX);
    println!(
        "{peers:>8} {messages:>8} {:8} {:>8} {:>8} {:>9} {:>8} {:>8} {:>8}{}",
        kind.name(),
        shown(between(start, built), |it| it.as_secs_f64()),
        shown(run, |it| it.as_secs_f64()),
        shown(spent, |it| it.as_secs_f64() * 1e6 / f64::from(messages)),
        counted.attempts,
        counted.handshakes,
        peak.map_or_else(|| "-".to_owned(), |octets| (octets / 1_000_000).to_string()),
        if passed { "" } else { "  TOO MUCH memory" }
    );
    if let (Some(reference), Some(spent)) = (reference, spent) {
        reference.compare(spent, counted.handshakes);
    }
    passed
}

/// What a full handshake costs, between bare ends and in a delivery to one peer. It is measured in turns with the run, so
/// that a machine that slows down slows both.
struct Reference {
    bare: Bare,
    deliveries: Deliveries,
    bare_times: Vec<Duration>,
    delivery_times: Vec<Duration>,
    /// All the processor time that this took.
    spent: Duration,
}

impl Reference {
    /// Calls of each kind at a time; the first ones, which find the caches full of other things, are not counted.
    const TURN: u32 = 12;
    const NOT_COUNTED: u32 = 4;

    fn new() -> Reference {
        let tls = Tls::ALL[0];
        assert!(!tls.resumed, "full handshakes are counted");
        Reference {
            bare: Bare::new(tls),
            deliveries: Deliveries::new(Mode::Tls(tls)),
            bare_times: Vec::new(),
            delivery_times: Vec::new(),
            spent: Duration::ZERO,
        }
    }

    fn measure(&mut self) {
        let start = processor_time();
        let times = mean_time(|| self.bare.next());
        self.bare_times.extend(times);
        let times = mean_time(|| self.deliveries.next());
        self.delivery_times.extend(times);
        if let (Some(start), Some(end)) = (start, processor_time()) {
            self.spent += end - start;
        }
    }

    /// Prints how the time of a run compares with that of its handshakes.
    fn compare(self, spent: Duration, handshakes: u32) {
        for (name, times) in [
            ("bare rustls", self.bare_times),
            ("a delivery", self.delivery_times),
        ] {
            let turns = u32::try_from(times.len()).unwrap_or_default();
            let Some(each) = times.iter().sum::<Duration>().checked_div(turns) else {
                continue;
            };
            let ratio = spent.as_secs_f64() / (each.as_secs_f64() * f64::from(handshakes));
            println!("         {ratio:.2} x its handshakes at {each:.0?} ({name})");
        }
    }
}

fn mean_time(mut next: impl FnMut()) -> Option<Duration> {
    (0..Reference::NOT_COUNTED).for_each(|_| next());
    let start = processor_time()?;
    let counted = Reference::TURN - Reference::NOT_COUNTED;
    (0..counted).for_each(|_| next());
    Some((processor_time()? - start) / counted)
}

/// A world of domains with an MX host each: of ten hosts one is down for two days, one every other hour, one greylists;
/// of a hundred one is dead. Messages go to each domain in turn.
fn many(peers: u32, messages: u32, kind: Kind) -> Plan {
    let mode = match kind {
        Kind::Plain | Kind::Observed => Mode::Plaintext,
        Kind::Tls => Mode::Tls(Tls::ALL[0]),
    };
    let mut plan = plan(mode);
    let one = plan.world.domains.pop().expect("a domain");
    let good = match one.peer {
        Some(mta_sim::world::PeerRef::Inline(peer)) => *peer,
        Some(mta_sim::world::PeerRef::Named(_)) | None => PeerSpec::default(),
    };
    plan.peers = kinds_of_peer(&good);
    let first = u32::from(Ipv4Addr::new(10, 0, 0, 0));
    let domain = |number: u32| {
        let name = format!("d{number}.test");
        let mut host = MxSpec::new(10, format!("mx1.{name}"));
        host.addresses = vec![Ipv4Addr::from(first + number).into()];
        let peer = match (number % 100, number % 10) {
            (99, _) => "dead",
            (_, 1) => "down",
            (_, 2) => "hourly",
            (_, 3) => "greylists",
            _ => "good",
        };
        DomainSpec {
            mx: vec![host],
            ..DomainSpec::new(name).peer(peer)
        }
    };
    plan.world.domains = (0..peers).map(domain).collect();
    let message = |number: u32| MessageSpec {
        octets: MESSAGE_BYTES,
        at: DAYS * number / messages,
        ..MessageSpec::to(format!("postmaster@d{}.test", number % peers))
    };
    plan.messages = (0..messages).map(message).collect();
    plan.limit = DAYS;
    plan
}

fn kinds_of_peer(good: &PeerSpec) -> BTreeMap<String, PeerSpec> {
    let refuses = || Rule::moment(Moment::Connect).then(Then::Refuse);
    let greylists = Rule::command(mta_sim::peer::Command::Rcpt)
        .greylist(Duration::from_secs(300))
        .send("450 4.2.0 Greylisted");
    let kinds = [
        ("good", None),
        ("dead", Some(refuses())),
        ("down", Some(refuses().until(48 * HOUR))),
        ("hourly", Some(refuses().until(HOUR).repeats(2 * HOUR))),
        ("greylists", Some(greylists)),
    ];
    let with = |(name, rule): (&str, Option<Rule>)| {
        let peer = PeerSpec {
            on: rule.into_iter().collect(),
            ..good.clone()
        };
        (name.to_owned(), peer)
    };
    kinds.map(with).into()
}

/// What became of the messages.
#[derive(Default)]
struct Counted {
    attempts: u32,
    sent: u32,
    /// Attempts that came as far as TLS, each on a connection of its own.
    handshakes: u32,
}

impl Counted {
    fn add(&mut self, events: &[Event]) {
        for outcome in events.iter().filter_map(Event::outcome) {
            self.attempts += 1;
            self.sent += u32::from(outcome.status == Status::Sent);
            let in_tls = matches!(outcome.channel, Channel::Tls | Channel::WeakerTls(_));
            self.handshakes += u32::from(in_tls && outcome.uses == 1);
        }
    }

    /// Nine in ten messages and more arrive, after more than one attempt each, and in TLS if they are to.
    fn check(&self, messages: u32, kind: Kind) {
        let (attempts, sent) = (self.attempts, self.sent);
        assert!(sent * 10 > messages * 9, "{sent} of {messages} sent");
        assert!(attempts > messages, "{attempts} attempts");
        let in_tls = self.handshakes >= sent;
        assert_eq!(in_tls, kind == Kind::Tls, "{} handshakes", self.handshakes);
    }
}

/// Processor time that this thread has taken; none where Linux does not count it.
fn processor_time() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanos = text.split_ascii_whitespace().next()?.parse().ok()?;
    Some(Duration::from_nanos(nanos))
}

/// The most memory that this process has had at a time; none where Linux does not say.
fn peak_bytes() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

fn shown<T>(value: Option<T>, show: impl Fn(T) -> f64) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{:.2}", show(value)))
}
