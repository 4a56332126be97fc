//! One policy, as it stands in a table.

use super::external::External;
use crate::event::{EntryFault, Notice, PolicyNotice};
use crate::policy::Level;

/// A policy for a destination. What it leaves open is as main.cf says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The level.
    pub level: Level,
    /// `match`: names and strategies at `verify` and `secure`, digests at `fingerprint`. It can be set and empty:
    /// then no name matches, and 3.7 takes the digests of main.cf.
    pub matches: Option<Vec<String>>,
    /// `protocols`; a list that is invalid is found when TLS begins.
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

/// A policy is invalid.
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
