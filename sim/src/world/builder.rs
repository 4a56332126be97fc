//! What is known of a world while it is built.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::CryptoProvider;

use super::WorldError;
use super::attacker::AttackerSpec;
use super::genuine::{Genuine, hosts_named};
use super::names::Names;
use super::ready::HostEntry;
use super::spec::{DomainSpec, WorldSpec};
use crate::crypto::provider;
use crate::dns::NameSpec;
use crate::peer::{Conduct, Down, Observe, PeerRef, PeerSpec};
use crate::pki::Pki;
use crate::seed::Seed;

pub(super) struct Builder<'a> {
    pub(super) spec: &'a WorldSpec,
    peers: &'a BTreeMap<String, PeerSpec>,
    pub(super) seed: Seed,
    pub(super) observe: Observe,
    pub(super) pki: Pki,
    pub(super) provider: Arc<CryptoProvider>,
    pub(super) hosts: BTreeMap<SocketAddr, HostEntry>,
    /// Hosts at which nobody is yet.
    pub(super) arriving: Vec<Stand<'a>>,
    /// Who is where, by the hosts' names in lower case.
    pub(super) stands: BTreeMap<String, Stand<'a>>,
    /// What is in DNS, certificates put in.
    pub(super) published: Vec<NameSpec>,
    /// What is truly the hosts'.
    pub(super) genuine: Genuine,
    /// Whose mail a host takes.
    pub(super) domains_of: BTreeMap<String, Domains>,
    /// The domains, by their names in lower case.
    pub(super) domains_by_name: BTreeMap<String, &'a DomainSpec>,
    /// Who is on the path to a host, by its name in lower case.
    pub(super) attackers_of: BTreeMap<String, Vec<&'a AttackerSpec>>,
    pub(super) names: Names,
    /// The hosts whose certificates DNS data or files name, in lower case.
    pub(super) hosts_named: BTreeSet<String>,
    pub(super) known_hosts: BTreeSet<String>,
    /// What peers say and do, by where their spec lies: many hosts have the same one.
    pub(super) conducts: BTreeMap<*const PeerSpec, Arc<Conduct>>,
    next_address: u8,
}

/// The domains whose mail a host takes, and the names that they want in its certificate.
#[derive(Default)]
pub(super) struct Domains {
    pub(super) domains: Vec<String>,
    pub(super) names: Vec<String>,
}

/// A host, and who is there at present.
#[derive(Clone)]
pub(super) struct Stand<'a> {
    pub(super) name: String,
    pub(super) addresses: Vec<IpAddr>,
    pub(super) port: u16,
    /// One-way delay to it.
    pub(super) latency: Duration,
    pub(super) peer_name: &'a str,
    pub(super) peer: &'a PeerSpec,
    pub(super) down: Down,
}

impl<'a> Builder<'a> {
    pub(super) fn new(
        spec: &'a WorldSpec,
        peers: &'a BTreeMap<String, PeerSpec>,
        seed: Seed,
        observe: Observe,
    ) -> Self {
        let start = spec.start.wall();
        Builder {
            spec,
            peers,
            seed,
            observe,
            pki: Pki::new(seed, start),
            provider: provider(spec.crypto),
            hosts: BTreeMap::new(),
            arriving: Vec::new(),
            stands: BTreeMap::new(),
            published: Vec::new(),
            genuine: Genuine::default(),
            domains_of: BTreeMap::new(),
            domains_by_name: by_name(&spec.domains),
            attackers_of: attackers_by_host(spec),
            names: Names::default(),
            hosts_named: named_in(spec, peers),
            known_hosts: BTreeSet::new(),
            conducts: BTreeMap::new(),
            next_address: 1,
        }
    }

    /// The peer that is meant, and what it is called.
    pub(super) fn find<'r>(
        &self,
        reference: &'r PeerRef,
    ) -> Result<(&'r str, &'r PeerSpec), WorldError>
    where
        'a: 'r,
    {
        match reference {
            PeerRef::Inline(spec) => Ok(("(inline)", &**spec)),
            PeerRef::Named(name) => match self.peers.get_key_value(name) {
                Some((name, spec)) => Ok((name, spec)),
                None => {
                    let near = crate::nearest(name, self.peers.keys().map(String::as_str))
                        .map(str::to_owned);
                    Err(WorldError::UnknownPeer(name.clone(), near))
                }
            },
        }
    }

    pub(super) fn address(&mut self) -> Result<IpAddr, WorldError> {
        let last = self.next_address;
        self.next_address = last.checked_add(1).ok_or(WorldError::TooManyHosts)?;
        Ok(IpAddr::V4(Ipv4Addr::new(192, 0, 2, last)))
    }
}

/// The first domain of each name, by the name in lower case.
fn by_name(domains: &[DomainSpec]) -> BTreeMap<String, &DomainSpec> {
    let mut index = BTreeMap::new();
    for domain in domains {
        let name = domain.name.to_ascii_lowercase();
        index.entry(name).or_insert(domain);
    }
    index
}

fn attackers_by_host(spec: &WorldSpec) -> BTreeMap<String, Vec<&AttackerSpec>> {
    let mut index = BTreeMap::<String, Vec<&AttackerSpec>>::new();
    for attacker in &spec.attackers {
        let host = attacker.host.to_ascii_lowercase();
        index.entry(host).or_default().push(attacker);
    }
    index
}

/// The hosts that TLSA data and files name, at the start or later.
fn named_in(spec: &WorldSpec, peers: &BTreeMap<String, PeerSpec>) -> BTreeSet<String> {
    let inline = spec.domains.iter().filter_map(|domain| match &domain.peer {
        Some(PeerRef::Inline(peer)) => Some(&**peer),
        Some(PeerRef::Named(_)) | None => None,
    });
    let of_peers = peers.values().chain(inline).flat_map(|peer| &peer.dns);
    let later = spec.changes.iter().flat_map(|change| &change.dns);
    let names = spec.dns.iter().chain(of_peers).chain(later);
    let records = names.flat_map(|name| &name.tlsa).map(String::as_bytes);
    let later = spec.changes.iter().flat_map(|change| change.files.values());
    let files = spec.files.values().chain(later).map(|file| &**file);
    records.chain(files).flat_map(hosts_named).collect()
}
