//! What happened and why, as plain data.
//!
//! Events leave the core sideways and are never read back: no decision depends on one. Postfix's log lines,
//! the conversation, the explanation and the report are views of them.

mod digest;
mod notice;
mod outcome;
mod promise;
mod reason;
mod report;
mod rule;
mod server;
mod tls;

use std::sync::Arc;
use std::time::Duration;

use crate::dns::{Answer, LookupFault, Question};
use crate::fault::ChainFault;
use crate::fault::{HandshakeFault, NetworkFault};
use crate::policy::{Level, Tlsa};
use crate::smtp::Dsn;
use crate::time::Time;

pub use digest::EventDigest;
pub use notice::{
    AnchorFault, Assignment, Attribute, BraceFault, CidrFault, ConfigNotice, DaneObstacle,
    DestinationNotice, DialogueNotice, EntryFault, FileLine, HostNameFault, InlineFault, Limit,
    LineFault, Notice, OpenFault, OwnName, PairFault, PatternFault, PatternSyntax, PolicyNotice,
    Program, QueueNotice, RequireTlsFault, SaslTrouble, SiteKey, TableNotice, TlsNotice,
    TlsObstacle, UnusableTlsa, WordFault, WordWeight,
};
pub use outcome::{Agent, Channel, Delays, Purpose, RecipientOutcome, Status};
pub use promise::{Gap, Promise};
pub use reason::{LoginReason, Phase, Reason, RepliedTo, RequireTlsReason};
pub use report::{FailureType, ReportedFailure, TlsReport};
pub use rule::Rule;
pub use server::Server;
pub use tls::{
    CertificateNames, Cipher, KeyExchange, Matched, Miss, PeerStatus, Protocol, ProxyEvent,
    RecordMatch, ServerSignature, SessionEvent, TlsSummary, WalkStep,
};

/// One thing that happened.
///
/// ```
/// use std::sync::Arc;
///
/// use mta_core::config::{Release, Settings};
/// use mta_core::event::{Detail, Event, What};
/// use mta_core::process::Service;
/// use mta_core::queue::Message;
/// use mta_core::time::Now;
/// use mta_core::tls::SessionCache;
/// use mta_core::{Input, Mta, Output};
///
/// let service = Service::without_tls(Arc::new(Settings::default_for(Release::V3_12)));
/// let (sessions, order) = (Arc::new(SessionCache::new()), Box::new(|_| 0));
/// let mut mta = Mta::new(service.into(), sessions, order, Detail::Decisions);
/// let message = Message::new("4F1A", "alerts@client.example", "user@example.test", b"hello\n");
/// let outputs = mta.handle(Now::default(), Input::Submit(message));
/// let events = outputs.filter_map(|output| match output {
///     Output::Event(event) => Some(event),
///     _ => None,
/// });
/// let queued: Vec<Event> = events.filter(|event| matches!(event.what, What::Queued { .. })).collect();
/// assert_eq!(queued[0].queue_id.as_deref(), Some("4F1A"));
/// assert_eq!(queued[0].connection, None);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// When, on the monotonic clock.
    pub at: Time,
    /// For which message, by its queue id.
    pub queue_id: Option<Arc<str>>,
    /// On which connection, counted from the start of the run.
    pub connection: Option<u32>,
    /// In which service of master.cf, if that is another one than `smtp`.
    pub service: Option<Arc<str>>,
    /// What.
    pub what: What,
}

/// How much is reported. Each detail includes the ones before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Detail {
    /// What became of each recipient.
    Outcomes,
    /// And every decision: all that log lines and explanations need.
    #[default]
    Decisions,
    /// And every command and reply.
    Conversation,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// A process started. What it found is in the services of this number ([`Mta::services`](crate::Mta::services)),
    /// for a SMTP client under the name of the event's service.
    Started {
        /// Whose process.
        program: Program,
        /// The number, counted from 0.
        services: u32,
    },
    /// A smtp(8) process could not start with what it found. Its service rests for `service_throttle_time`.
    CannotStart {
        /// The number of the services, counted from 0.
        services: u32,
    },
    /// A message entered the queue.
    Queued {
        /// Its reverse path.
        sender: Arc<str>,
        /// How many recipients it has.
        recipients: usize,
    },
    /// A message entered the active queue for one more attempt.
    Activated {
        /// How long ago it entered the queue; this is the age that the fallback rule looks at.
        age: Duration,
    },
    /// A message waits for its next attempt.
    RetryAt {
        /// When the queue is next scanned after the back-off.
        at: Time,
        /// The back-off: the age, within `minimal_backoff_time` and `maximal_backoff_time`.
        backoff: Duration,
    },
    /// A message was given up after `maximal_queue_lifetime`.
    Expired {
        /// Its reverse path.
        sender: Arc<str>,
        /// How long it was in the queue.
        age: Duration,
    },
    /// The resolver was asked.
    Asked(Question),
    /// The resolver answered.
    Answered {
        /// The question.
        question: Question,
        /// The number of records, or why there are none.
        found: Result<usize, LookupFault>,
        /// Whether a validating resolver vouches for it.
        secure: bool,
    },
    /// A record that the server is to be matched by.
    TlsaRecord {
        /// Where in DNS it stands; a fingerprint stands nowhere.
        name: Option<Arc<str>>,
        /// The record.
        record: Tlsa,
    },
    /// The servers to try, in order.
    Servers(Vec<Arc<Server>>),
    /// What is asked of TLS at a server.
    Policy {
        /// The server.
        server: Arc<Server>,
        /// The level.
        level: Level,
        /// Where the level comes from.
        rule: Rule,
    },
    /// A connection is being opened.
    Connecting(Arc<Server>),
    /// It is open.
    Connected(Arc<Server>),
    /// It could not be opened.
    ConnectFailed {
        /// The server.
        server: Arc<Server>,
        /// Why.
        fault: NetworkFault,
    },
    /// The client said this.
    Command {
        /// The command, without its line end. A message's text appears as its size.
        text: Box<str>,
        /// Whether inside TLS.
        in_tls: bool,
    },
    /// The server said this.
    Reply {
        /// The reply, lines joined by newlines.
        text: Box<str>,
        /// Whether inside TLS.
        in_tls: bool,
    },
    /// A reply had something odd about it.
    OddReply {
        /// The server.
        server: Arc<Server>,
        /// What.
        note: crate::smtp::ReplyNote,
        /// Whether pipelining makes it dangerous.
        pipelining: bool,
    },
    /// A decision, with its rule.
    Decided {
        /// The server it concerns, if one.
        server: Option<Arc<Server>>,
        /// The rule.
        rule: Rule,
    },
    /// A TLS handshake began.
    HandshakeStarted {
        /// The server.
        server: Arc<Server>,
        /// The name in SNI, if sent.
        sni: Option<Arc<str>>,
        /// The cipher list, in OpenSSL's language; empty if it did not get that far.
        cipher_list: Arc<str>,
    },
    /// Something about the TLS session cache.
    Session {
        /// The server.
        server: Arc<Server>,
        /// What.
        event: SessionEvent,
    },
    /// A handshake went through its steps, as OpenSSL reports them.
    HandshakeWalk {
        /// The server.
        server: Arc<Server>,
        /// The protocol version.
        protocol: Protocol,
        /// Whether a session was resumed; then no certificate was looked at.
        resumed: bool,
        /// The walk over the chain.
        steps: Vec<WalkStep>,
    },
    /// What the leaf certificate says, and its digests.
    CertificateSeen {
        /// The server.
        server: Arc<Server>,
        /// Names and digests.
        names: Box<CertificateNames>,
    },
    /// The peer did not prove to be the one that the policy asks for. At levels that ask for none, this is about
    /// trust alone; and a resumed session comes here even if it is trusted.
    Unverified {
        /// The server.
        server: Arc<Server>,
        /// The level asked for. Where the peer must match, the reason is logged whatever `smtp_tls_loglevel` says.
        level: Level,
        /// The fault nearest to the leaf, behind its depth; nothing if the chain is trusted.
        reason: Option<(usize, ChainFault)>,
        /// Whether the session was resumed, so that the reason is an older one.
        resumed: bool,
    },
    /// TLS is up.
    TlsEstablished {
        /// The server.
        server: Arc<Server>,
        /// How.
        summary: TlsSummary,
    },
    /// A connection with TLS that an earlier delivery had opened is used again.
    TlsReused {
        /// The server.
        server: Arc<Server>,
        /// How TLS came up back then.
        summary: TlsSummary,
    },
    /// Something about a TLS connection that is in the hands of tlsproxy(8) (`smtp_tls_connection_reuse`).
    Proxied(Box<What>),
    /// What tlsproxy(8) itself did.
    Proxy {
        /// The server.
        server: Arc<Server>,
        /// What.
        event: ProxyEvent,
    },
    /// A TLS handshake failed.
    HandshakeFailed {
        /// The server.
        server: Arc<Server>,
        /// How.
        fault: HandshakeFault,
        /// The version that the server had chosen, if it got that far.
        protocol: Option<Protocol>,
    },
    /// TLS broke after the handshake.
    TlsBroken {
        /// The server.
        server: Arc<Server>,
        /// How.
        fault: HandshakeFault,
    },
    /// How TLS went is reported to the domain's owner.
    Report(Box<TlsReport>),
    /// A server was given up, and another may be tried.
    ServerFailed {
        /// The server, if the attempt got that far.
        server: Option<Arc<Server>>,
        /// The status that the recipients would get.
        dsn: Dsn,
        /// Why.
        reason: Reason,
    },
    /// Mail goes to a service of master.cf that is not an SMTP client and is not simulated. What becomes of it there is
    /// not known.
    Elsewhere {
        /// The recipient.
        recipient: Arc<str>,
        /// The service.
        transport: Arc<str>,
        /// The next hop.
        nexthop: Arc<str>,
    },
    /// Something odd, or worth knowing.
    Noticed {
        /// The program that logs it; for smtp(8) tlsproxy(8) may.
        by: Program,
        /// What.
        notice: Box<Notice>,
    },
    /// What became of one recipient in this attempt.
    Recipient(Box<RecipientOutcome>),
    /// The client closed the connection, or saw it closed.
    Closed {
        /// Whether the client closed it.
        by_client: bool,
    },
}

impl Event {
    /// The rule that decided, if something was decided.
    pub fn rule(&self) -> Option<Rule> {
        if let What::Decided { rule, .. } = self.what {
            Some(rule)
        } else {
            None
        }
    }

    /// How TLS came up, if it did.
    pub fn tls(&self) -> Option<&TlsSummary> {
        if let What::TlsEstablished { summary, .. } = &self.what {
            Some(summary)
        } else {
            None
        }
    }

    /// The rule that decided, of the policy or of what followed, if something was decided.
    pub fn decided_by(&self) -> Option<Rule> {
        if let What::Policy { rule, .. } = self.what {
            Some(rule)
        } else {
            self.rule()
        }
    }

    /// What became of a recipient, if that is what happened.
    pub fn outcome(&self) -> Option<&RecipientOutcome> {
        if let What::Recipient(outcome) = &self.what {
            Some(outcome)
        } else {
            None
        }
    }
}

impl What {
    /// What happened, whoever's hands it was in.
    pub fn in_either_process(&self) -> &What {
        if let What::Proxied(what) = self {
            what
        } else {
            self
        }
    }

    /// That smtp(8) noticed something.
    pub(crate) fn noticed(notice: impl Into<Notice>) -> What {
        What::Noticed {
            by: Program::Smtp,
            notice: Box::new(notice.into()),
        }
    }

    /// That the resolver answered.
    pub fn answered(question: Question, answer: &Answer) -> What {
        let found = match &answer.found {
            Ok(records) => Ok(records.data.len()),
            Err(fault) => Err(*fault),
        };
        What::Answered {
            question,
            found,
            secure: answer.secure,
        }
    }

    /// The least detail at which this is reported.
    pub const fn detail(&self) -> Detail {
        match self {
            What::Recipient(_) | What::Expired { .. } | What::RetryAt { .. } => Detail::Outcomes,
            What::Command { .. } | What::Reply { .. } | What::Closed { .. } => Detail::Conversation,
            What::Started { .. }
            | What::CannotStart { .. }
            | What::Queued { .. }
            | What::Activated { .. }
            | What::Asked(_)
            | What::Answered { .. }
            | What::TlsaRecord { .. }
            | What::Servers(_)
            | What::Policy { .. }
            | What::Connecting(_)
            | What::Connected(_)
            | What::ConnectFailed { .. }
            | What::OddReply { .. }
            | What::Decided { .. }
            | What::HandshakeStarted { .. }
            | What::Session { .. }
            | What::HandshakeWalk { .. }
            | What::CertificateSeen { .. }
            | What::Unverified { .. }
            | What::TlsEstablished { .. }
            | What::TlsReused { .. }
            | What::Proxied(_)
            | What::Proxy { .. }
            | What::HandshakeFailed { .. }
            | What::TlsBroken { .. }
            | What::Report(_)
            | What::Elsewhere { .. }
            | What::ServerFailed { .. }
            | What::Noticed { .. } => Detail::Decisions,
        }
    }
}
