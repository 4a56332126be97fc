//! Who goes where.

use std::collections::BTreeMap;
use std::sync::Arc;

/// Recipients by next hop, in the order of their first appearance.
pub(super) fn by_destination(
    recipients: Vec<Arc<str>>,
    relayhost: Option<&str>,
) -> Vec<(Arc<str>, Vec<Arc<str>>)> {
    let mut groups: Vec<(Arc<str>, Vec<Arc<str>>)> = Vec::with_capacity(1);
    let mut places: BTreeMap<Arc<str>, usize> = BTreeMap::new();
    for recipient in recipients {
        let nexthop: Arc<str> = match relayhost {
            Some(relayhost) => relayhost.into(),
            None => recipient
                .rsplit_once('@')
                .map_or("", |(_, domain)| domain)
                .to_ascii_lowercase()
                .into(),
        };
        match places
            .get(&nexthop)
            .and_then(|&place| groups.get_mut(place))
        {
            Some((_, group)) => group.push(recipient),
            None => {
                places.insert(nexthop.clone(), groups.len());
                groups.push((nexthop, vec![recipient]));
            }
        }
    }
    groups
}
