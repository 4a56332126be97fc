//! The certificates of a dataset, minted anew from their attributes.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::IpAddr;
use std::sync::Arc;

use mta_core::time::Wall;
use mta_core::trust::{Algorithm, TrustStore};
use mta_sim::pki::{CertSpec, Chain, Issuer, KeyKind, KeyPair, Pki, SignatureHash, Usage, to_pem};
use mta_sim::seed::Seed;
use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The attributes of a certificate, and the original.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Entry {
    #[serde(default)]
    kind: String,
    cn: Option<String>,
    org: Option<String>,
    san_dns: Option<Vec<String>>,
    san_ip: Option<Vec<IpAddr>>,
    issuer: Option<String>,
    not_before: String,
    not_after: String,
    #[serde(default)]
    pub(crate) key: String,
    eku: Option<String>,
    #[serde(default)]
    pub(crate) signature_hash: String,
    same_key_as: Option<String>,
    #[serde(default)]
    pem: String,
}

/// The digests that stand in log lines.
const LABELLED: [Algorithm; 4] = [
    Algorithm::Sha256,
    Algorithm::Sha512,
    Algorithm::Sha1,
    Algorithm::Md5,
];

/// All certificates of a dataset.
#[derive(Debug, Default)]
pub(crate) struct Certificates {
    minted: BTreeMap<String, Minted>,
    /// Digests, ours and the originals', by what they are the digest of.
    digests: BTreeMap<String, String>,
}

/// One certificate and its key.
#[derive(Clone, Debug)]
pub(crate) struct Minted {
    pub(crate) der: Arc<[u8]>,
    pub(crate) spki: Arc<[u8]>,
    chain: Chain,
}

/// Issuers above one another; a dataset that names more, or itself, has a mistake in it.
const DEPTH_MAX: usize = 32;

impl Certificates {
    /// Mints everything that can be minted. What cannot is missing afterwards.
    pub(crate) fn mint(entries: &BTreeMap<String, Entry>, start: Wall) -> Certificates {
        let mut pki = Pki::new(Seed(1), start);
        let mut certificates = Certificates::default();
        for name in entries.keys() {
            certificates.add(name, entries, &mut pki, start, 0);
        }
        certificates
    }

    fn add(
        &mut self,
        name: &str,
        entries: &BTreeMap<String, Entry>,
        pki: &mut Pki,
        start: Wall,
        depth: usize,
    ) -> Option<()> {
        if self.minted.contains_key(name) {
            return Some(());
        }
        let entry = entries.get(name).filter(|_| depth < DEPTH_MAX)?;
        if let Some(issuer) = &entry.issuer {
            self.add(issuer, entries, pki, start, depth + 1)?;
        }
        pki.add_authority(&own(name), &entry.spec(start)?).ok()?;
        let authority = pki.authority(&own(name)).ok()?;
        let chain = Chain {
            certs: vec![authority.certificate().clone()],
            key: authority.key().clone(),
        };
        let minted = Minted {
            der: authority.certificate().as_ref().into(),
            spki: chain.key.spki_der().into(),
            chain,
        };
        let original = TrustStore::from_pem(entry.pem.as_bytes()).unwrap_or_default();
        let original = original.certificates().iter().take(1);
        let original = original.map(|original| (&*original.der, original.spki()));
        for (der, spki) in original.chain([(&*minted.der, &*minted.spki)]) {
            for (what, octets) in [("cert", der), ("pkey", spki)] {
                let owner = entry
                    .same_key_as
                    .as_deref()
                    .filter(|_| what == "pkey")
                    .unwrap_or(name);
                for algorithm in LABELLED {
                    let digest = colons(algorithm, octets);
                    let label = format!("<{algorithm:?} of {what} of {owner}>");
                    self.digests
                        .entry(digest.replace(':', ""))
                        .or_insert(format!("{label} without colons"));
                    self.digests.entry(digest).or_insert(label);
                }
            }
        }
        self.minted.insert(name.to_owned(), minted);
        Some(())
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Minted> {
        self.minted.get(name)
    }

    /// The name of one of them, whichever.
    pub(crate) fn any(&self) -> Option<String> {
        self.minted.keys().next().cloned()
    }

    /// The names of all.
    pub(crate) fn names(&self) -> Vec<String> {
        self.minted.keys().cloned().collect()
    }

    /// What a server shows: these certificates, and the key of the first.
    pub(crate) fn chain(&self, names: &[String]) -> Option<Chain> {
        let mut certs = Vec::with_capacity(names.len());
        for name in names {
            certs.extend(self.get(name)?.chain.certs.iter().cloned());
        }
        let key: KeyPair = self.get(names.first()?)?.chain.key.clone();
        Some(Chain { certs, key })
    }

    pub(crate) fn pem(&self, name: &str) -> Option<String> {
        Some(to_pem(&self.get(name)?.chain.certs))
    }

    /// The private key as PKCS #8 in PEM, if it is one that a client can have.
    pub(crate) fn key_pem(&self, name: &str) -> Option<String> {
        self.get(name)?.chain.key.to_pkcs8_pem()
    }

    /// The digest of a certificate or of its key with colons between the bytes.
    pub(crate) fn fingerprint(&self, name: &str, what: &str, algorithm: &str) -> Option<String> {
        let minted = self.get(name)?;
        let algorithm = Algorithm::by_name(algorithm)?;
        match what {
            "cert" => Some(colons(algorithm, &minted.der)),
            "pkey" => Some(colons(algorithm, &minted.spki)),
            _ => None,
        }
    }

    /// Replaces every digest of a certificate by what it is the digest of, so that lines of both worlds compare.
    pub(crate) fn label_digests(&self, line: &str) -> String {
        let mut line = line.to_owned();
        for (digest, label) in &self.digests {
            if !digest.is_empty() && line.contains(digest.as_str()) {
                line = line.replace(digest.as_str(), label);
            }
        }
        line
    }
}

/// The names of a dataset and those that every world has do not meet.
fn own(name: &str) -> String {
    format!("dataset {name}")
}

fn colons(algorithm: Algorithm, der: &[u8]) -> String {
    let mut text = String::with_capacity(95);
    for (place, octet) in algorithm.digest(der).iter().enumerate() {
        let colon = if place == 0 { "" } else { ":" };
        // Writing to a String cannot fail.
        let _ = write!(text, "{colon}{octet:02X}");
    }
    text
}

impl Entry {
    /// As the world's mint takes it; nothing if the mint has no such key or hash.
    fn spec(&self, start: Wall) -> Option<CertSpec> {
        let key = match self.key.as_str() {
            "ec256" | "" => KeyKind::EcdsaP256,
            "ec384" => KeyKind::EcdsaP384,
            "ec521" => KeyKind::EcdsaP521,
            "rsa2048" => KeyKind::Rsa2048,
            "rsa4096" => KeyKind::Rsa4096,
            "ed25519" => KeyKind::Ed25519,
            _ => return None,
        };
        let signature = match self.signature_hash.as_str() {
            "" | "sha256" => SignatureHash::Usual,
            "sha1" => SignatureHash::Sha1,
            _ => return None,
        };
        let usage = match self.eku.as_deref() {
            None => Usage::None,
            Some("server") => Usage::ServerAuth,
            Some("client") => Usage::ClientAuth,
            Some(_) => return None,
        };
        let issuer = self
            .issuer
            .as_ref()
            .map_or(Issuer::Itself, |issuer| Issuer::Authority(own(issuer)));
        Some(CertSpec {
            common_name: Some(self.cn.clone().unwrap_or_default()),
            organization: self.org.clone(),
            dns_names: self.san_dns.clone().unwrap_or_default(),
            ip_addresses: self.san_ip.clone().unwrap_or_default(),
            not_before_secs: seconds(&self.not_before, start)?,
            not_after_secs: seconds(&self.not_after, start)?,
            key,
            same_key_as: self.same_key_as.as_deref().map(own),
            is_ca: self.kind == "ca",
            usage,
            issuer,
            signature,
            ..CertSpec::default()
        })
    }
}

/// Seconds from the world's start to a date.
fn seconds(date: &str, start: Wall) -> Option<i64> {
    let date = OffsetDateTime::parse(date, &Rfc3339).ok()?;
    date.unix_timestamp()
        .checked_sub(i64::try_from(start.0).ok()?)
}
