//! Why a delivery went as it did: the reason in an outcome, as data. `log/reason.rs` has the words.

use std::sync::Arc;

use super::{Gap, Server};
use crate::dns::{LookupFault, Question};
use crate::fault::NetworkFault;
use crate::policy::Level;
use crate::sasl::{Mechanism, SaslFault};

/// Why a delivery went as it did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The server took the message, with this reply.
    Taken(Arc<str>),
    /// The server refused a command.
    Refused {
        /// The server.
        server: Arc<Server>,
        /// Its reply, in one line.
        reply: Arc<str>,
        /// What it is a reply to.
        to: RepliedTo,
        /// Whether it is a refusal at all; else it is a reply that makes no sense there.
        is_refusal: bool,
    },
    /// The server refused to talk.
    RefusedToTalk {
        /// The server.
        server: Arc<Server>,
        /// Its reply, in one line.
        reply: Arc<str>,
    },
    /// The server said nothing for too long.
    TimedOut {
        /// The server.
        server: Arc<Server>,
        /// What was under way.
        phase: Phase,
    },
    /// The connection was lost.
    Lost {
        /// The server.
        server: Arc<Server>,
        /// What was under way.
        phase: Phase,
    },
    /// The connection could not be opened.
    NotConnected {
        /// The server.
        server: Arc<Server>,
        /// Why.
        fault: NetworkFault,
    },
    /// A connection that had stayed open is no longer good.
    Stale,
    /// TLS is required, and is not offered.
    TlsNotOffered {
        /// The server.
        server: Arc<Server>,
    },
    /// TLS is required, and is refused.
    TlsRefused {
        /// The server.
        server: Arc<Server>,
        /// Its reply, in one line.
        reply: Arc<str>,
    },
    /// TLS is required.
    TlsRequired,
    /// TLS is required, and there is no engine.
    NoEngine,
    /// The TLS handshake failed.
    Handshake,
    /// The server did not prove to be the one that the policy asks for.
    NotVerified,
    /// An address needs SMTPUTF8, and the server does not offer it.
    NoSmtputf8 {
        /// The server.
        server: Arc<Server>,
        /// Whether other servers were asked too.
        is_last: bool,
    },
    /// The message is larger than the server takes.
    TooLarge {
        /// The server.
        server: Arc<Server>,
        /// The message's size, in bytes.
        size: u64,
        /// The server's limit, in bytes.
        limit: u64,
    },
    /// The mail would come back.
    LoopsBack {
        /// Where it was to go.
        destination: Arc<str>,
    },
    /// The better servers than this machine cannot be found.
    NoPrimaryRelay {
        /// The destination's domain.
        domain: Arc<str>,
    },
    /// DNS knows no such name or record, or does not say.
    NameNotFound {
        /// What was asked.
        question: Question,
        /// What came of it.
        fault: LookupFault,
    },
    /// The domain takes no mail (RFC 7505).
    NullMx {
        /// The domain.
        domain: Arc<str>,
    },
    /// There is no server, and nothing says why.
    NoServer,
    /// The destination cannot be read.
    BadDestination(Arc<str>),
    /// What is configured of TLS is invalid.
    TlsPolicy,
    /// A table has no answer.
    NoAnswer,
    /// The destination is not in a zone that is signed.
    NotSigned,
    /// There are no TLSA records.
    NoTlsaRecords,
    /// There are TLSA records, and none can be used.
    UnusableTlsaRecords,
    /// It cannot be found out whether there are TLSA records.
    TlsaLookupFailed {
        /// The server.
        host: Arc<str>,
        /// Its port.
        port: u16,
    },
    /// The sender asks for REQUIRETLS, and that cannot be promised.
    RequireTls(RequireTlsReason),
    /// The client cannot log in.
    Login(LoginReason),
    /// A table that is asked during a dialogue has no answer.
    LocalDataError {
        /// The server.
        server: Arc<Server>,
    },
    /// What a route or an administrator says: the reason that a service is given.
    Given(Arc<str>),
    /// The route cannot be found.
    NoRoute,
    /// master.cf has no such service.
    NoService,
    /// The delivery agent died at its work.
    AgentDied,
}

/// Why REQUIRETLS (RFC 8689) cannot be promised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequireTlsReason {
    /// `smtp_requiretls_policy` is invalid.
    BadPolicy {
        /// The last server.
        host: Arc<str>,
    },
    /// The level leaves out what it asks for.
    Level {
        /// The level.
        level: Level,
        /// What that leaves out.
        gap: Gap,
        /// The last server.
        host: Arc<str>,
    },
    /// No server knows it.
    NotOffered {
        /// The last server.
        server: Arc<Server>,
    },
    /// The server does not offer TLS.
    NoTls {
        /// The server.
        server: Arc<Server>,
    },
    /// The server refuses TLS.
    TlsRefused {
        /// The server.
        server: Arc<Server>,
        /// Its reply, in one line.
        reply: Arc<str>,
    },
    /// No server showed the right certificate.
    NotVerified {
        /// The last server.
        server: Arc<Server>,
        /// Whether its certificate is trusted at least.
        is_trusted: bool,
    },
}

/// Why a client cannot log in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoginReason {
    /// None of the mechanisms offered is looked at (`smtp_sasl_mechanism_filter`).
    NoMechanism {
        /// The server.
        server: Arc<Server>,
    },
    /// The client gave up.
    GaveUp {
        /// The server.
        server: Arc<Server>,
        /// Over what.
        fault: SaslFault,
    },
    /// The server asked before there was anything to ask.
    AskedFirst {
        /// The server.
        server: Arc<Server>,
        /// The mechanism.
        mechanism: Mechanism,
    },
    /// The server asked on and on.
    Endless {
        /// The server.
        server: Arc<Server>,
    },
    /// The server refused.
    Refused {
        /// The server.
        server: Arc<Server>,
        /// Its reply, lines joined by newlines.
        reply: Arc<str>,
    },
    /// The server refused before, and was not asked again (`smtp_sasl_auth_cache_name`).
    RefusedBefore {
        /// The server's name.
        host: Arc<str>,
        /// The first line of what it said then.
        reply: Arc<str>,
    },
}

/// What a reply is to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RepliedTo {
    /// MAIL.
    Mail,
    /// RCPT.
    Rcpt,
    /// DATA.
    Data,
    /// The end of the message.
    EndOfData,
}

/// What was under way when nothing more came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The greeting was owed.
    Greeting,
    /// The reply to EHLO was.
    Ehlo,
    /// The reply to HELO was.
    Helo,
    /// The reply to STARTTLS was.
    StartTls,
    /// The TLS handshake.
    Handshake,
    /// The reply to MAIL was owed.
    Mail,
    /// The reply to RCPT was.
    Rcpt,
    /// The reply to DATA was.
    Data,
    /// The reply to the end of the message was, so that it may have been taken.
    EndOfData,
    /// The reply to RSET was.
    Rset,
    /// The reply to QUIT was.
    Quit,
}

impl Reason {
    /// Whether the server may have taken the message, though nothing says so.
    pub fn may_be_taken(&self) -> bool {
        matches!(
            self,
            Reason::TimedOut {
                phase: Phase::EndOfData,
                ..
            } | Reason::Lost {
                phase: Phase::EndOfData,
                ..
            }
        )
    }
}
