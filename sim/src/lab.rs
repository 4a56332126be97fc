//! A short way in: a main.cf, peers of the catalogue by name, mails, a seed; and the run.

use std::fmt;
use std::time::Duration;

use mta_core::config::{Release, Warning};

use crate::bytes::Bytes;
use crate::library::{Catalogue, LookupError};
use crate::peer::{PeerRef, PeerSpec};
use crate::plan::{Plan, PlanError};
use crate::run::{Driver, Run};
use crate::seed::Seed;
use crate::world::{DomainSpec, MessageSpec};

/// A plan that is put together by name. What looks unintended in main.cf is an error, unless it is allowed: a test with a
/// misspelt parameter tests nothing.
///
/// ```
/// use mta_sim::prelude::*;
///
/// let run = Lab::main_cf("smtp_tls_security_level = may\ninet_protocols = ipv4\n\
///         smtp_tls_session_cache_database = btree:/var/lib/postfix/smtp_scache\n\
///         smtp_tls_CAfile = /etc/ssl/certs/ca-certificates.crt\n")
///     .peer("gmail")
///     .mail("user@gmail.com")
///     .mail_after(Duration::from_secs(600), "user@gmail.com")
///     .seed(7)
///     .run()?;
/// let deliveries = run.deliveries();
/// assert_eq!(deliveries[0].trust(), Some(PeerStatus::Trusted));
/// assert_eq!(deliveries[0].protocol(), Some(Protocol::Tls13));
/// assert!(run.never_clear() && run.returned().is_empty(), "{run}");
///
/// let misspelt = Lab::main_cf("smtp_tls_secuity_level = may\n").peer("gmail").run();
/// assert!(misspelt.unwrap_err().to_string().contains("smtp_tls_security_level"));
/// # Ok::<(), LabError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Lab {
    plan: Plan,
    allow_warnings: bool,
    /// The first name that the catalogue lacks.
    missing: Option<LookupError>,
}

/// Why there is no run.
#[derive(Debug)]
pub enum LabError {
    /// The catalogue has no such peer.
    Peer(LookupError),
    /// What looks unintended in main.cf.
    Warnings(Vec<Warning>),
    /// What is wrong with the plan.
    Plan(PlanError),
}

impl fmt::Display for LabError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LabError::Peer(error) => error.fmt(f),
            LabError::Warnings(warnings) => {
                let lines: Vec<String> = warnings.iter().map(ToString::to_string).collect();
                f.write_str(&lines.join("\n"))
            }
            LabError::Plan(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for LabError {}

impl Lab {
    /// A sender with this main.cf, in an empty world.
    pub fn main_cf(text: impl Into<Bytes>) -> Lab {
        Lab {
            plan: Plan::from_main_cf(text, Release::default()),
            allow_warnings: false,
            missing: None,
        }
    }

    /// Follows another release of Postfix.
    #[must_use]
    pub const fn release(mut self, release: Release) -> Lab {
        self.plan.postfix = release;
        self
    }

    /// A peer of the catalogue, behind the domains whose mail it is known to take, or behind `example.test`.
    #[must_use]
    pub fn peer(mut self, name: &str) -> Lab {
        match Catalogue::shared().peer(name) {
            Ok(spec) => {
                let mut domains = spec.domains.clone();
                if domains.is_empty() {
                    domains.push("example.test".to_owned());
                }
                self.plan.peers.insert(name.to_owned(), spec.clone());
                let behind = |domain: &String| DomainSpec::new(domain).peer(PeerRef::from(name));
                self.plan.world.domains.extend(domains.iter().map(behind));
            }
            Err(error) => self.missing = self.missing.or(Some(error)),
        }
        self
    }

    /// A domain behind a peer of one's own.
    #[must_use]
    pub fn domain(mut self, name: &str, peer: PeerSpec) -> Lab {
        let domain = DomainSpec::new(name).peer(PeerRef::from(peer));
        self.plan.world.domains.push(domain);
        self
    }

    /// A mail, at the time of the one before, or at the start.
    #[must_use]
    pub fn mail(self, to: &str) -> Lab {
        self.mail_after(Duration::ZERO, to)
    }

    /// A mail, so long after the one before.
    #[must_use]
    pub fn mail_after(mut self, span: Duration, to: &str) -> Lab {
        let last = self.plan.messages.last();
        let at = last.map_or(Duration::ZERO, |last| last.at) + span;
        self.plan.messages.push(MessageSpec::to(to).at(at));
        self
    }

    /// The seed of all randomness. Default 1.
    #[must_use]
    pub const fn seed(mut self, seed: u64) -> Lab {
        self.plan.seed = Seed(seed);
        self
    }

    /// Runs even if something looks unintended in main.cf.
    #[must_use]
    pub const fn allow_warnings(mut self) -> Lab {
        self.allow_warnings = true;
        self
    }

    /// Changes anything else in the plan.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut Plan)) -> Lab {
        change(&mut self.plan);
        self
    }

    /// The plan, to be written down or run elsewhere.
    ///
    /// # Errors
    /// [`LabError::Peer`] if the catalogue lacks a peer that was named.
    pub fn plan(self) -> Result<Plan, LabError> {
        match self.missing {
            Some(error) => Err(LabError::Peer(error)),
            None => Ok(self.plan),
        }
    }

    /// Makes the run, in memory.
    ///
    /// # Errors
    /// [`LabError`]: a peer that nobody knows, what looks unintended in main.cf, what is wrong with the plan.
    pub fn run(self) -> Result<Run, LabError> {
        let allowed = self.allow_warnings;
        let prepared = self.plan()?.prepare().map_err(LabError::Plan)?;
        if !allowed && !prepared.warnings().is_empty() {
            return Err(LabError::Warnings(prepared.warnings().to_vec()));
        }
        prepared.run(Driver::Memory).map_err(LabError::Plan)
    }
}
