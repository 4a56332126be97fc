//! Which policy holds for a server (src/smtp/smtp_tls_policy.c `smtp_tls_policy_cache_query`).

use std::sync::Arc;

use super::destination::Destination;
use crate::config::{Settings, is_host_name};
use crate::connection::Surroundings;
use crate::dns::ascii_name;
use crate::event::{Rule, Server, What};
use crate::policy::{Asks, Level, Matching, Name, Policy};
use crate::policy_table::{Entry, Found, Site, look_up, look_up_site};
use crate::smtp::Dsn;

/// The policies of one attempt at one destination, each worked out once, with its warnings.
#[derive(Debug, Default)]
pub(super) struct Policies(Vec<(Arc<str>, Result<Held, Invalid>)>);

/// A policy, and the rule that it comes from.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) policy: Arc<Policy>,
    pub(super) rule: Rule,
    /// What is warned of if this host is not one that the policy allows (MTA-STS, RFC 8461 §4.1).
    pub(super) bars: Option<Arc<str>>,
}

/// No policy holds: nothing is delivered to this host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Invalid {
    pub(super) dsn: Dsn,
    /// What the recipients are told.
    pub(super) reason: Arc<str>,
}

impl Invalid {
    fn configuration() -> Invalid {
        Invalid {
            dsn: Dsn::new(4, 7, 5),
            reason: "client TLS configuration problem".into(),
        }
    }
}

impl Policies {
    pub(super) fn of(
        &mut self,
        destination: &Destination,
        server: &Server,
        asks: Asks,
        around: &mut Surroundings<'_>,
    ) -> Result<Held, Invalid> {
        if let Some((_, held)) = self.0.iter().find(|(host, _)| *host == server.host) {
            return held.clone();
        }
        let held = resolve(destination, server, asks, around);
        self.0.push((server.host.clone(), held.clone()));
        held
    }
}

fn resolve(
    destination: &Destination,
    server: &Server,
    asks: Asks,
    around: &mut Surroundings<'_>,
) -> Result<Held, Invalid> {
    let settings = around.settings;
    let (entry, rule) = said(destination, server, asks, around)?;
    let mut policy = Policy::of(entry.level);
    if policy.level == Level::None {
        return Ok(Held {
            policy: Arc::new(policy),
            rule,
            bars: None,
        });
    }
    policy.protocols = entry.protocols.as_deref().map(Arc::from);
    policy.grade = entry.ciphers.as_deref().map(Arc::from);
    policy.excluded = entry.exclude.as_deref().map(Arc::from);
    policy.connection_reuse = entry.connection_reuse;
    let name = entry
        .servername
        .as_deref()
        .unwrap_or(&settings.tls.servername);
    policy.sni = server_name(name, destination, server).map_err(|NoHostName| {
        let text = format!("\"smtp_tls_servername = {name}\" specifies an invalid hostname");
        warn(&text, around);
        Invalid::configuration()
    })?;
    let hosts = entry
        .sts_mx_hosts()
        .filter(|_| settings.tls.enforce_sts_mx_patterns);
    let bars = hosts.and_then(|hosts| hosts.allows_mx(&ascii_name(&server.host)).err());
    policy.failure = entry
        .external
        .as_ref()
        .and_then(|external| external.failure.as_deref().map(Arc::from));
    policy.matching = match (policy.level, &entry.matches) {
        // The policy's hosts are known by name (RFC 8461 §4.1).
        (Level::Verify | Level::Secure, _) if hosts.is_some() => {
            names(["hostname"].into_iter(), destination, server)
        }
        (Level::Verify | Level::Secure, Some(matches)) => {
            names(matches.iter().map(String::as_str), destination, server)
        }
        (Level::Verify, None) => names(listed(&settings.tls.verify_match), destination, server),
        (Level::Secure, None) => names(listed(&settings.tls.secure_match), destination, server),
        (
            Level::None
            | Level::May
            | Level::Encrypt
            | Level::Fingerprint
            | Level::HalfDane
            | Level::Dane
            | Level::DaneOnly,
            _,
        ) => Matching::Anybody,
    };
    Ok(Held {
        policy: Arc::new(policy),
        rule,
        bars: bars.map(Arc::from),
    })
}

/// What the tables say of a destination; if they say nothing, main.cf's level.
fn said(
    destination: &Destination,
    server: &Server,
    asks: Asks,
    around: &mut Surroundings<'_>,
) -> Result<(Entry, Rule), Invalid> {
    let settings = around.settings;
    let global = settings.tls.level;
    if settings.tls.asks.makes_optional(asks) {
        return Ok(optional(settings));
    }
    let by_main_cf = || (Entry::at(global), Rule::GlobalLevel);
    let tables = around.tables;
    if let Some(maps) = &tables.policy {
        return match look_up(maps, &destination.text, around.settings.version) {
            Found::Nothing => Ok(by_main_cf()),
            Found::Entry { entry, log } => {
                tell(&log, around);
                Ok((*entry, Rule::PolicyTable))
            }
            Found::Invalid { log } => {
                tell(&log, around);
                Err(Invalid::configuration())
            }
        };
    }
    let Some(maps) = &tables.per_site else {
        return Ok(by_main_cf());
    };
    match look_up_site(maps, &destination.text, &server.host, global) {
        Site::Nothing => Ok(by_main_cf()),
        Site::Level(level) => Ok((Entry::at(level), Rule::PolicyTable)),
        Site::Unknown { log } => {
            tell(&log, around);
            Err(Invalid::configuration())
        }
        Site::Failed { log } => {
            tell(&log, around);
            Err(Invalid {
                dsn: Dsn::new(4, 3, 0),
                reason: "Temporary lookup error".into(),
            })
        }
    }
}

/// The sender asks for less: tables are not looked at, and the level is at most `may`; where there is no clear text, not
/// below `encrypt`.
fn optional(settings: &Settings) -> (Entry, Rule) {
    let enough = if settings.tls.wrappermode {
        Level::Encrypt
    } else {
        Level::May
    };
    if settings.tls.level > enough {
        (Entry::at(enough), Rule::TlsOptional)
    } else {
        (Entry::at(settings.tls.level), Rule::GlobalLevel)
    }
}

/// It is no name of a host.
struct NoHostName;

/// What SNI says: nothing, the host's name, the destination's, or this very name.
fn server_name(
    word: &str,
    destination: &Destination,
    server: &Server,
) -> Result<Option<Arc<str>>, NoHostName> {
    let name = match word {
        "" => return Ok(None),
        "hostname" => server.host.clone(),
        "nexthop" => destination.domain.clone(),
        name if is_host_name(&ascii_name(name)) => name.into(),
        _ => return Err(NoHostName),
    };
    Ok(Some(ascii_name(&name)))
}

/// The words of a match list in main.cf.
fn listed(list: &str) -> impl Iterator<Item = &str> {
    list.split([' ', '\t', '\r', '\n', ',', ':'])
        .filter(|word| !word.is_empty())
}

/// A match list, with its words put into names (src/tls/tls_client.c).
fn names<'a>(
    list: impl Iterator<Item = &'a str>,
    destination: &Destination,
    server: &Server,
) -> Matching {
    let (mut wanted, mut ignored) = (Vec::new(), Vec::new());
    for word in list {
        match (word, word.strip_prefix('.')) {
            ("hostname", _) => wanted.push(Name::Host(ascii_name(&server.host))),
            ("nexthop", _) => wanted.push(Name::Host(ascii_name(&destination.domain))),
            ("dot-nexthop", _) => wanted.push(Name::Below(ascii_name(&destination.domain))),
            (_, Some("")) => ignored.push(word.into()),
            (_, Some(domain)) => wanted.push(Name::Below(ascii_name(domain))),
            (name, None) => wanted.push(Name::Host(ascii_name(name))),
        }
    }
    Matching::Names {
        wanted: wanted.into(),
        ignored: ignored.into(),
    }
}

/// Lines of the log as they are.
fn tell(log: &[String], around: &mut Surroundings<'_>) {
    for line in log {
        around
            .out
            .tell(around.now.time, None, What::Remark(line.as_str().into()));
    }
}

pub(super) fn warn(text: &str, around: &mut Surroundings<'_>) {
    around
        .out
        .tell(around.now.time, None, What::Warning(text.into()));
}
