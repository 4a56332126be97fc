//! Who is at the hosts of a world: the peer, and whoever is on the path before it.

use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::CertificateDer;

use super::WorldError;
use super::builder::{Builder, Domains, Stand};
use super::ready::{Absent, HostEntry};
use crate::crypto::SimClock;
use crate::network::NetworkSpec;
use crate::peer::{
    Certificate, Conduct, Host, MxSpec, Nobody, Owner, Peer, PeerError, PeerSpec, TlsMaterial,
    conduct_of, needs_tls,
};
use crate::pki::Chain;

/// A machine that takes connections at a host by a rule of the peer there.
struct Machine<'a> {
    rule: usize,
    name: &'a str,
    spec: Cow<'a, PeerSpec>,
    chain: Chain,
}

/// Whether a host needs a certificate, seen so. One behind an attacker who takes STARTTLS away still does.
fn speaks_tls(stand: &Stand<'_>, seen: &PeerSpec) -> bool {
    needs_tls(stand.peer) || needs_tls(seen)
}

impl<'a> Builder<'a> {
    pub(super) fn host(
        &mut self,
        mx: &MxSpec,
        peer_name: &'a str,
        spec: &'a PeerSpec,
    ) -> Result<(), WorldError> {
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
        let name = self.names.spelt(&mx.host);
        (name.a, name.aaaa) = (a, aaaa);
        let latency = if spec.network.latency.is_zero() {
            self.spec.latency
        } else {
            spec.network.latency
        };
        let stand = Stand {
            name: mx.host.clone(),
            addresses,
            port: mx.port,
            latency,
            peer_name,
            peer: spec,
            down: mx.down.clone(),
        };
        self.arriving.push(stand);
        Ok(())
    }

    /// Puts peers at the hosts. Only now: what stays for the run lies together then, and what is dropped when the world is
    /// built leaves no holes between it, over which every later allocation would be scattered.
    pub(super) fn settle(&mut self) -> Result<(), WorldError> {
        let arriving = std::mem::take(&mut self.arriving);
        let mut hosts = Vec::with_capacity(arriving.len());
        for stand in &arriving {
            hosts.extend(self.entries(stand, Duration::ZERO)?);
        }
        self.hosts = hosts.into_iter().collect();
        for stand in arriving {
            self.genuine.add_host(&stand.name);
            self.stands.insert(stand.name.to_ascii_lowercase(), stand);
        }
        Ok(())
    }

    /// The name of this host as [`Builder::stands`] has it.
    pub(super) fn known_host(&self, host: &str) -> Result<String, WorldError> {
        let key = host.to_ascii_lowercase();
        if self.stands.contains_key(&key) {
            return Ok(key);
        }
        let near = crate::nearest(host, self.stands.keys().map(String::as_str));
        Err(WorldError::UnknownHost(
            host.to_owned(),
            near.map(str::to_owned),
        ))
    }

    /// What is at the host's addresses from this time on.
    pub(super) fn entries(
        &mut self,
        stand: &Stand<'a>,
        at: Duration,
    ) -> Result<Vec<(SocketAddr, HostEntry)>, WorldError> {
        let seen = self.seen(stand, stand.peer, at);
        let mut chain = self.certify(stand, &seen)?;
        if seen.tls != stand.peer.tls {
            chain = Some(self.mint(&seen, &stand.name)?.0);
        }
        let mut machines = Vec::new();
        for (rule, reference) in seen.on.iter().enumerate() {
            if let Some(reference) = &reference.peer {
                let (name, spec) = self.find(reference)?;
                let spec = self.seen(stand, spec, at);
                let chain = self.mint(&spec, &stand.name)?.0;
                machines.push(Machine {
                    rule,
                    name,
                    spec,
                    chain,
                });
            }
        }
        let network = NetworkSpec {
            latency: stand.latency,
            ..seen.network.clone()
        };
        let mut entries = Vec::with_capacity(stand.addresses.len());
        for &address in &stand.addresses {
            let (peer, absent) = match stand.down.at(address) {
                None => {
                    let peer = self.peer(&seen, stand, chain.as_ref(), &machines, address)?;
                    (Some(peer), Absent::Refuses)
                }
                Some(Nobody::Refuses) => (None, Absent::Refuses),
                Some(Nobody::Silent) => (None, Absent::Silent),
            };
            let entry = HostEntry {
                peer,
                absent,
                network: network.clone(),
            };
            entries.push((SocketAddr::new(address, stand.port), entry));
        }
        Ok(entries)
    }

    /// Mints what a host shows, and notes what is truly its own; nothing if it speaks no TLS, nobody names its
    /// certificate (TLSA records and pins may do so all the same), and its peer asks for none but the usual one.
    fn certify(&mut self, stand: &Stand<'_>, seen: &PeerSpec) -> Result<Option<Chain>, WorldError> {
        let named = self.hosts_named.contains(&stand.name.to_ascii_lowercase());
        let usual = stand.peer.tls.certificate == Certificate::default();
        if usual && !named && !speaks_tls(stand, seen) {
            return Ok(None);
        }
        let (shown, genuine) = self.mint(stand.peer, &stand.name)?;
        if named {
            self.genuine.insert(&stand.name, genuine);
        }
        Ok(Some(shown))
    }

    fn mint(
        &mut self,
        spec: &PeerSpec,
        host: &str,
    ) -> Result<(Chain, Vec<CertificateDer<'static>>), WorldError> {
        let none = Domains::default();
        let of_host = self.domains_of.get(host).unwrap_or(&none);
        let owner = Owner {
            host,
            domains: &of_host.domains,
            names: &of_host.names,
        };
        let minted = spec.tls.mint(&mut self.pki, &owner)?;
        Ok((minted.shown, minted.genuine))
    }

    /// What the sender sees of this peer at the host, with whoever is on the path before it.
    fn seen<'p>(&self, stand: &Stand<'_>, peer: &'p PeerSpec, at: Duration) -> Cow<'p, PeerSpec> {
        let of_host = self.attackers_of.get(&stand.name.to_ascii_lowercase());
        let before_it = of_host.into_iter().flatten();
        before_it
            .filter(|attacker| attacker.is_there(at))
            .fold(Cow::Borrowed(peer), |seen, attacker| {
                Cow::Owned(attacker.before(seen.into_owned()))
            })
    }

    fn peer(
        &mut self,
        spec: &PeerSpec,
        stand: &Stand<'a>,
        chain: Option<&Chain>,
        machines: &[Machine<'_>],
        address: IpAddr,
    ) -> Result<Peer, WorldError> {
        let host = Host {
            name: stand.name.clone(),
            address,
        };
        let tls = match chain.filter(|_| speaks_tls(stand, spec)) {
            Some(chain) => Some(self.shown(spec, chain)?),
            None => None,
        };
        let mut peer = self
            .conduct(spec, stand)
            .and_then(|conduct| Peer::with_conduct(conduct, spec, &host, tls, self.seed))
            .map_err(|error| WorldError::Peer(stand.peer_name.to_owned(), error))?;
        for machine in machines {
            let tls = self.shown(&machine.spec, &machine.chain)?;
            peer = peer
                .with_machine(machine.rule, &machine.spec, &host, Some(tls), self.seed)
                .map_err(|error| WorldError::Peer(machine.name.to_owned(), error))?;
        }
        peer.observe(self.observe);
        Ok(peer)
    }

    /// What a peer says and does; kept for other hosts, unless somebody on the path makes it this host's own.
    fn conduct(&mut self, spec: &PeerSpec, stand: &Stand<'a>) -> Result<Arc<Conduct>, PeerError> {
        if !std::ptr::eq(spec, stand.peer) {
            return conduct_of(spec).map(Arc::new);
        }
        if let Some(conduct) = self.conducts.get(&std::ptr::from_ref(stand.peer)) {
            return Ok(conduct.clone());
        }
        let conduct = Arc::new(conduct_of(spec)?);
        self.conducts.insert(stand.peer, conduct.clone());
        Ok(conduct)
    }

    /// What a peer with this chain speaks TLS with.
    fn shown(&mut self, spec: &PeerSpec, chain: &Chain) -> Result<TlsMaterial, WorldError> {
        let by_name = spec.tls.mint_by_name(&mut self.pki)?;
        let by_name = by_name
            .into_iter()
            .map(|(name, chain)| (name, Arc::new(chain.certified_key())));
        Ok(TlsMaterial {
            provider: self.provider.clone(),
            clock: Arc::new(SimClock::new(self.spec.start.wall())),
            certificate: Arc::new(chain.certified_key()),
            by_name: by_name.collect(),
        })
    }
}
