//! From MX and address records to the servers to try, in order (Postfix src/smtp/smtp_addr.c).

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use crate::Draw;
use crate::config::HostSettings;
use crate::event::Server;

/// A server with the preference of its MX record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) preference: u16,
    pub(super) server: Arc<Server>,
    pub(super) facts: HostFacts,
}

/// What DNS said of a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct HostFacts {
    /// The name that was asked for.
    pub(super) qname: Arc<str>,
    /// Where it led.
    pub(super) rname: Arc<str>,
    /// Whether anybody vouches for its addresses.
    pub(super) secure: bool,
}

/// What DNS said of a domain's MX records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MxFacts {
    /// The name that was asked for.
    pub(super) qname: Arc<str>,
    /// Where it led.
    pub(super) rname: Arc<str>,
    /// Whether anybody vouches for them.
    pub(super) secure: bool,
}

impl HostFacts {
    /// An address that was written instead of a name.
    pub(super) fn literal(text: &Arc<str>) -> Self {
        HostFacts {
            qname: text.clone(),
            rname: text.clone(),
            secure: false,
        }
    }

    pub(super) fn is_alias(&self) -> bool {
        !self.qname.eq_ignore_ascii_case(&self.rname)
    }
}

impl Candidate {
    pub(super) fn new(
        preference: u16,
        host: &Arc<str>,
        facts: HostFacts,
        address: IpAddr,
        port: u16,
    ) -> Self {
        let server = Server {
            host: host.clone(),
            address: SocketAddr::new(address, port),
        };
        Candidate {
            preference,
            server: Arc::new(server),
            facts,
        }
    }
}

/// Puts candidates in the order of trial: by preference, at random within one (RFC 5321 §5.1), not more than
/// `smtp_mx_address_limit`, and neither protocol crowded out by the other (`smtp_balance_inet_protocols`).
pub(super) fn order(
    mut candidates: Vec<Candidate>,
    hosts: &HostSettings,
    draw: &mut dyn Draw,
) -> Vec<Candidate> {
    if candidates.len() > 1 {
        if hosts.randomize_addresses {
            shuffle(&mut candidates, draw);
        }
        candidates.sort_by_key(|candidate| (candidate.preference, family_rank(candidate, hosts)));
    }
    let Some(limit) = hosts.mx_address_limit else {
        return candidates;
    };
    let limit = usize::try_from(limit.get()).unwrap_or(usize::MAX);
    if hosts.balance_inet_protocols {
        balance(&mut candidates, limit);
    }
    candidates.truncate(limit);
    candidates
}

/// `smtp_address_preference`: which protocol comes first within one preference.
fn family_rank(candidate: &Candidate, hosts: &HostSettings) -> u8 {
    use crate::config::AddressPreference;
    match (hosts.address_preference, candidate.server.address.is_ipv6()) {
        (AddressPreference::Any, _)
        | (AddressPreference::Ipv6, true)
        | (AddressPreference::Ipv4, false) => 0,
        (AddressPreference::Ipv6, false) | (AddressPreference::Ipv4, true) => 1,
    }
}

fn shuffle(candidates: &mut [Candidate], draw: &mut dyn Draw) {
    for last in (1..candidates.len()).rev() {
        let bound = u32::try_from(last + 1).unwrap_or(u32::MAX);
        let other = usize::try_from(draw.below(bound)).unwrap_or_default();
        candidates.swap(last, other.min(last));
    }
}

/// If there are more addresses than may be tried, each protocol keeps at least half the places that it can fill.
fn balance(candidates: &mut Vec<Candidate>, limit: usize) {
    let v6 = candidates
        .iter()
        .filter(|candidate| candidate.server.address.is_ipv6())
        .count();
    let v4 = candidates.len() - v6;
    if candidates.len() <= limit || v4 == 0 || v6 == 0 {
        return;
    }
    let half = limit / 2;
    let first_is_v4 = candidates
        .first()
        .is_some_and(|candidate| candidate.server.address.is_ipv4());
    let mut keep_v4 = if v6 <= half {
        limit - v6
    } else if v4 <= half {
        v4
    } else {
        (limit + usize::from(first_is_v4)) / 2
    };
    let mut keep_v6 = limit - keep_v4;
    candidates.retain(|candidate| {
        let left = if candidate.server.address.is_ipv6() {
            &mut keep_v6
        } else {
            &mut keep_v4
        };
        let keep = *left > 0;
        *left = left.saturating_sub(1);
        keep
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Release, Settings};

    struct Last;

    impl Draw for Last {
        fn below(&mut self, bound: u32) -> u32 {
            bound - 1
        }
    }

    fn candidates(list: &[(u16, &str)]) -> Vec<Candidate> {
        list.iter()
            .map(|(preference, address)| {
                let host = "mx".into();
                let facts = HostFacts::literal(&host);
                Candidate::new(*preference, &host, facts, address.parse().unwrap(), 25)
            })
            .collect()
    }

    fn ordered(list: &[(u16, &str)]) -> Vec<String> {
        let hosts = Settings::default_for(Release::V3_7).hosts;
        order(candidates(list), &hosts, &mut Last)
            .iter()
            .map(|c| c.server.address.ip().to_string())
            .collect()
    }

    #[test]
    fn preference_comes_first_and_five_are_enough() {
        let list = [
            (20, "192.0.2.2"),
            (10, "192.0.2.1"),
            (30, "192.0.2.3"),
            (40, "192.0.2.4"),
            (50, "192.0.2.5"),
            (60, "192.0.2.6"),
        ];
        assert_eq!(
            ordered(&list),
            [
                "192.0.2.1",
                "192.0.2.2",
                "192.0.2.3",
                "192.0.2.4",
                "192.0.2.5"
            ]
        );
    }

    #[test]
    fn neither_protocol_crowds_the_other_out() {
        let list = [
            (10, "2001:db8::1"),
            (10, "2001:db8::2"),
            (10, "2001:db8::3"),
            (10, "2001:db8::4"),
            (10, "2001:db8::5"),
            (20, "192.0.2.1"),
            (20, "192.0.2.2"),
        ];
        assert_eq!(
            ordered(&list),
            [
                "2001:db8::1",
                "2001:db8::2",
                "2001:db8::3",
                "192.0.2.1",
                "192.0.2.2"
            ]
        );
    }
}
