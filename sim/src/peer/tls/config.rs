//! One `ServerConfig` for a peer, made from its spec and shared by its connections.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::server::{NoServerSessionStorage, ProducesTickets, StoresServerSessions};
use rustls::sign::CertifiedKey;
use rustls::{CipherSuite, NamedGroup, ServerConfig, SupportedProtocolVersion};

use super::Hello;
use super::ages::{TakesNone, TicketAges};
use super::by_name::ByName;
use super::client_auth::client_verifier;
use super::lacking::restoring;
use super::sessions::{FirstTicket, Sessions};
use crate::crypto::{SimClock, Ticketer};
use crate::peer::spec::{Cipher, Group, Lack, PeerStore, Resume, TlsSpec, TlsVersion, UnknownName};
use crate::seed::Seed;

/// What a peer needs for TLS beside its spec.
///
/// The chain is [`TlsSpec::mint`]'s, or any other: it is shown as it stands.
#[derive(Clone, Debug)]
pub struct TlsMaterial {
    /// The engine.
    pub provider: Arc<CryptoProvider>,
    /// The peer's wall clock; the peer sets it to the time that it is given with every input.
    pub clock: Arc<SimClock>,
    /// The chain as it is sent, and the key of its first certificate.
    pub certificate: Arc<CertifiedKey>,
    /// The same for the names that clients ask for; [`TlsMaterial::certificate`] is for all others.
    pub by_name: BTreeMap<String, Arc<CertifiedKey>>,
}

/// The peer's side of TLS, ready for connections.
pub(crate) struct TlsSide {
    pub(crate) clock: Arc<SimClock>,
    full: Arc<ServerConfig>,
    resumed: Arc<ServerConfig>,
    ticketer: Option<Arc<Ticketer>>,
    sessions: Option<Arc<Sessions>>,
    store: PeerStore,
    certificates: Arc<ByName>,
    unknown_name: UnknownName,
    /// What it says to every client, if it has nothing in common with any.
    refusal: Option<Refusal>,
    pub(crate) early_data: Option<u32>,
    pub(crate) long_tickets: bool,
    /// What it is too old for.
    pub(crate) lacks: Vec<Lack>,
    /// For clients whose tickets are not taken, if their ages are looked at.
    forgetful: Option<Arc<ServerConfig>>,
    pub(crate) ages: Option<Arc<TicketAges>>,
}

/// What a peer says to clients with which it has nothing in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// A ServerHello of this version, too old for anybody.
    OldVersion(u16),
    /// That no suite fits.
    NoSuite,
}

/// The newest version of a peer that has none from TLS 1.2 on.
fn old_version(spec: &TlsSpec) -> Option<u16> {
    let number = |version: &TlsVersion| match version {
        TlsVersion::Ssl3 => Some(0x0300),
        TlsVersion::Tls10 => Some(0x0301),
        TlsVersion::Tls11 => Some(0x0302),
        TlsVersion::Tls12 | TlsVersion::Tls13 => None,
    };
    let numbers: Option<Vec<u16>> = spec.versions.iter().map(number).collect();
    numbers?.into_iter().max()
}

impl TlsSide {
    /// # Errors
    /// rustls' reason, if the spec and the engine have no version, suite or group in common.
    pub(crate) fn new(
        spec: &TlsSpec,
        owner: &str,
        tls: TlsMaterial,
        seed: Seed,
    ) -> Result<TlsSide, rustls::Error> {
        let refusal = if let Some(version) = old_version(spec) {
            Some(Refusal::OldVersion(version))
        } else {
            let ciphers = spec.ciphers.iter().flatten();
            let mut known = ciphers.map(|cipher| cipher_suite(*cipher));
            let some = spec.ciphers.is_some();
            (some && known.all(|suite| suite.is_none())).then_some(Refusal::NoSuite)
        };
        // The engine is never asked then.
        let usual = TlsSpec::default();
        let engine_spec = if refusal.is_some() { &usual } else { spec };
        let provider = narrow(engine_spec, &tls.provider);
        let certificates = Arc::new(ByName::new(
            tls.certificate,
            tls.by_name,
            spec.raw_public_key,
        ));
        let mut config = ServerConfig::builder_with_details(provider, tls.clock.clone())
            .with_protocol_versions(&versions(engine_spec))?
            .with_client_cert_verifier(client_verifier(spec, &tls.provider))
            .with_cert_resolver(certificates.clone());
        let lifetime_secs = u32::try_from(spec.ticket_lifetime.as_secs()).unwrap_or(u32::MAX);
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = usize::from(spec.tickets);
        let mut ticketer = None;
        match spec.resume {
            Resume::Tickets => {
                let keys = spec.ticket_keys.as_deref().unwrap_or(owner);
                let bytes = spec.ticket_octets.unwrap_or_default();
                let own = Ticketer::new(seed, keys, tls.clock.clone(), lifetime_secs);
                let own = Arc::new(own.filled_to(usize::from(bytes)));
                config.ticketer = Arc::clone(&own) as Arc<dyn ProducesTickets>;
                ticketer = Some(own);
            }
            Resume::SessionId => {}
            Resume::None => config.send_tls13_tickets = 0,
        }
        let mut sessions = None;
        if spec.resume != Resume::None {
            let own = Arc::new(Sessions::new(tls.clock.clone(), u64::from(lifetime_secs)));
            config.session_storage = Arc::clone(&own) as Arc<dyn StoresServerSessions>;
            sessions = Some(own);
        }
        let ages = spec.ticket_age_tolerance.map(|tolerance| {
            let ahead = spec.ticket_clock_ahead;
            Arc::new(TicketAges::new(tls.clock.clone(), ahead, tolerance))
        });
        let full = Arc::new(config);
        let forgetful = ages.is_some().then(|| match &ticketer {
            Some(ticketer) => {
                let mut forgetful = ServerConfig::clone(&full);
                forgetful.ticketer = Arc::new(TakesNone(Arc::clone(ticketer)));
                Arc::new(forgetful)
            }
            None => Arc::clone(&full),
        });
        let resumed = match spec.tickets_on_resume {
            Some(tickets) if tickets != spec.tickets && spec.resume != Resume::None => {
                let mut resumed = ServerConfig::clone(&full);
                resumed.send_tls13_tickets = usize::from(tickets);
                Arc::new(resumed)
            }
            Some(_) | None => Arc::clone(&full),
        };
        Ok(TlsSide {
            clock: tls.clock,
            full,
            resumed,
            ticketer,
            sessions,
            store: spec.session_store,
            certificates,
            unknown_name: spec.unknown_name,
            refusal,
            early_data: spec.early_data,
            long_tickets: spec.ticket_octets.is_some(),
            lacks: spec.lacks.clone(),
            forgetful,
            ages,
        })
    }

    /// What every client gets, if there is nothing in common with any.
    pub(crate) const fn refusal(&self) -> Option<Refusal> {
        self.refusal
    }

    /// The configuration for a client with this hello. They differ only in the number of tickets and in what is stored,
    /// which rustls wants to know before it knows whether the session resumes; so the ticket is tried here first.
    pub(crate) fn config(&self, hello: Option<&Hello<'_>>) -> Arc<ServerConfig> {
        if let (Some(ages), Some(forgetful), Some(hello)) = (&self.ages, &self.forgetful, hello)
            && !ages.are_right(hello)
        {
            return Arc::clone(forgetful);
        }
        let is_whole = self.store == PeerStore::Whole;
        let resumes =
            !(is_whole && Arc::ptr_eq(&self.full, &self.resumed)) && self.would_resume(hello);
        let config = if resumes { &self.resumed } else { &self.full };
        match &self.sessions {
            Some(sessions) if !is_whole => {
                let mut own = ServerConfig::clone(config);
                own.session_storage = Arc::new(FirstTicket::new(Arc::clone(sessions), resumes));
                Arc::new(own)
            }
            Some(_) | None => Arc::clone(config),
        }
    }

    fn would_resume(&self, hello: Option<&Hello<'_>>) -> bool {
        let Some(ticket) = hello.and_then(|hello| hello.psk_identity) else {
            return false;
        };
        match (&self.ticketer, &self.sessions) {
            (Some(ours), _) => ours.decrypt(ticket).is_some(),
            (None, Some(ours)) => ours.get(ticket).is_some(),
            (None, None) => false,
        }
    }

    /// Whether a client with this hello is sent away for the name that it asks for.
    pub(crate) fn refuses(&self, hello: Option<&Hello<'_>>) -> bool {
        let asked = hello.and_then(|hello| hello.sni);
        self.unknown_name == UnknownName::Refused
            && asked.is_some_and(|name| !self.certificates.knows(name))
    }

    /// No session made so far can be resumed from now on.
    pub(crate) fn forget(&self) {
        if let Some(ticketer) = &self.ticketer {
            ticketer.forget_keys();
        }
        if let Some(sessions) = &self.sessions {
            sessions.forget();
        }
    }
}

fn versions(spec: &TlsSpec) -> Vec<&'static SupportedProtocolVersion> {
    let version = |version: &TlsVersion| match version {
        TlsVersion::Tls12 => Some(&rustls::version::TLS12),
        TlsVersion::Tls13 => Some(&rustls::version::TLS13),
        TlsVersion::Ssl3 | TlsVersion::Tls10 | TlsVersion::Tls11 => None,
    };
    spec.versions.iter().filter_map(version).collect()
}

/// The engine with only the suites and groups of the spec, in the spec's order.
fn narrow(spec: &TlsSpec, provider: &Arc<CryptoProvider>) -> Arc<CryptoProvider> {
    if spec.ciphers.is_none() && spec.groups.is_none() && spec.lacks.is_empty() {
        return Arc::clone(provider);
    }
    let mut narrowed = CryptoProvider::clone(provider);
    if let Some(ciphers) = &spec.ciphers {
        let find = |wanted: &Cipher| {
            let wanted = cipher_suite(*wanted)?;
            provider
                .cipher_suites
                .iter()
                .copied()
                .find(|suite| suite.suite() == wanted)
        };
        narrowed.cipher_suites = ciphers.iter().filter_map(find).collect();
    }
    if let Some(groups) = &spec.groups {
        let find = |wanted: &Group| {
            provider
                .kx_groups
                .iter()
                .copied()
                .find(|group| group.name() == named_group(*wanted))
        };
        narrowed.kx_groups = groups.iter().filter_map(find).collect();
    }
    if !spec.lacks.is_empty() {
        let suites = narrowed.cipher_suites.into_iter();
        narrowed.cipher_suites = suites.map(restoring).collect();
    }
    Arc::new(narrowed)
}

/// The suite as the engine names it; none if no engine has it.
fn cipher_suite(cipher: Cipher) -> Option<CipherSuite> {
    Some(match cipher {
        Cipher::TlsAes128GcmSha256 => CipherSuite::TLS13_AES_128_GCM_SHA256,
        Cipher::TlsAes256GcmSha384 => CipherSuite::TLS13_AES_256_GCM_SHA384,
        Cipher::TlsChacha20Poly1305Sha256 => CipherSuite::TLS13_CHACHA20_POLY1305_SHA256,
        Cipher::EcdheEcdsaAes128GcmSha256 => CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        Cipher::EcdheEcdsaAes256GcmSha384 => CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        Cipher::EcdheEcdsaChacha20Poly1305Sha256 => {
            CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256
        }
        Cipher::EcdheRsaAes128GcmSha256 => CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        Cipher::EcdheRsaAes256GcmSha384 => CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        Cipher::EcdheRsaChacha20Poly1305Sha256 => {
            CipherSuite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256
        }
        Cipher::RsaRc4Sha
        | Cipher::Rsa3desSha
        | Cipher::RsaAes128Sha
        | Cipher::RsaAes256Sha
        | Cipher::DheRsaAes128Sha
        | Cipher::DhAnonAes128Sha
        | Cipher::EcdhAnonAes256Sha => return None,
    })
}

fn named_group(group: Group) -> NamedGroup {
    match group {
        Group::X25519 => NamedGroup::X25519,
        Group::Secp256r1 => NamedGroup::secp256r1,
        Group::Secp384r1 => NamedGroup::secp384r1,
        Group::X25519Mlkem768 => NamedGroup::X25519MLKEM768,
    }
}
