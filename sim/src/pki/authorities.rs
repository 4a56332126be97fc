//! The authorities of one world, and the certificates they sign.

use std::collections::BTreeMap;

use mta_core::time::Wall;
use rcgen::CertificateParams;
use rustls::pki_types::CertificateDer;

use super::system::{SYSTEM_ROOTS, built_in};
use super::{
    CertSpec, Chain, Issuer, KeyKind, KeyPair, PkiError, SignatureHash, der, mint, to_pem,
};
use crate::seed::Seed;

/// Mints certificates for one world.
///
/// A certificate follows from the seed, the world's start, its name, its spec and its issuer; what
/// else is minted, and when, has no part in it. Two certificates of one name share their serial
/// number, and their key if its kind is the same: renew a certificate under another name, with
/// [`CertSpec::same_key_as`] if it keeps the key.
#[derive(Debug)]
pub struct Pki {
    seed: Seed,
    start: Wall,
    authorities: BTreeMap<String, Authority>,
    /// Keys that take long to generate.
    rsa_keys: BTreeMap<String, KeyPair>,
}

/// One that signs certificates: a root, or an intermediate.
#[derive(Debug)]
pub struct Authority {
    spec: CertSpec,
    params: CertificateParams,
    key: KeyPair,
    certificate: CertificateDer<'static>,
    /// What a server sends along: this certificate and those above it, but no root.
    path: Vec<CertificateDer<'static>>,
    /// The root at the end of that path; none if it is one itself.
    root: Option<CertificateDer<'static>>,
}

impl Authority {
    /// Its certificate.
    pub fn certificate(&self) -> &CertificateDer<'static> {
        &self.certificate
    }

    /// Its key.
    pub fn key(&self) -> &KeyPair {
        &self.key
    }
}

/// Authorities one below the other. OpenSSL goes no deeper by default either
/// (`X509_VERIFY_PARAM_set_depth`).
const DEPTH_MAX: usize = 100;

impl Pki {
    /// The authorities of a world that starts at `start`. Nothing is minted before it is asked for.
    pub fn new(seed: Seed, start: Wall) -> Self {
        Pki {
            seed,
            start,
            authorities: BTreeMap::new(),
            rsa_keys: BTreeMap::new(),
        }
    }

    /// The authority `name`: added before, or one that every world has, such as
    /// [`SYSTEM_CA`](super::SYSTEM_CA).
    ///
    /// # Errors
    /// [`PkiError::UnknownAuthority`]; for the world's own also what [`Pki::add_authority`] says.
    pub fn authority(&mut self, name: &str) -> Result<&Authority, PkiError> {
        let unknown = || PkiError::UnknownAuthority {
            name: name.to_owned(),
        };
        if !self.authorities.contains_key(name) {
            let spec = built_in(name).ok_or_else(unknown)?;
            self.insert_authority(name, &spec)?;
        }
        self.authorities.get(name).ok_or_else(unknown)
    }

    /// Adds an authority, below one that is there already or below none.
    ///
    /// # Errors
    /// Any [`PkiError`]: the name is taken, the issuer unknown, the spec not to be minted.
    pub fn add_authority(&mut self, name: &str, spec: &CertSpec) -> Result<(), PkiError> {
        if self.authorities.contains_key(name) || built_in(name).is_some() {
            return Err(PkiError::NameTaken {
                name: name.to_owned(),
            });
        }
        self.insert_authority(name, spec)
    }

    /// Adds an authority under `name`, or under the first name derived from it that is free; one with the same spec
    /// that is there already is taken. Says its name.
    ///
    /// # Errors
    /// As [`Pki::add_authority`].
    pub fn authority_like(&mut self, name: &str, spec: &CertSpec) -> Result<String, PkiError> {
        let mut candidate = name.to_owned();
        for number in 2.. {
            match self.authorities.get(&candidate) {
                Some(known) if known.spec == *spec => break,
                Some(_) => candidate = format!("{name} {number}"),
                None => {
                    self.add_authority(&candidate, spec)?;
                    break;
                }
            }
        }
        Ok(candidate)
    }

    /// The certificate `name`, with what a server sends along to lead up to a root.
    ///
    /// # Errors
    /// Any [`PkiError`] but [`PkiError::NameTaken`].
    pub fn chain(&mut self, name: &str, spec: &CertSpec) -> Result<Chain, PkiError> {
        let minted = self.mint(name, spec)?;
        let mut certs = vec![minted.certificate];
        certs.extend(minted.above);
        Ok(Chain {
            certs,
            key: minted.key,
        })
    }

    /// The root above the certificate that this spec asks for; none if it signs itself.
    ///
    /// # Errors
    /// As [`Pki::authority`].
    pub fn root_above(
        &mut self,
        spec: &CertSpec,
    ) -> Result<Option<CertificateDer<'static>>, PkiError> {
        let Issuer::Authority(issuer) = &spec.issuer else {
            return Ok(None);
        };
        let issuer = self.authority(issuer)?;
        Ok(Some(
            issuer.root.as_ref().unwrap_or(&issuer.certificate).clone(),
        ))
    }

    /// The roots that a system trusts, always the same and in the same order.
    ///
    /// # Errors
    /// [`PkiError::DateOutOfRange`] if the world starts before 1980 or after 9989.
    pub fn system_bundle(&mut self) -> Result<Vec<CertificateDer<'static>>, PkiError> {
        SYSTEM_ROOTS
            .iter()
            .map(|name| Ok(self.authority(name)?.certificate.clone()))
            .collect()
    }

    /// These authorities in PEM, in this order.
    ///
    /// # Errors
    /// As [`Pki::authority`].
    pub fn bundle_pem(&mut self, names: &[String]) -> Result<String, PkiError> {
        let mut bundle = Vec::with_capacity(names.len());
        for name in names {
            bundle.push(self.authority(name)?.certificate.clone());
        }
        Ok(to_pem(&bundle))
    }

    /// [`Pki::system_bundle`] in PEM, as a `CAfile` holds it.
    ///
    /// # Errors
    /// As [`Pki::system_bundle`].
    pub fn system_bundle_pem(&mut self) -> Result<String, PkiError> {
        Ok(to_pem(&self.system_bundle()?))
    }

    fn insert_authority(&mut self, name: &str, spec: &CertSpec) -> Result<(), PkiError> {
        let minted = self.mint(name, spec)?;
        if minted.above.len() >= DEPTH_MAX {
            return Err(PkiError::TooDeep {
                name: name.to_owned(),
            });
        }
        let mut path = Vec::new();
        if spec.issuer != Issuer::Itself {
            path.push(minted.certificate.clone());
            path.extend(minted.above);
        }
        let authority = Authority {
            spec: spec.clone(),
            params: minted.params,
            key: minted.key,
            certificate: minted.certificate,
            path,
            root: minted.root,
        };
        self.authorities.insert(name.to_owned(), authority);
        Ok(())
    }

    fn mint(&mut self, name: &str, spec: &CertSpec) -> Result<Minted, PkiError> {
        let key = self.key(spec.same_key_as.as_deref().unwrap_or(name), spec.key)?;
        let params = mint::params(self.seed, self.start, name, spec, &key)?;
        let (signed, signed_by, above, root) = match &spec.issuer {
            Issuer::Itself => (params.self_signed(&key), key.clone(), Vec::new(), None),
            Issuer::Authority(issuer) => {
                let issuer = self.authority(issuer)?;
                let signer = rcgen::Issuer::from_params(&issuer.params, &issuer.key);
                let signed = params.signed_by(&key, &signer);
                let root = issuer.root.as_ref().unwrap_or(&issuer.certificate);
                let (signed_by, above) = (issuer.key.clone(), issuer.path.clone());
                (signed, signed_by, above, Some(root.clone()))
            }
        };
        let mut certificate: CertificateDer<'static> = signed.map_err(PkiError::Mint)?.into();
        if spec.signature == SignatureHash::Sha1 {
            let no_sha1 = || PkiError::NoSha1 {
                name: name.to_owned(),
            };
            certificate = der::signed_with_sha1(&certificate, &signed_by)
                .ok_or_else(no_sha1)?
                .into();
        }
        Ok(Minted {
            certificate,
            params,
            key,
            above,
            root,
        })
    }

    fn key(&mut self, name: &str, kind: KeyKind) -> Result<KeyPair, PkiError> {
        match kind {
            KeyKind::Ed25519
            | KeyKind::EcdsaP256
            | KeyKind::EcdsaP384
            | KeyKind::EcdsaP521
            | KeyKind::Rsa4096
            | KeyKind::Rsa8192 => KeyPair::generate(self.seed, kind, name),
            KeyKind::Rsa2048 => {
                if let Some(key) = self.rsa_keys.get(name) {
                    return Ok(key.clone());
                }
                let key = KeyPair::generate(self.seed, kind, name)?;
                self.rsa_keys.insert(name.to_owned(), key.clone());
                Ok(key)
            }
        }
    }
}

struct Minted {
    certificate: CertificateDer<'static>,
    params: CertificateParams,
    key: KeyPair,
    /// The issuer's path.
    above: Vec<CertificateDer<'static>>,
    /// The root above the issuer, or the issuer; none of what signs itself.
    root: Option<CertificateDer<'static>>,
}
