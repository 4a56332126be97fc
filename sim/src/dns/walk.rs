//! From a name and a type along the CNAMEs to what is there.

use std::time::Duration;

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::rdata::CNAME;
use hickory_proto::rr::{Name, RData, Record, RecordData, RecordType};
use mta_core::dns::Kind;

use super::key::Key;
use super::record::kind_of;
use super::spec::{Dnssec, Fault};
use super::zones::{Countdown, Node, Place, Zones};

/// How long the resolver takes at least: it is a hop away, and every driver's clock can tell a hop from nothing.
pub(crate) const LEAST_DELAY: Duration = Duration::from_millis(1);

/// The most CNAMEs followed in one look-up; more, or a loop, is SERVFAIL. Unbound's and BIND's
/// `max-query-restarts`, default 11.
pub(crate) const CHAIN_MAX: usize = 11;

/// What a look-up met.
pub(crate) struct Walk {
    /// The CNAMEs on the way, first to last.
    pub(crate) aliases: Vec<Record>,
    /// What was at the end.
    pub(crate) end: End,
    /// The weakest state on the way: the answer is secure if all of it is (RFC 4035 §3.2.3).
    pub(crate) dnssec: Dnssec,
    /// Whether, and how, the reply is cut short on purpose.
    pub(crate) truncated: Option<Truncated>,
    /// The time that all names on the way took.
    pub(crate) delay: Duration,
    /// Whether the same query may meet something else the next time.
    pub(crate) passing: bool,
}

/// How a look-up ends.
pub(crate) enum End {
    /// With records of the type asked for.
    Records(Vec<Record>),
    /// With a denial, and the owner of the SOA that goes with it.
    Denied(Denial, Name),
    /// With an error.
    Failed(ResponseCode),
    /// With nothing at all.
    Silence,
    /// With a reply that cannot be read.
    Garbled,
}

pub(crate) enum Denial {
    NoName,
    NoData,
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Truncated {
    TcpAnswers,
    TcpSilent,
}

/// Looks up `name` and `wire_type` in `zones`.
pub(crate) fn walk(zones: &Zones, name: &Name, wire_type: RecordType) -> Walk {
    let mut walk = Walk {
        aliases: Vec::new(),
        end: End::Failed(ResponseCode::ServFail),
        dnssec: Dnssec::Secure,
        truncated: None,
        delay: Duration::ZERO,
        passing: false,
    };
    let kind = kind_of(wire_type);
    let mut owner = name.clone();
    while walk.aliases.len() <= CHAIN_MAX {
        match step(zones, &mut walk, &owner, kind) {
            Step::Alias(target) => {
                let cname = RData::CNAME(CNAME(target.name.clone()));
                let alias = Record::from_rdata(owner, target.ttl, cname);
                walk.aliases.push(alias);
                owner = target.name;
            }
            Step::End(end) => {
                walk.end = end;
                return walk;
            }
        }
    }
    // A chain without end is an error of its own, without the part that was followed.
    walk.aliases.clear();
    walk
}

enum Step {
    Alias(Target),
    End(End),
}

struct Target {
    name: Name,
    ttl: u32,
}

fn step(zones: &Zones, walk: &mut Walk, owner: &Name, kind: Option<Kind>) -> Step {
    let denied = |denial| Step::End(End::Denied(denial, zones.apex(owner)));
    let key = Key::of(owner);
    let place = zones.place(&key);
    let node = match place {
        Place::Listed(node) => Some(node),
        Place::Empty | Place::Missing => None,
    };
    let alias = node.and_then(|node| alias_at(node, kind));
    // It is the CNAME that validates, whatever was asked for.
    let found_kind = if alias.is_some() {
        Some(Kind::Cname)
    } else {
        kind
    };
    let spoofed = node.and_then(|node| node.spoofed.get(&kind?));
    // Whoever forges an answer cannot sign it.
    let mut state = zones.dnssec(&key, node, found_kind);
    if spoofed.is_some() && state == Dnssec::Secure {
        state = Dnssec::Bogus;
    }
    walk.dnssec = weaker(walk.dnssec, state);
    let node = match place {
        Place::Listed(node) => node,
        Place::Empty => return denied(Denial::NoData),
        Place::Missing => return denied(Denial::NoName),
    };
    walk.delay += node.delay;
    walk.passing |= node.times.is_some();
    let fault = node.fault.as_ref().and_then(|fault| fault.get(kind));
    match fault.filter(|_| node.times.as_ref().is_none_or(Countdown::take)) {
        None => {}
        Some(Fault::Truncated) => walk.truncated = Some(Truncated::TcpAnswers),
        Some(Fault::TruncatedNoTcp) => walk.truncated = Some(Truncated::TcpSilent),
        Some(Fault::NxDomain) => return denied(Denial::NoName),
        Some(Fault::NoData) => return denied(Denial::NoData),
        Some(Fault::ServFail) => return Step::End(End::Failed(ResponseCode::ServFail)),
        Some(Fault::Refused) => return Step::End(End::Failed(ResponseCode::Refused)),
        Some(Fault::NotImp) => return Step::End(End::Failed(ResponseCode::NotImp)),
        Some(Fault::Timeout) => return Step::End(End::Silence),
        Some(Fault::Garbled) => return Step::End(End::Garbled),
    }
    let record = |data: &RData| Record::from_rdata(owner.clone(), node.ttl, data.clone());
    if let Some(data) = spoofed {
        return match data.as_slice() {
            [] => denied(Denial::NoData),
            data => Step::End(End::Records(data.iter().map(record).collect())),
        };
    }
    if let Some(target) = alias {
        return Step::Alias(target);
    }
    match kind.and_then(|kind| node.records(kind)) {
        Some(data) => Step::End(End::Records(data.iter().map(record).collect())),
        None => denied(Denial::NoData),
    }
}

/// Where the CNAME at `node` leads, unless it is itself what was asked for (RFC 1034 §3.6.2).
fn alias_at(node: &Node, kind: Option<Kind>) -> Option<Target> {
    if kind == Some(Kind::Cname) {
        return None;
    }
    let target = CNAME::try_borrow(node.records(Kind::Cname)?.first()?)?;
    Some(Target {
        name: target.0.clone(),
        ttl: node.ttl,
    })
}

fn weaker(one: Dnssec, other: Dnssec) -> Dnssec {
    match (one, other) {
        (Dnssec::Bogus, _) | (_, Dnssec::Bogus) => Dnssec::Bogus,
        (Dnssec::Insecure, _) | (_, Dnssec::Insecure) => Dnssec::Insecure,
        (Dnssec::Secure, Dnssec::Secure) => Dnssec::Secure,
    }
}
