//! What all states of a dialogue share: the channel, the server's extensions, and ways to speak.

use std::sync::Arc;

use super::env::Env;
use super::wire::Wire;
use crate::config::LogMask;
use crate::event::{Detail, Event, ProxyEvent, Server, ServerSignature, TlsSummary, What};
use crate::fault::HandshakeFault;
use crate::outbox::Output;
use crate::policy::{Level, Policy};
use crate::sasl::Offer;
use crate::smtp::{Body, Command, Extensions};
use crate::time::{Now, Time};
use crate::tls::Progress;
use crate::trust::Verdict;

/// A domain that wants reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReportTo {
    /// The domain, in ASCII.
    pub(crate) domain: Arc<str>,
    /// Its record, which says where reports go.
    pub(crate) record: Arc<str>,
    /// Whether resumed sessions are left out.
    pub(crate) skip_resumed: bool,
}

/// Where this connection's sessions are kept, and with what verdict.
#[derive(Debug)]
pub(super) struct KeptSession {
    pub(super) key: Arc<str>,
    pub(super) verdict: Verdict,
    pub(super) signature: Option<ServerSignature>,
    pub(super) saved_any: bool,
}

/// The process that a connection's TLS is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TlsProcess {
    /// smtp(8) itself.
    Smtp,
    /// tlsproxy(8), so that the connection outlives the process that opened it (`smtp_tls_connection_reuse`).
    Tlsproxy,
}

/// What is set aside for a command: few are longer.
const USUAL_COMMAND: usize = 128;

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
    /// What the server offers behind AUTH; nothing if it does not, or nobody is to log in.
    pub(super) offer: Option<Offer>,
    /// The last limit that a SIZE gave; 0 is none. Neither STARTTLS nor an EHLO without one takes it back (Postfix
    /// src/smtp/smtp_proto.c `smtp_helo`, `session->size_limit`).
    pub(super) size_limit: u64,
    /// Decrypted bytes, between inputs an empty buffer.
    pub(super) plaintext: Vec<u8>,
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
    /// Which process TLS is in.
    pub(super) tls_process: TlsProcess,
    /// Who wants a report of how TLS goes; nobody once it was made.
    pub(super) report_to: Option<Arc<ReportTo>>,
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
            wire: Wire::Cleartext,
            extensions: Extensions::default(),
            offer: None,
            size_limit: 0,
            plaintext: Vec::new(),
            ready: Vec::new(),
            scratch: Vec::with_capacity(USUAL_COMMAND),
            session: None,
            opened,
            uses: 1,
            verdict: None,
            summary: None,
            tls_process: TlsProcess::Smtp,
            report_to,
            log: LogMask::NONE,
        }
    }

    /// Sends a command.
    pub(super) fn say(&mut self, command: Command<'_>, env: &mut Env<'_>) -> usize {
        if env.out.wants(Detail::Conversation) {
            let text = command.to_string().into();
            self.tell(
                What::Command {
                    text,
                    in_tls: self.wire.is_tls(),
                },
                env,
            );
        }
        self.scratch.clear();
        command.write(&mut self.scratch);
        self.wire.write(&self.scratch, &mut self.ready);
        self.scratch.len()
    }

    /// Sends the message's text.
    pub(super) fn say_body(&mut self, body: &Body, env: &mut Env<'_>) {
        if env.out.wants(Detail::Conversation) {
            let text = format!("({} octets of message)", body.size()).into();
            self.tell(
                What::Command {
                    text,
                    in_tls: self.wire.is_tls(),
                },
                env,
            );
        }
        self.wire.write(body.wire(), &mut self.ready);
    }

    /// Reports something about TLS: it is tlsproxy(8) that says it, if the connection is in its hands.
    pub(super) fn tls_event(&self, what: What, env: &mut Env<'_>) {
        match self.tls_process {
            TlsProcess::Smtp => self.tell(what, env),
            TlsProcess::Tlsproxy => self.tell(What::Proxied(Box::new(what)), env),
        }
    }

    /// Reports what tlsproxy(8) does with the connection.
    pub(super) fn proxy(&self, event: ProxyEvent, env: &mut Env<'_>) {
        match event {
            ProxyEvent::Connected => env.proxy.connected(env.now.time, env.out),
            ProxyEvent::Disconnected => env.proxy.disconnected(env.now.time),
        }
        let server = self.server.clone();
        self.tell(What::Proxy { server, event }, env);
    }

    pub(super) fn tell(&self, what: What, env: &mut Env<'_>) {
        env.out.event(Event {
            at: env.now.time,
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

    /// Turns to TLS. From here on no extension learnt in cleartext counts (RFC 3207 §4.2).
    pub(super) fn turn_to(&mut self, wire: Wire, session: Option<KeptSession>) {
        self.wire = wire;
        self.session = session;
        self.extensions = Extensions::default();
        self.offer = None;
    }

    /// Takes wire bytes; what they say is appended to `plaintext`.
    pub(super) fn decrypt(
        &mut self,
        bytes: &[u8],
        plaintext: &mut Vec<u8>,
        now: Now,
    ) -> Result<Progress, HandshakeFault> {
        match &mut self.wire {
            Wire::Cleartext => Ok(Progress::Established),
            Wire::Tls(stream) => stream.read(bytes, plaintext, now.wall),
        }
    }

    pub(super) fn closed_by_peer(&self) -> bool {
        match &self.wire {
            Wire::Cleartext => false,
            Wire::Tls(stream) => stream.closed_by_peer(),
        }
    }

    fn tell_secrets(&self, env: &mut Env<'_>) {
        if let Wire::Tls(stream) = &self.wire {
            for secret in stream.take_secrets() {
                env.out.put(Output::Secret {
                    connection: self.id,
                    secret,
                });
            }
        }
    }

    /// Hands over the bytes that wait to be sent.
    pub(super) fn flush(&mut self, env: &mut Env<'_>) {
        self.wire.drain(&mut self.ready);
        if env.out.tells_secrets {
            self.tell_secrets(env);
        }
        if !self.ready.is_empty() {
            let bytes = std::mem::take(&mut self.ready);
            env.out.put(Output::Send {
                connection: self.id,
                bytes,
            });
        }
    }
}
