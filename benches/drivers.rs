//! The same run under each simulated driver: two hosts, 1 ms apart, many deliveries.

mod support;

use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group};
use mta_core::event::Status;
use mta_sim::plan::Plan;
use mta_sim::run::Driver;
use support::Mode;
use support::delivery::{message_spec, plan};

const LATENCY: Duration = Duration::from_millis(1);
/// Longer than a delivery takes.
const APART: Duration = Duration::from_millis(50);
/// About sixteen deliveries are under way at once.
const TOGETHER: Duration = Duration::from_millis(1);
/// The kinds that are measured.
const KINDS: [&str; 4] = ["plaintext", "full-1.3", "resumed-1.3", "full-1.2"];

fn main() {
    benches();
    Criterion::default().configure_from_args().final_summary();
}

criterion_group!(benches, drivers);

/// Whole runs: world built, wire digested, peers observed. Each message when the one before is done, or many at a time.
fn drivers(criterion: &mut Criterion) {
    let is_bench = std::env::args().any(|argument| argument == "--bench");
    let count = if is_bench { 200 } else { 2 };
    for (name, spacing) in [("apart", APART), ("together", TOGETHER)] {
        let mut group = criterion.benchmark_group(name);
        group.sample_size(10);
        group.throughput(Throughput::Elements(u64::from(count)));
        for mode in Mode::all().filter(|mode| KINDS.contains(&mode.name())) {
            let plan = with_messages(mode, count, spacing);
            for (name, driver) in [("memory", Driver::Memory), ("turmoil", Driver::Turmoil)] {
                group.bench_function(BenchmarkId::new(mode.name(), name), |b| {
                    b.iter(|| {
                        let run = plan.run(driver).expect("the run can be made");
                        let sent = run
                            .outcomes()
                            .filter(|(_, outcome)| outcome.status == Status::Sent);
                        assert_eq!(sent.count(), usize::try_from(count).unwrap_or(usize::MAX));
                    });
                });
            }
        }
        group.finish();
    }
}

/// Sessions are resumed as far as there are any: a TLS 1.3 ticket is good for one connection.
fn with_messages(mode: Mode, count: u32, spacing: Duration) -> Plan {
    let mut plan = plan(mode);
    plan.world.latency = LATENCY;
    plan.messages = (0..count)
        .map(|number| message_spec().at(spacing * number))
        .collect();
    plan
}
