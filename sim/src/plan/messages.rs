//! From a plan's messages to those of the queue.

use std::sync::Arc;

use mta_core::config::Settings;
use mta_core::queue::Message;
use mta_core::time::Time;

use super::Plan;
use super::texts::Texts;
use crate::seed::{Purpose, Stream};

impl Plan {
    /// The messages for the queue, each with its time, in order.
    pub(super) fn messages(&self, settings: &Settings) -> Vec<(Time, Message)> {
        let mut ids = self.seed.stream(Purpose::QueueIds, 0);
        let mut texts = Texts::default();
        let messages = self.messages.iter().map(|spec| {
            let message = texts.message(spec, queue_id(&mut ids), settings);
            (Time::after_start(spec.at), message)
        });
        let mut messages: Vec<_> = messages.collect();
        messages.sort_by_key(|(at, _)| *at);
        messages
    }
}

/// A short queue id, as Postfix makes it: ten hexadecimal digits.
fn queue_id(ids: &mut Stream) -> Arc<str> {
    format!("{:010X}", ids.below(1 << 40)).into()
}
