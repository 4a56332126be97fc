//! What a smtp(8) process remembers of DNS: TLSA records, and whether anybody validates.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crate::policy::Tlsa;
use crate::time::Time;

/// What there is for a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// No records, or none that anybody vouches for.
    Nothing,
    /// Records, and not one of a usage that mail can use (RFC 7672 §3.1.3).
    OtherUsages,
    /// Records.
    Records(Arc<[Tlsa]>),
}

/// What is remembered. A new process knows nothing.
#[derive(Debug, Default)]
pub(crate) struct DnsMemory {
    /// Whether anybody validates need not be asked: an answer was validated, or it was asked (src/dns/dns_sec.c).
    pub(super) knows_validation: bool,
    /// What was found, the latest use last.
    tlsa: VecDeque<Remembered>,
}

#[derive(Debug)]
struct Remembered {
    name: Arc<str>,
    found: Found,
    until: Time,
}

/// `CACHE_SIZE` in src/tls/tls_dane.c.
const NAMES_MAX: usize = 20;
/// `TLS_DANE_CACHE_TTL_MIN` and `_MAX`, seconds.
const TTL: std::ops::RangeInclusive<u32> = 1..=100;

impl DnsMemory {
    /// What is known at a name.
    pub(super) fn tlsa(&mut self, name: &str, now: Time) -> Option<Found> {
        let place = self.tlsa.iter().position(|known| &*known.name == name)?;
        let known = self.tlsa.remove(place)?;
        if now > known.until {
            return None;
        }
        let found = known.found.clone();
        self.tlsa.push_back(known);
        Some(found)
    }

    /// Keeps what was found at a name; a denial as if its time to live were the shortest.
    pub(super) fn learn_tlsa(
        &mut self,
        name: &Arc<str>,
        found: &Found,
        ttl: Option<u32>,
        now: Time,
    ) {
        let seconds = ttl.unwrap_or_default().clamp(*TTL.start(), *TTL.end());
        self.tlsa.retain(|known| known.name != *name);
        if self.tlsa.len() >= NAMES_MAX {
            self.tlsa.pop_front();
        }
        self.tlsa.push_back(Remembered {
            name: name.clone(),
            found: found.clone(),
            // One more second, as Postfix' clock ticks in seconds.
            until: now + Duration::from_secs(u64::from(seconds) + 1),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Time {
        Time::START + Duration::from_secs(seconds)
    }

    #[test]
    fn records_hold_for_their_time_to_live_within_limits() {
        for (ttl, last) in [(None, 2), (Some(0), 2), (Some(30), 31), (Some(3600), 101)] {
            let mut memory = DnsMemory::default();
            memory.learn_tlsa(&"a".into(), &Found::Nothing, ttl, at(0));
            assert_eq!(memory.tlsa("a", at(last)), Some(Found::Nothing));
            assert_eq!(memory.tlsa("a", at(last + 1)), None);
        }
    }

    #[test]
    fn the_name_that_was_not_used_for_longest_is_forgotten() {
        let mut memory = DnsMemory::default();
        for name in 0..NAMES_MAX {
            memory.learn_tlsa(&name.to_string().into(), &Found::Nothing, None, at(0));
        }
        assert!(memory.tlsa("0", at(0)).is_some());
        memory.learn_tlsa(&"new".into(), &Found::Nothing, None, at(0));
        assert!(memory.tlsa("0", at(0)).is_some());
        assert!(memory.tlsa("1", at(0)).is_none());
    }
}
