//! What sockets cannot say about a connection, said beside them.
//!
//! A listener accepts whoever comes, under turmoil its SYN-ACK takes no time, and there is no call to reset a connection.
//! So the peer's end leaves its answer here, and the sender's end reads it when the socket says that something
//! happened: that the connection is open, or that nothing more comes.

use std::cell::Cell;

/// One connection's notes.
pub(super) struct SideChannel {
    /// The connection's number, which a SYN does not carry.
    pub(super) connection: u32,
    /// What became of the connection request.
    pub(super) answer: Cell<Answer>,
    /// The end of the stream stands for a reset.
    pub(super) reset: Cell<bool>,
    /// The path is over: what the sender sends from now on is lost.
    pub(super) over: Cell<bool>,
}

/// What becomes of a connection request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// Refused, also if nothing listens.
    Refused,
    /// Not answered.
    Lost,
    /// Accepted.
    Accepted,
}

impl SideChannel {
    pub(super) const fn new(connection: u32) -> Self {
        SideChannel {
            connection,
            answer: Cell::new(Answer::Refused),
            reset: Cell::new(false),
            over: Cell::new(false),
        }
    }
}
