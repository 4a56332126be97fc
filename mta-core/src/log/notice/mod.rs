//! What Postfix says where it remarks on something: all its sentences for a [`Notice`].

mod config;
mod destination;
mod dialogue;
mod policy;
mod queue;
mod table;
mod tls;

use std::fmt;

use super::line::{Page, Prefix};
use super::{LogLine, LogStyle};
use crate::event::{Notice, Program};
use crate::policy_table::Tables;

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

/// What Postfix says of a notice: mostly one sentence.
pub fn sentences(notice: &Notice) -> Vec<Sentence> {
    match notice {
        Notice::Destination(notice) => destination::sentences(notice),
        Notice::Dialogue(notice) => vec![dialogue::sentence(notice)],
        Notice::Tls(notice) => tls::sentences(notice),
        Notice::Queue(notice) => queue::sentences(notice),
        Notice::Table(notice) => table::sentences(notice),
        Notice::Policy(notice) => vec![policy::sentence(notice)],
        Notice::Config(notice) => config::sentences(notice),
    }
}

/// The lines of a notice. Of a message is only what is worth knowing; warnings go without its queue id.
pub(super) fn lines(by: Program, notice: &Notice, queue_id: Option<&str>, page: &mut Page) {
    for sentence in sentences(notice) {
        let queue_id = queue_id.filter(|_| sentence.severity == Severity::Info);
        let prefix = Prefix(queue_id);
        match by {
            Program::Smtp => page.smtp(format_args!("{prefix}{sentence}")),
            Program::Qmgr | Program::Tlsmgr | Program::Tlsproxy | Program::TrivialRewrite => {
                page.daemon(by.name(), format_args!("{prefix}{sentence}"));
            }
        }
    }
}

/// What smtp(8) logs of its tables when it opens them, once for each process.
pub(super) fn opening_lines(tables: &Tables, style: &LogStyle) -> Vec<LogLine> {
    let mut page = Page::of(style);
    for notice in tables.opening_notices() {
        lines(Program::Smtp, &notice.into(), None, &mut page);
    }
    page.lines
}

/// All sentences, as they stand in the log.
#[cfg(test)]
pub(crate) fn said<'n, N: Clone + Into<Notice> + 'n>(
    notices: impl IntoIterator<Item = &'n N>,
) -> Vec<String> {
    let notices = notices.into_iter().cloned();
    let sentences = notices.flat_map(|notice| sentences(&notice.into()));
    sentences.map(|sentence| sentence.to_string()).collect()
}

pub(super) fn info(text: impl Into<String>) -> Sentence {
    Sentence {
        severity: Severity::Info,
        text: text.into(),
    }
}

fn fatal(text: impl Into<String>) -> Sentence {
    Sentence {
        severity: Severity::Fatal,
        text: text.into(),
    }
}

fn error(text: impl Into<String>) -> Sentence {
    Sentence {
        severity: Severity::Error,
        text: text.into(),
    }
}

pub(super) fn warning(text: impl Into<String>) -> Sentence {
    Sentence {
        severity: Severity::Warning,
        text: text.into(),
    }
}
