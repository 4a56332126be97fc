//! What a connection is at: what the peer does, and what the line carries.

use mta_core::time::Time;

use super::reply_progress::ReplyProgress;
use super::seen::End;
use super::tls::Channel;

/// What the peer does.
#[derive(Clone, Copy)]
pub(super) enum State {
    /// It looks at what comes.
    Listening,
    /// It sends a reply; what comes meanwhile waits.
    Replying(ReplyProgress),
    /// It says nothing more, and takes what comes without a look.
    Stalled,
    /// The same, and its own side is closed.
    HalfClosed,
    /// The connection is over.
    Over(End),
}

/// What the line carries.
pub(super) enum Line {
    /// Clear text.
    Plain,
    /// The handshake of TLS.
    Handshake {
        channel: Box<Channel>,
        /// The server's first flight, and when it leaves, if it takes long.
        late_flight: Option<(Time, Vec<u8>)>,
    },
    /// TLS.
    Tls {
        channel: Box<Channel>,
        /// What was said and is not in a record yet.
        unsealed: Vec<u8>,
        /// Tickets leave behind what is said next.
        tickets_due: bool,
    },
}

impl State {
    /// Whether the peer looks at what comes, now or once its reply is sent.
    pub(super) const fn takes_part(&self) -> bool {
        matches!(self, State::Listening | State::Replying(_))
    }

    /// How the connection ended, if it has.
    pub(super) const fn end(&self) -> End {
        match self {
            State::Over(end) => *end,
            State::Listening | State::Replying(_) | State::Stalled | State::HalfClosed => End::Open,
        }
    }
}

impl Line {
    /// TLS before its first record.
    pub(super) fn handshake(channel: Channel) -> Line {
        Line::Handshake {
            channel: Box::new(channel),
            late_flight: None,
        }
    }

    /// TLS after the handshake.
    pub(super) const fn tls(channel: Box<Channel>) -> Line {
        Line::Tls {
            channel,
            unsealed: Vec::new(),
            tickets_due: false,
        }
    }

    pub(super) fn channel(&self) -> Option<&Channel> {
        match self {
            Line::Plain => None,
            Line::Handshake { channel, .. } | Line::Tls { channel, .. } => Some(channel),
        }
    }

    pub(super) fn channel_mut(&mut self) -> Option<&mut Channel> {
        match self {
            Line::Plain => None,
            Line::Handshake { channel, .. } | Line::Tls { channel, .. } => Some(channel),
        }
    }

    /// The channel, while the handshake lasts.
    pub(super) fn handshaking(&mut self) -> Option<&mut Channel> {
        match self {
            Line::Handshake { channel, .. } => Some(channel),
            Line::Plain | Line::Tls { .. } => None,
        }
    }
}
