//! What Postfix says where it remarks on something: all its sentences for a [`Notice`].

mod config;
mod destination;
mod dialogue;
mod policy;
mod queue;
mod sentence;
mod table;
mod tls;

use super::line::{LogLine, Page, Prefix};
use super::style::LogStyle;
use crate::event::{Notice, Program};
use crate::policy_table::Tables;
pub(super) use sentence::{LIBRARY, info, library, warning};
pub use sentence::{Sentence, Severity};

/// What Postfix says of a notice: mostly one sentence.
pub fn sentences(notice: &Notice) -> Vec<Sentence> {
    match notice {
        Notice::Destination(notice) => destination::sentences(notice),
        Notice::Dialogue(notice) => dialogue::sentences(notice),
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
