//! Where a message may go, in order: the destinations that it was routed to, then the fallback relays
//! (src/smtp/smtp_connect.c `smtp_connect_inet`).

use std::collections::VecDeque;
use std::sync::Arc;

/// Destinations that are tried one after another.
#[derive(Debug, Default)]
pub(crate) struct NextHops {
    left: VecDeque<Arc<str>>,
    taken: usize,
    has_fallback_relays: bool,
}

impl NextHops {
    /// The destinations of a next hop, which may name several, and the relays behind them (`smtp_fallback_relay`).
    pub(crate) fn new(nexthop: &str, fallback_relays: &[String]) -> NextHops {
        let own = nexthop
            .split([',', ' ', '\t', '\r', '\n'])
            .filter(|destination| !destination.is_empty());
        let relays = fallback_relays.iter().map(String::as_str);
        NextHops {
            left: own.chain(relays).map(Arc::from).collect(),
            taken: 0,
            has_fallback_relays: !fallback_relays.is_empty(),
        }
    }

    /// On to the next one.
    pub(crate) fn take(&mut self) -> Option<Arc<str>> {
        let next = self.left.pop_front()?;
        self.taken += 1;
        Some(next)
    }

    /// Whether others are tried behind the present one.
    pub(super) fn any_left(&self) -> bool {
        !self.left.is_empty()
    }

    /// Whether the present one is the first. Connections are kept by destination for that one alone
    /// (`SMTP_MISC_FLAG_FIRST_NEXTHOP`).
    pub(super) const fn is_first(&self) -> bool {
        self.taken == 1
    }

    /// Whether fallback relays are among them.
    pub(super) const fn has_fallback_relays(&self) -> bool {
        self.has_fallback_relays
    }
}
