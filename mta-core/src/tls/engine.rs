//! The client's TLS engine: what Postfix sets up once per process (src/tls/tls_client.c `tls_client_init`).

use std::fmt;

use super::bad_credentials::CredentialNotice;
use super::client_configs::{ClientConfigs, with_curves};
use super::credentials;
use super::material::{CaFile, EngineFault, Material};
use super::signatures::Keys;
use crate::config::{Feature, Release};
use crate::policy::Policy;
use crate::policy::Tlsa;
use crate::time::Wall;
use crate::trust::{
    Algorithm, Certificate, Digests, Evidence, Mismatch, OddDigest, Records, TrustStore, Verdict,
    judge,
};

/// The engine. Sessions can be resumed only through the engine that made them (rustls compares verifiers),
/// so whoever shares a session cache shares the engine. Any number of threads may use it at once: what a connection
/// learns, and what time it is for it, is the connection's own.
pub struct Engine {
    pub(super) configs: ClientConfigs,
    /// The client's own, for its connections to show.
    pub(super) keys: Keys,
    trusted: TrustStore,
    digests: Digests,
    remarks: EngineRemarks,
    pub(super) no_ticket: bool,
    depth_limit: usize,
}

/// What Postfix warns of when an engine is set up all the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EngineRemarks {
    /// What is odd about `tls_dane_digests`.
    pub digests: Vec<OddDigest>,
    /// What is odd about the client's own certificates and keys.
    pub credentials: Vec<CredentialNotice>,
}

impl Engine {
    /// Sets an engine up.
    ///
    /// # Errors
    /// [`EngineFault`] where Postfix would log the same and go on without TLS.
    pub fn new(material: Material) -> Result<Self, EngineFault> {
        if let Some(path) = material.library_config
            && material.files.get(&path).is_none()
        {
            return Err(EngineFault::LibraryConfig { path });
        }
        // Postfix looks at this before it looks at authorities (src/tls/tls_client.c `tls_client_init`).
        let fingerprint = digest_by_name(material.fingerprint_digest)?;
        let (digests, odd_digests) = Digests::of(fingerprint, &material.dane_digests);
        let mut trusted = match material.ca_file {
            None => TrustStore::default(),
            Some(CaFile { path, pem: None }) => return Err(EngineFault::CaFileUnreadable { path }),
            Some(CaFile {
                path,
                pem: Some(pem),
            }) => TrustStore::from_pem(&pem)
                .map_err(|fault| EngineFault::CaFileUnusable { path, fault })?,
        };
        for pem in &material.ca_directories {
            if let Ok(store) = TrustStore::from_pem(pem) {
                trusted.extend(store);
            }
        }
        let provider = with_curves(material.provider, &material.curves);
        let loaded = credentials::load(&material.credentials, &material.files, &provider)
            .map_err(EngineFault::Credentials)?;
        let configs = ClientConfigs::new(provider)
            .map_err(|error| EngineFault::Provider(error.to_string()))?;
        Ok(Engine {
            configs,
            keys: loaded.keys.into(),
            trusted,
            digests,
            remarks: EngineRemarks {
                digests: odd_digests,
                credentials: loaded.notices,
            },
            no_ticket: material.no_ticket,
            depth_limit: usize::try_from(material.verify_depth.saturating_add(1)).unwrap_or(0),
        })
    }

    /// The engine of a later process, which may trust others. It resumes the sessions of this one.
    ///
    /// # Errors
    /// As [`Engine::new`].
    pub fn succeed(&self, material: Material) -> Result<Self, EngineFault> {
        let next = Engine::new(material)?;
        Ok(Engine {
            // It shows its own keys all the same.
            configs: self.configs.of_successor(),
            ..next
        })
    }

    /// What of these records can be used, and what cannot.
    pub fn usable(&self, records: &[Tlsa]) -> (Records, Vec<Tlsa>) {
        Records::of(records, &self.digests)
    }

    /// The digest of fingerprints.
    pub const fn fingerprint_digest(&self) -> Algorithm {
        self.digests.fingerprint()
    }

    /// What each process warns of when it starts.
    pub const fn remarks(&self) -> &EngineRemarks {
        &self.remarks
    }

    /// Judges what a server showed in a full handshake; `records` are what can be used of the policy's.
    pub fn judge(
        &self,
        presented: &[Certificate],
        policy: &Policy,
        records: Option<&Records>,
        release: Release,
        wall: Wall,
    ) -> (Verdict, Vec<crate::event::WalkStep>) {
        judge(&Evidence {
            presented,
            trusted: &self.trusted,
            depth_limit: self.depth_limit,
            policy,
            records,
            mismatch: if release.has(Feature::MismatchLast) {
                Mismatch::Last
            } else {
                Mismatch::AtTheLeaf
            },
            wall,
            verifiers: self
                .configs
                .provider()
                .signature_verification_algorithms
                .all,
        })
    }
}

fn digest_by_name(name: String) -> Result<Algorithm, EngineFault> {
    match Algorithm::by_name(&name) {
        Some(algorithm) => Ok(algorithm),
        None if OTHER_DIGESTS
            .iter()
            .any(|known| known.eq_ignore_ascii_case(&name)) =>
        {
            Err(EngineFault::DigestNotSimulated { name })
        }
        None => Err(EngineFault::UnknownDigest { name }),
    }
}

/// The digests of OpenSSL 3.0's default provider that are not computed here, by the names that it takes
/// (`openssl list -digest-algorithms`).
const OTHER_DIGESTS: [&str; 8] = [
    "sha3-224",
    "sha3-256",
    "sha3-384",
    "sha3-512",
    "sm3",
    "ripemd160",
    "blake2b512",
    "blake2s256",
];

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Engine({} trusted certificates)",
            self.trusted.certificates().len()
        )
    }
}
