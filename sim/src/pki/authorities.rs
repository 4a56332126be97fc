//! The authorities of one world, and the certificates they sign.

use std::collections::BTreeMap;

use mta_core::time::Wall;
use rcgen::CertificateParams;
use rustls::pki_types::CertificateDer;

use super::system::{SYSTEM_ROOTS, built_in};
use super::{CertSpec, Chain, Issuer, KeyKind, KeyPair, PkiError, mint, to_pem};
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
    params: CertificateParams,
    key: KeyPair,
    certificate: CertificateDer<'static>,
    /// What a server sends along: this certificate and those above it, but no root.
    path: Vec<CertificateDer<'static>>,
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
            params: minted.params,
            key: minted.key,
            certificate: minted.certificate,
            path,
        };
        self.authorities.insert(name.to_owned(), authority);
        Ok(())
    }

    fn mint(&mut self, name: &str, spec: &CertSpec) -> Result<Minted, PkiError> {
        let key = self.key(spec.same_key_as.as_deref().unwrap_or(name), spec.key)?;
        let params = mint::params(self.seed, self.start, name, spec, &key)?;
        let (signed, above) = match &spec.issuer {
            Issuer::Itself => (params.self_signed(&key), Vec::new()),
            Issuer::Authority(issuer) => {
                let issuer = self.authority(issuer)?;
                let signer = rcgen::Issuer::from_params(&issuer.params, &issuer.key);
                (params.signed_by(&key, &signer), issuer.path.clone())
            }
        };
        Ok(Minted {
            certificate: signed.map_err(PkiError::Mint)?.into(),
            params,
            key,
            above,
        })
    }

    fn key(&mut self, name: &str, kind: KeyKind) -> Result<KeyPair, PkiError> {
        match kind {
            KeyKind::Ed25519 | KeyKind::EcdsaP256 => KeyPair::generate(self.seed, kind, name),
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
}
