//! What all states of a dialogue share: the channel, the server's extensions, and ways to speak.

use std::sync::Arc;

use super::report::{Report, ReportTo};
use super::wire::Wire;
use super::{End, Failure, FailureKind, Idle, Lost, Mail, Mark, Outcome, Wait, status_of};
use crate::config::{Files, PostfixVersion, Settings};
use crate::event::{
    Detail, Event, ProxyEvent, Rule, Server, SessionEvent, Status, TlsSummary, What,
};
use crate::fault::{Fault, HandshakeFault};
pub(crate) use crate::outbox::Outbox;
use crate::outbox::Output;
use crate::policy::{Level, Policy};
use crate::policy_table::Tables;
use crate::smtp::{Body, Command, Dsn, Extensions, Reply, ReplyNote};
use crate::time::{Now, Time};
use crate::tls::{Engine, Progress, Saved, SessionStore, TermsKnown, Ticket};
use crate::trust::{Cleared, Verdict};

/// What a dialogue may use, for one input.
pub(crate) struct Surroundings<'a> {
    pub(crate) now: Now,
    pub(crate) settings: &'a Settings,
    pub(crate) engine: Option<&'a Arc<Engine>>,
    pub(crate) sessions: &'a dyn SessionStore,
    pub(crate) tables: &'a Tables,
    pub(crate) idle: &'a mut Idle,
    pub(crate) files: &'a Files,
    pub(crate) terms: &'a mut TermsKnown,
    pub(crate) out: &'a mut Outbox,
}

/// A dialogue's channel and what is known of the server.
#[derive(Debug)]
pub(crate) struct Talk {
    pub(super) id: u32,
    pub(super) server: Arc<Server>,
    pub(super) nexthop: Arc<str>,
    pub(super) level: Level,
    pub(super) policy: Arc<Policy>,
    pub(super) wire: Wire,
    pub(super) extensions: Extensions,
    /// Decrypted bytes, between inputs an empty buffer.
    pub(super) plain: Vec<u8>,
    ready: Vec<u8>,
    scratch: Vec<u8>,
    session: Option<KeptSession>,
    /// When the connection was opened.
    pub(super) opened: Time,
    /// The so-manyth message is under way.
    pub(super) uses: u32,
    /// What the server proved in TLS.
    pub(super) verdict: Option<Verdict>,
    /// How TLS came up.
    pub(super) summary: Option<TlsSummary>,
    /// TLS is tlsproxy(8)'s business.
    pub(super) proxied: bool,
    /// What is to be reported of this connection.
    pub(super) report: Option<Report>,
}

/// Where this connection's sessions are kept, and with what verdict.
#[derive(Debug)]
pub(super) struct KeptSession {
    pub(super) key: Arc<str>,
    pub(super) verdict: Verdict,
    pub(super) signature: Option<crate::event::ServerSignature>,
    pub(super) saved_any: bool,
}

impl Talk {
    pub(super) fn new(
        id: u32,
        server: Arc<Server>,
        nexthop: Arc<str>,
        policy: Arc<Policy>,
        report_to: Option<Arc<ReportTo>>,
        opened: Time,
    ) -> Self {
        Talk {
            id,
            server,
            nexthop,
            level: policy.level,
            policy,
            wire: Wire::Clear,
            extensions: Extensions::default(),
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
        }
    }

    /// Sends a command.
    pub(super) fn say(&mut self, command: Command<'_>, around: &mut Surroundings<'_>) -> usize {
        if around.out.wants(Detail::Conversation) {
            let text = command.to_string().into();
            self.event(
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
            self.event(
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
            self.event(
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
        self.event(
            What::Decided {
                server: Some(self.server.clone()),
                rule,
            },
            around,
        );
    }

    pub(super) fn event(&self, what: What, around: &mut Surroundings<'_>) {
        self.tell(what, around);
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
        let server = self.server.clone();
        self.tell(What::Proxy { server, event }, around);
    }

    fn tell(&self, what: What, around: &mut Surroundings<'_>) {
        around.out.event(Event {
            at: around.now.time,
            queue_id: None,
            connection: Some(self.id),
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

    /// Turns to TLS. From here on nothing learnt in clear text counts (RFC 3207 §4.2).
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
    ) -> Result<Progress, HandshakeFault> {
        match &mut self.wire {
            Wire::Clear => Ok(Progress::Established),
            Wire::Tls(stream) => stream.read(bytes, plain),
        }
    }

    pub(super) fn closed_by_peer(&self) -> bool {
        match &self.wire {
            Wire::Clear => false,
            Wire::Tls(stream) => stream.closed_by_peer(),
        }
    }

    pub(super) fn session_mut(&mut self) -> Option<&mut KeptSession> {
        self.session.as_mut()
    }

    /// Saves the sessions that came with the latest input.
    pub(super) fn keep_tickets(&mut self, around: &mut Surroundings<'_>) {
        let Wire::Tls(stream) = &self.wire else {
            return;
        };
        let tickets = stream.take_tickets();
        for ticket in tickets {
            self.keep_ticket(ticket, around);
        }
    }

    pub(super) fn keep_ticket(&mut self, ticket: Ticket, around: &mut Surroundings<'_>) {
        let is_1_3 = matches!(ticket, Ticket::Tls13(_));
        let saved = self.save(ticket, around);
        let event = match (is_1_3, saved) {
            (true, saved) => SessionEvent::TicketRead { saved },
            (false, Some(key)) => SessionEvent::Saved { key },
            (false, None) => return,
        };
        let server = self.server.clone();
        self.tls_event(What::Session { server, event }, around);
    }

    /// Saves a session; its key, if Postfix would say so. From 3.11 on only the first ticket of a connection is
    /// saved; the others stand in for its reuse.
    fn save(&mut self, ticket: Ticket, around: &mut Surroundings<'_>) -> Option<Arc<str>> {
        let session = self.session.as_mut()?;
        let saved = Saved {
            ticket,
            verdict: session.verdict.clone(),
            signature: session.signature,
        };
        around.sessions.save(&session.key, saved, around.now.time);
        let is_first = !std::mem::replace(&mut session.saved_any, true);
        (is_first || around.settings.version < PostfixVersion::V3_12).then(|| session.key.clone())
    }

    /// Takes the session away after a failed handshake (Postfix src/tls/tls_client.c `uncache_session`).
    pub(super) fn forget_session(&mut self, around: &mut Surroundings<'_>) {
        if let Some(session) = self.session.take() {
            around.sessions.remove(&session.key);
            let event = SessionEvent::Removed { key: session.key };
            self.tls_event(
                What::Session {
                    server: self.server.clone(),
                    event,
                },
                around,
            );
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

    /// Hands over the bytes that wait to be sent.
    pub(super) fn flush(&mut self, around: &mut Surroundings<'_>) {
        self.wire.drain(&mut self.ready);
        if !self.ready.is_empty() {
            let bytes = std::mem::take(&mut self.ready);
            around.out.put(Output::Send {
                connection: self.id,
                bytes,
            });
        }
    }

    /// `host NAMADDR …` failures take their class from the reply.
    pub(super) fn refused_to_talk(&self, reply: &Reply, dsn: Dsn) -> End {
        let text = format!(
            "host {} refused to talk to me: {}",
            self.server.without_port(),
            reply.one_line()
        );
        End::Failed(Failure {
            dsn,
            text: text.into(),
            fault: Fault::Peer(crate::fault::PeerFault::Refused { code: reply.code }),
            kind: FailureKind::Polite,
        })
    }

    /// The end of a connection that broke while `wait` was owed.
    pub(super) fn lost_connection(
        &self,
        wait: Wait,
        lost: Lost,
        _: &Mail,
        around: &mut Surroundings<'_>,
    ) -> End {
        let server = self.server.without_port();
        let phase = wait.phase();
        let text = match lost {
            Lost::TimedOut => format!("conversation with {server} timed out while {phase}"),
            Lost::Closed | Lost::Reset | Lost::BrokenTls(_) => {
                format!("lost connection with {server} while {phase}")
            }
        };
        if wait == Wait::StartTls {
            self.decided(Rule::StartTlsReplyLost, around);
        }
        End::Failed(Failure {
            dsn: Dsn::new(4, 4, 2),
            text: text.into(),
            fault: lost.into_fault(),
            kind: if self.wire.is_tls() {
                FailureKind::LostInTls
            } else {
                FailureKind::Lost
            },
        })
    }

    /// One recipient was refused.
    pub(super) fn recipient_refused(
        &self,
        place: usize,
        reply: &Reply,
        command: &str,
        mail: &mut Mail,
        around: &mut Surroundings<'_>,
    ) {
        let (dsn, text) = self.refusal(reply, command);
        self.fail(&[place], dsn, text, mail, around);
    }

    /// The message was refused for all open recipients.
    pub(super) fn message_refused(
        &self,
        reply: &Reply,
        command: &str,
        mail: &mut Mail,
        around: &mut Surroundings<'_>,
    ) {
        let (dsn, text) = self.refusal(reply, command);
        let open: Vec<usize> = mail.recipients.open().collect();
        self.fail(&open, dsn, text, mail, around);
    }

    /// Kept for another server if the failure is a temporary one and there is another; else decided
    /// (Postfix src/smtp/smtp_trouble.c).
    fn fail(
        &self,
        places: &[usize],
        dsn: Dsn,
        text: Arc<str>,
        mail: &mut Mail,
        around: &mut Surroundings<'_>,
    ) {
        let (status, dsn_told) = status_of(dsn, around.settings);
        if status == Status::Deferred && !mail.is_last_server {
            for &place in places {
                mail.recipients.mark(place, Mark::Kept);
            }
            self.decided(Rule::NextServer, around);
            around.out.tell(
                around.now.time,
                Some(&mail.queue_id),
                What::ServerFailed {
                    server: Some(self.server.clone()),
                    dsn,
                    text,
                },
            );
            return;
        }
        for &place in places {
            let outcome = Outcome {
                status,
                dsn: dsn_told,
                text: text.clone(),
            };
            mail.decide(place, outcome, Some(&self.server), Some(self.id), around);
        }
    }

    /// `host NAMADDR said: REPLY (in reply to COMMAND command)`, with the protocol error of src/smtp/smtp_trouble.c
    /// for a reply that is no refusal.
    fn refusal(&self, reply: &Reply, command: &str) -> (Dsn, Arc<str>) {
        let server = self.server.without_port();
        let is_refusal = matches!(reply.dsn.class, 4 | 5);
        let (dsn, prefix) = if is_refusal {
            (reply.dsn, "")
        } else {
            (Dsn::new(5, 5, 0), "Protocol error: ")
        };
        let text = format!(
            "{prefix}host {server} said: {} (in reply to {command} command)",
            reply.one_line()
        );
        (dsn, text.into())
    }
}
