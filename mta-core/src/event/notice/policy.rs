//! Notices about what tables say of TLS and of routes.

use std::fmt;
use std::sync::Arc;

use super::table::WordFault;
use crate::policy::Level;

/// About what tables say of TLS and of routes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PolicyNotice {
    /// An entry of `smtp_tls_policy_maps` is invalid, or there is no answer.
    Entry {
        /// The parameter.
        parameter: Arc<str>,
        /// The key.
        destination: Arc<str>,
        /// What is wrong.
        fault: EntryFault,
    },
    /// A name in it is not a host name.
    BadHostName {
        /// The name, as far as it is repeated.
        name: Arc<str>,
        /// What is wrong.
        fault: HostNameFault,
    },
    /// A word of `smtp_tls_per_site` means nothing.
    UnknownSiteWord {
        /// The parameter.
        parameter: Arc<str>,
        /// Whose the key is.
        of: SiteKey,
        /// The key.
        key: Arc<str>,
        /// The word.
        word: Arc<str>,
    },
    /// `smtp_tls_per_site` has no answer.
    SiteLookupFailed {
        /// The parameter.
        parameter: Arc<str>,
        /// Whose the key is.
        of: SiteKey,
        /// The key.
        key: Arc<str>,
    },
    /// `smtp_requiretls_policy` cannot be read at a destination.
    RequireTls(RequireTlsFault),
    /// A server's name cannot be looked up in `smtp_tls_loglevel_maps`.
    OddPeerName {
        /// The name.
        host: Arc<str>,
    },
    /// A table that decides on the way has no answer.
    RouteLookupFailed {
        /// The parameter.
        parameter: &'static str,
    },
    /// A table that decides on the way has an empty answer.
    NullRoute {
        /// The parameter.
        parameter: &'static str,
        /// The key.
        key: Arc<str>,
    },
    /// `default_transport`, or what takes its place for a sender, names no service.
    NoTransport {
        /// The directory of main.cf.
        config_directory: Arc<str>,
        /// The parameter.
        parameter: &'static str,
    },
}

/// Whose key was looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SiteKey {
    /// The destination's.
    NextHop,
    /// The server's.
    Host,
}

/// What is wrong with an entry of `smtp_tls_policy_maps` (src/smtp/smtp_tls_policy.c).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryFault {
    /// The table has no answer.
    LookupFailed,
    /// It is empty.
    Empty,
    /// Its first word is not a level.
    BadLevel(Arc<str>),
    /// An attribute at level none.
    WithoutTls(Arc<str>),
    /// A word that is not `name=value`.
    Malformed {
        /// The word.
        word: Arc<str>,
        /// What is wrong.
        fault: WordFault,
    },
    /// No attribute has this name.
    UnknownName(Arc<str>),
    /// An attribute stands there more than once.
    Twice(Arc<str>),
    /// An attribute without a value.
    NoValue(Arc<str>),
    /// An attribute that is neither yes nor no.
    NotYesOrNo(Attribute),
    /// An attribute whose value cannot be read.
    BadValue(Attribute),
    /// An attribute whose value is not one of those it may have.
    Unexpected(Attribute),
    /// An attribute whose value is not a host name.
    NoHostName(Attribute),
    /// An attribute that this level does not have.
    NotAtLevel {
        /// The attribute.
        name: Arc<str>,
        /// The level.
        level: Level,
    },
    /// Facts about a policy without `policy_type`.
    NoPolicyType,
}

/// An attribute and its value, as they are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Its name.
    pub name: Arc<str>,
    /// Its value.
    pub value: Arc<str>,
}

/// What is wrong with `smtp_requiretls_policy` (src/smtp/smtp_reqtls_policy.c).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequireTlsFault {
    /// The destination has no A-labels.
    BadDestination(Arc<str>),
    /// A table has no answer.
    LookupFailed {
        /// The table, `type:name`.
        table: Arc<str>,
    },
    /// A table says more than one action, or names a table.
    OddResult {
        /// The table, `type:name`.
        table: Arc<str>,
        /// What it says.
        word: Arc<str>,
        /// Whether it names a table.
        is_table: bool,
    },
    /// No action is called so.
    UnknownAction {
        /// The table that says so, `type:name`; nothing if the parameter does.
        table: Option<Arc<str>>,
        /// The word.
        word: Arc<str>,
    },
}

/// Why something is not a host name (src/util/valid_hostname.c).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostNameFault {
    /// It is empty.
    Empty,
    /// A dot at an end, or next to another.
    Delimiter,
    /// A byte that names do not have.
    Character(u8),
    /// A label begins or ends with a hyphen.
    Hyphen,
    /// A label is too long.
    LongLabel,
    /// It is all digits and dots.
    Numeric,
    /// It is too long; its length in bytes.
    Length(usize),
}

/// The fault alone, in the words of that file.
impl fmt::Display for HostNameFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            HostNameFault::Empty => "empty hostname",
            HostNameFault::Delimiter => "misplaced delimiter",
            HostNameFault::Character(_) => "invalid character",
            HostNameFault::Hyphen => "misplaced hyphen",
            HostNameFault::LongLabel => "hostname label too long",
            HostNameFault::Numeric => "numeric hostname",
            HostNameFault::Length(_) => "bad length",
        })
    }
}
