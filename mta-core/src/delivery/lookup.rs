//! Finds a destination's servers: MX records, then the addresses of each host (Postfix src/smtp/smtp_addr.c).

use std::collections::VecDeque;
use std::sync::Arc;

use super::Numbers;
use super::destination::{Destination, Lookup};
use super::servers::{Candidate, order};
use super::why::{Why, address_kinds};
use crate::connection::Surroundings;
use crate::dns::{Answer, Data, Kind, LookupFault, Question, ascii_name};
use crate::event::{Rule, What};

/// Most MX records of one answer that are looked at; a DNS message holds no more (65,535 octets).
const MX_RECORDS_MAX: usize = 4096;

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
    has_mx: bool,
}

/// How far the look-ups are.
#[derive(Debug)]
pub(super) enum Progress {
    /// A question is being asked.
    Asking(Lookups),
    /// These are the servers, in order; at least one.
    Servers(Vec<Candidate>),
    /// There is none.
    Nothing(Why),
}

impl Lookups {
    pub(super) fn start(
        destination: &Destination,
        around: &mut Surroundings<'_>,
        numbers: &mut Numbers<'_>,
    ) -> Progress {
        match destination.lookup {
            Lookup::Literal(address) => Progress::Servers(vec![Candidate::new(
                0,
                &destination.domain,
                address,
                destination.port,
            )]),
            Lookup::Mx => {
                let question = Question {
                    name: ascii_of(&destination.domain),
                    kind: Kind::Mx,
                };
                Lookups::new(question).ask(around, numbers)
            }
            Lookup::Address => {
                let question = Question {
                    name: destination.domain.clone(),
                    kind: Kind::A,
                };
                Lookups::new(question).host_itself(destination, around, numbers)
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
            has_mx: false,
        }
    }

    pub(super) const fn query(&self) -> u32 {
        self.query
    }

    pub(super) fn answered(
        mut self,
        answer: &Answer,
        destination: &Destination,
        around: &mut Surroundings<'_>,
        numbers: &mut Numbers<'_>,
    ) -> Progress {
        super::answered(&self.question, answer, around);
        if self.question.kind == Kind::Mx {
            return self.mx_answered(answer, destination, around, numbers);
        }
        self.take_addresses(answer, destination);
        self.next(destination, around, numbers)
    }

    fn mx_answered(
        mut self,
        answer: &Answer,
        destination: &Destination,
        around: &mut Surroundings<'_>,
        numbers: &mut Numbers<'_>,
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
                    tell_rule(Rule::NullMx, around);
                    return Progress::Nothing(Why::null_mx(&destination.domain));
                }
                tell_rule(Rule::MxFound, around);
                hosts.sort_by_key(|(preference, _)| *preference);
                self.has_mx = true;
                for (preference, host) in hosts {
                    self.ask_addresses(preference, &host, around);
                }
                self.next(destination, around, numbers)
            }
            Err(LookupFault::NoSuchName | LookupFault::NoData) => {
                tell_rule(Rule::ImplicitMx, around);
                self.host_itself(destination, around, numbers)
            }
            Err(fault) if around.settings.hosts.ignore_mx_lookup_error => {
                let _ = fault;
                self.host_itself(destination, around, numbers)
            }
            Err(fault) => Progress::Nothing(Why::lookup(&self.question, *fault, None)),
        }
    }

    fn host_itself(
        mut self,
        destination: &Destination,
        around: &mut Surroundings<'_>,
        numbers: &mut Numbers<'_>,
    ) -> Progress {
        self.ask_addresses(0, &destination.domain, around);
        self.next(destination, around, numbers)
    }

    fn ask_addresses(&mut self, preference: u16, host: &Arc<str>, around: &Surroundings<'_>) {
        for &kind in address_kinds(around.settings.hosts.inet_protocols) {
            self.to_ask.push_back((
                preference,
                Question {
                    name: ascii_of(host),
                    kind,
                },
            ));
        }
    }

    fn take_addresses(&mut self, answer: &Answer, destination: &Destination) {
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
            let host = &self.question.name;
            self.found.push(Candidate::new(
                self.preference,
                host,
                address,
                destination.port,
            ));
        }
    }

    fn next(
        mut self,
        destination: &Destination,
        around: &mut Surroundings<'_>,
        numbers: &mut Numbers<'_>,
    ) -> Progress {
        if let Some((preference, question)) = self.to_ask.pop_front() {
            if question.name != self.question.name || self.question.kind == Kind::Mx {
                self.host_found = false;
            }
            self.preference = preference;
            self.question = question;
            return self.ask(around, numbers);
        }
        if !self.found.is_empty() {
            return Progress::Servers(order(self.found, &around.settings.hosts, numbers.draw));
        }
        let mut why = self.why.unwrap_or_else(Why::unavailable);
        if self.has_mx {
            let text = format!(
                "no MX host for {} has a valid address record",
                destination.domain
            );
            around
                .out
                .tell(around.now.time, None, What::Warning(text.into()));
            if around.settings.hosts.defer_if_no_mx_address_found {
                why.dsn.class = 4;
            }
        }
        Progress::Nothing(why)
    }

    fn ask(mut self, around: &mut Surroundings<'_>, numbers: &mut Numbers<'_>) -> Progress {
        self.query = numbers.ask(&self.question, around);
        Progress::Asking(self)
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

fn tell_rule(rule: Rule, around: &mut Surroundings<'_>) {
    around
        .out
        .tell(around.now.time, None, What::Decided { server: None, rule });
}
