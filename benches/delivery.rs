//! What a delivery costs beside the TLS in it: time, and the ratio to bare rustls in the same run.

#![expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]

mod support;

use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group};
use support::bare::Bare;
use support::delivery::Deliveries;
use support::{Mode, Tls};

fn main() {
    // `cargo bench` passes --bench, `cargo test` does not.
    if std::env::args().any(|argument| argument == "--bench") {
        print_ratios(2000);
    } else {
        print_ratios(2);
    }
    benches();
    Criterion::default().configure_from_args().final_summary();
}

criterion_group!(benches, absolute);

/// Each by itself, with criterion's statistics.
fn absolute(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("bare");
    for tls in Tls::ALL {
        let mut bare = Bare::new(tls);
        group.bench_function(tls.name(), |b| b.iter(|| bare.next()));
    }
    group.finish();
    let mut group = criterion.benchmark_group("delivery");
    for mode in Mode::all() {
        let mut deliveries = Deliveries::new(mode);
        group.bench_function(mode.name(), |b| b.iter(|| deliveries.next()));
    }
    group.finish();
}

/// Both side by side, in turns of one, so that a machine that slows down slows both: medians of so many calls each.
#[expect(clippy::print_stdout, reason = "the result is for a person to read")]
fn print_ratios(calls: usize) {
    println!("{:20} {:>10} {:>10} {:>7}", "", "bare", "delivery", "ratio");
    let plaintext = {
        let mut deliveries = Deliveries::new(Mode::Plaintext);
        median((0..calls).map(|_| time(|| deliveries.next())).collect())
    };
    println!("{:20} {:>10} {plaintext:>10.1?}", "plaintext", "");
    let mut deliveries_by_kind = Vec::new();
    for tls in Tls::ALL {
        let (mut bare, mut deliveries) = (Bare::new(tls), Deliveries::new(Mode::Tls(tls)));
        let (mut bare_times, mut delivery_times) = (Vec::new(), Vec::new());
        for _ in 0..calls {
            bare_times.push(time(|| bare.next()));
            delivery_times.push(time(|| deliveries.next()));
        }
        let (bare, delivery) = (median(bare_times), median(delivery_times));
        let ratio = delivery.as_secs_f64() / bare.as_secs_f64();
        println!(
            "{:20} {bare:>10.1?} {delivery:>10.1?} {ratio:>7.3}",
            tls.name()
        );
        deliveries_by_kind.push((tls, delivery));
    }
    for pair in deliveries_by_kind.chunks_exact(2) {
        if let [(tls, full), (resumed_tls, resumed)] = pair {
            let ratio = full.as_secs_f64() / resumed.as_secs_f64();
            println!("{} : {} {ratio:.1}", tls.name(), resumed_tls.name());
        }
    }
}

fn time(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
