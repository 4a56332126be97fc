//! What hosts and hours cost in which nothing happens: nothing, if the driver follows the events.

#![expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]

mod support;

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, criterion_group};
use mta_sim::peer::PeerSpec;
use mta_sim::plan::Plan;
use mta_sim::world::{DomainSpec, MxSpec};
use support::Mode;
use support::delivery::{Deliveries, SPACING, plan};

/// Idle hosts beside the one that is delivered to.
const HOSTS: [u32; 3] = [0, 1_000, 100_000];
/// Simulated time between two messages.
const PAUSES: [(&str, Duration); 3] = [
    ("1ms", SPACING),
    ("1h", Duration::from_secs(3600)),
    ("5d", Duration::from_secs(5 * 86_400)),
];

fn main() {
    benches();
    Criterion::default().configure_from_args().final_summary();
}

criterion_group!(benches, hosts, time);

/// A plaintext delivery, with other hosts in the world.
#[expect(clippy::print_stdout, reason = "the result is for a person to read")]
fn hosts(criterion: &mut Criterion) {
    let is_bench = std::env::args().any(|argument| argument == "--bench");
    let counts = if is_bench { HOSTS.as_slice() } else { &[0, 10] };
    let mut group = criterion.benchmark_group("plaintext delivery beside idle hosts");
    for &count in counts {
        let start = Instant::now();
        let mut deliveries = Deliveries::with(&with_idle_hosts(count), Mode::Plaintext);
        println!("{count} idle hosts: built in {:.1?}", start.elapsed());
        group.bench_function(BenchmarkId::from_parameter(count), |b| {
            b.iter(|| deliveries.next());
        });
    }
    group.finish();
}

/// A plaintext delivery, so long after the one before.
fn time(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("plaintext delivery after idle time");
    for (name, pause) in PAUSES {
        let mut deliveries = Deliveries::new(Mode::Plaintext);
        group.bench_function(name, |b| {
            b.iter_custom(|times| {
                let mut spent = Duration::ZERO;
                for _ in 0..times {
                    if deliveries.is_old() {
                        deliveries = Deliveries::new(Mode::Plaintext);
                    }
                    let start = Instant::now();
                    deliveries.next_after(pause);
                    spent += start.elapsed();
                }
                spent
            });
        });
    }
    group.finish();
}

/// The usual world, and so many domains with a host of their own that nobody writes to.
fn with_idle_hosts(count: u32) -> Plan {
    let mut plan = plan(Mode::Plaintext);
    let mut peer = PeerSpec::default();
    peer.ehlo.keywords.retain(|keyword| keyword != "STARTTLS");
    let first = u32::from(Ipv4Addr::new(10, 0, 0, 0));
    plan.world.domains.extend((0..count).map(|number| {
        let name = format!("idle{number}.test");
        let mut host = MxSpec::new(10, format!("mx1.{name}"));
        host.addresses = vec![Ipv4Addr::from(first + number).into()];
        DomainSpec {
            mx: vec![host],
            ..DomainSpec::new(name).peer(peer.clone())
        }
    }));
    plan
}
