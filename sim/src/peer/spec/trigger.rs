//! What sets a rule off.

use super::commands::Commands;
use super::fail::Fail;
use super::words::Moment;

/// What sets a rule off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// One of these commands of the client.
    Commands(Commands),
    /// A moment of the connection.
    Moment(Moment),
    /// That many octets of a message text have arrived.
    Body {
        /// Octets on the wire, after the line end of DATA's 354.
        after_octets: u64,
    },
    /// The handshake, which fails in this way.
    Fail(Fail),
}

impl Trigger {
    /// Whether what happens, a command or a moment, sets it off.
    pub(crate) fn covers(self, cause: Trigger) -> bool {
        match (self, cause) {
            (Trigger::Commands(set), Trigger::Commands(one)) => {
                one.iter().all(|command| set.contains(command))
            }
            (trigger, cause) => trigger == cause,
        }
    }
}
