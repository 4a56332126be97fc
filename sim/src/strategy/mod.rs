//! Strategies for proptest: peers, settings, messages, and whole plans (feature `proptest`).
//!
//! ```
//! use mta_sim::prelude::*;
//! use mta_sim::strategy;
//! use proptest::prelude::*;
//!
//! proptest!(ProptestConfig::with_cases(8), |(plan in strategy::plan("encrypt"))| {
//!     let run = plan.run(Driver::Memory).unwrap();
//!     prop_assert!(run.never_clear(), "{}", run);
//! });
//! ```

mod rule;
mod settings;

use std::time::Duration;

use proptest::prelude::*;
use proptest::sample::select;

use crate::library::Catalogue;
use crate::network::{NetworkSpec, Slice};
use crate::peer::PeerSpec;
use crate::plan::Plan;
use crate::seed::Seed;
use crate::world::{DomainSpec, MessageSpec};

pub use rule::{rule, said};
pub use settings::{level, main_cf, release};

/// The domain that mail of a [`plan`] goes to.
pub const DOMAIN: &str = "example.test";

/// A pause between bytes beyond which a handshake takes days.
const SLOW: Duration = Duration::from_secs(60);

/// A peer of the catalogue, by name: all but those whose bytes come so slowly that one handshake takes days. It stands
/// wherever it is put: a provider's hosts and DNS data are left out.
pub fn catalogue_peer() -> impl Strategy<Value = (String, PeerSpec)> + Clone {
    let peers = Catalogue::shared().peers().iter();
    let quick = peers.filter(|(_, peer)| peer.network.slice_gap <= SLOW);
    let anywhere = |(name, peer): (&String, &PeerSpec)| {
        let peer = PeerSpec {
            mx: Vec::new(),
            dns: Vec::new(),
            ..peer.clone()
        };
        (name.clone(), peer)
    };
    select(quick.map(anywhere).collect::<Vec<_>>())
}

/// Any peer: one of the catalogue, or a well-behaved one with up to three rules.
pub fn peer() -> impl Strategy<Value = PeerSpec> + Clone {
    let with_rules = prop::collection::vec(rule(), 0..4).prop_map(|on| PeerSpec {
        on,
        ..PeerSpec::default()
    });
    prop_oneof![catalogue_peer().prop_map(|(_, peer)| peer), with_rules]
}

/// A path that slices what is sent, slows it down and delays it. What is said over it is the same.
pub fn network() -> impl Strategy<Value = NetworkSpec> + Clone {
    let slice = (1_u32..40, 0_u32..200);
    (slice, 0_u64..15, 0_u64..2000).prop_map(|((min, more), gap, latency)| NetworkSpec {
        slice: Slice::between(min, min + more),
        slice_gap: Duration::from_millis(gap),
        latency: Duration::from_millis(latency),
        ..NetworkSpec::default()
    })
}

/// A message to one or two recipients of a domain, within ten minutes of the start, new or up to an hour old.
pub fn message(domain: &str) -> impl Strategy<Value = MessageSpec> + Clone {
    let domain = domain.to_owned();
    let to = "[a-z]{1,8}".prop_map(move |local| format!("{local}@{domain}"));
    let to = prop::collection::vec(to, 1..3);
    (to, 0_u64..600, 0_u64..3600, 0_u32..4096).prop_map(|(to, at, age, octets)| {
        let message = MessageSpec {
            to,
            octets,
            ..MessageSpec::to("")
        };
        let [at, age] = [at, age].map(Duration::from_secs);
        message.at(at).aged(age)
    })
}

/// Any peer at [`DOMAIN`] and one to three messages for it, at this security level with other settings around it, under
/// any release, from any seed. Mail is returned after an hour, so that a run has a handful of attempts.
pub fn plan(level: &'static str) -> impl Strategy<Value = Plan> + Clone {
    let messages = prop::collection::vec(message(DOMAIN), 1..4);
    (main_cf(level), release(), peer(), messages, any::<u32>()).prop_map(
        |(main_cf, release, peer, messages, seed)| {
            let short = "maximal_queue_lifetime = 1h\nbounce_queue_lifetime = 1h\n";
            let mut plan = Plan::from_main_cf(main_cf + short, release);
            plan.world.domains = vec![DomainSpec::new(DOMAIN).peer(peer)];
            plan.world.latency = Duration::from_millis(10);
            plan.messages = messages;
            plan.seed = Seed(seed.into());
            plan
        },
    )
}
