//! Who stands at the places that mail goes to: a peer that is known there, or a well-behaved one.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use mta_core::{Destination, Lookup};

use crate::pattern::is_like;
use crate::peer::{AuthSpec, MxSpec, PeerSpec};
use crate::world::DomainSpec;

/// Mail by SMTP inside TLS from the first byte (RFC 8314 §7.3).
const SUBMISSIONS_PORT: u16 = 465;

/// One place that mail goes to, and who is there.
pub(super) struct StandIn {
    to: Destination,
    peer: PeerSpec,
}

/// Hands out the addresses of 192.0.2.0/24 and 2001:db8::/32, host by host.
#[derive(Default)]
pub(super) struct Addresses(u8);

impl Addresses {
    /// A server of today has both.
    fn next(&mut self) -> Vec<IpAddr> {
        self.0 = self.0.saturating_add(1);
        let v6 = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, u16::from(self.0));
        vec![Ipv4Addr::new(192, 0, 2, self.0).into(), v6.into()]
    }
}

impl StandIn {
    /// `known` is the peer that is said or known to be there.
    pub(super) fn new(
        to: &Destination,
        known: Option<&PeerSpec>,
        addresses: &mut Addresses,
    ) -> StandIn {
        let mut peer = known.cloned().unwrap_or_default();
        let its_own = |mx: &&MxSpec| mx.host.eq_ignore_ascii_case(&to.domain);
        match to.lookup {
            Lookup::Mx if peer.mx.is_empty() => {
                peer.mx = vec![MxSpec::new(10, format!("mx1.{}", to.domain))];
            }
            Lookup::Mx => {}
            Lookup::Address => {
                let own = peer.mx.iter().find(its_own).cloned();
                peer.mx = vec![own.unwrap_or_else(|| MxSpec::new(10, &*to.domain))];
            }
            Lookup::Literal(address) => {
                let name = format!("{}.invalid", address.to_string().replace(['.', ':'], "-"));
                let mut host = MxSpec::new(10, format!("host-{name}"));
                host.addresses = vec![address];
                peer.mx = vec![host];
            }
        }
        for mx in &mut peer.mx {
            mx.port = to.port;
            if mx.addresses.is_empty() {
                mx.addresses = addresses.next();
            }
        }
        if to.port == SUBMISSIONS_PORT {
            peer.tls.implicit = true;
        }
        StandIn {
            to: to.clone(),
            peer,
        }
    }

    /// The domain of a world that has it, the peer changed by `change`.
    pub(super) fn domain(&self, change: impl FnOnce(PeerSpec) -> PeerSpec) -> DomainSpec {
        let name = match (self.to.lookup, self.peer.mx.first()) {
            (Lookup::Literal(_), Some(host)) => host.host.clone(),
            _ => self.to.domain.to_string(),
        };
        DomainSpec::new(name).peer(change(self.peer.clone()))
    }

    /// The names of its hosts.
    pub(super) fn hosts(&self) -> impl Iterator<Item = &str> {
        self.peer.mx.iter().map(|mx| &*mx.host)
    }

    /// From now on it takes these logins.
    pub(super) fn take_logins(&mut self, auth: &AuthSpec) {
        self.peer.auth = Some(auth.clone());
    }

    /// Whether TLS begins at once there, and no STARTTLS is waited for.
    pub(super) const fn is_implicit(&self) -> bool {
        self.peer.tls.implicit
    }
}

/// The peer that receives a destination's mail, by what its files say.
pub(super) fn known_at(
    to: &Destination,
    peers: &BTreeMap<String, PeerSpec>,
) -> Option<(String, PeerSpec)> {
    let same = |known: &str| known.eq_ignore_ascii_case(&to.domain);
    let is_there = |peer: &PeerSpec| match to.lookup {
        Lookup::Mx => peer.domains.iter().any(|domain| same(domain)),
        Lookup::Address => {
            !peer.domains.is_empty()
                && peer
                    .mx
                    .iter()
                    .any(|mx| same(&mx.host) && mx.port == to.port)
        }
        Lookup::Literal(_) => false,
    };
    let place = format!("{}:{}", to.domain, to.port);
    let is_relay = |peer: &PeerSpec| {
        !matches!(to.lookup, Lookup::Literal(_))
            && peer.relay.iter().any(|relay| is_like(relay, &place))
    };
    let relay = peers.iter().find(|(_, peer)| is_relay(peer));
    let (name, peer) = relay.or_else(|| peers.iter().find(|(_, peer)| is_there(peer)))?;
    Some((name.clone(), peer.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(next_hop: &str, known: Option<&PeerSpec>) -> (Vec<MxSpec>, bool) {
        let to = Destination::parse(next_hop).unwrap();
        let stand_in = StandIn::new(&to, known, &mut Addresses::default());
        let implicit = stand_in.is_implicit();
        (stand_in.peer.mx, implicit)
    }

    #[test]
    fn a_host_is_where_the_next_hop_says() {
        let (mx, implicit) = at("[smtp.isp.example]:587", None);
        assert_eq!((&*mx[0].host, mx[0].port), ("smtp.isp.example", 587));
        assert!(!implicit && mx[0].addresses.len() == 2);
        let (mx, implicit) = at("[smtp.isp.example]:465", None);
        assert!(implicit && mx[0].port == 465);
        let (mx, _) = at("isp.example:2525", None);
        assert_eq!((&*mx[0].host, mx[0].port), ("mx1.isp.example", 2525));
        let (mx, _) = at("127.0.0.1:1025", None);
        assert_eq!(mx[0].addresses, [IpAddr::from([127, 0, 0, 1])]);
    }

    #[test]
    fn relays_are_known_by_host_and_port() {
        let known = |next_hop: &str| {
            let to = Destination::parse(next_hop).unwrap();
            known_at(&to, crate::library::Catalogue::shared().peers()).map(|(name, _)| name)
        };
        let ses = Some("relay-ses".to_owned());
        for next_hop in [
            "[email-smtp.us-east-1.amazonaws.com]:587",
            "email-smtp.eu-west-1.amazonaws.com:465",
        ] {
            assert_eq!(known(next_hop), ses, "{next_hop}");
        }
        assert_eq!(
            known("[SMTP.gmail.com]:587").as_deref(),
            Some("relay-gmail")
        );
        assert_eq!(known("[smtp.gmail.com]:2525"), None);
        assert_eq!(known("[smtp.isp.example]:587"), None);
    }

    #[test]
    fn a_peer_that_is_asked_for_stands_there_under_that_name() {
        let elsewhere = PeerSpec {
            mx: vec![MxSpec::new(10, "mx.elsewhere.example")],
            ..PeerSpec::default()
        };
        let (mx, _) = at("[smtp.isp.example]:587", Some(&elsewhere));
        assert_eq!(mx.len(), 1);
        assert_eq!((&*mx[0].host, mx[0].port), ("smtp.isp.example", 587));
    }
}
