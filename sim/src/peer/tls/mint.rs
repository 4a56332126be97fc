//! The chain that a spec asks for, minted by the world's authorities.

use std::collections::{BTreeMap, BTreeSet};

use rustls::pki_types::CertificateDer;

use crate::peer::spec::{
    Certificate, CertificateWord, IssuedBy, Link, Offset, TlsSpec, UNTRUSTED_ROOT,
};
use crate::pki::{
    CertSpec, Chain, Issuer, KeyKind, PRIVATE_CA, Pki, PkiError, SYSTEM_CA, SignatureHash,
};

/// A name that no peer of a world has.
const WRONG_HOST: &str = "wrong-host.invalid";
/// The root below which a peer's own authorities stand, unless they say otherwise.
const ROOT: &str = "sim-root-r1";
const UNTRUSTED: &str = "private-root";

/// Whose certificate is minted.
#[derive(Clone, Copy, Debug)]
pub struct Owner<'a> {
    /// The host.
    pub host: &'a str,
    /// The domains whose mail it takes: `{domain}`.
    pub domains: &'a [String],
    /// The names of a certificate that says nothing of names, with placeholders; empty: the host.
    pub names: &'a [String],
}

impl<'a> Owner<'a> {
    /// A host that is known by its own name only.
    pub const fn host(host: &'a str) -> Owner<'a> {
        Owner {
            host,
            domains: &[],
            names: &[],
        }
    }

    /// The names with the placeholders put in.
    fn named(&self, templates: &[String]) -> Vec<String> {
        let mut names = Vec::with_capacity(templates.len());
        for template in templates {
            let name = template.replace("{host}", self.host);
            if name.contains("{domain}") {
                names.extend(
                    self.domains
                        .iter()
                        .map(|domain| name.replace("{domain}", domain)),
                );
            } else {
                names.push(name);
            }
        }
        // Two domains may want the same of one host.
        let mut known = BTreeSet::new();
        names.retain(|name| known.insert(name.clone()));
        names
    }
}

/// What was minted for a host.
#[derive(Clone, Debug)]
pub struct Minted {
    /// What it shows.
    pub shown: Chain,
    /// The certificate that is truly the host's, then its issuers up to the root, sent or not. An impostor shows
    /// another.
    pub genuine: Vec<CertificateDer<'static>>,
}

impl TlsSpec {
    /// Mints the certificates of a host, with everything that is wrong with them.
    ///
    /// # Errors
    /// As [`Pki::chain`].
    pub fn mint(&self, pki: &mut Pki, owner: &Owner<'_>) -> Result<Minted, PkiError> {
        let shown = self.path(&self.certificate, pki, owner, self.impostor)?;
        let genuine = if self.impostor {
            self.path(&Certificate::default(), pki, owner, false)?.all
        } else {
            shown.all.clone()
        };
        let mut chain = shown.sent(pki)?;
        if self.raw_public_key {
            chain.certs = vec![chain.key.spki_der().into()];
        }
        Ok(Minted {
            shown: chain,
            genuine,
        })
    }

    /// Mints the chains for the names that clients may ask for.
    ///
    /// # Errors
    /// As [`Pki::chain`].
    pub fn mint_by_name(&self, pki: &mut Pki) -> Result<BTreeMap<String, Chain>, PkiError> {
        let minted = self.by_name.iter().map(|(name, certificate)| {
            let path = self.path(certificate, pki, &Owner::host(name), self.impostor)?;
            Ok((name.clone(), path.sent(pki)?))
        });
        minted.collect()
    }

    fn path(
        &self,
        certificate: &Certificate,
        pki: &mut Pki,
        owner: &Owner<'_>,
        impostor: bool,
    ) -> Result<Path, PkiError> {
        let certificate = certificate.with_words();
        let good = CertSpec::server(owner.host).with_key(self.key);
        let mut spec = certificate.spec(good, pki, owner)?;
        let mut name = owner.host.to_owned();
        if impostor {
            name.insert_str(0, "impostor of ");
        }
        if let Some(key) = &certificate.key_name {
            name = format!("{name}, key {key}");
        }
        // An empty subject is one that was asked for, not one that is called as its key is.
        if spec.common_name.is_none() && spec.dns_names.is_empty() {
            spec.common_name = Some(owner.host.to_owned());
        }
        let chain = pki.chain(&name, &spec)?;
        let mut all = chain.certs.clone();
        all.extend(pki.root_above(&spec)?);
        Ok(Path {
            chain,
            all,
            links: certificate.chain,
        })
    }
}

/// A certificate with all that stands above it.
struct Path {
    chain: Chain,
    /// The root is the last, unless the certificate signs itself.
    all: Vec<CertificateDer<'static>>,
    links: Option<Vec<Link>>,
}

impl Path {
    fn sent(&self, pki: &mut Pki) -> Result<Chain, PkiError> {
        let Some(links) = &self.links else {
            return Ok(self.chain.clone());
        };
        let (leaf, above) = self.chain.certs.split_at(1.min(self.chain.certs.len()));
        let root = self.all.get(self.chain.certs.len()..).unwrap_or_default();
        let mut certs = Vec::new();
        let mut unrelated = 0;
        for link in links {
            match link {
                Link::Leaf => certs.extend_from_slice(leaf),
                Link::Intermediates => certs.extend_from_slice(above),
                Link::Root => certs.extend_from_slice(root),
                Link::Unrelated => {
                    unrelated += 1;
                    let name = format!("unrelated-{unrelated}.invalid");
                    let other = CertSpec::server(&name).issued_by("sim-ca-e2");
                    certs.extend(pki.chain(&name, &other)?.leaf_only().certs);
                }
            }
        }
        let key = self.chain.key.clone();
        Ok(Chain { certs, key })
    }
}

impl Certificate {
    /// The same, with what its words say written out where no key says otherwise.
    fn with_words(&self) -> Certificate {
        let mut full = self.clone();
        for word in std::mem::take(&mut full.is.0) {
            full.add(word);
        }
        full
    }

    fn add(&mut self, word: CertificateWord) {
        const DAY: i64 = 86_400;
        let offset = |days: i64| Offset(days * DAY);
        match word {
            CertificateWord::Valid => {}
            CertificateWord::Expired => {
                self.not_before.get_or_insert(offset(-91));
                self.not_after.get_or_insert(offset(-1));
            }
            CertificateWord::NotYetValid => {
                self.not_before.get_or_insert(offset(1));
                self.not_after.get_or_insert(offset(91));
            }
            CertificateWord::WrongHost => {
                self.names
                    .get_or_insert_with(|| vec![WRONG_HOST.to_owned()]);
            }
            CertificateWord::UntrustedRoot => {
                let issuer = IssuedBy::Named(UNTRUSTED_ROOT.to_owned());
                self.issuer.get_or_insert(issuer);
            }
            CertificateWord::SelfSigned => {
                self.issuer
                    .get_or_insert(IssuedBy::Named("self".to_owned()));
            }
            CertificateWord::IncompleteChain => {
                self.chain.get_or_insert_with(|| vec![Link::Leaf]);
            }
            CertificateWord::ReversedChain => {
                let reversed = || vec![Link::Leaf, Link::Root, Link::Intermediates];
                self.chain.get_or_insert_with(reversed);
            }
            CertificateWord::NoCommonName => {
                self.common_name.get_or_insert_default();
            }
            CertificateWord::NoSubject => {
                self.common_name.get_or_insert_default();
                self.names.get_or_insert_default();
            }
            CertificateWord::Sha1Intermediate => {
                let issuer = Certificate {
                    signature: Some(SignatureHash::Sha1),
                    ..Certificate::default()
                };
                self.issuer.get_or_insert(IssuedBy::Own(Box::new(issuer)));
            }
            CertificateWord::ThousandSans => self.more_names = self.more_names.max(1000),
            CertificateWord::TenThousandSans => self.more_names = self.more_names.max(10_000),
        }
    }

    /// What is minted: `good`, but for what this says.
    fn spec(&self, good: CertSpec, pki: &mut Pki, owner: &Owner<'_>) -> Result<CertSpec, PkiError> {
        let mut spec = good;
        let names = match &self.names {
            Some(names) => Some(owner.named(names)),
            None if owner.names.is_empty() || spec.is_ca => None,
            None => Some(owner.named(owner.names)),
        };
        if let Some(names) = names {
            spec.dns_names = names;
        }
        let more = (1..=self.more_names).map(|number| format!("n{number}.names.invalid"));
        spec.dns_names.extend(more);
        spec.ip_addresses.clone_from(&self.addresses);
        if let Some(name) = &self.common_name {
            spec.common_name = Some(owner.named(std::slice::from_ref(name)).join(" "));
        }
        spec.organization.clone_from(&self.organization);
        spec.not_before_secs = self.not_before.map_or(spec.not_before_secs, |at| at.0);
        spec.not_after_secs = self.not_after.map_or(spec.not_after_secs, |at| at.0);
        spec.key = self.key.unwrap_or(spec.key);
        spec.usage = self.usage.unwrap_or(spec.usage);
        spec.is_ca = self.ca.unwrap_or(spec.is_ca);
        spec.must_staple = self.must_staple;
        spec.signature = self.signature.unwrap_or_default();
        spec.revocation_list.clone_from(&self.revocation_list);
        spec.issuer = self.issuer_in(pki, owner, &spec)?;
        Ok(spec)
    }

    /// The authority that issues this certificate, minted if it is one of its own.
    fn issuer_in(
        &self,
        pki: &mut Pki,
        owner: &Owner<'_>,
        below: &CertSpec,
    ) -> Result<Issuer, PkiError> {
        let constrained = !self.name_constraints.is_empty() && !below.is_ca;
        let (root, usual) = match &self.issuer {
            Some(IssuedBy::Named(name)) if name == UNTRUSTED_ROOT => (UNTRUSTED, PRIVATE_CA),
            Some(IssuedBy::Named(name)) => (name.as_str(), name.as_str()),
            Some(IssuedBy::Own(_)) | None if below.is_ca && self.issuer.is_none() => (ROOT, ROOT),
            Some(IssuedBy::Own(_)) | None => (ROOT, SYSTEM_CA),
        };
        if usual == "self" {
            return Ok(Issuer::Itself);
        }
        let mut issuer = match &self.issuer {
            Some(IssuedBy::Own(own)) => {
                let mut own = own.with_words();
                if constrained && own.name_constraints.is_empty() {
                    own.name_constraints.clone_from(&self.name_constraints);
                }
                own.authority(pki, owner, below)?
            }
            Some(IssuedBy::Named(_)) | None if constrained => Certificate {
                name_constraints: self.name_constraints.clone(),
                issuer: Some(IssuedBy::Named(root.to_owned())),
                ..Certificate::default()
            }
            .authority(pki, owner, below)?,
            Some(IssuedBy::Named(_)) | None if self.intermediates == Some(0) => root.to_owned(),
            Some(IssuedBy::Named(_)) | None => usual.to_owned(),
        };
        for _ in 1..self.intermediates.unwrap_or(1) {
            let further = CertSpec::intermediate("Further CA", issuer.as_str());
            issuer = pki.authority_like(&format!("{}: further CA", owner.host), &further)?;
        }
        Ok(Issuer::Authority(issuer))
    }

    /// Mints this as the authority that issues `below`; its name.
    fn authority(
        &self,
        pki: &mut Pki,
        owner: &Owner<'_>,
        below: &CertSpec,
    ) -> Result<String, PkiError> {
        let mut good =
            CertSpec::intermediate("Own CA", Issuer::default()).with_key(KeyKind::default());
        if self.names.is_some() && self.common_name.is_none() {
            good.common_name = None;
        }
        // An authority that issues authorities is told from them by its name.
        if below.is_ca {
            good.common_name = Some("Upper CA".to_owned());
        }
        let mut spec = self.spec(good, pki, owner)?;
        spec.permitted_names.clone_from(&self.name_constraints);
        pki.authority_like(&format!("{}: own CA", owner.host), &spec)
    }
}
