//! Which policy holds for a server (src/smtp/smtp_tls_policy.c `smtp_tls_policy_cache_query`).

use std::sync::Arc;

use super::destination::Destination;
use crate::config::{Settings, is_host_name};
use crate::connection::Surroundings;
use crate::dns::ascii_name;
use crate::event::{Rule, Server, What};
use crate::policy::{Asks, Level, Matching, Name, Policy};

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
    /// What the recipients are told.
    pub(super) reason: Arc<str>,
}

impl Invalid {
    fn configuration() -> Invalid {
        Invalid {
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
    let (level, rule) = level_asked(asks, settings);
    let mut policy = Policy::of(level);
    if policy.level == Level::None {
        return Ok(Held {
            policy: Arc::new(policy),
            rule,
            bars: None,
        });
    }
    if policy.sni.is_none() {
        let name = &settings.tls.servername;
        policy.sni = server_name(name, destination, server).map_err(|NoHostName| {
            let text = format!("\"smtp_tls_servername = {name}\" specifies an invalid hostname");
            warn(&text, around);
            Invalid::configuration()
        })?;
    }
    if let Some(list) = match_list(policy.level, settings) {
        policy.matching = names(list, destination, server);
    }
    Ok(Held {
        policy: Arc::new(policy),
        rule,
        bars: None,
    })
}

/// The level of main.cf, or less if the sender asks for less; where there is no clear text, not below `encrypt`.
fn level_asked(asks: Asks, settings: &Settings) -> (Level, Rule) {
    let enough = if settings.tls.wrappermode {
        Level::Encrypt
    } else {
        Level::May
    };
    if settings.tls.asks.makes_optional(asks) && settings.tls.level > enough {
        (enough, Rule::TlsOptional)
    } else {
        (settings.tls.level, Rule::GlobalLevel)
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

/// The names that main.cf accepts at a level.
fn match_list(level: Level, settings: &Settings) -> Option<&str> {
    match level {
        Level::Verify => Some(&settings.tls.verify_match),
        Level::Secure => Some(&settings.tls.secure_match),
        Level::None
        | Level::May
        | Level::Encrypt
        | Level::Fingerprint
        | Level::HalfDane
        | Level::Dane
        | Level::DaneOnly => None,
    }
}

/// A match list, with its words put into names (src/tls/tls_client.c).
fn names(list: &str, destination: &Destination, server: &Server) -> Matching {
    let (mut wanted, mut ignored) = (Vec::new(), Vec::new());
    for word in list
        .split([' ', '\t', '\r', '\n', ',', ':'])
        .filter(|word| !word.is_empty())
    {
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

pub(super) fn warn(text: &str, around: &mut Surroundings<'_>) {
    around
        .out
        .tell(around.now.time, None, What::Warning(text.into()));
}
