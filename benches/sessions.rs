//! What the TLS session cache costs as it grows: time to look up, to save and to evict, and bytes an entry.

mod support;

use std::alloc::System;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use criterion::{BenchmarkGroup, BenchmarkId, Criterion, criterion_group, measurement::WallTime};
use mta_core::config::{Release, Settings};
use mta_core::event::Server;
use mta_core::policy::{Level, Policy};
use mta_core::time::Time;
use mta_core::tls::{KeyParts, Saved, SessionCache, SessionStore, Terms, Ticket};
use mta_core::trust::Verdict;
use mta_sim::peer::TlsVersion;
use rustls::NamedGroup;
use rustls::client::{ClientSessionStore, Tls12ClientSessionValue, Tls13ClientSessionValue};
use rustls::pki_types::ServerName;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use support::Tls;
use support::bare::Bare;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// The cache's own limit is in between the last two.
const SIZES: [usize; 3] = [1_000, 100_000, 1_000_000];
/// Entries under `cargo test`, and those whose bytes are counted: each is a handshake of its own.
const FEW: usize = 1_000;
/// `smtp_tls_session_cache_timeout`
const LIFETIME: Duration = Duration::from_secs(3600);

fn main() {
    the_least_recently_used_gives_way();
    print_bytes();
    benches();
    Criterion::default().configure_from_args().final_summary();
}

criterion_group!(benches, times);

fn times(criterion: &mut Criterion) {
    let is_bench = std::env::args().any(|argument| argument == "--bench");
    let sizes = if is_bench { SIZES.as_slice() } else { &[FEW] };
    let mut group = criterion.benchmark_group("sessions");
    let mut sample = Sample::new();
    for &size in sizes {
        look_up(&mut group, &mut sample, size);
        save(&mut group, &mut sample, size);
    }
    group.finish();
}

fn look_up(group: &mut BenchmarkGroup<'_, WallTime>, sample: &mut Sample, size: usize) {
    let (cache, keys) = sample.filled(size);
    let mut scattered = Scattered::over(size);
    group.bench_function(BenchmarkId::new("look up", size), |b| {
        b.iter(|| {
            let key = &keys[scattered.next()];
            cache.look_up(key, Time::START, LIFETIME).expect("kept")
        });
    });
    group.bench_function(BenchmarkId::new("look up in vain", size), |b| {
        b.iter(|| cache.look_up("smtp&nobody", Time::START, LIFETIME));
    });
    let mut scattered = Scattered::over(size);
    group.bench_function(BenchmarkId::new("save again", size), |b| {
        b.iter(|| {
            let key = &keys[scattered.next()];
            cache.save(key, sample.saved(), Time::START);
        });
    });
}

/// A save into a full cache takes the place of the key that was used least recently.
fn save(group: &mut BenchmarkGroup<'_, WallTime>, sample: &mut Sample, size: usize) {
    let (cache, _) = sample.filled(size);
    let mut number = size;
    group.bench_function(BenchmarkId::new("save and evict", size), |b| {
        b.iter_batched(
            || {
                number += 1;
                key(number)
            },
            |key| cache.save(&key, sample.saved(), Time::START),
            criterion::BatchSize::SmallInput,
        );
    });
    assert_eq!(cache.len(), size);
}

/// What is measured has to be right, too.
fn the_least_recently_used_gives_way() {
    let sample = Sample::new();
    let cache = SessionCache::bounded(2);
    let [first, second, third] = [key(1), key(2), key(3)];
    let look_up = |key: &str| cache.look_up(key, Time::START, LIFETIME).is_ok();
    cache.save(&first, sample.saved(), Time::START);
    cache.save(&second, sample.saved(), Time::START);
    assert!(look_up(&first));
    cache.save(&third, sample.saved(), Time::START);
    assert!(look_up(&first) && !look_up(&second) && look_up(&third));
    cache.save(&first, sample.saved(), Time::START);
    cache.save(&second, sample.saved(), Time::START);
    assert!(look_up(&first) && look_up(&second) && !look_up(&third));
}

/// Bytes of an entry, allocated and asked for: sessions from handshakes of their own, as many tickets as come.
#[expect(clippy::print_stdout, reason = "the result is for a person to read")]
fn print_bytes() {
    for version in [TlsVersion::Tls13, TlsVersion::Tls12] {
        let tls = Tls {
            version,
            resumed: false,
            only: true,
        };
        let mut harvest = Harvest::of(tls);
        let cache = SessionCache::bounded(FEW);
        let mut tickets = 0;
        let region = Region::new(ALLOCATOR);
        for number in 0..FEW {
            let key = key(number);
            for ticket in harvest.tickets() {
                tickets += 1;
                cache.save(&key, saved_with(ticket), Time::START);
            }
        }
        let change = region.change();
        let kept = change
            .bytes_allocated
            .saturating_sub(change.bytes_deallocated);
        // What the pair itself keeps between handshakes stays the same, and is small beside all entries.
        println!(
            "{}: {} octets an entry of {} tickets and a chain of two certificates",
            tls.name(),
            kept / FEW,
            tickets / FEW
        );
        assert_eq!(cache.len(), FEW);
    }
}

/// Sessions from handshakes.
struct Harvest {
    bare: Bare,
    basket: Arc<Basket>,
}

impl Harvest {
    fn of(tls: Tls) -> Self {
        let basket = Arc::new(Basket::default());
        Harvest {
            bare: Bare::storing_in(tls, basket.clone()),
            basket,
        }
    }

    /// The tickets of one more handshake.
    fn tickets(&mut self) -> Vec<Ticket> {
        self.basket.take();
        self.bare.next();
        self.basket.take()
    }
}

/// A store that offers nothing and keeps what comes.
#[derive(Debug, Default)]
struct Basket(Mutex<Vec<Ticket>>);

impl Basket {
    fn add(&self, ticket: Ticket) {
        self.0.lock().expect("one thread").push(ticket);
    }

    fn take(&self) -> Vec<Ticket> {
        std::mem::take(&mut self.0.lock().expect("one thread"))
    }
}

impl ClientSessionStore for Basket {
    fn set_kx_hint(&self, _: ServerName<'static>, _: NamedGroup) {}

    fn kx_hint(&self, _: &ServerName<'_>) -> Option<NamedGroup> {
        None
    }

    fn set_tls12_session(&self, _: ServerName<'static>, value: Tls12ClientSessionValue) {
        self.add(Ticket::Tls12(Box::new(value)));
    }

    fn tls12_session(&self, _: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        None
    }

    fn remove_tls12_session(&self, _: &ServerName<'static>) {}

    fn insert_tls13_ticket(&self, _: ServerName<'static>, value: Tls13ClientSessionValue) {
        self.add(Ticket::Tls13(Box::new(value)));
    }

    fn take_tls13_ticket(&self, _: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        None
    }
}

/// One TLS 1.2 session, which can be kept under any number of keys.
struct Sample(Ticket);

impl Sample {
    fn new() -> Self {
        let tls = Tls {
            version: TlsVersion::Tls12,
            resumed: false,
            only: true,
        };
        let ticket = Harvest::of(tls).tickets().pop();
        Sample(ticket.expect("the server sends one"))
    }

    fn saved(&self) -> Saved {
        match &self.0 {
            Ticket::Tls12(value) => saved_with(Ticket::Tls12(value.clone())),
            Ticket::Tls13(_) => unreachable!("the sample is one of TLS 1.2"),
        }
    }

    fn filled(&mut self, size: usize) -> (SessionCache, Vec<Arc<str>>) {
        let cache = SessionCache::bounded(size);
        let keys: Vec<Arc<str>> = (0..size).map(key).collect();
        for key in &keys {
            cache.save(key, self.saved(), Time::START);
        }
        (cache, keys)
    }
}

fn saved_with(ticket: Ticket) -> Saved {
    Saved {
        ticket,
        verdict: Verdict::anonymous(),
        signature: None,
    }
}

/// The key of a server, as deliveries make it.
fn key(number: usize) -> Arc<str> {
    static TERMS: LazyLock<Terms> = LazyLock::new(|| {
        let settings = Settings::default_for(Release::V3_12);
        Terms::of(&settings.tls, &Policy::of(Level::Encrypt), settings.release)
    });
    let [.., a, b, c] = u32::try_from(number).unwrap_or(u32::MAX).to_be_bytes();
    let domain = format!("domain{number}.example.test");
    let server = Server {
        host: format!("mx1.{domain}").into(),
        address: ([10, a, b, c], 25).into(),
    };
    let parts = KeyParts {
        service: "smtp",
        nexthop: &domain,
        server: &server,
        helo: &server.host,
        level: Level::Encrypt,
        proof: None,
        terms: &TERMS,
        release: Release::V3_12,
    };
    parts.key()
}

/// Places all over a range, always the same ones: a linear congruential generator (Knuth's MMIX).
struct Scattered {
    size: usize,
    state: u64,
}

impl Scattered {
    const fn over(size: usize) -> Self {
        Scattered { size, state: 1 }
    }

    fn next(&mut self) -> usize {
        self.state = self
            .state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.state >> 33).unwrap_or_default() % self.size
    }
}
