//! How far a reply is that is being sent.

use std::time::Duration;

use mta_core::time::Time;

use super::plan::ScriptId;
use super::spec::Then;

/// A reply that is being sent.
#[derive(Clone, Copy)]
pub(super) struct ReplyProgress {
    pub(super) script: ScriptId,
    pub(super) step: usize,
    /// How often the present step has been sent.
    pub(super) sent: u32,
    /// When the next step is due, if it has been waited for.
    pub(super) due: Option<Time>,
    /// The wait before the first step that a rule adds.
    pub(super) delay: Duration,
    /// What is done at the end, if the reply itself does not say.
    pub(super) after: Then,
    pub(super) greets: bool,
}

impl ReplyProgress {
    pub(super) fn of(script: ScriptId, delay: Duration, after: Then) -> ReplyProgress {
        ReplyProgress {
            script,
            step: 0,
            sent: 0,
            due: None,
            delay,
            after,
            greets: false,
        }
    }
}
