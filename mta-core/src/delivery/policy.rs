//! Which policy holds for a server (src/smtp/smtp_tls_policy.c `smtp_tls_policy_cache_query`).

use std::sync::Arc;

use super::Resources;
use super::dane::{self, Settled};
use super::destination::Destination;
use super::held::{Held, Invalid};
use super::match_list::{NoHostName, listed, names, server_name};
use super::notices::notice;
use super::policy_source::{Configured, configured_policy};
use super::proof::{anchors, fingerprints};
use super::servers::{Candidate, MxFacts};
use super::tlsa::{Step, TlsaLookup};
use crate::connection::Env;
use crate::dns::{Answer, ascii_name};
use crate::event::{DestinationNotice, Rule, Server};
use crate::policy::{Asks, Level, Policy};

/// The policies of one attempt at one destination, each worked out once, with its warnings.
#[derive(Debug, Default)]
pub(super) struct Policies(Vec<(Arc<str>, Result<Held, Invalid>)>);

/// How far a policy is worked out.
#[derive(Debug)]
pub(super) enum Resolved {
    /// This holds.
    Known(Result<Held, Invalid>),
    /// It depends on TLSA records, and they are being looked up.
    Asking(Box<Pending>),
}

/// A policy that waits for TLSA records.
#[derive(Debug)]
pub(super) struct Pending {
    lookup: TlsaLookup,
    open: Open,
}

/// A policy whose level is still open.
#[derive(Debug)]
struct Open {
    policy: Policy,
    configured: Configured,
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
        asks: Asks,
        env: &mut Env<'_>,
        resources: &mut Resources<'_>,
    ) -> Resolved {
        let host = &candidate.server.host;
        if let Some((_, held)) = self.0.iter().find(|(known, _)| known == host) {
            return Resolved::Known(held.clone());
        }
        let (configured, rule) = match configured_policy(destination, &candidate.server, asks, env)
        {
            Ok(told) => told,
            Err(invalid) => return self.learn(candidate, Err(invalid)),
        };
        let entry = &configured.entry;
        let policy = Policy {
            protocols: entry.protocols.as_deref().map(Arc::from),
            grade: entry.ciphers.as_deref().map(Arc::from),
            excluded: entry.exclude.as_deref().map(Arc::from),
            connection_reuse: entry.connection_reuse,
            ..Policy::of(entry.level)
        };
        if !matches!(policy.level, Level::Dane | Level::DaneOnly) {
            return self.settle(Ok((policy, rule)), &configured, destination, candidate, env);
        }
        if let Some(settled) = dane::before_lookup(&policy, destination, mx, env) {
            return self.settle(settled, &configured, destination, candidate, env);
        }
        let step = TlsaLookup::start(&candidate.facts, destination.port, env, resources);
        let open = Open {
            policy,
            configured,
            destination: destination.clone(),
            candidate: candidate.clone(),
            mx: mx.cloned(),
        };
        self.step(step, open, env)
    }

    /// Goes on with the resolver's answer.
    pub(super) fn answered(
        &mut self,
        pending: Box<Pending>,
        answer: &Answer,
        env: &mut Env<'_>,
        resources: &mut Resources<'_>,
    ) -> Resolved {
        let Pending { lookup, open } = *pending;
        let step = lookup.answered(answer, env, resources);
        self.step(step, open, env)
    }

    fn step(&mut self, step: Step, open: Open, env: &mut Env<'_>) -> Resolved {
        let settled = match step {
            Step::Asking(lookup) => {
                return Resolved::Asking(Box::new(Pending { lookup, open }));
            }
            Step::Failed => dane::lookup_failed(&open.candidate),
            Step::Done(found, base) => {
                dane::with_records(&open.policy, found, &base, open.mx.as_ref(), env)
            }
        };
        let Open {
            configured,
            destination,
            candidate,
            ..
        } = &open;
        self.settle(settled, configured, destination, candidate, env)
    }

    fn settle(
        &mut self,
        settled: Settled,
        configured: &Configured,
        destination: &Destination,
        candidate: &Candidate,
        env: &mut Env<'_>,
    ) -> Resolved {
        let held = settled.and_then(|(policy, rule)| {
            complete(
                policy,
                rule,
                configured,
                destination,
                &candidate.server,
                env,
            )
        });
        self.learn(candidate, held)
    }

    fn learn(&mut self, candidate: &Candidate, held: Result<Held, Invalid>) -> Resolved {
        self.0.push((candidate.server.host.clone(), held.clone()));
        Resolved::Known(held)
    }
}

/// What table and main.cf say about the rest, for a level that is settled.
fn complete(
    mut policy: Policy,
    rule: Rule,
    configured: &Configured,
    destination: &Destination,
    server: &Server,
    env: &mut Env<'_>,
) -> Result<Held, Invalid> {
    let tls = &env.settings.tls;
    let entry = &configured.entry;
    if policy.level == Level::None {
        let policy = Arc::new(policy);
        return Ok(Held {
            policy,
            rule,
            barred_by: None,
        });
    }
    let name = entry.servername.as_deref().unwrap_or(&tls.servername);
    let sni = server_name(name, destination, server).map_err(|NoHostName| {
        let name = name.into();
        notice(DestinationNotice::BadServername { name }, env);
        Invalid::configuration()
    })?;
    // TLSA records name the server themselves (RFC 7672 §8.1), but Postfix looks at main.cf before that counts.
    policy.sni = policy.sni.or(sni);
    let hosts = entry.sts_mx_hosts().filter(|_| tls.enforce_sts_mx_patterns);
    let barred_by = hosts
        .filter(|hosts| !hosts.allows_mx(&ascii_name(&server.host)))
        .map(|hosts| hosts.domain.as_deref().unwrap_or_default().into());
    policy.failure = entry
        .external
        .as_ref()
        .and_then(|external| external.failure.as_deref().map(Arc::from));
    let listed_by_main_cf = match policy.level {
        Level::Fingerprint => {
            policy.matching = fingerprints(
                &configured.own,
                entry,
                &tls.fingerprint_match,
                destination,
                env,
            )?;
            None
        }
        Level::Verify => Some(&tls.verify_match),
        Level::Secure => Some(&tls.secure_match),
        Level::None
        | Level::May
        | Level::Encrypt
        | Level::HalfDane
        | Level::Dane
        | Level::DaneOnly => None,
    };
    if let Some(list) = listed_by_main_cf {
        let anchors = anchors(&configured.own, env)?;
        policy.matching = match (hosts, &entry.matches) {
            // The policy's hosts are known by name (RFC 8461 §4.1).
            (Some(_), _) => names(["hostname"].into_iter(), anchors, destination, server),
            (None, Some(matches)) => {
                let words = matches.iter().map(String::as_str);
                names(words, anchors, destination, server)
            }
            (None, None) => names(listed(list), anchors, destination, server),
        };
    }
    Ok(Held {
        policy: Arc::new(policy),
        rule,
        barred_by,
    })
}
