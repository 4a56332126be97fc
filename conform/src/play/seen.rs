//! What a step led to, in the words of an observation.

use std::net::SocketAddr;

use mta_core::event::{Event, What};
use mta_core::log::Log;
use mta_sim::peer::Seen;

use super::{Play, STEP_MAX};
use crate::normal;
use crate::observation::{Connection, Delivery, HelloSeen, Observation, StepSeen, TlsSeen};

impl Play<'_> {
    /// Lets what stayed open be closed, and notes what was seen of every connection.
    pub(super) fn let_connections_end(&mut self) {
        let end = self.memory.now() + STEP_MAX;
        self.memory.run_until_quiet(end);
        self.note_connections();
    }

    fn note_connections(&mut self) {
        for (number, address, seen) in self.memory.take_seen() {
            self.connections.insert(number, connection(address, seen));
        }
    }

    /// What the step led to, but for its log.
    pub(super) fn seen(&mut self) -> StepSeen {
        self.note_connections();
        let events = self.memory.take_events();
        let seen = StepSeen {
            log: Vec::new(),
            deliveries: events.iter().filter_map(delivery).collect(),
            connections: Vec::new(),
            dns: self.queries(&events),
        };
        let warnings = std::mem::take(&mut self.warnings);
        self.steps.push((warnings, events));
        seen
    }

    /// Adds the log of each step.
    pub(super) fn write_logs(&self, seen: &mut Observation) {
        let mut log = Log::of(self.memory.services());
        for (step, (warnings, events)) in seen.steps.iter_mut().zip(&self.steps) {
            let lines = events.iter().flat_map(|event| log.lines(event));
            let lines: Vec<String> = lines.map(|line| normal::line_of(&line)).collect();
            let label = |line: &String| {
                let line = normal::ours(line);
                self.wanted.certificates.label_digests(&line)
            };
            step.log = warnings.iter().chain(&lines).map(label).collect();
        }
    }

    /// What DNS was asked.
    fn queries(&self, events: &[Event]) -> Vec<String> {
        let own = self.own_hosts();
        let query = |event: &Event| {
            let What::Asked(question) = &event.what else {
                return None;
            };
            let asks_dns = own.is_none_or(|hosts| !hosts.answers(question));
            asks_dns.then(|| question.to_string())
        };
        events.iter().filter_map(query).collect()
    }
}

fn delivery(event: &Event) -> Option<Delivery> {
    let outcome = event.outcome()?;
    Some(Delivery {
        rcpt: outcome.recipient.to_string(),
        relay: outcome
            .relay
            .as_ref()
            .map_or_else(|| "none".to_owned(), ToString::to_string),
        dsn: outcome.dsn.to_string(),
        status: outcome.status.to_string(),
        text: normal::ours(&mta_core::log::reason(&outcome.reason)),
    })
}

fn connection(address: SocketAddr, seen: Seen) -> Connection {
    Connection {
        peer: format!("{}:{}", address.ip(), address.port()),
        plain: seen
            .plain
            .iter()
            .map(|line| one_char_a_byte(line))
            .collect(),
        tls: seen.tls.map(|tls| TlsSeen {
            hello: (!tls.offered_versions.is_empty()).then_some(HelloSeen {
                sni: tls.sni,
                psk: tls.psk,
                versions: None,
                suites: None,
            }),
            version: tls.version.map(|version| version.replace('_', ".")),
            cipher: None,
            resumed: tls.resumed,
        }),
        in_tls: seen
            .in_tls
            .iter()
            .map(|line| one_char_a_byte(line))
            .collect(),
    }
}

/// The dataset shows every byte of a command as one character.
fn one_char_a_byte(line: &str) -> String {
    line.bytes().map(char::from).collect()
}
