//! From a world's data to a world that runs.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use mta_core::dns::Kind;
use mta_core::maps::Unsupported;
use mta_core::time::Wall;
use rustls::crypto::CryptoProvider;

use super::genuine::Genuine;
use super::spec::{DomainSpec, WORLD_START, WorldSpec};
use super::tlsa;
use crate::crypto::{SimClock, Tier, provider};
use crate::dns::{NameSpec, Resolver, ZoneError, Zones};
use crate::network::NetworkSpec;
use crate::peer::{Host, MxSpec, Owner, Peer, PeerError, PeerRef, PeerSpec, TlsMaterial};
use crate::pki::{Chain, Pki, PkiError};
use crate::seed::Seed;
use crate::sts::POLICIES_FILE;

/// The simulated client's own address (RFC 5737).
pub const CLIENT_IPV4: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 25));

/// The simulated client's own address (RFC 3849).
pub const CLIENT_IPV6: IpAddr = IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0xffff, 0, 0, 0, 0, 0x25));

/// Where systems keep the bundle of trusted roots. In a world each of these files holds the simulated bundle.
pub const SYSTEM_BUNDLES: [&str; 5] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/usr/local/share/certs/ca-root-nss.crt",
];

/// A world that runs.
pub struct World {
    /// The seed that everything follows from.
    pub seed: Seed,
    /// The wall time at the start.
    pub start: Wall,
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
    /// Who is there; nobody, if nothing listens.
    pub peer: Option<Peer>,
    /// The path to it.
    pub network: NetworkSpec,
}

/// Why a world cannot be built.
#[derive(Debug)]
pub enum WorldError {
    /// A peer that nobody knows; the nearest known one.
    UnknownPeer(String, Option<String>),
    /// A peer that cannot be acted out.
    Peer(String, PeerError),
    /// Certificates that cannot be minted.
    Pki(PkiError),
    /// DNS data that make no sense.
    Dns(ZoneError),
    /// More hosts than the world has room for.
    TooManyHosts,
    /// A TLSA record that names a certificate which no host has; the nearest host that has one.
    Tlsa(String, Option<String>),
    /// A file that names a certificate which no host has: path, placeholder, and the nearest host that has one.
    File(String, String, Option<String>),
    /// A table that the sender's settings name.
    Table(Unsupported),
}

impl fmt::Display for WorldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WorldError::UnknownPeer(name, Some(near)) => {
                write!(f, "no peer is called \"{name}\"; did you mean \"{near}\"?")
            }
            WorldError::UnknownPeer(name, None) => write!(f, "no peer is called \"{name}\""),
            WorldError::Peer(name, error) => write!(f, "peer {name}: {error}"),
            WorldError::Pki(error) => write!(f, "certificates: {error}"),
            WorldError::Dns(error) => write!(f, "dns: {error}"),
            WorldError::TooManyHosts => {
                f.write_str("more hosts without an address than 192.0.2.0/24 has room for")
            }
            WorldError::Tlsa(text, near) => {
                write!(f, "dns: no host has the certificate of TLSA \"{text}\"; ")?;
                match near {
                    Some(near) => write!(f, "did you mean the host \"{near}\"?"),
                    None => f.write_str(
                        "say <leaf:HOST>, <issuer:HOST> or <root:HOST>, with the name of an MX host",
                    ),
                }
            }
            WorldError::File(path, placeholder, near) => {
                write!(
                    f,
                    "file {path}: {placeholder} stands for no host's certificate"
                )?;
                match near {
                    Some(near) => write!(f, "; did you mean the host \"{near}\"?"),
                    None => Ok(()),
                }
            }
            WorldError::Table(unsupported) => write!(f, "{unsupported}"),
        }
    }
}

impl std::error::Error for WorldError {}

impl From<PkiError> for WorldError {
    fn from(error: PkiError) -> Self {
        WorldError::Pki(error)
    }
}

impl From<ZoneError> for WorldError {
    fn from(error: ZoneError) -> Self {
        WorldError::Dns(error)
    }
}

impl World {
    /// Builds a world. `peers` gives the peers that the data refer to by name.
    ///
    /// # Errors
    /// [`WorldError`] names what makes no sense.
    pub fn build(
        spec: &WorldSpec,
        peers: &BTreeMap<String, PeerSpec>,
        seed: Seed,
        observe: bool,
    ) -> Result<Self, WorldError> {
        let start = Wall(WORLD_START);
        let mut builder = Builder {
            spec,
            peers,
            seed,
            observe,
            pki: Pki::new(seed, start),
            provider: provider(Tier::Seeded),
            hosts: BTreeMap::new(),
            genuine: Genuine::default(),
            domains_of: BTreeMap::new(),
            names: Vec::new(),
            known_hosts: BTreeSet::new(),
            next_address: 1,
        };
        for domain in &spec.domains {
            for mx in builder.mx_of(domain)? {
                let of_host = builder.domains_of.entry(mx.host).or_default();
                of_host.domains.push(domain.name.clone());
                let names = domain.certificate_names.iter().cloned();
                of_host.names.extend(names);
            }
        }
        for domain in &spec.domains {
            builder.domain(domain)?;
        }
        let bundle: Arc<[u8]> = builder.pki.system_bundle_pem()?.into_bytes().into();
        let bundles = SYSTEM_BUNDLES.map(|path| (path.to_owned(), bundle.clone()));
        let mut files: BTreeMap<String, Arc<[u8]>> = bundles.into_iter().collect();
        if let Some(policies) = builder.sts_policies() {
            files.insert(POLICIES_FILE.to_owned(), policies.into_bytes().into());
        }
        for (path, text) in &spec.files {
            let text = builder.genuine.fill(text).map_err(|nothing| {
                WorldError::File(path.clone(), nothing.placeholder, nothing.near)
            })?;
            files.insert(path.clone(), text.into_bytes().into());
        }
        let zones = Zones::new(&builder.zones()?)?;
        Ok(World {
            seed,
            start,
            resolver: Resolver::new(zones),
            hosts: builder.hosts,
            provider: builder.provider,
            absent: Absent::default(),
            files,
        })
    }

    /// The contents of a file of the simulated machine.
    pub fn file(&self, path: &str) -> Option<Arc<[u8]>> {
        self.files.get(path).cloned()
    }
}

struct Builder<'a> {
    spec: &'a WorldSpec,
    peers: &'a BTreeMap<String, PeerSpec>,
    seed: Seed,
    observe: bool,
    pki: Pki,
    provider: Arc<CryptoProvider>,
    hosts: BTreeMap<SocketAddr, HostEntry>,
    /// What is truly the hosts'.
    genuine: Genuine,
    /// Whose mail a host takes.
    domains_of: BTreeMap<String, Domains>,
    names: Vec<NameSpec>,
    known_hosts: BTreeSet<String>,
    next_address: u8,
}

/// The domains whose mail a host takes, and the names that they want in its certificate.
#[derive(Default)]
struct Domains {
    domains: Vec<String>,
    names: Vec<String>,
}

impl Builder<'_> {
    fn domain(&mut self, domain: &DomainSpec) -> Result<(), WorldError> {
        let (peer_name, peer) = self.peer_of(domain)?;
        let mx = self.mx_of(domain)?;
        let records = mx
            .iter()
            .map(|mx| format!("{} {}", mx.preference, mx.host))
            .collect();
        let name = self.name(&domain.name);
        (name.mx, name.dnssec) = (records, domain.dnssec.clone());
        for mx in &mx {
            match &mx.peer {
                Some(reference) => {
                    let (name, peer) = self.find(reference)?;
                    self.host(mx, &name, &peer)?;
                }
                None => self.host(mx, &peer_name, &peer)?,
            }
        }
        if domain.mx.is_empty() {
            // The hosts are those of the peer's file, and so is what DNS says of them.
            peer.dns.iter().for_each(|name| self.imply(name));
        }
        Ok(())
    }

    /// The peer behind a domain's hosts, unless a host has another.
    fn peer_of(&self, domain: &DomainSpec) -> Result<(String, PeerSpec), WorldError> {
        match &domain.peer {
            Some(reference) => self.find(reference),
            None => Ok((String::from("(default)"), PeerSpec::default())),
        }
    }

    /// A domain's MX records: its own, else those of its peer, else one.
    fn mx_of(&self, domain: &DomainSpec) -> Result<Vec<MxSpec>, WorldError> {
        if !domain.mx.is_empty() {
            return Ok(domain.mx.clone());
        }
        let (_, peer) = self.peer_of(domain)?;
        if peer.mx.is_empty() {
            return Ok(vec![MxSpec::new(10, format!("mx1.{}", domain.name))]);
        }
        Ok(peer.mx)
    }

    /// The DNS data of a name, which may be a domain, a host, or both.
    fn name(&mut self, name: &str) -> &mut NameSpec {
        let known = self.names.iter().position(|known| known.name == name);
        let place = known.unwrap_or(self.names.len());
        if known.is_none() {
            self.names.push(NameSpec {
                name: name.to_owned(),
                ..NameSpec::default()
            });
        }
        &mut self.names[place]
    }

    /// DNS data that come with a peer: beside what its hosts imply, or with it where the name is the same.
    fn imply(&mut self, name: &NameSpec) {
        let bare = |name: &str| name.trim_end_matches('.').to_ascii_lowercase();
        let same = |known: &&mut NameSpec| bare(&known.name) == bare(&name.name);
        match self.names.iter_mut().find(same) {
            Some(known) => {
                let implied = std::mem::replace(known, name.clone());
                if known.mx.is_empty() {
                    known.mx = implied.mx;
                }
                if known.a.is_empty() && known.aaaa.is_empty() {
                    (known.a, known.aaaa) = (implied.a, implied.aaaa);
                }
                known.dnssec = known.dnssec.take().or(implied.dnssec);
            }
            None => self.names.push(name.clone()),
        }
    }

    fn find(&self, reference: &PeerRef) -> Result<(String, PeerSpec), WorldError> {
        match reference {
            PeerRef::Inline(spec) => Ok((String::from("(inline)"), (**spec).clone())),
            PeerRef::Named(name) => match self.peers.get(name) {
                Some(spec) => Ok((name.clone(), spec.clone())),
                None => {
                    let near = crate::nearest(name, self.peers.keys().map(String::as_str))
                        .map(str::to_owned);
                    Err(WorldError::UnknownPeer(name.clone(), near))
                }
            },
        }
    }

    fn host(&mut self, mx: &MxSpec, peer_name: &str, spec: &PeerSpec) -> Result<(), WorldError> {
        if !self.known_hosts.insert(mx.host.clone()) {
            // The host serves another domain too.
            return Ok(());
        }
        let addresses = if mx.addresses.is_empty() {
            vec![self.address()?]
        } else {
            mx.addresses.clone()
        };
        let of = |wanted: fn(&IpAddr) -> bool| -> Vec<String> {
            let those = addresses.iter().filter(|address| wanted(address));
            those.map(ToString::to_string).collect()
        };
        let (a, aaaa) = (of(IpAddr::is_ipv4), of(IpAddr::is_ipv6));
        let name = self.name(&mx.host);
        (name.a, name.aaaa) = (a, aaaa);
        let network = NetworkSpec {
            latency: if spec.network.latency.is_zero() {
                self.spec.latency
            } else {
                spec.network.latency
            },
            ..spec.network.clone()
        };
        let chain = self.certify(spec, &mx.host)?;
        for address in addresses {
            let peer = if mx.down {
                None
            } else {
                Some(self.peer(spec, mx, &chain, address, peer_name)?)
            };
            self.hosts.insert(
                SocketAddr::new(address, 25),
                HostEntry {
                    peer,
                    network: network.clone(),
                },
            );
        }
        Ok(())
    }

    /// Mints what a host shows, and notes what is truly its own: also of a host that speaks no TLS, because TLSA
    /// records and pins may name it all the same.
    fn certify(&mut self, spec: &PeerSpec, host: &str) -> Result<Chain, WorldError> {
        let none = Domains::default();
        let of_host = self.domains_of.get(host).unwrap_or(&none);
        let owner = Owner {
            host,
            domains: &of_host.domains,
            names: &of_host.names,
        };
        let minted = spec.tls.mint(&mut self.pki, &owner)?;
        self.genuine.insert(host, minted.genuine);
        Ok(minted.shown)
    }

    fn peer(
        &mut self,
        spec: &PeerSpec,
        mx: &MxSpec,
        chain: &Chain,
        address: IpAddr,
        peer_name: &str,
    ) -> Result<Peer, WorldError> {
        let host = Host {
            name: mx.host.clone(),
            address,
        };
        let tls = if spec.ehlo.offers_starttls() {
            let by_name = spec.tls.mint_by_name(&mut self.pki)?;
            let by_name = by_name
                .into_iter()
                .map(|(name, chain)| (name, Arc::new(chain.certified_key())));
            Some(TlsMaterial {
                provider: self.provider.clone(),
                clock: Arc::new(SimClock::new(Wall(WORLD_START))),
                certificate: Arc::new(chain.certified_key()),
                by_name: by_name.collect(),
            })
        } else {
            None
        };
        let mut peer = Peer::new(spec, &host, tls, self.seed)
            .map_err(|error| WorldError::Peer(peer_name.to_owned(), error))?;
        peer.observe(self.observe);
        Ok(peer)
    }

    fn address(&mut self) -> Result<IpAddr, WorldError> {
        let last = self.next_address;
        self.next_address = last.checked_add(1).ok_or(WorldError::TooManyHosts)?;
        Ok(IpAddr::V4(Ipv4Addr::new(192, 0, 2, last)))
    }

    /// What a resolver of MTA-STS policies answers. It asks for TXT records as they stand at the start.
    fn sts_policies(&self) -> Option<String> {
        if self.spec.mta_sts.is_empty() {
            return None;
        }
        let entries = self.spec.mta_sts.iter().filter_map(|sts| {
            let name = format!("_mta-sts.{}", sts.domain);
            let found = self.spec.dns.iter().find(|spec| spec.name == name);
            let fails = |spec: &&NameSpec| {
                let fault = spec.fault.as_ref();
                fault.and_then(|fault| fault.get(Some(Kind::Txt))).is_none()
            };
            sts.entry(found.filter(fails).map(|spec| spec.txt.as_slice()))
        });
        Some(entries.collect())
    }

    /// What the domains imply, where the world's own DNS data do not say otherwise.
    fn zones(&self) -> Result<Vec<NameSpec>, WorldError> {
        let said = |name: &str| {
            self.spec
                .dns
                .iter()
                .any(|spec| spec.name.eq_ignore_ascii_case(name))
        };
        let implied = self.names.iter().filter(|name| !said(&name.name)).cloned();
        let own = self.spec.dns.iter().cloned().map(|mut own| {
            let domain = |domain: &&DomainSpec| domain.name.eq_ignore_ascii_case(&own.name);
            if own.dnssec.is_none()
                && let Some(domain) = self.spec.domains.iter().find(domain)
            {
                own.dnssec.clone_from(&domain.dnssec);
            }
            own
        });
        let mut names: Vec<NameSpec> = implied.chain(own).collect();
        for text in names.iter_mut().flat_map(|name| &mut name.tlsa) {
            *text = tlsa::resolve(text, &self.genuine)
                .map_err(|(text, near)| WorldError::Tlsa(text, near))?;
        }
        Ok(names)
    }
}
