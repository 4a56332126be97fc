//! What all states of a dialogue share: the channel, the server's extensions, and ways to speak.

use std::sync::Arc;

use super::report::{Report, ReportTo};
use super::sessions::KeptSession;
use super::wire::Wire;
use super::{End, Failure, FailureKind, Idle, Mail, Proxy};
use crate::config::{Files, LogMask, Settings};
use crate::event::{Detail, Event, ProxyEvent, Rule, Server, TlsSummary, What};
use crate::fault::HandshakeFault;
pub(crate) use crate::outbox::Outbox;
use crate::outbox::Output;
use crate::policy::{Level, Policy};
use crate::policy_table::Tables;
use crate::smtp::{Body, Command, Extensions, Reply, ReplyNote};
use crate::time::{Now, Time};
use crate::tls::{Engine, Progress, SessionStore, TermsKnown};
use crate::trust::{Cleared, Verdict};

/// What a dialogue may use, for one input.
pub(crate) struct Surroundings<'a> {
    pub(crate) now: Now,
    /// The name of the service in master.cf.
    pub(crate) service: &'a Arc<str>,
    pub(crate) settings: &'a Settings,
    pub(crate) engine: Option<&'a Arc<Engine>>,
    pub(crate) sessions: &'a dyn SessionStore,
    pub(crate) tables: &'a Tables,
    pub(crate) idle: &'a mut Idle,
    pub(crate) proxy: &'a mut Proxy,
    pub(crate) files: &'a Files,
    pub(crate) terms: &'a mut TermsKnown,
    pub(crate) out: &'a mut Outbox,
}

/// A dialogue's channel and what is known of the server.
#[derive(Debug)]
pub(crate) struct Dialogue {
    pub(super) id: u32,
    pub(super) server: Arc<Server>,
    pub(super) nexthop: Arc<str>,
    pub(super) level: Level,
    pub(super) policy: Arc<Policy>,
    pub(super) wire: Wire,
    pub(super) extensions: Extensions,
    /// The last limit that a SIZE gave; 0 is none. Neither STARTTLS nor an EHLO without one takes it back (Postfix
    /// src/smtp/smtp_proto.c `smtp_helo`, `session->size_limit`).
    pub(super) size_limit: u64,
    /// Decrypted bytes, between inputs an empty buffer.
    pub(super) plain: Vec<u8>,
    ready: Vec<u8>,
    scratch: Vec<u8>,
    pub(super) session: Option<KeptSession>,
    /// When the connection was opened.
    pub(super) opened: Time,
    /// Ordinal of the message under way on this connection, from 1.
    pub(super) uses: u32,
    /// What the server proved in TLS.
    pub(super) verdict: Option<Verdict>,
    /// How TLS came up.
    pub(super) summary: Option<TlsSummary>,
    /// TLS is tlsproxy(8)'s business.
    pub(super) proxied: bool,
    /// What is to be reported of this connection.
    pub(super) report: Option<Report>,
    /// Which lines are logged of the handshake (`smtp_tls_loglevel`, `smtp_tls_loglevel_maps`).
    pub(super) log: LogMask,
}

impl Dialogue {
    pub(super) fn new(
        id: u32,
        server: Arc<Server>,
        nexthop: Arc<str>,
        policy: Arc<Policy>,
        report_to: Option<Arc<ReportTo>>,
        opened: Time,
    ) -> Self {
        Dialogue {
            id,
            server,
            nexthop,
            level: policy.level,
            policy,
            wire: Wire::Clear,
            extensions: Extensions::default(),
            size_limit: 0,
            plain: Vec::new(),
            ready: Vec::new(),
            scratch: Vec::new(),
            session: None,
            opened,
            uses: 1,
            verdict: None,
            summary: None,
            proxied: false,
            report: report_to.map(Report::of),
            log: LogMask::NONE,
        }
    }

    /// Sends a command.
    pub(super) fn say(&mut self, command: Command<'_>, around: &mut Surroundings<'_>) -> usize {
        if around.out.wants(Detail::Conversation) {
            let text = command.to_string().into();
            self.tell(
                What::Command {
                    text,
                    in_tls: self.wire.is_tls(),
                },
                around,
            );
        }
        self.scratch.clear();
        command.write(&mut self.scratch);
        self.wire.write(&self.scratch, &mut self.ready);
        self.scratch.len()
    }

    /// Sends the message's text.
    pub(super) fn say_body(&mut self, body: &Body, around: &mut Surroundings<'_>) {
        if around.out.wants(Detail::Conversation) {
            let text = format!("({} octets of message)", body.size()).into();
            self.tell(
                What::Command {
                    text,
                    in_tls: self.wire.is_tls(),
                },
                around,
            );
        }
        self.wire.write(body.wire(), &mut self.ready);
    }

    /// Reports a reply.
    pub(super) fn heard(&self, reply: &Reply, around: &mut Surroundings<'_>) {
        if around.out.wants(Detail::Conversation) {
            self.tell(
                What::Reply {
                    text: reply.text.as_str().into(),
                    in_tls: self.wire.is_tls(),
                },
                around,
            );
        }
    }

    /// Reports something odd in a reply.
    pub(super) fn note(&self, note: ReplyNote, mail: &Mail, around: &mut Surroundings<'_>) {
        around.out.event(Event {
            at: around.now.time,
            queue_id: Some(mail.queue_id.clone()),
            connection: Some(self.id),
            service: None,
            what: What::OddReply {
                server: self.server.clone(),
                note,
                pipelining: self.extensions.pipelining,
            },
        });
    }

    /// Reports bytes that are dropped because they came in clear text behind the reply to STARTTLS.
    pub(super) fn discard(&self, octets: usize, around: &mut Surroundings<'_>) {
        if octets > 0 {
            self.decided(Rule::BytesBehindStartTls, around);
        }
    }

    pub(super) fn decided(&self, rule: Rule, around: &mut Surroundings<'_>) {
        self.tell(
            What::Decided {
                server: Some(self.server.clone()),
                rule,
            },
            around,
        );
    }

    /// Reports something about TLS: it is tlsproxy(8) that says it, if the connection is in its hands.
    pub(super) fn tls_event(&self, what: What, around: &mut Surroundings<'_>) {
        if self.proxied {
            self.tell(What::Proxied(Box::new(what)), around);
        } else {
            self.tell(what, around);
        }
    }

    /// Reports what tlsproxy(8) does with the connection.
    pub(super) fn proxy(&self, event: ProxyEvent, around: &mut Surroundings<'_>) {
        match event {
            ProxyEvent::Connected => around.proxy.connected(around.now.time, around.out),
            ProxyEvent::Disconnected => around.proxy.disconnected(around.now.time),
        }
        let server = self.server.clone();
        self.tell(What::Proxy { server, event }, around);
    }

    pub(super) fn tell(&self, what: What, around: &mut Surroundings<'_>) {
        around.out.event(Event {
            at: around.now.time,
            queue_id: None,
            connection: Some(self.id),
            service: None,
            what,
        });
    }

    /// Whether the server showed a certificate that the policy asks for.
    pub(super) fn is_matched(&self) -> bool {
        self.verdict.as_ref().is_some_and(|verdict| verdict.matched)
    }

    /// Leave to send MAIL in clear text, if the level and the sender give it.
    pub(super) fn clear(&self, mail: &Mail) -> Option<Cleared> {
        Cleared::in_the_clear(self.level, mail.require_tls)
    }

    /// Turns to TLS. From here on no extension learnt in clear text counts (RFC 3207 §4.2).
    pub(super) fn turn_to(&mut self, wire: Wire, session: Option<KeptSession>) {
        self.wire = wire;
        self.session = session;
        self.extensions = Extensions::default();
    }

    /// Takes wire bytes; what they say is appended to `plain`.
    pub(super) fn decrypt(
        &mut self,
        bytes: &[u8],
        plain: &mut Vec<u8>,
        now: Now,
    ) -> Result<Progress, HandshakeFault> {
        match &mut self.wire {
            Wire::Clear => Ok(Progress::Established),
            Wire::Tls(stream) => stream.read(bytes, plain, now.wall),
        }
    }

    pub(super) fn closed_by_peer(&self) -> bool {
        match &self.wire {
            Wire::Clear => false,
            Wire::Tls(stream) => stream.closed_by_peer(),
        }
    }

    /// QUIT where the ending is an orderly one, close_notify where TLS is up.
    pub(super) fn say_goodbye(&mut self, end: &End, around: &mut Surroundings<'_>) {
        if let End::Failed(Failure {
            kind: FailureKind::Polite | FailureKind::PoliteElsewhere,
            ..
        }) = end
        {
            self.say(Command::Quit, around);
        }
        if let (
            Wire::Tls(stream),
            End::Done
            | End::Failed(Failure {
                kind: FailureKind::Polite | FailureKind::PoliteElsewhere | FailureKind::Silent,
                ..
            }),
        ) = (&mut self.wire, end)
        {
            stream.close();
        }
    }

    fn tell_secrets(&self, around: &mut Surroundings<'_>) {
        if let Wire::Tls(stream) = &self.wire {
            for secret in stream.take_secrets() {
                around.out.put(Output::Secret {
                    connection: self.id,
                    secret,
                });
            }
        }
    }

    /// Hands over the bytes that wait to be sent.
    pub(super) fn flush(&mut self, around: &mut Surroundings<'_>) {
        self.wire.drain(&mut self.ready);
        if around.out.tells_secrets {
            self.tell_secrets(around);
        }
        if !self.ready.is_empty() {
            let bytes = std::mem::take(&mut self.ready);
            around.out.put(Output::Send {
                connection: self.id,
                bytes,
            });
        }
    }
}
