//! Finds a destination's servers: MX records, then the addresses of each host (Postfix src/smtp/smtp_addr.c).

use std::collections::VecDeque;
use std::sync::Arc;

use super::Resources;
use super::destination::{Destination, Lookup};
use super::notices::notice;
use super::own_address;
use super::servers::{Candidate, HostFacts, MxFacts, order};
use super::why::{Why, address_kinds};
use crate::config::DnsSupport;
use crate::connection::Env;
use crate::dns::{Answer, Data, Kind, LookupFault, Question, ascii_name};
use crate::event::{DestinationNotice, Rule, What};
use crate::fault::{Fault, PolicyFault};

/// Most MX records of one answer that are looked at; a DNS message holds no more (65,535 bytes).
const MX_RECORDS_MAX: usize = 4096;

/// Who is to blame where nothing says why there is no server.
pub(super) const NO_SERVER: Fault = Fault::Policy(PolicyFault::NoServer);

/// Look-ups in progress; one question at a time, as Postfix asks.
#[derive(Debug)]
pub(super) struct Lookups {
    query: u32,
    question: Question,
    /// Address questions still to be asked, with the preference of their host.
    to_ask: VecDeque<(u16, Question)>,
    preference: u16,
    found: Vec<Candidate>,
    /// Whether the host being looked up has an address yet.
    host_found: bool,
    why: Option<Why>,
    mx: Option<MxFacts>,
    /// The preference of the best MX record, whether or not its host has addresses.
    best: u16,
    /// An answer that waits until it is known whether anybody validates.
    held: Option<(Question, Answer)>,
}

/// How far the look-ups are.
#[derive(Debug)]
pub(super) enum Progress {
    /// A question is being asked.
    Asking(Box<Lookups>),
    /// These are the servers, in order; at least one. Behind them what is known of the MX records, if there are any.
    Servers(Vec<Candidate>, Option<MxFacts>),
    /// There is none.
    Nothing(Why),
}

impl Lookups {
    pub(super) fn start(
        destination: &Destination,
        env: &mut Env<'_>,
        resources: &mut Resources<'_>,
    ) -> Progress {
        match destination.lookup {
            Lookup::Literal(address) => {
                let host = &destination.domain;
                let facts = HostFacts::literal(host);
                let candidate = Candidate::new(0, host, facts, address, destination.port);
                Progress::Servers(vec![candidate], None)
            }
            Lookup::Mx if env.settings.resolver.support != DnsSupport::Disabled => {
                let question = Question {
                    name: ascii_of(&destination.domain),
                    kind: Kind::Mx,
                };
                Lookups::new(question).ask(env, resources)
            }
            Lookup::Mx | Lookup::Address => {
                let question = Question {
                    name: destination.domain.clone(),
                    kind: Kind::A,
                };
                Lookups::new(question).host_itself(destination, env, resources)
            }
        }
    }

    fn new(question: Question) -> Self {
        Lookups {
            query: 0,
            question,
            to_ask: VecDeque::new(),
            preference: 0,
            found: Vec::new(),
            host_found: false,
            why: None,
            mx: None,
            best: u16::MAX,
            held: None,
        }
    }

    pub(super) const fn query(&self) -> u32 {
        self.query
    }

    pub(super) fn answered(
        mut self,
        answer: &Answer,
        destination: &Destination,
        env: &mut Env<'_>,
        resources: &mut Resources<'_>,
    ) -> Progress {
        super::answered(&self.question, answer, env);
        let wants_dnssec = env.settings.resolver.support == DnsSupport::Dnssec;
        resources.memory.knows_validation |= wants_dnssec && answer.secure;
        if let Some((question, held)) = self.held.take() {
            probed(answer, &self.question, env);
            self.question = question;
            return self.take(&held, destination, env, resources);
        }
        let probe = env.settings.resolver.probe.as_ref();
        if let Some(probe) = probe
            && wants_dnssec
            && !resources.memory.knows_validation
        {
            resources.memory.knows_validation = true;
            let question = std::mem::replace(&mut self.question, probe.clone());
            self.held = Some((question, answer.clone()));
            return self.ask(env, resources);
        }
        self.take(answer, destination, env, resources)
    }

    fn take(
        mut self,
        answer: &Answer,
        destination: &Destination,
        env: &mut Env<'_>,
        resources: &mut Resources<'_>,
    ) -> Progress {
        if self.question.kind == Kind::Mx {
            return self.mx_answered(answer, destination, env, resources);
        }
        self.take_addresses(answer, destination, env);
        self.next(destination, env, resources)
    }

    fn mx_answered(
        mut self,
        answer: &Answer,
        destination: &Destination,
        env: &mut Env<'_>,
        resources: &mut Resources<'_>,
    ) -> Progress {
        match &answer.found {
            Ok(records) => {
                let mut hosts: Vec<(u16, Arc<str>)> = records
                    .data
                    .iter()
                    .take(MX_RECORDS_MAX)
                    .filter_map(|data| match data {
                        Data::Mx {
                            preference,
                            exchange,
                        } => Some((*preference, exchange.clone())),
                        Data::A(_)
                        | Data::Aaaa(_)
                        | Data::Cname(_)
                        | Data::Tlsa { .. }
                        | Data::Txt(_)
                        | Data::Ns(_) => None,
                    })
                    .collect();
                // R-NULL-02: one null MX among others makes the whole answer one, as in Postfix.
                if hosts.iter().any(|(_, host)| host.is_empty()) {
                    tell_rule(Rule::NullMx, env);
                    return Progress::Nothing(Why::null_mx(&destination.domain));
                }
                tell_rule(Rule::MxFound, env);
                hosts.sort_by_key(|(preference, _)| *preference);
                self.mx = Some(MxFacts {
                    qname: self.question.name.clone(),
                    rname: records
                        .canonical
                        .clone()
                        .unwrap_or_else(|| self.question.name.clone()),
                    secure: answer.secure,
                });
                for (preference, host) in hosts {
                    self.ask_addresses(preference, &host, env);
                }
                self.next(destination, env, resources)
            }
            Err(LookupFault::NoSuchName | LookupFault::NoData) => {
                tell_rule(Rule::ImplicitMx, env);
                self.host_itself(destination, env, resources)
            }
            Err(fault) if env.settings.hosts.ignore_mx_lookup_error => {
                let _ = fault;
                self.host_itself(destination, env, resources)
            }
            Err(fault) => Progress::Nothing(Why::lookup(&self.question, *fault, None)),
        }
    }

    fn host_itself(
        mut self,
        destination: &Destination,
        env: &mut Env<'_>,
        resources: &mut Resources<'_>,
    ) -> Progress {
        self.ask_addresses(0, &destination.domain, env);
        self.next(destination, env, resources)
    }

    fn ask_addresses(&mut self, preference: u16, host: &Arc<str>, env: &Env<'_>) {
        self.best = self.best.min(preference);
        for &kind in address_kinds(env.settings.hosts.inet_protocols) {
            self.to_ask.push_back((
                preference,
                Question {
                    name: ascii_of(host),
                    kind,
                },
            ));
        }
    }

    fn take_addresses(&mut self, answer: &Answer, destination: &Destination, env: &Env<'_>) {
        let records = match &answer.found {
            Ok(records) => records,
            Err(fault) => {
                let is_last_of_host = self
                    .to_ask
                    .front()
                    .is_none_or(|(_, next)| next.name != self.question.name);
                if !self.host_found && (is_last_of_host || fault.is_temporary()) {
                    self.why = Some(Why::lookup(&self.question, *fault, self.why.as_ref()));
                }
                return;
            }
        };
        let qname = &self.question.name;
        let facts = HostFacts {
            qname: qname.clone(),
            rname: records.canonical.clone().unwrap_or_else(|| qname.clone()),
            secure: answer.secure && env.settings.resolver.has_dnssec(),
        };
        let host = if env.settings.resolver.cname_overrides_host {
            &facts.rname
        } else {
            &facts.qname
        };
        for data in records.data.iter() {
            let address = match data {
                Data::A(address) => (*address).into(),
                Data::Aaaa(address) => (*address).into(),
                Data::Mx { .. }
                | Data::Cname(_)
                | Data::Tlsa { .. }
                | Data::Txt(_)
                | Data::Ns(_) => continue,
            };
            self.host_found = true;
            self.found.push(Candidate::new(
                self.preference,
                host,
                facts.clone(),
                address,
                destination.port,
            ));
        }
    }

    fn next(
        mut self,
        destination: &Destination,
        env: &mut Env<'_>,
        resources: &mut Resources<'_>,
    ) -> Progress {
        if let Some((preference, question)) = self.to_ask.pop_front() {
            if question.name != self.question.name || self.question.kind == Kind::Mx {
                self.host_found = false;
            }
            self.preference = preference;
            self.question = question;
            return self.ask(env, resources);
        }
        if !self.found.is_empty() {
            let hosts = &env.settings.hosts;
            return match own_address::take_away(self.found, self.best, &destination.domain, hosts) {
                Ok(found) => Progress::Servers(order(found, hosts, env.draw), self.mx),
                Err(why) => {
                    let rule = Rule::LoopsBack;
                    let decided = What::Decided { server: None, rule };
                    env.out.tell(env.now.time, None, decided);
                    Progress::Nothing(why)
                }
            };
        }
        let mut why = self.why.unwrap_or_else(|| Why::unavailable(NO_SERVER));
        if self.mx.is_some() {
            let domain = destination.domain.clone();
            notice(DestinationNotice::NoAddresses { domain }, env);
            if env.settings.hosts.defer_if_no_mx_address_found {
                why.dsn.class = 4;
            }
        }
        Progress::Nothing(why)
    }

    fn ask(mut self, env: &mut Env<'_>, resources: &mut Resources<'_>) -> Progress {
        self.query = resources.ask(&self.question, env);
        Progress::Asking(Box::new(self))
    }
}

/// Most names are ASCII, and are shared.
fn ascii_of(name: &Arc<str>) -> Arc<str> {
    if name.is_ascii() {
        name.clone()
    } else {
        ascii_name(name)
    }
}

/// What the probe came to (src/dns/dns_sec.c `dns_sec_probe`).
fn probed(answer: &Answer, probe: &Question, env: &mut Env<'_>) {
    let fault = match &answer.found {
        Ok(_) if answer.secure => return,
        Ok(_) => None,
        Err(fault) => Some(*fault),
    };
    let probe = probe.clone();
    notice(DestinationNotice::NotValidated { probe, fault }, env);
}

fn tell_rule(rule: Rule, env: &mut Env<'_>) {
    env.out
        .tell(env.now.time, None, What::Decided { server: None, rule });
}
