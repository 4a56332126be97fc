//! Notices about what a server said.

use std::sync::Arc;

use crate::event::Server;
use crate::sasl::{Mechanism, SaslFault};

/// About what a server said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DialogueNotice {
    /// The greeting is hidden, and workarounds are used (`smtp_pix_workarounds`).
    PixWorkarounds {
        /// Which.
        workarounds: Arc<str>,
        /// The server.
        server: Arc<Server>,
    },
    /// The server goes by our own name.
    OwnName {
        /// The server.
        server: Arc<Server>,
        /// Where it said so.
        said: OwnName,
        /// The name.
        name: Arc<str>,
    },
    /// The server offers STARTTLS, which is not wanted (`smtp_tls_note_starttls_offer`).
    StartTlsOffered {
        /// The server.
        host: Arc<str>,
    },
    /// Keywords of the server are passed over.
    KeywordsDiscarded {
        /// Which.
        keywords: Arc<str>,
    },
    /// The limit behind SIZE is not a number.
    OddSize {
        /// What stands there.
        word: Arc<str>,
        /// The server.
        server: Arc<Server>,
    },
    /// SMTPUTF8 is offered without 8BITMIME (RFC 6531 §3.1).
    Utf8WithoutEightBit {
        /// The server.
        server: Arc<Server>,
    },
    /// There is nothing behind AUTH.
    NoMechanisms {
        /// The server.
        server: Arc<Server>,
    },
    /// None of the mechanisms behind AUTH is looked at (`smtp_sasl_mechanism_filter`).
    MechanismsFiltered {
        /// The server.
        server: Arc<Server>,
        /// What stands there.
        mechanisms: Arc<str>,
    },
    /// `smtp_sasl_password_maps` has no answer.
    PasswordLookupFailed {
        /// The message for which it was asked.
        queue_id: Arc<str>,
    },
    /// A login ended on the client's side.
    LoginFailed {
        /// Why.
        fault: SaslFault,
        /// The mechanism, if there was one.
        mechanism: Option<Mechanism>,
    },
    /// The sender asks for REQUIRETLS, and the server does not know it.
    RequireTlsNotOffered {
        /// The server.
        server: Arc<Server>,
    },
}

/// Where a server goes by our own name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnName {
    /// In its greeting.
    Greeting,
    /// In its reply to EHLO.
    Hello,
}
