//! The rustls configurations for connections: the engine's, narrowed to what the terms of a connection leave.

use std::sync::{Arc, Mutex, PoisonError};

use rustls::crypto::{CryptoProvider, SupportedKxGroup};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, SupportedCipherSuite, SupportedProtocolVersion};

use super::Terms;
use super::clock::NoClock;
use super::credentials::Credentials;
use super::witness::Witness;
use crate::fault::HandshakeFault;

/// The configurations of an engine: the usual ones, and those that were made for narrower terms.
pub(super) struct ClientConfigs {
    with_sni: Arc<ClientConfig>,
    without_sni: Arc<ClientConfig>,
    witness: Arc<Witness>,
    provider: Arc<CryptoProvider>,
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

impl ClientConfigs {
    /// The usual configurations over a provider.
    ///
    /// # Errors
    /// What rustls says against the provider.
    pub(super) fn new(provider: Arc<CryptoProvider>) -> Result<Self, rustls::Error> {
        let witness = Arc::new(Witness {
            algorithms: provider.signature_verification_algorithms,
        });
        let mut config = ClientConfig::builder_with_details(provider.clone(), Arc::new(NoClock))
            .with_protocol_versions(&[&TLS13, &TLS12])?
            .dangerous()
            .with_custom_certificate_verifier(witness.clone())
            .with_client_cert_resolver(Arc::new(Credentials));
        let with_sni = Arc::new(config.clone());
        config.enable_sni = false;
        Ok(ClientConfigs {
            with_sni,
            without_sni: Arc::new(config),
            witness,
            provider,
            made: Mutex::default(),
        })
    }

    /// Those of a later engine. rustls resumes a session only with the verifier and the credentials that it was made with.
    pub(super) fn of_successor(&self) -> Self {
        ClientConfigs {
            with_sni: self.with_sni.clone(),
            without_sni: self.without_sni.clone(),
            witness: self.witness.clone(),
            provider: self.provider.clone(),
            made: Mutex::default(),
        }
    }

    /// What cryptography there is.
    pub(super) fn provider(&self) -> &CryptoProvider {
        &self.provider
    }

    /// The configuration for one connection. Most connections have the same; making one costs as much as a resumed
    /// handshake.
    ///
    /// # Errors
    /// [`HandshakeFault::Other`] if rustls has nothing of what may be agreed on.
    pub(super) fn get(
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
        let config = self.make(with_sni, terms)?;
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

    fn make(&self, with_sni: bool, terms: &Terms) -> Result<ClientConfig, HandshakeFault> {
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
        let mut config = ClientConfig::builder_with_details(Arc::new(provider), Arc::new(NoClock))
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
}

/// The provider with the groups of a list, in its order. Groups that only OpenSSL has are left out; where nothing is
/// left, OpenSSL's own choice holds, as for an empty list.
pub(super) fn with_curves(provider: Arc<CryptoProvider>, curves: &[String]) -> Arc<CryptoProvider> {
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
