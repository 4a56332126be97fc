//! What was said and why, one line each.
//!
//! `C` is the client, `S` the server; `C*` and `S*` speak inside TLS. A `!` marks a decision, with its rule and
//! source; `?` a question to the resolver; `=` what became of a recipient, with who has to change something.

use std::fmt::Write as _;

use mta_core::event::{Event, Miss, Notice, Program, Rule, SessionEvent, What};
use mta_core::log::{reason as worded, sentences};

/// Whether a conversation shows when things were said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Times {
    /// Simulated seconds since the start, before each line.
    Shown,
    /// None: the same conversation at another speed is the same text.
    Hidden,
}

/// The conversation of a run.
pub fn conversation(events: &[Event], times: Times) -> String {
    let mut page = Page {
        text: String::new(),
        times,
    };
    for event in events {
        page.event(event);
    }
    page.text
}

/// Whether an administrator's own text is odd. Then the sentence stands as in the log, where he will find it.
const fn is_of_tables(notice: &Notice) -> bool {
    match notice {
        Notice::Config(_) | Notice::Table(_) | Notice::Policy(_) => true,
        Notice::Destination(_) | Notice::Dialogue(_) | Notice::Tls(_) | Notice::Queue(_) => false,
    }
}

struct Page {
    text: String,
    times: Times,
}

impl Page {
    fn line(&mut self, event: &Event, mark: &str, text: &str) {
        // Writing to a String cannot fail.
        let _ = match (self.times, event.connection) {
            (Times::Shown, Some(connection)) => writeln!(
                self.text,
                "{:>10} #{connection:<3}{mark:<3}{text}",
                event.at.to_string()
            ),
            (Times::Shown, None) => writeln!(
                self.text,
                "{:>10}     {mark:<3}{text}",
                event.at.to_string()
            ),
            (Times::Hidden, Some(connection)) => {
                writeln!(self.text, "#{connection:<3}{mark:<3}{text}")
            }
            (Times::Hidden, None) => writeln!(self.text, "    {mark:<3}{text}"),
        };
    }

    fn event(&mut self, event: &Event) {
        if let What::Proxied(what) = &event.what
            && let What::TlsEstablished { .. } = **what
        {
            // It is said again.
            return;
        }
        match event.what.in_either_process() {
            What::Queued { sender, recipients } => {
                let id = event.queue_id.as_deref().unwrap_or_default();
                self.line(
                    event,
                    "+",
                    &format!("{id} queued: from=<{sender}>, {recipients} recipient(s)"),
                );
            }
            What::Activated { age } => {
                let id = event.queue_id.as_deref().unwrap_or_default();
                self.line(
                    event,
                    "+",
                    &format!("{id} tried, {} s in the queue", age.as_secs()),
                );
            }
            What::RetryAt { at, backoff } => {
                let when = match self.times {
                    Times::Shown => format!("tried again at {at}"),
                    Times::Hidden => String::from("tried again"),
                };
                self.line(
                    event,
                    "+",
                    &format!("{when}, back-off {} s", backoff.as_secs()),
                );
            }
            What::Expired { sender, age } => {
                let text = format!("given up after {} s: returned to <{sender}>", age.as_secs());
                self.line(event, "=", &text);
            }
            What::Answered {
                question,
                found,
                secure,
            } => {
                let secure = if *secure { ", secure" } else { "" };
                let text = match found {
                    Ok(count) => format!("{question}: {count} record(s){secure}"),
                    Err(fault) => format!("{question}: {fault:?}{secure}"),
                };
                self.line(event, "?", &text);
            }
            What::Elsewhere {
                recipient,
                transport,
                nexthop,
            } => {
                let text = format!(
                    "mail for {recipient} goes to the service {transport}, which is not simulated ({nexthop})"
                );
                self.line(event, "=", &text);
            }
            What::Connecting(server) => self.line(event, "+", &format!("connects to {server}")),
            What::ConnectFailed { server, fault } => {
                self.line(event, "!", &format!("{server}: {fault}"))
            }
            What::Command { text, in_tls } => {
                self.line(event, if *in_tls { "C*" } else { "C" }, text)
            }
            What::Reply { text, in_tls } => {
                for line in text.split('\n') {
                    self.line(event, if *in_tls { "S*" } else { "S" }, line);
                }
            }
            What::OddReply { note, .. } => self.line(event, "!", &format!("odd reply: {note:?}")),
            What::Decided { rule, .. } => self.rule(event, *rule),
            What::Session { event: session, .. } => self.session(event, session),
            What::Unverified {
                reason: Some((depth, fault)),
                ..
            } => {
                self.line(
                    event,
                    "!",
                    &format!("certificate at depth {depth}: {fault}"),
                );
            }
            What::TlsEstablished { summary, .. } => {
                let resumed = if summary.resumed { ", resumed" } else { "" };
                let text = format!(
                    "{} {} {}{resumed}",
                    summary.status, summary.protocol, summary.cipher.name
                );
                self.line(event, "!", &text);
            }
            What::TlsReused { summary, .. } => {
                let text = format!(
                    "{} {} {}, on a connection that had stayed open",
                    summary.status, summary.protocol, summary.cipher.name
                );
                self.line(event, "!", &text);
            }
            What::HandshakeFailed { fault, .. } => {
                self.line(event, "!", &format!("handshake failed: {fault:?}"))
            }
            What::TlsBroken { fault, .. } => {
                self.line(event, "!", &format!("TLS broke: {fault:?}"))
            }
            What::Report(report) => {
                let result = report
                    .failure
                    .as_ref()
                    .map_or_else(|| "success".to_owned(), |failure| failure.kind.to_string());
                self.line(
                    event,
                    "!",
                    &format!("reported to {}: {result}", report.domain),
                );
            }
            What::ServerFailed { dsn, reason, .. } => {
                self.line(event, "!", &format!("{dsn} {}", worded(reason)));
            }
            What::Noticed { by, notice } => {
                for sentence in sentences(notice) {
                    match by {
                        Program::Smtp if is_of_tables(notice) => {
                            self.line(event, "!", &sentence.to_string());
                        }
                        Program::Smtp => self.line(event, "!", &sentence.text),
                        Program::Qmgr
                        | Program::Tlsmgr
                        | Program::Tlsproxy
                        | Program::TrivialRewrite => {
                            self.line(event, "!", &format!("{}: {sentence}", by.name()));
                        }
                    }
                }
            }
            What::Recipient(outcome) => {
                let fault = outcome.fault.as_ref();
                let fault = fault.map_or_else(String::new, |fault| format!(" [{fault}]"));
                let text = format!(
                    "{} {} {} ({}){fault}",
                    outcome.recipient,
                    outcome.status,
                    outcome.dsn,
                    worded(&outcome.reason)
                );
                self.line(event, "=", &text);
            }
            What::CannotStart { .. } => {
                self.line(event, "!", "its configuration keeps smtp(8) from starting");
            }
            What::Started { .. }
            | What::Asked(_)
            | What::Proxy { .. }
            | What::Proxied(_)
            | What::Closed { .. }
            | What::TlsaRecord { .. }
            | What::Servers(_)
            | What::Policy { .. }
            | What::Connected(_)
            | What::HandshakeStarted { .. }
            | What::HandshakeWalk { .. }
            | What::CertificateSeen { .. }
            | What::Unverified { reason: None, .. } => {}
        }
    }

    fn rule(&mut self, event: &Event, rule: Rule) {
        self.line(
            event,
            "!",
            &format!("{}: {} [{}]", rule.name(), rule.says(), rule.source()),
        );
    }

    fn session(&mut self, event: &Event, session: &SessionEvent) {
        let text = match session {
            SessionEvent::Wanted { found: Ok(age), .. } => {
                format!("session cache: hit, {} s old", age.as_secs())
            }
            SessionEvent::Wanted {
                found: Err(miss), ..
            } => match miss {
                Miss::Absent => String::from("session cache: miss, none saved"),
                Miss::Expired { age } => {
                    format!("session cache: miss, expired at {} s", age.as_secs())
                }
                Miss::Unreadable => {
                    String::from("session cache: miss, what was saved cannot be read")
                }
                Miss::InUse => String::from("session cache: miss, every ticket is in use"),
            },
            SessionEvent::Resumed => String::from("session resumed"),
            SessionEvent::Refused => String::from("session refused by the server: full handshake"),
            SessionEvent::Saved { .. } | SessionEvent::TicketRead { saved: Some(_) } => {
                String::from("session saved")
            }
            SessionEvent::Removed { .. } => String::from("session removed"),
            SessionEvent::TicketRead { saved: None } => return,
        };
        self.line(event, "!", &text);
    }
}
