//! From a world's data to a world that runs.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::Range;
use std::sync::{Arc, LazyLock};

use mta_core::dns::Kind;
use mta_core::time::Wall;
use mta_core::tls::SYSTEM_BUNDLES;
use rustls::crypto::CryptoProvider;

use super::WorldError;
use super::attacker::AttackerSpec;
use super::client::ClientSpec;
use super::genuine::{Genuine, hosts_named};
use super::hosts::Stand;
use super::later::Change;
use super::names::Names;
use super::spec::{DomainSpec, WorldSpec};
use super::tlsa;
use crate::bytes::Bytes;
use crate::crypto::provider;
use crate::dns::{NameSpec, Resolver, Zones};
use crate::network::NetworkSpec;
use crate::peer::{Conduct, MxSpec, Observe, Peer, PeerRef, PeerSpec};
use crate::pki::Pki;
use crate::seed::Seed;
use crate::sts::POLICIES_FILE;

/// A world that runs.
pub struct World {
    /// The seed that everything follows from.
    pub seed: Seed,
    /// The wall time at the start.
    pub start: Wall,
    /// The sender's machine in the network.
    pub client: ClientSpec,
    /// DNS.
    pub resolver: Resolver,
    /// Who is at which address.
    pub hosts: BTreeMap<SocketAddr, HostEntry>,
    /// The cryptography of both ends.
    pub provider: Arc<CryptoProvider>,
    /// What becomes of a connection request to an address that nobody has.
    pub absent: Absent,
    /// The files of the sender's machine, by path.
    pub files: BTreeMap<String, Arc<[u8]>>,
    /// What changes later, in order.
    pub changes: Vec<Change>,
}

/// What becomes of a connection request to an address that nobody has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Absent {
    /// It is lost, as in most of the Internet: the sender's own patience ends it.
    #[default]
    Silent,
    /// It is answered with a reset, as on a machine's own addresses.
    Refuses,
}

/// A host of the world.
pub struct HostEntry {
    /// Who is there, if anybody is.
    pub peer: Option<Peer>,
    /// What becomes of a connection request if nobody is.
    pub absent: Absent,
    /// The path to it.
    pub network: NetworkSpec,
}

impl World {
    /// Builds a world. `peers` gives the peers that the data refer to by name; `observe` is what they note.
    ///
    /// # Errors
    /// [`WorldError`] names what makes no sense.
    pub fn build(
        spec: &WorldSpec,
        peers: &BTreeMap<String, PeerSpec>,
        seed: Seed,
        observe: Observe,
    ) -> Result<Self, WorldError> {
        let start = spec.start.wall();
        let mut builder = Builder {
            spec,
            peers,
            seed,
            observe,
            pki: Pki::new(seed, start),
            provider: provider(spec.crypto),
            hosts: BTreeMap::new(),
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
        };
        for domain in &spec.domains {
            for mx in builder.mx_of(domain)?.iter() {
                let of_host = builder.domains_of.entry(mx.host.clone()).or_default();
                of_host.domains.push(domain.name.clone());
                let names = domain.certificate_names.iter().cloned();
                of_host.names.extend(names);
            }
        }
        for domain in &spec.domains {
            builder.domain(domain)?;
        }
        for attacker in &spec.attackers {
            builder.known_host(&attacker.host)?;
        }
        let mut files = builder.bundles()?;
        if let Some(policies) = builder.sts_policies() {
            files.insert(POLICIES_FILE.to_owned(), policies.into_bytes().into());
        }
        builder.add_files(&mut files, &spec.files)?;
        builder.published = builder.implied_and_said();
        let said = 0..builder.published.len();
        builder.put_certificates(said)?;
        let zones = Zones::new(&builder.published)?;
        let changes = builder.changes(&files)?;
        Ok(World {
            seed,
            start,
            client: spec.client,
            resolver: Resolver::new(zones).asked_by(spec.resolver),
            hosts: builder.hosts,
            provider: builder.provider,
            absent: Absent::default(),
            files,
            changes,
        })
    }

    /// The contents of a file of the simulated machine.
    pub fn file(&self, path: &str) -> Option<Arc<[u8]>> {
        self.files.get(path).cloned()
    }
}

pub(super) struct Builder<'a> {
    pub(super) spec: &'a WorldSpec,
    peers: &'a BTreeMap<String, PeerSpec>,
    pub(super) seed: Seed,
    pub(super) observe: Observe,
    pub(super) pki: Pki,
    pub(super) provider: Arc<CryptoProvider>,
    pub(super) hosts: BTreeMap<SocketAddr, HostEntry>,
    /// Who is where, by the hosts' names in lower case.
    pub(super) stands: BTreeMap<String, Stand<'a>>,
    /// What is in DNS, certificates put in.
    pub(super) published: Vec<NameSpec>,
    /// What is truly the hosts'.
    pub(super) genuine: Genuine,
    /// Whose mail a host takes.
    pub(super) domains_of: BTreeMap<String, Domains>,
    /// The domains, by their names in lower case.
    domains_by_name: BTreeMap<String, &'a DomainSpec>,
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

/// A peer with nothing wrong.
static GOOD: LazyLock<PeerSpec> = LazyLock::new(PeerSpec::default);

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

impl<'a> Builder<'a> {
    fn domain(&mut self, domain: &'a DomainSpec) -> Result<(), WorldError> {
        let (peer_name, peer) = self.peer_of(domain)?;
        let mx = self.mx_of(domain)?;
        let records = mx
            .iter()
            .map(|mx| format!("{} {}", mx.preference, mx.host))
            .collect();
        let name = self.names.spelt(&domain.name);
        (name.mx, name.dnssec) = (records, domain.dnssec.clone());
        match &mx {
            Cow::Borrowed(listed) => {
                for mx in *listed {
                    let (name, peer) = match &mx.peer {
                        Some(reference) => self.find(reference)?,
                        None => (peer_name, peer),
                    };
                    self.host(mx, name, peer)?;
                }
            }
            Cow::Owned(usual) => {
                for mx in usual {
                    self.host(mx, peer_name, peer)?;
                }
            }
        }
        if domain.mx.is_empty() {
            // The hosts are those of the peer's file, and so is what DNS says of them.
            peer.dns.iter().for_each(|name| self.names.add(name));
        }
        Ok(())
    }

    /// The peer behind a domain's hosts, unless a host has another.
    fn peer_of(&self, domain: &'a DomainSpec) -> Result<(&'a str, &'a PeerSpec), WorldError> {
        match &domain.peer {
            Some(reference) => self.find(reference),
            None => Ok(("(default)", &GOOD)),
        }
    }

    /// A domain's MX records: its own, else those of its peer, else one.
    fn mx_of(&self, domain: &'a DomainSpec) -> Result<Cow<'a, [MxSpec]>, WorldError> {
        if !domain.mx.is_empty() {
            return Ok(Cow::Borrowed(&domain.mx));
        }
        let (_, peer) = self.peer_of(domain)?;
        if !peer.mx.is_empty() {
            return Ok(Cow::Borrowed(&peer.mx));
        }
        let usual = MxSpec::new(10, format!("mx1.{}", domain.name));
        Ok(Cow::Owned(vec![usual]))
    }

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

    /// What a resolver of MTA-STS policies answers. It asks for TXT records as they stand at the start.
    fn sts_policies(&self) -> Option<String> {
        if self.spec.mta_sts.is_empty() {
            return None;
        }
        let mut said: BTreeMap<&str, &NameSpec> = BTreeMap::new();
        for spec in &self.spec.dns {
            said.entry(&spec.name).or_insert(spec);
        }
        let entries = self.spec.mta_sts.iter().filter_map(|sts| {
            let name = format!("_mta-sts.{}", sts.domain);
            let found = said.get(name.as_str()).copied();
            let fails = |spec: &&NameSpec| {
                let fault = spec.fault.as_ref();
                fault.and_then(|fault| fault.get(Some(Kind::Txt))).is_none()
            };
            sts.entry(found.filter(fails).map(|spec| spec.txt.as_slice()))
        });
        Some(entries.collect())
    }

    /// The system's trusted roots, in every file where a system keeps them.
    fn bundles(&mut self) -> Result<BTreeMap<String, Arc<[u8]>>, WorldError> {
        let trust = &self.spec.trust;
        if trust.absent {
            return Ok(BTreeMap::new());
        }
        let bundle = match &trust.roots {
            Some(roots) => self.pki.bundle_pem(roots)?,
            None => self.pki.system_bundle_pem()?,
        };
        let bundle: Arc<[u8]> = bundle.into_bytes().into();
        Ok(SYSTEM_BUNDLES
            .map(|path| (path.to_owned(), bundle.clone()))
            .into())
    }

    /// Adds files, certificates put in.
    pub(super) fn add_files(
        &self,
        files: &mut BTreeMap<String, Arc<[u8]>>,
        sources: &BTreeMap<String, Bytes>,
    ) -> Result<(), WorldError> {
        for (path, source) in sources {
            let filled = self.genuine.fill(source).map_err(|nothing| {
                WorldError::File(path.clone(), nothing.placeholder, nothing.near)
            })?;
            files.insert(path.clone(), filled.into());
        }
        Ok(())
    }

    /// What the domains imply, where the world's own DNS data do not say otherwise.
    fn implied_and_said(&mut self) -> Vec<NameSpec> {
        let own = self.spec.dns.iter();
        let said: BTreeSet<String> = own.map(|spec| spec.name.to_ascii_lowercase()).collect();
        let mut names = std::mem::take(&mut self.names).into_all();
        names.retain(|name| !said.contains(&name.name.to_ascii_lowercase()));
        let own = self.spec.dns.iter();
        names.extend(own.map(|own| self.in_its_domain(own)));
        names
    }

    /// A name that is a domain is as secure as the domain, unless it says otherwise.
    pub(super) fn in_its_domain(&self, name: &NameSpec) -> NameSpec {
        let mut name = name.clone();
        if name.dnssec.is_none()
            && let Some(domain) = self.domains_by_name.get(&name.name.to_ascii_lowercase())
        {
            name.dnssec.clone_from(&domain.dnssec);
        }
        name
    }

    /// Puts in the certificates that TLSA data of these names stand for.
    pub(super) fn put_certificates(&mut self, range: Range<usize>) -> Result<(), WorldError> {
        let names = self.published.get_mut(range).unwrap_or_default();
        for text in names.iter_mut().flat_map(|name| &mut name.tlsa) {
            *text = tlsa::resolve(text, &self.genuine)
                .map_err(|(text, near)| WorldError::Tlsa(text, near))?;
        }
        Ok(())
    }
}
