//! What the driver has to say.

use std::borrow::Cow;

use crate::dns::Answer;
use crate::fault::NetworkFault;
use crate::queue::Message;

/// What the driver has to say.
#[derive(Debug)]
pub enum Input<'a> {
    /// A new message. Its first attempt begins at once.
    Submit(Message),
    /// The resolver's answer to [`Output::Resolve`](crate::Output::Resolve).
    Answer {
        /// The query's number.
        query: u32,
        /// The answer.
        answer: Answer,
    },
    /// The connection of [`Output::Connect`](crate::Output::Connect) is open.
    Connected {
        /// Its number.
        connection: u32,
    },
    /// It could not be opened.
    ConnectFailed {
        /// Its number.
        connection: u32,
        /// Why.
        fault: NetworkFault,
    },
    /// Bytes from the peer, in order.
    Received {
        /// The connection's number.
        connection: u32,
        /// The bytes; owned, if they are on their way from another task.
        bytes: Cow<'a, [u8]>,
    },
    /// The peer sends nothing more.
    Closed {
        /// The connection's number.
        connection: u32,
    },
    /// The connection was reset.
    Reset {
        /// Its number.
        connection: u32,
    },
    /// The time of the last [`Output::WakeAt`](crate::Output::WakeAt) has come.
    Timeout,
    /// The smtp(8) processes die at what they do; their connections are closed.
    Crash,
    /// Every deferred message is tried now (postqueue -f).
    Flush,
}
