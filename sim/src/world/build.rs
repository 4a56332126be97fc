//! From a world's data to a world that runs.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::{Arc, LazyLock};

use mta_core::dns::Kind;
use mta_core::tls::SYSTEM_BUNDLES;

use super::WorldError;
use super::builder::Builder;
use super::ready::{Absent, World};
use super::spec::{DomainSpec, WorldSpec};
use super::tlsa;
use crate::bytes::Bytes;
use crate::dns::{NameSpec, Resolver, Zones};
use crate::peer::{MxSpec, Observe, PeerSpec};
use crate::seed::Seed;
use crate::sts::POLICIES_FILE;

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
        let mut builder = Builder::new(spec, peers, seed, observe);
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
        builder.settle()?;
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
            start: spec.start.wall(),
            client: spec.client,
            resolver: Resolver::new(zones).asked_by(spec.resolver),
            hosts: builder.hosts,
            provider: builder.provider,
            absent: Absent::default(),
            files,
            changes,
        })
    }
}

/// A peer with nothing wrong.
static GOOD: LazyLock<PeerSpec> = LazyLock::new(PeerSpec::default);

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
