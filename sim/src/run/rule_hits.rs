//! How often the rules of peers applied.

use std::net::SocketAddr;

use crate::peer::Peer;
use crate::world::HostEntry;

/// How often the rules of one peer applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleHits {
    /// The name of the peer's host.
    pub host: String,
    /// The address at which it takes connections.
    pub address: SocketAddr,
    /// The rule through which it takes them, if it is a machine behind another peer.
    pub behind: Option<usize>,
    /// The hits of each rule, in the order of the peer's `on`. The rules of an attacker before the host come first.
    pub hits: Vec<u64>,
}

impl RuleHits {
    /// Those of these peers that have rules, in the order of addresses; at one address, in the order given.
    pub(crate) fn of<'a>(
        hosts: impl Iterator<Item = (&'a SocketAddr, &'a HostEntry)>,
    ) -> Vec<RuleHits> {
        let mut all = Vec::new();
        for (address, host) in hosts {
            let Some(peer) = &host.peer else { continue };
            let machines = peer
                .machines()
                .map(|(behind, machine)| (Some(behind), machine));
            for (behind, peer) in std::iter::once((None, peer)).chain(machines) {
                all.extend(RuleHits::of_peer(*address, behind, peer));
            }
        }
        all.sort_by_key(|hits: &RuleHits| hits.address);
        all
    }

    fn of_peer(address: SocketAddr, behind: Option<usize>, peer: &Peer) -> Option<RuleHits> {
        let hits = peer.rule_hits();
        (!hits.is_empty()).then(|| RuleHits {
            host: peer.host().to_owned(),
            address,
            behind,
            hits,
        })
    }
}
