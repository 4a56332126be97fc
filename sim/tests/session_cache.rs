//! The session cache from outside: bounded, the least recently used key gives way, and open to inspection.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::time::Duration;

use mta_core::Mta;
use mta_core::config::Release;
use mta_core::event::{Detail, PeerStatus};
use mta_core::process::Service;
use mta_core::queue::Message;
use mta_core::time::Time;
use mta_core::tls::{SessionCache, SessionStore};
use mta_sim::drive::memory::Memory;
use mta_sim::plan::Plan;
use mta_sim::world::{DomainSpec, World};

const MAIN_CF: &str = "smtp_tls_security_level = may
smtp_tls_session_cache_database = btree:${data_directory}/smtp_scache
smtp_tls_CAfile = /etc/ssl/certs/ca-certificates.crt
";

/// Sends a mail to each domain in turn, a minute apart; which handshakes resumed a session.
fn resumed(cache: &Arc<SessionCache>, domains: &[&str]) -> Vec<bool> {
    let mut plan = Plan::from_main_cf(MAIN_CF, Release::V3_7);
    for name in ["a.test", "b.test"] {
        plan.world.domains.push(DomainSpec::new(name));
    }
    let settings = plan.configuration().unwrap().main_cf().clone();
    let world = World::build(
        &plan.world,
        &plan.peers,
        plan.seed,
        mta_sim::peer::Observe::Nothing,
    )
    .unwrap();
    let material = world.tls_material(&settings.tls);
    let service = Service::new(settings, Arc::default(), Arc::default(), Some(material));
    let mta = Mta::new(
        service.into(),
        cache.clone(),
        Box::new(|_| 0),
        Detail::Decisions,
    );
    let mut memory = Memory::new(world, mta);
    for (nth, domain) in (0..).zip(domains) {
        let to = format!("user@{domain}");
        let message = Message::new(format!("{nth}"), "alerts@client.example", to, b"hello\n");
        memory.submit_at(Time::after_start(Duration::from_secs(60 * nth)), message);
    }
    memory.run_until(Time::after_start(Duration::from_secs(3600)));
    memory
        .take_events()
        .iter()
        .filter_map(|event| event.tls().map(|summary| summary.resumed))
        .collect()
}

#[test]
fn with_room_for_both_each_domain_resumes_its_own_session() {
    let cache = Arc::new(SessionCache::bounded(2));
    assert_eq!(
        resumed(&cache, &["a.test", "b.test", "a.test", "b.test"]),
        [false, false, true, true]
    );
    let rows = cache.rows();
    assert_eq!(rows.len(), 2);
    assert!(
        rows[0]
            .key
            .starts_with("smtp&a.test&mx1.a.test&192.0.2.1&&"),
        "{}",
        rows[0].key
    );
    assert_eq!((rows[0].status, rows[0].offered), (PeerStatus::Trusted, 1));
    assert_eq!(rows[0].saved_at.as_secs(), 120);
}

#[test]
fn with_room_for_one_the_other_gives_way() {
    let cache = Arc::new(SessionCache::bounded(1));
    assert_eq!(
        resumed(&cache, &["a.test", "b.test", "a.test", "a.test"]),
        [false, false, false, true]
    );
    assert_eq!(cache.len(), 1);
}

#[test]
fn the_least_recently_used_gives_way_not_the_oldest() {
    let cache = Arc::new(SessionCache::bounded(2));
    resumed(&cache, &["a.test", "b.test", "a.test"]);
    let oldest_used_last = cache
        .rows()
        .iter()
        .max_by_key(|row| row.saved_at)
        .unwrap()
        .key
        .clone();
    assert!(oldest_used_last.contains("a.test"));
    assert!(cache.remove(&oldest_used_last) && !cache.remove(&oldest_used_last));
    cache.clear();
    assert!(cache.is_empty());
}
