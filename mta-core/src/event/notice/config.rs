//! Notices about main.cf: what keeps a process from starting, and what it finds odd.

use std::sync::Arc;

use super::{HostNameFault, OpenFault, PairFault};

/// About main.cf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigNotice {
    /// The client cannot log in.
    Sasl(SaslTrouble),
    /// A line continues another, and there is none.
    NothingToContinue {
        /// The file.
        path: Arc<str>,
        /// The line, as far as it is repeated.
        start: Arc<str>,
        /// Whether there is more of it.
        is_cut: bool,
    },
    /// A line is not `name = value`.
    BadLine {
        /// Where it stands.
        at: FileLine,
        /// What is wrong.
        fault: PairFault,
        /// The line.
        text: Arc<str>,
    },
    /// A parameter stands there again, with another value.
    Overriding {
        /// Where it stands again.
        at: FileLine,
        /// The parameter.
        parameter: Arc<str>,
        /// The value that counts no more.
        value: Arc<str>,
    },
    /// A value has something wrong behind a dollar sign.
    Macro {
        /// What, in a clause.
        what: Arc<str>,
    },
    /// A parameter that is neither yes nor no.
    NotYesOrNo(Assignment),
    /// A parameter that is not a number.
    NotANumber(Assignment),
    /// A parameter that is not a time.
    NotATime(Assignment),
    /// A number beyond a limit.
    NumberOutOfRange {
        /// The parameter.
        parameter: Arc<str>,
        /// The number.
        number: i64,
        /// The limit.
        limit: Limit,
    },
    /// A time beyond a limit.
    TimeOutOfRange {
        /// The parameter.
        parameter: Arc<str>,
        /// The time, in seconds.
        seconds: i32,
        /// The limit, in seconds.
        limit: Limit,
    },
    /// A text that is too short.
    TooShort {
        /// The parameter, and the text.
        set: Assignment,
        /// The fewest bytes that it may have.
        min: usize,
    },
    /// A name that is not a host name.
    NotAHostName {
        /// The file.
        path: Arc<str>,
        /// The parameter, and the name.
        set: Assignment,
        /// What is wrong.
        fault: HostNameFault,
    },
    /// `smtp_tls_security_level` is not a level.
    BadLevel(Arc<str>),
    /// `compatibility_level` is not a level.
    BadCompatLevel(Arc<str>),
    /// A parameter whose word is not one of those it may have.
    BadWord(Assignment),
    /// A parameter has a word that it does not know.
    UnknownWord {
        /// The parameter, and all that was written.
        set: Assignment,
        /// The word.
        word: Arc<str>,
        /// How far that goes.
        weight: WordWeight,
    },
    /// `smtp_address_preference` is not a preference.
    BadPreference(Arc<str>),
    /// `inet_protocols` names no protocol.
    NoProtocols,
    /// A name of `inet_interfaces` or `proxy_interfaces` leads nowhere.
    InterfaceNotFound {
        /// The parameter.
        parameter: Arc<str>,
        /// The name.
        host: Arc<str>,
    },
    /// `relayhost` is this machine.
    RelayIsSelf {
        /// `myhostname`
        myhostname: Arc<str>,
    },
    /// A table cannot be opened.
    NoTable(OpenFault),
    /// TLSRPT is on, and there is no socket to report to.
    NoReportSocket,
    /// The level is not set, and its default is an old one.
    LevelByDefault,
    /// A name of `tls_eecdh_auto_curves` that OpenSSL does not know.
    UnknownCurve(Arc<str>),
    /// OpenSSL refuses the list of curves.
    CurvesRefused,
    /// No group for key exchange is left.
    NoGroup {
        /// Whether none was named at all.
        is_empty: bool,
    },
}

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileLine {
    /// The file.
    pub path: Arc<str>,
    /// The line, from 1, if one is to blame.
    pub line: Option<u32>,
}

/// A parameter and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The parameter.
    pub parameter: Arc<str>,
    /// Its value, expanded.
    pub value: Arc<str>,
}

impl Assignment {
    /// `parameter = value`
    pub fn of(parameter: &str, value: &str) -> Self {
        Assignment {
            parameter: parameter.into(),
            value: value.into(),
        }
    }
}

/// A limit that was passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// The least.
    Min(i32),
    /// The most.
    Max(i32),
}

/// How far it goes that a word is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WordWeight {
    /// The process cannot start.
    Fatal,
    /// It is passed over.
    Odd,
    /// The same, and it is read once for the engine and once for DANE (src/smtp/smtp.c `pre_init`).
    OddTwice,
}

/// Why a client that is to log in cannot even start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SaslTrouble {
    /// `smtp_sasl_auth_enable` without `smtp_sasl_password_maps`.
    NoPasswords,
    /// `smtp_sasl_type` names a library that the client cannot use.
    UnknownLibrary(Arc<str>),
    /// `smtp_sasl_security_options`, or one like it, has a word that is not known.
    UnknownOption {
        /// The value.
        value: Arc<str>,
        /// The word in it.
        word: Arc<str>,
    },
    /// `smtp_sasl_auth_cache_name` names more than one table.
    ManyCaches(Arc<str>),
    /// `smtp_sasl_auth_cache_name` names a table that is not behind proxymap(8).
    CacheWithoutProxy(Arc<str>),
}
