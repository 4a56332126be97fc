//! Everything the simulated resolver knows, checked and indexed by name.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::Bound;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use hickory_proto::rr::{Name, RData};
use hickory_proto::serialize::binary::{BinEncodable, BinEncoder};
use mta_core::dns::Kind;

use super::error::{Trouble, ZoneError};
use super::key::{Key, upwards};
use super::spec::{Dnssec, Fault, NameSpec, PerKind};
use super::words::Word;
use super::{name, record};

/// Time to live of records whose name sets none, in seconds. Ours: an hour, as many zones have it.
pub(crate) const DEFAULT_TTL: u32 = 3600;

/// Time to live of denials, in seconds: TTL and MINIMUM of the SOA sent with them (RFC 2308 §5). Ours.
pub(crate) const NEGATIVE_TTL: u32 = 60;

/// The longest delay that data may ask for. Ours: beyond it no resolver waits.
pub(crate) const DELAY_MAX: Duration = Duration::from_secs(3600);

/// The most bytes that the records of one name and type may take in a message. A message has 65,535
/// (RFC 1035 §4.2.2); what is left holds the question, a full chain of CNAMEs and the OPT record.
pub(crate) const RRSET_BYTES_MAX: usize = 58_000;

/// Names and their records, faults and delays: what a validating resolver would find out.
///
/// Names compare without regard to ASCII case (RFC 4343). A name exists if it or a name below it is
/// listed (RFC 8020); any other is NXDOMAIN.
#[derive(Clone, Debug, Default)]
pub struct Zones {
    // By key.
    names: BTreeMap<Box<[u8]>, Node>,
}

/// What is known of one name.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// A few at most: a map for each name would take nine times the memory.
    records: Box<[(Kind, Vec<RData>)]>,
    pub(crate) ttl: u32,
    pub(crate) spoofed: BTreeMap<Kind, Vec<RData>>,
    pub(crate) fault: Option<PerKind<Fault>>,
    /// For how many queries more the fault is there; for ever, if absent.
    pub(crate) times: Option<Countdown>,
    pub(crate) delay: Duration,
    dnssec: Option<PerKind<Dnssec>>,
}

/// Counts down to nothing.
#[derive(Debug)]
pub(crate) struct Countdown(AtomicU32);

impl Countdown {
    /// One less; whether there was one.
    pub(crate) fn take(&self) -> bool {
        let less = |left: u32| left.checked_sub(1);
        self.0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, less)
            .is_ok()
    }
}

impl Clone for Countdown {
    fn clone(&self) -> Self {
        Countdown(AtomicU32::new(self.0.load(Ordering::Relaxed)))
    }
}

/// What there is at a name.
pub(crate) enum Place<'a> {
    /// The name is listed, or a wildcard stands for it.
    Listed(&'a Node),
    /// Only names below it are listed (an empty non-terminal, RFC 4592 §2.2.2).
    Empty,
    /// Nothing.
    Missing,
}

impl Zones {
    /// Checks and indexes `names`.
    ///
    /// # Errors
    /// The first mistake in the data, with name, field and text.
    pub fn new(names: &[NameSpec]) -> Result<Self, ZoneError> {
        let mut zones = Zones::default();
        for spec in names {
            let key = name::parse(&spec.name)
                .map_err(|trouble| mistake(spec, "name", &spec.name, trouble))?;
            let node = Node::new(spec)?;
            match zones.names.entry(Key::of(&key).into()) {
                Entry::Vacant(free) => free.insert(node),
                Entry::Occupied(_) => {
                    return Err(mistake(spec, "name", &spec.name, Trouble::NameTwice));
                }
            };
        }
        Ok(zones)
    }

    /// How many names are listed.
    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }

    /// What there is at `name`, wildcards included (RFC 4592 §3.3.1).
    pub(crate) fn place(&self, name: &Key) -> Place<'_> {
        let name = name.as_bytes();
        if let Some(node) = self.names.get(name) {
            return Place::Listed(node);
        }
        if self.exists(name) {
            return Place::Empty;
        }
        let encloser = upwards(name).skip(1).find(|above| self.exists(above));
        let wildcard = Key::root_or(encloser).below(b"*");
        match self.names.get(wildcard.as_bytes()) {
            Some(node) => Place::Listed(node),
            None => Place::Missing,
        }
    }

    /// Whether a name is listed, or one below it.
    fn exists(&self, name: &[u8]) -> bool {
        let from_here = (Bound::Included(name), Bound::Unbounded);
        let next = self.names.range::<[u8], _>(from_here).next();
        next.is_some_and(|(next, _)| next.starts_with(name))
    }

    /// What validation makes of the records of `kind` at `name`, found at `node` if listed: the word
    /// of the nearest name, upwards, that has one.
    pub(crate) fn dnssec(&self, name: &Key, node: Option<&Node>, kind: Option<Kind>) -> Dnssec {
        let says = |node: &Node| node.dnssec.as_ref()?.get(kind);
        if let Some(state) = node.and_then(says) {
            return state;
        }
        let mut above = upwards(name.as_bytes()).filter_map(|name| self.names.get(name));
        above.find_map(says).unwrap_or(Dnssec::Insecure)
    }

    /// The owner of the SOA that denies `name`: the highest listed name above it, short of the root.
    pub(crate) fn apex(&self, name: &Name) -> Name {
        let key = Key::of(name);
        let names = upwards(key.as_bytes()).take_while(|name| !name.is_empty());
        let labels = (0..=name.iter().count()).rev();
        let listed = names
            .zip(labels)
            .filter(|(name, _)| self.names.contains_key(*name));
        listed
            .last()
            .map_or_else(Name::root, |(_, labels)| name.trim_to(labels))
    }
}

impl Node {
    fn new(spec: &NameSpec) -> Result<Self, ZoneError> {
        let mut records = Vec::new();
        for kind in record::KINDS {
            let data = rrset(spec, kind, texts_of(spec, kind))?;
            if !data.is_empty() {
                records.push((kind, data));
            }
        }
        if let Some(target) = &spec.cname
            && records.len() > 1
        {
            return Err(mistake(spec, "cname", target, Trouble::CnameBesideData));
        }
        let delay = match &spec.delay {
            Some(text) => delay(text).map_err(|trouble| mistake(spec, "delay", text, trouble))?,
            None => Duration::ZERO,
        };
        let mut spoofed = BTreeMap::new();
        for (kind, texts) in spec.spoof.iter().flat_map(|spoof| &spoof.0) {
            spoofed.insert(*kind, rrset(spec, *kind, texts)?);
        }
        Ok(Node {
            records: records.into(),
            spoofed,
            times: spec.times.map(|times| Countdown(AtomicU32::new(times))),
            ttl: spec.ttl.unwrap_or(DEFAULT_TTL),
            fault: spec.fault.clone(),
            delay,
            dnssec: spec.dnssec.clone(),
        })
    }

    /// The records of one type, if there are any.
    pub(crate) fn records(&self, kind: Kind) -> Option<&[RData]> {
        let (_, data) = self.records.iter().find(|(known, _)| *known == kind)?;
        Some(data)
    }
}

fn texts_of(spec: &NameSpec, kind: Kind) -> &[String] {
    match kind {
        Kind::Mx => &spec.mx,
        Kind::A => &spec.a,
        Kind::Aaaa => &spec.aaaa,
        Kind::Cname => spec.cname.as_slice(),
        Kind::Tlsa => &spec.tlsa,
        Kind::Txt => &spec.txt,
        Kind::Ns => &spec.ns,
    }
}

fn rrset(spec: &NameSpec, kind: Kind, texts: &[String]) -> Result<Vec<RData>, ZoneError> {
    let mut data = Vec::with_capacity(texts.len());
    let mut octets = 0;
    for text in texts {
        let at = |trouble| mistake(spec, kind.word(), text, trouble);
        let record = record::parse(kind, text).map_err(at)?;
        octets += bytes_of(&record).ok_or_else(|| at(Trouble::TooMuchData))?;
        if octets > RRSET_BYTES_MAX {
            return Err(at(Trouble::TooMuchData));
        }
        data.push(record);
    }
    Ok(data)
}

/// The bytes of a record with `data` in a message; none if no message can hold it.
fn bytes_of(data: &RData) -> Option<usize> {
    // RFC 1035 §4.1.3 and §4.1.4: a pointer to the owner, type, class, TTL and length.
    const AROUND: usize = 2 + 2 + 2 + 4 + 2;
    let mut octets = Vec::new();
    data.emit(&mut BinEncoder::new(&mut octets)).ok()?;
    Some(AROUND + octets.len())
}

fn delay(text: &str) -> Result<Duration, Trouble> {
    let split = text.find(|c: char| !c.is_ascii_digit());
    let (number, unit) = text.split_at(split.unwrap_or(text.len()));
    let number: u64 = number.parse().map_err(|_| Trouble::Duration)?;
    let millis_each = match unit.trim_start() {
        "ms" => 1,
        "s" => 1000,
        "min" => 60_000,
        "h" => 3_600_000,
        _ => return Err(Trouble::Duration),
    };
    let delay = Duration::from_millis(number.saturating_mul(millis_each));
    if delay > DELAY_MAX {
        return Err(Trouble::DelayTooLong);
    }
    Ok(delay)
}

fn mistake(spec: &NameSpec, field: &'static str, text: &str, trouble: Trouble) -> ZoneError {
    ZoneError {
        name: spec.name.clone(),
        field,
        text: text.to_owned(),
        trouble,
    }
}
