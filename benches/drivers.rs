//! The same run under each simulated driver: two hosts, 1 ms apart, many deliveries.

mod support;

use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group};
use mta_core::event::Status;
use sim::run::{Driver, Setup};
use support::delivery::{message_spec, setup};
use support::{Mode, Tls};

const LATENCY: Duration = Duration::from_millis(1);

fn main() {
    benches();
    Criterion::default().configure_from_args().final_summary();
}

criterion_group!(benches, drivers);

/// Whole runs: world built, wire digested, peers observed; with TLS, sessions are resumed.
fn drivers(criterion: &mut Criterion) {
    let is_bench = std::env::args().any(|argument| argument == "--bench");
    let count = if is_bench { 200 } else { 2 };
    let mut group = criterion.benchmark_group("run");
    group.sample_size(10);
    group.throughput(Throughput::Elements(u64::from(count)));
    let resumed_1_3 = Tls::ALL.into_iter().find(|tls| tls.name() == "resumed-1.3");
    for mode in [Some(Mode::Plaintext), resumed_1_3.map(Mode::Tls)]
        .into_iter()
        .flatten()
    {
        let setup = with_messages(mode, count);
        for (name, driver) in [("memory", Driver::Memory), ("turmoil", Driver::Turmoil)] {
            group.bench_function(BenchmarkId::new(name, mode.name()), |b| {
                b.iter(|| {
                    let run = setup.run(driver).expect("the run can be made");
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

/// One message after the other, each when the one before is done.
fn with_messages(mode: Mode, count: u32) -> Setup {
    const SPACING: Duration = Duration::from_millis(50);
    let mut setup = setup(mode);
    setup.world.latency = LATENCY;
    setup.messages = (0..count)
        .map(|number| message_spec().at(SPACING * number))
        .collect();
    setup
}
