//! Who goes where: recipients by service and next hop (Postfix src/qmgr/qmgr_message.c).

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::config::Settings;
use crate::maps::Maps;
use crate::routing::{NoRoute, RETRY, Route, route};

/// The recipients of a message that go the same way.
pub(super) struct Batch {
    pub(super) route: Route,
    pub(super) recipients: Vec<Arc<str>>,
}

/// The recipients in batches, and what trivial-rewrite(8) logs meanwhile. The queue manager sorts them
/// (`qmgr_message_sort`): by service, next hop, domain, address.
pub(super) fn batches(
    recipients: Vec<Arc<str>>,
    settings: &Settings,
    table: Option<&Maps>,
) -> (Vec<Batch>, Vec<String>) {
    let mut log = Vec::new();
    let mut sorted: BTreeMap<(Arc<str>, String), Batch> = BTreeMap::new();
    for recipient in recipients {
        let route = route(&recipient, settings, table).unwrap_or_else(|no_route| {
            let NoRoute { log: lines } = no_route;
            log.extend(lines);
            Route {
                transport: RETRY.into(),
                nexthop: "4.3.0 address resolver failure".into(),
            }
        });
        // Next hops that differ in the case of letters are one queue, by the name of the first.
        let key = (route.transport.clone(), route.nexthop.to_lowercase());
        let batch = sorted.entry(key).or_insert_with(|| Batch {
            route,
            recipients: Vec::with_capacity(1),
        });
        batch.recipients.push(recipient);
    }
    let mut batches: Vec<Batch> = sorted.into_values().collect();
    for batch in &mut batches {
        batch.recipients.sort_by_cached_key(|recipient| {
            let domain = recipient.rsplit_once('@').map_or("", |(_, domain)| domain);
            (domain.to_ascii_lowercase(), recipient.clone())
        });
    }
    (batches, log)
}
