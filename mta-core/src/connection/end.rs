//! How a dialogue ends.

use crate::event::Reason;
use crate::fault::{Fault, HandshakeFault, NetworkFault, PolicyFault};
use crate::smtp::Dsn;

/// The end of a dialogue.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum End {
    /// Every recipient of this connection has its result.
    Done,
    /// Every recipient has its result, and the connection stays open for another message.
    Kept,
    /// The rest of the recipients have the same one.
    Failed(Failure),
}

impl End {
    /// An orderly no, because of what a policy asks for.
    pub(super) fn of_policy(dsn: Dsn, reason: Reason, fault: PolicyFault) -> End {
        End::Failed(Failure {
            dsn,
            reason,
            fault: Fault::Policy(fault),
            kind: FailureKind::Polite,
        })
    }

    /// TLS could not be set up.
    pub(super) fn of_handshake(fault: Fault) -> End {
        End::Failed(Failure {
            dsn: Dsn::new(4, 7, 5),
            reason: Reason::Handshake,
            fault,
            kind: FailureKind::Handshake,
        })
    }
}

/// Why a server is given up, for all recipients not yet decided.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Failure {
    /// The status code.
    pub(crate) dsn: Dsn,
    /// Why.
    pub(crate) reason: Reason,
    /// Who has to change something.
    pub(crate) fault: Fault,
    /// How far it came.
    pub(crate) kind: FailureKind,
}

/// What follows from a failure, besides its status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FailureKind {
    /// An orderly no: QUIT, and on to the next server.
    Polite,
    /// As polite, and another server is asked even though the no is a permanent one.
    PoliteElsewhere,
    /// An orderly no after which nothing more is said.
    Silent,
    /// The TLS handshake failed: a candidate for cleartext.
    Handshake,
    /// The connection broke inside TLS: a candidate for cleartext.
    LostInTls,
    /// The connection broke.
    Lost,
    /// The connection of an earlier delivery is no longer good: another one is opened.
    Stale,
}

/// How a connection breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Lost {
    /// The server closed it.
    Closed,
    /// It was reset.
    Reset,
    /// Nothing came in time.
    TimedOut,
    /// What came could not be read as TLS.
    BrokenTls(HandshakeFault),
}

impl Lost {
    /// What it is called while TLS is being set up.
    pub(crate) fn into_handshake_fault(self) -> HandshakeFault {
        match self {
            Lost::Closed => HandshakeFault::Closed,
            Lost::Reset => HandshakeFault::Reset,
            Lost::TimedOut => HandshakeFault::TimedOut,
            Lost::BrokenTls(fault) => fault,
        }
    }

    /// What it is called afterwards, and before; where the client may `show_one`, a complaint of a certificate is about
    /// its own.
    pub(crate) fn into_fault(self, show_one: bool) -> Fault {
        match self {
            Lost::Closed => Fault::Network(NetworkFault::Closed),
            Lost::Reset => Fault::Network(NetworkFault::Reset),
            Lost::TimedOut => Fault::Network(NetworkFault::TimedOut),
            Lost::BrokenTls(fault) => Fault::of_handshake(fault, show_one),
        }
    }
}
