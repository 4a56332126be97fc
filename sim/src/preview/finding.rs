//! What should make an administrator think twice.

use std::fmt;

use crate::run::Run;
use mta_core::fault::{Fault, PolicyFault};
use mta_core::log::engine_reason;
use mta_core::tls::CredentialNotice;
use serde::Serialize;

use super::cause;
use super::login::Login;
use super::row::Row;
use super::variant::Variant;
use super::way::Way;

/// Something to think about before the configuration is deployed.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Finding {
    /// Mail does not arrive.
    NotDelivered {
        /// The destination.
        domain: String,
        /// Where its mail goes instead of to its own servers.
        #[serde(skip_serializing_if = "Option::is_none")]
        next_hop: Option<String>,
        /// The last reason.
        reason: String,
    },
    /// Mail travels in clear text although the server offers TLS.
    ClearText {
        /// The destination.
        domain: String,
        /// Where its mail goes instead of to its own servers.
        #[serde(skip_serializing_if = "Option::is_none")]
        next_hop: Option<String>,
        /// Why.
        reason: String,
    },
    /// Somebody else than the relay may get the password for it.
    PasswordExposed {
        /// Who does, and what to change.
        #[serde(flatten)]
        login: Login,
    },
    /// TLS could not be set up.
    NoTls {
        /// What Postfix logs.
        reason: String,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Finding::NotDelivered {
                domain,
                next_hop,
                reason,
            } => {
                let mail = Mail(domain, next_hop.as_deref());
                write!(f, "{mail} is not delivered: {reason}")
            }
            Finding::ClearText {
                domain,
                next_hop,
                reason,
            } => {
                let mail = Mail(domain, next_hop.as_deref());
                write!(f, "{mail} travels in clear text: {reason}")
            }
            Finding::PasswordExposed { login } => login.fmt(f),
            Finding::NoTls { reason } => write!(f, "TLS is not available: {reason}"),
        }
    }
}

/// Mail for a domain, or through a relay.
struct Mail<'a>(&'a str, Option<&'a str>);

impl fmt::Display for Mail<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Mail(_, Some(next_hop)) => write!(f, "mail through {next_hop}"),
            Mail(domain, None) => write!(f, "mail for {domain}"),
        }
    }
}

/// What a run with the configuration itself shows.
pub(super) fn look(way: &Way, run: &Run, login: Option<&Login>, findings: &mut Vec<Finding>) {
    if let Some(login) = login.filter(|login| login.safety.is_exposed()) {
        let login = login.clone();
        findings.push(Finding::PasswordExposed { login });
    }
    let services = run.services.iter().flat_map(|services| services.clients());
    let faults = services.filter_map(|(_, client)| client.starts()?.engine()?.err());
    for fault in faults {
        let finding = Finding::NoTls {
            reason: engine_reason(fault),
        };
        if !findings.contains(&finding) {
            findings.push(finding);
        }
    }
    if let Some(reason) = cause::of_clear_text(run) {
        findings.push(Finding::ClearText {
            domain: way.domain.clone(),
            next_hop: way.next_hop.clone(),
            reason,
        });
    }
}

/// Whether mail does not arrive since the server's certificate is not verified.
pub(super) fn is_not_verified(run: &Run) -> bool {
    run.outcomes().any(|(_, outcome)| {
        let fault = outcome.fault.as_ref();
        fault == Some(&Fault::Policy(PolicyFault::NotVerified))
    })
}

/// The paths of keys that cannot sign here.
pub(super) fn keys_out_of_reach(run: &Run) -> Vec<String> {
    let services = run.services.iter().flat_map(|services| services.clients());
    let engines = services.filter_map(|(_, client)| client.starts()?.engine()?.ok());
    let notices = engines.flat_map(|engine| &engine.remarks().credentials);
    let paths = notices.filter_map(|notice| match notice {
        CredentialNotice::NotSimulated { path } => Some(path.clone()),
        CredentialNotice::NoChainFile { .. } | CredentialNotice::SecondKey { .. } => None,
    });
    paths.collect()
}

/// What the rows show together; `obstacle` is what in the settings leaves no way to begin TLS.
pub(super) fn compare(
    way: &Way,
    rows: &[Row],
    obstacle: Option<&str>,
    findings: &mut Vec<Finding>,
) {
    let undelivered = rows.iter().find(|row| {
        matches!(row.variant, Variant::Now | Variant::SecondMail) && !row.story.is_sent()
    });
    if let Some(row) = undelivered {
        let reason = row
            .story
            .attempts
            .last()
            .map_or_else(String::new, |last| last.text.clone());
        let reason = match obstacle {
            Some(obstacle) => format!("{obstacle}: {reason}"),
            None => reason,
        };
        findings.push(Finding::NotDelivered {
            domain: way.domain.clone(),
            next_hop: way.next_hop.clone(),
            reason,
        });
    }
}
