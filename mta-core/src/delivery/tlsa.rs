//! Looks for a host's TLSA records (src/tls/tls_dane.c `tls_dane_resolve`; RFC 7672 §2.2).

use std::sync::Arc;

use super::Resources;
use super::memory::Found;
use super::notices::notice;
use super::servers::HostFacts;
use crate::connection::Env;
use crate::dns::{Answer, Data, Kind, LookupFault, Question};
use crate::event::{DestinationNotice, UnusableTlsa, What};
use crate::policy::Tlsa;

/// A look-up in progress.
#[derive(Debug)]
pub(super) struct TlsaLookup {
    query: u32,
    question: Question,
    facts: HostFacts,
    port: u16,
    /// The host whose records are being looked for.
    base: Arc<str>,
    /// It failed before; what failed is asked for once more.
    failed: bool,
}

/// How far the look-up is.
#[derive(Debug)]
pub(super) enum Step {
    Asking(TlsaLookup),
    /// What there is, and the host at whose name it stands.
    Done(Found, Arc<str>),
    Failed,
}

impl TlsaLookup {
    pub(super) fn start(
        facts: &HostFacts,
        port: u16,
        env: &mut Env<'_>,
        resources: &mut Resources<'_>,
    ) -> Step {
        let is_alias = facts.is_alias();
        let forced = env.settings.tls.dane.asks_for_insecure_hosts;
        if !facts.secure && !forced && !is_alias {
            return Step::Done(Found::Nothing, facts.qname.clone());
        }
        let mut lookup = TlsaLookup {
            query: 0,
            question: Question {
                name: facts.qname.clone(),
                kind: Kind::Cname,
            },
            facts: facts.clone(),
            port,
            base: facts.qname.clone(),
            failed: false,
        };
        if facts.secure {
            lookup.base = facts.rname.clone();
        } else if !forced {
            // The alias may be in a signed zone, though what it leads to is not.
            return Step::Asking(lookup.ask(env, resources));
        }
        lookup.records(env, resources)
    }

    pub(super) const fn query(&self) -> u32 {
        self.query
    }

    pub(super) fn answered(
        mut self,
        answer: &Answer,
        env: &mut Env<'_>,
        resources: &mut Resources<'_>,
    ) -> Step {
        super::answered(&self.question, answer, env);
        resources.memory.knows_validation |= answer.secure;
        if self.question.kind == Kind::Cname {
            return self.alias_answered(answer, env, resources);
        }
        let (found, ttl) = match &answer.found {
            Ok(records) if answer.secure => (
                usable(&self.question.name, &records.data, env),
                Some(records.ttl),
            ),
            Ok(records) => (Found::Nothing, Some(records.ttl)),
            Err(LookupFault::NoSuchName | LookupFault::NoData) => (Found::Nothing, None),
            Err(_) => {
                let question = self.question.clone();
                notice(DestinationNotice::TlsaLookupFailed { question }, env);
                // What failed is not remembered, so it is looked up again at once (observed: dane-servfail-dane).
                if self.failed {
                    return Step::Failed;
                }
                self.failed = true;
                return Step::Asking(self.ask(env, resources));
            }
        };
        let now = env.now.time;
        resources
            .memory
            .learn_tlsa(&self.question.name, &found, ttl, now);
        self.found(found, env, resources)
    }

    fn alias_answered(
        self,
        answer: &Answer,
        env: &mut Env<'_>,
        resources: &mut Resources<'_>,
    ) -> Step {
        let fault = match &answer.found {
            Ok(_) if answer.secure => return self.records(env, resources),
            Ok(_) => return Step::Done(Found::Nothing, self.base),
            Err(fault) => *fault,
        };
        let question = self.question;
        let failed = DestinationNotice::AliasLookupFailed { question, fault };
        notice(failed, env);
        Step::Failed
    }

    /// Goes for the records of `base`.
    fn records(mut self, env: &mut Env<'_>, resources: &mut Resources<'_>) -> Step {
        self.question = Question {
            name: format!("_{}._tcp.{}", self.port, self.base).into(),
            kind: Kind::Tlsa,
        };
        self.failed = false;
        match resources.memory.tlsa(&self.question.name, env.now.time) {
            Some(found) => self.found(found, env, resources),
            None => Step::Asking(self.ask(env, resources)),
        }
    }

    /// Where an alias leads comes first, and then the alias (RFC 7672 §2.2.2).
    fn found(mut self, found: Found, env: &mut Env<'_>, resources: &mut Resources<'_>) -> Step {
        if found == Found::Nothing && self.base != self.facts.qname {
            self.base = self.facts.qname.clone();
            return self.records(env, resources);
        }
        Step::Done(found, self.base)
    }

    fn ask(mut self, env: &mut Env<'_>, resources: &mut Resources<'_>) -> Self {
        self.query = resources.ask(&self.question, env);
        self
    }
}

/// Sorts out what mail cannot use (src/tls/tls_dane.c `parse_tlsa_rrs`).
fn usable(name: &Arc<str>, data: &[Data], env: &mut Env<'_>) -> Found {
    let mut records = Vec::new();
    for record in data.iter().filter_map(tlsa) {
        let what = match (record.usage, record.matching) {
            (Tlsa::TRUST_ANCHOR | Tlsa::END_ENTITY, Tlsa::PRIVATE) => UnusableTlsa::MatchingType,
            (Tlsa::TRUST_ANCHOR | Tlsa::END_ENTITY, _) => {
                let what = What::TlsaRecord {
                    name: Some(name.clone()),
                    record: record.clone(),
                };
                env.out.tell(env.now.time, None, what);
                records.push(record);
                continue;
            }
            _ => UnusableTlsa::Usage,
        };
        let name = name.clone();
        let unsupported = DestinationNotice::UnsupportedTlsa { name, what, record };
        notice(unsupported, env);
    }
    if records.is_empty() {
        Found::OtherUsages
    } else {
        Found::Records(records.into())
    }
}

fn tlsa(data: &Data) -> Option<Tlsa> {
    match data {
        Data::Tlsa {
            usage,
            selector,
            matching,
            association,
        } => Some(Tlsa {
            usage: *usage,
            selector: *selector,
            matching: *matching,
            data: association.clone(),
        }),
        Data::Mx { .. }
        | Data::A(_)
        | Data::Aaaa(_)
        | Data::Cname(_)
        | Data::Txt(_)
        | Data::Ns(_) => None,
    }
}
