//! Where a recipient's mail goes next, before anybody sends it.

use crate::config::Settings;
use crate::delivery::{Destination, NextHops};
use crate::policy_table::Tables;
use crate::routing::{ERROR, RETRY, route};

/// The destinations that are tried for mail of a sender to a recipient, in order: those that it is routed to, then the relays of
/// `smtp_fallback_relay`. None if it is routed to nobody, or a table has no answer.
///
/// ```
/// use mta_core::config::{Host, MainCf, Release, Settings};
/// use mta_core::next_hops;
/// use mta_core::policy_table::Tables;
///
/// let main_cf = MainCf::parse("main.cf", "relayhost = [relay.example]:587\n");
/// let (settings, _) = Settings::from_main_cf(&main_cf, Release::V3_12, &Host::default()).unwrap();
/// let hops = next_hops("alerts@client.example", "user@example.org", &settings, &Tables::default());
/// assert_eq!((&*hops[0].domain, hops[0].port), ("relay.example", 587));
/// ```
pub fn next_hops(
    sender: &str,
    recipient: &str,
    settings: &Settings,
    tables: &Tables,
) -> Vec<Destination> {
    let Ok(route) = route(sender, recipient, settings, tables, &mut Vec::new()) else {
        return Vec::new();
    };
    if matches!(&*route.transport, ERROR | RETRY | "discard") {
        return Vec::new();
    }
    let mut hops = NextHops::new(&route.nexthop, &settings.hosts.fallback_relays);
    std::iter::from_fn(|| hops.take())
        .filter_map(|hop| Destination::parse(&hop))
        .collect()
}
