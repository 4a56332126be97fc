//! The way that mail for a domain takes: to the domain's own servers, or to a relay, and who is there.

use std::collections::BTreeMap;

use mta_core::config::Settings;
use mta_core::policy_table::Tables;
use mta_core::{Destination, next_hops};

use super::stand_in::{Addresses, StandIn, known_at};
use super::variant::Variant;
use crate::bytes::Bytes;
use crate::peer::{AuthSpec, PeerSpec};
use crate::plan::PlanError;
use crate::world::{DomainSpec, WorldError};

/// Whose mail it is, and to whom it goes.
#[derive(Clone, Copy)]
pub(super) struct Envelope<'a> {
    /// The sender's address.
    pub(super) from: &'a str,
    /// The recipient's address.
    pub(super) to: &'a str,
}

/// The way of a domain's mail.
pub(super) struct Way {
    /// The recipient.
    pub(super) recipient: String,
    /// Its domain.
    pub(super) domain: String,
    /// Whether no entry of `transport_maps` decides on it.
    pub(super) is_usual: bool,
    /// Where its mail goes instead of to its own servers.
    pub(super) next_hop: Option<String>,
    /// Whether all other mail goes there too.
    pub(super) is_for_all: bool,
    /// The peer that is first on the way, and its name; nothing where nobody is known.
    pub(super) known: Option<(String, PeerSpec)>,
    /// Whether a password for the relay is taken to be in a table that could not be looked into.
    pub(super) lends_password: bool,
    /// Who is on the way, in the order of trial.
    stand_ins: Vec<StandIn>,
}

impl Way {
    /// The way of the mail by these settings, with tables from these files. `first` is the peer that is met
    /// first, whoever would be there; who is where else, `peers` know.
    pub(super) fn find(
        envelope: Envelope<'_>,
        settings: &Settings,
        files: &BTreeMap<String, Bytes>,
        first: Option<&(String, PeerSpec)>,
        peers: &BTreeMap<String, PeerSpec>,
    ) -> Result<Way, PlanError> {
        let mut read = |path: &str| files.get(path).map(|text| text.to_vec());
        let tables = Tables::load(settings, &mut read).map_err(WorldError::Table)?;
        let Envelope { from, to } = envelope;
        let (_, domain) = to.rsplit_once('@').unwrap_or(("", to));
        let mut hops = next_hops(from, to, settings, &tables);
        let without_transport = Tables {
            transport: None,
            ..tables.clone()
        };
        let is_usual = hops == next_hops(from, to, settings, &without_transport);
        if hops.is_empty() {
            // Nobody is asked; the domain is there all the same.
            hops.extend(Destination::parse(domain));
        }
        let next_hop = hops
            .first()
            .map(|hop| hop.text.to_string())
            .filter(|hop| !hop.eq_ignore_ascii_case(domain));
        let mut known = None;
        let mut addresses = Addresses::default();
        let mut seen: Vec<Destination> = Vec::new();
        let mut stand_ins = Vec::new();
        for hop in hops {
            if seen
                .iter()
                .any(|other| other.domain.eq_ignore_ascii_case(&hop.domain))
            {
                continue;
            }
            let there = known_at(&hop, peers);
            // The peer that is asked for is met first; what is tried behind it is not its business.
            let there = match (first, seen.is_empty()) {
                (Some(peer), true) => Some(peer.clone()),
                _ => there,
            };
            let peer = there.as_ref().map(|(_, peer)| peer);
            stand_ins.push(StandIn::new(&hop, peer, &mut addresses));
            if seen.is_empty() {
                known = there;
            }
            seen.push(hop);
        }
        Ok(Way {
            recipient: to.to_owned(),
            domain: domain.to_owned(),
            is_usual,
            is_for_all: next_hop.is_some() && tables.transport.is_none(),
            next_hop,
            known,
            lends_password: false,
            stand_ins,
        })
    }

    /// The domains of the world under these circumstances: troubles are those of the first on the way.
    pub(super) fn domains(&self, variant: Variant) -> impl Iterator<Item = DomainSpec> {
        let with = self.stand_ins.iter().enumerate();
        with.map(move |(place, stand_in)| {
            stand_in.domain(|peer| if place == 0 { variant.peer(peer) } else { peer })
        })
    }

    /// The hosts that are first on the way.
    pub(super) fn hosts(&self) -> impl Iterator<Item = &str> {
        self.stand_ins.iter().take(1).flat_map(StandIn::hosts)
    }

    /// A relay of which nothing is known takes these logins from now on; whether there is such a one.
    pub(super) fn take_logins(&mut self, auth: &AuthSpec) -> bool {
        if self.known.is_none()
            && self.next_hop.is_some()
            && let Some(first) = self.stand_ins.first_mut()
        {
            first.take_logins(auth);
            return true;
        }
        false
    }

    /// Whether TLS begins at once there, and no STARTTLS is waited for.
    pub(super) fn is_implicit(&self) -> bool {
        self.stand_ins.first().is_some_and(StandIn::is_implicit)
    }
}
