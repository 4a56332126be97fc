//! Notices about TLS with a server.

use std::sync::Arc;

use crate::event::Server;
use crate::policy::{Level, Tlsa};

/// About TLS with a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TlsNotice {
    /// `tlsproxy_service_name` names a service that is not there.
    NoProxy {
        /// The service.
        service: Arc<str>,
    },
    /// `smtp_tls_loglevel`, or what a table says in its place, has a word that means nothing.
    UnknownLogWord {
        /// The parameter.
        parameter: &'static str,
        /// The word.
        word: Arc<str>,
        /// All that was written.
        text: Arc<str>,
    },
    /// Our own settings leave no way to begin.
    CannotBegin {
        /// The server.
        server: Arc<Server>,
        /// What is in the way.
        obstacle: TlsObstacle,
    },
    /// The subject of the server's certificate has a NUL in it.
    NulInSubject {
        /// The server.
        server: Arc<Server>,
    },
    /// A record that nothing can be made of.
    UnusableRecord {
        /// The server.
        server: Arc<Server>,
        /// The record.
        record: Tlsa,
    },
    /// No record is left.
    NoUsableRecord {
        /// The server.
        server: Arc<Server>,
        /// The level asked for.
        level: Level,
    },
    /// A word of a match list that is not a name.
    BadMatchName {
        /// The server.
        server: Arc<Server>,
        /// The word.
        word: Arc<str>,
    },
    /// No name is left to match.
    NoMatchNames {
        /// The server.
        server: Arc<Server>,
    },
}

/// What keeps a handshake from beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TlsObstacle {
    /// The list of protocols is invalid.
    Protocols(Arc<str>),
    /// No grade of ciphers is called so.
    Grade(Arc<str>),
    /// An exclusion of ciphers begins with an operator.
    Exclusion(Arc<str>),
    /// No cipher of this grade is left.
    NoCipher(Arc<str>),
}
