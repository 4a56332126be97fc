//! Which policy holds for a server (src/smtp/smtp_tls_policy.c `smtp_tls_policy_cache_query`).

use std::sync::Arc;

use super::dane::{self, Settled};
use super::destination::Destination;
use super::proof::{fingerprints, trust_anchors};
use super::servers::{Candidate, MxFacts};
use super::tlsa::{Step, TlsaLookup};
use super::Numbers;
use crate::config::{Settings, is_host_name};
use crate::connection::Surroundings;
use crate::dns::{Answer, ascii_name};
use crate::event::{Rule, Server, What};
use crate::policy::{Level, Matching, Name, Policy, Tlsa};

/// The policies of one attempt at one destination, each worked out once, with its warnings.
#[derive(Debug, Default)]
pub(super) struct Policies(Vec<(Arc<str>, Result<Held, Invalid>)>);

/// A policy, and the rule that it comes from.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) policy: Arc<Policy>,
    pub(super) rule: Rule,
}

/// No policy holds: nothing is delivered to this host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Invalid {
    /// What the recipients are told.
    pub(super) reason: Arc<str>,
}

impl Invalid {
    pub(super) fn configuration() -> Invalid {
        Invalid::because("client TLS configuration problem")
    }

    pub(super) fn because(reason: &str) -> Invalid {
        Invalid {
            reason: reason.into(),
        }
    }
}

/// How far a policy is worked out.
#[derive(Debug)]
pub(super) enum Resolved {
    /// This holds.
    Known(Result<Held, Invalid>),
    /// It depends on TLSA records, and they are being looked up.
    Asking(Pending),
}

/// A policy that waits for TLSA records.
#[derive(Debug)]
pub(super) struct Pending {
    policy: Policy,
    lookup: TlsaLookup,
    destination: Destination,
    candidate: Candidate,
    mx: Option<MxFacts>,
}

impl Pending {
    pub(super) const fn query(&self) -> u32 {
        self.lookup.query()
    }
}

impl Policies {
    pub(super) fn of(
        &mut self,
        destination: &Destination,
        candidate: &Candidate,
        mx: Option<&MxFacts>,
        around: &mut Surroundings<'_>,
        numbers: &mut Numbers<'_>,
    ) -> Resolved {
        let host = &candidate.server.host;
        if let Some((_, held)) = self.0.iter().find(|(known, _)| known == host) {
            return Resolved::Known(held.clone());
        }
        let policy = Policy::of(around.settings.tls.level);
        if !matches!(policy.level, Level::Dane | Level::DaneOnly) {
            let settled = Ok((policy, Rule::GlobalLevel));
            return self.settle(settled, destination, candidate, around);
        }
        if let Some(settled) = dane::before_lookup(&policy, destination, mx, around) {
            return self.settle(settled, destination, candidate, around);
        }
        let step = TlsaLookup::start(&candidate.facts, destination.port, around, numbers);
        let pending = |lookup| Pending {
            policy: policy.clone(),
            lookup,
            destination: destination.clone(),
            candidate: candidate.clone(),
            mx: mx.cloned(),
        };
        let settled = match step {
            Step::Asking(lookup) => return Resolved::Asking(pending(lookup)),
            Step::Failed => dane::lookup_failed(candidate),
            Step::Done(found, base) => dane::with_records(&policy, found, &base, mx, around),
        };
        self.settle(settled, destination, candidate, around)
    }

    /// Goes on with the resolver's answer.
    pub(super) fn answered(
        &mut self,
        pending: Pending,
        answer: &Answer,
        around: &mut Surroundings<'_>,
        numbers: &mut Numbers<'_>,
    ) -> Resolved {
        let Pending {
            policy,
            lookup,
            destination,
            candidate,
            mx,
        } = pending;
        let settled = match lookup.answered(answer, around, numbers) {
            Step::Asking(lookup) => {
                return Resolved::Asking(Pending {
                    policy,
                    lookup,
                    destination,
                    candidate,
                    mx,
                });
            }
            Step::Failed => dane::lookup_failed(&candidate),
            Step::Done(found, base) => {
                dane::with_records(&policy, found, &base, mx.as_ref(), around)
            }
        };
        self.settle(settled, &destination, &candidate, around)
    }

    fn settle(
        &mut self,
        settled: Settled,
        destination: &Destination,
        candidate: &Candidate,
        around: &mut Surroundings<'_>,
    ) -> Resolved {
        let server = &candidate.server;
        let held = settled.and_then(|(policy, rule)| {
            let policy = complete(policy, destination, server, around)?;
            let policy = Arc::new(policy);
            Ok(Held { policy, rule })
        });
        self.0.push((server.host.clone(), held.clone()));
        Resolved::Known(held)
    }
}

/// What main.cf says about the rest, for a level that is settled.
fn complete(
    mut policy: Policy,
    destination: &Destination,
    server: &Server,
    around: &mut Surroundings<'_>,
) -> Result<Policy, Invalid> {
    let settings = around.settings;
    if policy.level == Level::None {
        return Ok(policy);
    }
    if policy.sni.is_none() {
        let name = &settings.tls.servername;
        policy.sni = server_name(name, destination, server).map_err(|NoHostName| {
            let text = format!("\"smtp_tls_servername = {name}\" specifies an invalid hostname");
            warn(&text, around);
            Invalid::configuration()
        })?;
    }
    if policy.level == Level::Fingerprint {
        policy.matching = fingerprints(&settings.tls.fingerprint_match, destination, around)?;
    }
    if let Some(list) = match_list(policy.level, settings) {
        let anchors = trust_anchors(&settings.tls.trust_anchor_files, around)?;
        policy.matching = names(list, anchors, destination, server);
    }
    Ok(policy)
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
fn names(
    list: &str,
    anchors: Option<Arc<[Tlsa]>>,
    destination: &Destination,
    server: &Server,
) -> Matching {
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
        anchors,
    }
}

pub(super) fn warn(text: &str, around: &mut Surroundings<'_>) {
    around
        .out
        .tell(around.now.time, None, What::Warning(text.into()));
}
