//! One policy, as it stands in a table.

use std::borrow::Cow;

use super::attributes::Attributes;
use super::external::External;
use crate::config::{Feature, Release};
use crate::event::{BraceFault, EntryFault, Notice, PolicyNotice, WordFault};
use crate::maps::syntax::{braced_words, in_braces, name_value, plain_blanks, words};
use crate::policy::Level;

/// A policy for a destination. What it leaves open is as main.cf says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The level.
    pub level: Level,
    /// `match`: names and strategies at `verify` and `secure`, digests at `fingerprint`. It can be set and empty:
    /// then no name matches, and 3.7 takes the digests of main.cf.
    pub matches: Option<Vec<String>>,
    /// `protocols`; a list that makes no sense is found when TLS begins.
    pub protocols: Option<String>,
    /// `ciphers`: a grade; one that does not exist is found when TLS begins.
    pub ciphers: Option<String>,
    /// `exclude`, which stands in for all exclusions of main.cf.
    pub exclude: Option<String>,
    /// `servername`: a host name, or one of the words `hostname` and `nexthop`.
    pub servername: Option<String>,
    /// `tafile`: files with trust anchors, in order. The policy is invalid if one cannot be loaded.
    pub tafiles: Vec<String>,
    /// `connection_reuse`.
    pub connection_reuse: Option<bool>,
    /// `enable_rpk` (3.9 and later).
    pub enable_rpk: Option<bool>,
    /// What a resolver of MTA-STS policies adds (3.10 and later).
    pub external: Option<External>,
}

/// A policy makes no sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// What was read before the fault. Postfix loads what an attribute names at once, and not what stands behind a fault.
    pub before: Option<Box<Entry>>,
}

/// What came of reading a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed {
    /// The policy.
    pub entry: Result<Entry, Invalid>,
    /// What Postfix remarks on meanwhile.
    pub notices: Vec<Notice>,
}

impl Entry {
    /// Nothing but a level.
    pub fn at(level: Level) -> Entry {
        Entry {
            level,
            matches: None,
            protocols: None,
            ciphers: None,
            exclude: None,
            servername: None,
            tafiles: Vec::new(),
            connection_reuse: None,
            enable_rpk: None,
            external: None,
        }
    }

    /// Reads `LEVEL attribute=value ...` as `release` does. Notices name the parameter and the key of the entry, such as
    /// `smtp_tls_policy_maps` and `example.test`.
    pub fn parse(text: &str, release: Release, parameter: &str, key: &str) -> Parsed {
        let odd = |fault| odd_entry(parameter, key, fault);
        let mut notices = Vec::new();
        let entry = read(text, release, odd, &mut notices);
        Parsed { entry, notices }
    }

    /// The MX hosts that may be used at all, where `smtp_tls_enforce_sts_mx_patterns` is on: those that one of the
    /// patterns of an MTA-STS policy matches. The match list of such a policy is `hostname`, whatever else it says.
    pub fn sts_mx_hosts(&self) -> Option<&External> {
        self.matches.as_ref()?;
        self.external
            .as_ref()
            .filter(|external| external.limits_mx_hosts())
    }
}

/// Something is wrong with an entry.
pub(super) fn odd_entry(parameter: &str, key: &str, fault: EntryFault) -> Notice {
    Notice::Policy(PolicyNotice::Entry {
        parameter: parameter.into(),
        destination: key.into(),
        fault,
    })
}

fn read(
    text: &str,
    release: Release,
    odd: impl Fn(EntryFault) -> Notice,
    log: &mut Vec<Notice>,
) -> Result<Entry, Invalid> {
    // 3.10 brought braces around attributes; before, they were letters like others.
    let words: Vec<&str> = if knows_braces(release) {
        braced_words(text).collect()
    } else {
        words(text).collect()
    };
    let nothing = Invalid { before: None };
    let Some((first, rest)) = words.split_first() else {
        log.push(odd(EntryFault::Empty));
        return Err(nothing);
    };
    let Ok(level) = first.parse::<Level>() else {
        log.push(odd(EntryFault::BadLevel((*first).into())));
        return Err(nothing);
    };
    if level == Level::None {
        let ignored = rest
            .iter()
            .map(|word| EntryFault::WithoutTls((*word).into()));
        log.extend(ignored.map(odd));
        return Ok(Entry::at(level));
    }
    let mut attributes = Attributes::at(level, release);
    let read = rest
        .iter()
        .try_for_each(|word| attribute(word, release, &mut attributes, log));
    read.and_then(|()| attributes.check()).map_err(|fault| {
        log.push(odd(fault));
        Invalid {
            before: Some(Box::new(attributes.so_far())),
        }
    })?;
    Ok(attributes.so_far())
}

/// Reads one `attribute=value`.
fn attribute(
    word: &str,
    release: Release,
    attributes: &mut Attributes,
    log: &mut Vec<Notice>,
) -> Result<(), EntryFault> {
    let (word, pair) = match in_group(word, release) {
        None => (Cow::Borrowed(word), Ok(())),
        Some(Ok(inner)) => (plain_blanks(inner), Ok(())),
        Some(Err((fault, inner))) => (plain_blanks(inner), Err(WordFault::Braces(fault))),
    };
    let (name, value) = pair
        .and_then(|()| name_value(&word).map_err(WordFault::Pair))
        .map_err(|fault| {
            let word = word.as_ref().into();
            EntryFault::Malformed { word, fault }
        })?;
    attributes.set(name, value, log)
}

/// What stands in `{ attribute = value }`; `None` if the word is no such group.
fn in_group(word: &str, release: Release) -> Option<Result<&str, (BraceFault, &str)>> {
    (knows_braces(release) && word.starts_with('{')).then(|| in_braces(word))
}

fn knows_braces(release: Release) -> bool {
    release.has(Feature::AttributesInBraces)
}
