//! A sentence of Postfix's, and how much it worries about it.

use std::fmt;

/// A sentence of Postfix's, and how much it worries about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// The word in front of it.
    pub severity: Severity,
    /// The rest. It may hold what a peer sent, as it came.
    pub text: String,
}

/// How much Postfix worries (src/util/msg.c).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing; no word stands in front.
    Info,
    /// Odd.
    Warning,
    /// Something does not work.
    Error,
    /// The process ends.
    Fatal,
    /// The process ends, and Postfix takes it for a fault of its own.
    Panic,
}

/// `warning: TEXT`
impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.severity {
            Severity::Info => "",
            Severity::Warning => "warning: ",
            Severity::Error => "error: ",
            Severity::Fatal => "fatal: ",
            Severity::Panic => "panic: ",
        };
        write!(f, "{word}{}", self.text)
    }
}

pub(in super::super) fn info(text: impl Into<String>) -> Sentence {
    Sentence {
        severity: Severity::Info,
        text: text.into(),
    }
}

pub(super) fn fatal(text: impl Into<String>) -> Sentence {
    Sentence {
        severity: Severity::Fatal,
        text: text.into(),
    }
}

pub(super) fn error(text: impl Into<String>) -> Sentence {
    Sentence {
        severity: Severity::Error,
        text: text.into(),
    }
}

pub(in super::super) fn warning(text: impl Into<String>) -> Sentence {
    Sentence {
        severity: Severity::Warning,
        text: text.into(),
    }
}

/// What stands before an error of OpenSSL's.
pub(in super::super) const LIBRARY: &str = "TLS library problem: ";

/// An error of OpenSSL's, and what it adds behind the place in its sources.
pub(in super::super) fn library(error: &str, data: &str) -> Sentence {
    let colon = if data.is_empty() { "" } else { ":" };
    warning(format!("{LIBRARY}{error}:<SRC>:{data}{colon}"))
}
