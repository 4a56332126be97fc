//! The client's TLS engine: what Postfix sets up once per process (src/tls/tls_client.c `tls_client_init`).

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::crypto::{CryptoProvider, SupportedKxGroup};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, SupportedCipherSuite, SupportedProtocolVersion};

use super::Terms;
use super::clock::ToldClock;
use super::credentials::{self, BadCredentials, Credentials};
use super::witness::Witness;
use crate::config::{CredentialSettings, Files, PostfixVersion};
use crate::fault::HandshakeFault;
use crate::policy::Policy;
use crate::policy::Tlsa;
use crate::time::Wall;
use crate::trust::{
    Algorithm, Certificate, Digests, Evidence, Mismatch, OddDigest, Records, TrustStore,
    UnusableBundle, Verdict, judge,
};

/// What an engine is made of. Files are read by the embedder.
#[derive(Clone, Debug)]
pub struct Material {
    /// The cryptography. In a simulation all its randomness comes from a seed.
    pub provider: Arc<CryptoProvider>,
    /// The contents of `smtp_tls_CAfile`, if that is set: PEM, or why it cannot be read.
    pub ca_file: Option<CaFile>,
    /// The certificates of each directory to look in: `smtp_tls_CApath`, and the system's own with
    /// `tls_append_default_CA`; PEM. A directory that is not there is none: OpenSSL looks only when it needs one.
    pub ca_directories: Vec<Arc<[u8]>>,
    /// `smtp_tls_fingerprint_digest`.
    pub fingerprint_digest: String,
    /// `tls_dane_digests`.
    pub dane_digests: String,
    /// `smtp_tls_scert_verifydepth`.
    pub verify_depth: i32,
    /// The client's own certificates and keys.
    pub credentials: CredentialSettings,
    /// `tls_eecdh_auto_curves`.
    pub curves: Vec<String>,
    /// `tls_ssl_options` has NO_TICKET.
    pub no_ticket: bool,
    /// `tls_config_file`.
    pub library_config: String,
    /// The files that they name.
    pub files: Arc<Files>,
}

/// A CAfile as the embedder found it.
#[derive(Clone, Debug)]
pub struct CaFile {
    /// Its path, for messages.
    pub path: String,
    /// Its contents, or nothing if it cannot be read.
    pub pem: Option<Arc<[u8]>>,
}

/// Why there is no engine. Mail at `may` then goes in clear text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EngineFault {
    /// The CAfile cannot be read.
    CaFileUnreadable {
        /// Its path.
        path: String,
    },
    /// The CAfile holds nothing usable.
    CaFileUnusable {
        /// Its path.
        path: String,
        /// What is wrong with it.
        fault: UnusableBundle,
    },
    /// No digest is called so.
    UnknownDigest {
        /// The name.
        name: String,
    },
    /// OpenSSL knows the digest, and it is not simulated.
    DigestNotSimulated {
        /// The name.
        name: String,
    },
    /// The client's own certificates or keys cannot be used.
    Credentials(BadCredentials),
    /// OpenSSL's configuration cannot be read.
    LibraryConfig {
        /// Its path.
        path: String,
    },
    /// The provider lacks what TLS 1.2 or 1.3 need.
    Provider(String),
}

impl fmt::Display for EngineFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EngineFault::CaFileUnreadable { path } | EngineFault::CaFileUnusable { path, .. } => {
                write!(
                    f,
                    "cannot load Certification Authority data, CAfile=\"{path}\": disabling TLS support"
                )
            }
            EngineFault::UnknownDigest { name } => {
                write!(f, "Digest algorithm \"{name}\" not found")
            }
            EngineFault::DigestNotSimulated { name } => {
                write!(f, "Digest algorithm \"{name}\" is not simulated")
            }
            EngineFault::Credentials(bad) => write!(f, "{bad}"),
            EngineFault::LibraryConfig { path } => write!(
                f,
                "error loading the 'global' settings from the {path} OpenSSL configuration file, disabling TLS support"
            ),
            EngineFault::Provider(reason) => write!(f, "TLS library problem: {reason}"),
        }
    }
}

/// The engine. Sessions can be resumed only through the engine that made them (rustls compares verifiers),
/// so whoever shares a session cache shares the engine.
pub struct Engine {
    pub(super) with_sni: Arc<ClientConfig>,
    pub(super) without_sni: Arc<ClientConfig>,
    pub(super) witness: Arc<Witness>,
    pub(super) credentials: Arc<Credentials>,
    clock: Arc<ToldClock>,
    provider: Arc<CryptoProvider>,
    trusted: TrustStore,
    digests: Digests,
    odd_digests: Vec<OddDigest>,
    pub(super) no_ticket: bool,
    depth_limit: usize,
    made: Mutex<Vec<Made>>,
}

/// A configuration, and what it is for.
struct Made {
    with_sni: bool,
    terms: Arc<Terms>,
    config: ClientConfig,
}

/// How many configurations are kept: a site has a handful.
const CONFIGS_MAX: usize = 32;

impl Engine {
    /// Sets an engine up.
    ///
    /// # Errors
    /// [`EngineFault`] where Postfix would log the same and go on without TLS.
    pub fn new(material: Material) -> Result<Self, EngineFault> {
        let own_file = !matches!(&*material.library_config, "default" | "none" | "");
        if own_file && material.files.get(&material.library_config).is_none() {
            let path = material.library_config;
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
        let keys = credentials::load(&material.credentials, &material.files, &provider)
            .map_err(EngineFault::Credentials)?;
        let credentials = Arc::new(Credentials::default());
        credentials.set(keys);
        let clock = Arc::new(ToldClock::default());
        let witness = Arc::new(Witness::new(provider.signature_verification_algorithms));
        let mut config = ClientConfig::builder_with_details(provider.clone(), clock.clone())
            .with_protocol_versions(&[&TLS13, &TLS12])
            .map_err(|error| EngineFault::Provider(error.to_string()))?
            .dangerous()
            .with_custom_certificate_verifier(witness.clone())
            .with_client_cert_resolver(credentials.clone());
        let with_sni = Arc::new(config.clone());
        config.enable_sni = false;
        Ok(Engine {
            with_sni,
            without_sni: Arc::new(config),
            witness,
            credentials,
            clock,
            provider,
            trusted,
            digests,
            odd_digests,
            no_ticket: material.no_ticket,
            depth_limit: usize::try_from(material.verify_depth.saturating_add(1)).unwrap_or(0),
            made: Mutex::default(),
        })
    }

    /// The engine of a later process, which may trust others. It resumes the sessions of this one.
    ///
    /// # Errors
    /// As [`Engine::new`].
    pub fn succeed(&self, material: Material) -> Result<Self, EngineFault> {
        let next = Engine::new(material)?;
        self.credentials.succeed(&next.credentials);
        Ok(Engine {
            // rustls resumes a session only with the verifier and the credentials that it was made with.
            with_sni: self.with_sni.clone(),
            without_sni: self.without_sni.clone(),
            witness: self.witness.clone(),
            credentials: self.credentials.clone(),
            clock: self.clock.clone(),
            provider: self.provider.clone(),
            ..next
        })
    }

    /// The configuration for one connection. Most connections have the same; making one costs as much as a resumed
    /// handshake.
    ///
    /// # Errors
    /// [`HandshakeFault::Other`] if rustls has nothing of what may be agreed on.
    pub(super) fn config(
        &self,
        with_sni: bool,
        terms: &Arc<Terms>,
    ) -> Result<ClientConfig, HandshakeFault> {
        // Nothing panics while holding the lock, so a poisoned one is as good as new.
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let known = made.iter().find(|made| {
            made.with_sni == with_sni && (Arc::ptr_eq(&made.terms, terms) || made.terms == *terms)
        });
        if let Some(known) = known {
            return Ok(known.config.clone());
        }
        let config = self.make_config(with_sni, terms)?;
        if made.len() >= CONFIGS_MAX {
            made.clear();
        }
        made.push(Made {
            with_sni,
            terms: terms.clone(),
            config: config.clone(),
        });
        Ok(config)
    }

    fn make_config(&self, with_sni: bool, terms: &Terms) -> Result<ClientConfig, HandshakeFault> {
        let usual = if with_sni {
            &self.with_sni
        } else {
            &self.without_sni
        };
        let offered = terms.offered.map_err(|_| HandshakeFault::NoProtocols)?;
        let versions: Vec<&'static SupportedProtocolVersion> = [&TLS13, &TLS12]
            .into_iter()
            .filter(|version| offered.has(u16::from(version.version)))
            .collect();
        let suites = self.suites(terms);
        if versions.len() == 2 && suites == self.provider.cipher_suites {
            return Ok(ClientConfig::clone(usual));
        }
        if versions.is_empty() {
            let why = "the engine has no TLS before 1.2";
            return Err(HandshakeFault::Other(why.to_owned()));
        }
        let provider = CryptoProvider {
            cipher_suites: suites,
            ..CryptoProvider::clone(&self.provider)
        };
        // Verifier and credentials are the usual ones, so that sessions can be resumed across configurations.
        let mut config = ClientConfig::builder_with_details(Arc::new(provider), self.clock.clone())
            .with_protocol_versions(&versions)
            .map_err(|error| HandshakeFault::Other(error.to_string()))?
            .dangerous()
            .with_custom_certificate_verifier(self.witness.clone())
            .with_client_cert_resolver(usual.client_auth_cert_resolver.clone());
        config.enable_sni = with_sni;
        Ok(config)
    }

    /// The suites of the engine that may be agreed on, in the order of the terms; TLS 1.3 comes first.
    fn suites(&self, terms: &Terms) -> Vec<SupportedCipherSuite> {
        let place = |suite: &SupportedCipherSuite| {
            if suite.tls13().is_some() {
                return Some(0);
            }
            let cipher = super::names::cipher(suite.suite())?;
            let list = terms.ciphers.as_ref().ok()?;
            let place = list.suites.iter().position(|name| *name == cipher.name)?;
            Some(place + 1)
        };
        let mut suites: Vec<(usize, SupportedCipherSuite)> = self
            .provider
            .cipher_suites
            .iter()
            .filter_map(|suite| Some((place(suite)?, *suite)))
            .collect();
        suites.sort_by_key(|(place, _)| *place);
        suites.into_iter().map(|(_, suite)| suite).collect()
    }

    /// What of these records can be used, and what cannot.
    pub fn usable(&self, records: &[Tlsa]) -> (Records, Vec<Tlsa>) {
        Records::of(records, &self.digests)
    }

    /// The digest of fingerprints.
    pub const fn fingerprint_digest(&self) -> Algorithm {
        self.digests.fingerprint()
    }

    /// What is odd about `tls_dane_digests`; Postfix warns of it when its process starts.
    pub fn odd_digests(&self) -> &[OddDigest] {
        &self.odd_digests
    }

    /// Judges what a server showed in a full handshake; `records` are what can be used of the policy's.
    pub fn judge(
        &self,
        presented: &[Certificate],
        policy: &Policy,
        records: Option<&Records>,
        version: PostfixVersion,
        wall: Wall,
    ) -> (Verdict, Vec<crate::event::WalkStep>) {
        judge(&Evidence {
            presented,
            trusted: &self.trusted,
            depth_limit: self.depth_limit,
            policy,
            records,
            mismatch: match version {
                PostfixVersion::V3_7 => Mismatch::AtTheLeaf,
                PostfixVersion::V3_12 => Mismatch::Last,
            },
            wall,
            verifiers: self.provider.signature_verification_algorithms.all,
        })
    }

    /// Tells the engine the time of day; it has no other way to know.
    pub fn tell_time(&self, wall: Wall) {
        self.clock.set(wall);
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

/// The provider with the groups of a list, in its order. Groups that only OpenSSL has are left out; where nothing is
/// left, OpenSSL's own choice holds, as for an empty list.
fn with_curves(provider: Arc<CryptoProvider>, curves: &[String]) -> Arc<CryptoProvider> {
    let find = |name: &String| {
        let group = super::names::group(name)?;
        let known = |known: &&&dyn SupportedKxGroup| known.name() == group;
        provider.kx_groups.iter().find(known).copied()
    };
    let groups: Vec<&'static dyn SupportedKxGroup> = curves.iter().filter_map(find).collect();
    let same =
        |(one, other): (&&dyn SupportedKxGroup, &&dyn SupportedKxGroup)| one.name() == other.name();
    let is_usual = groups.len() == provider.kx_groups.len()
        && groups.iter().zip(&provider.kx_groups).all(same);
    if groups.is_empty() || is_usual {
        return provider;
    }
    Arc::new(CryptoProvider {
        kx_groups: groups,
        ..CryptoProvider::clone(&provider)
    })
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
