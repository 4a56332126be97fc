//! A line, and the page that lines are written on.

use std::fmt;
use std::sync::Arc;

use super::style::LogStyle;
use crate::config::{LogMask, Release};

/// One line of the log, without time, host and process number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// The daemon that writes it, such as `smtp`, `tlsproxy`, `qmgr`.
    pub daemon: &'static str,
    /// The text. It holds no control characters, whatever a peer sent.
    pub text: String,
}

/// `postfix/smtp: TEXT`
impl fmt::Display for LogLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "postfix/{}: {}", self.daemon, self.text)
    }
}

/// The lines of one event so far.
pub(super) struct Page {
    pub(super) release: Release,
    pub(super) omits_tls: bool,
    /// What is logged of the server at hand.
    pub(super) mask: LogMask,
    pub(super) lines: Vec<LogLine>,
    /// What smtp(8) would say is said by tlsproxy(8).
    pub(super) proxied: bool,
    /// The service of master.cf, if it is another one than `smtp`.
    pub(super) service: Option<Arc<str>>,
}

impl Page {
    pub(super) const fn of(style: &LogStyle) -> Self {
        Page {
            release: style.release,
            omits_tls: style.omits_tls,
            mask: style.mask,
            lines: Vec::new(),
            proxied: false,
            service: None,
        }
    }

    /// A line of smtp(8), at every loglevel.
    pub(super) fn smtp(&mut self, text: fmt::Arguments<'_>) {
        self.line(if self.proxied { "tlsproxy" } else { "smtp" }, text);
    }

    /// A line of smtp(8), if any of `kinds` is logged.
    pub(super) fn smtp_if(&mut self, kinds: LogMask, text: fmt::Arguments<'_>) {
        if self.mask.intersects(kinds) {
            self.smtp(text);
        }
    }

    /// A line of another daemon.
    pub(super) fn daemon(&mut self, daemon: &'static str, text: fmt::Arguments<'_>) {
        self.line(daemon, text);
    }

    /// A line of qmgr(8).
    pub(super) fn qmgr(&mut self, text: fmt::Arguments<'_>) {
        self.line("qmgr", text);
    }

    fn line(&mut self, daemon: &'static str, text: fmt::Arguments<'_>) {
        let text = printable(text.to_string());
        self.lines.push(LogLine { daemon, text });
    }
}

/// A question mark for what does not print (src/util/msg_output.c). The replacement character stands for a byte
/// that was not UTF-8, and Postfix writes a question mark there too.
fn printable(text: String) -> String {
    let odd = |c: char| c.is_ascii_control() || c == char::REPLACEMENT_CHARACTER;
    if text.contains(odd) {
        text.replace(odd, "?")
    } else {
        text
    }
}

/// `QID: `, or nothing where the event names no message.
pub(super) struct Prefix<'a>(pub(super) Option<&'a str>);

impl fmt::Display for Prefix<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(queue_id) => write!(f, "{queue_id}: "),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_peer_sends_breaks_a_line() {
        for (text, expected) in [
            (
                "250-mx1.example.test\n250-X-KEY",
                "250-mx1.example.test?250-X-KEY",
            ),
            ("a\r\nb\0\u{7f}", "a??b??"),
            ("na\u{ef}ve", "na\u{ef}ve"),
            ("na\u{fffd}ve", "na?ve"),
        ] {
            assert_eq!(printable(text.to_owned()), expected);
        }
    }
}
