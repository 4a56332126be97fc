//! A message to be delivered.

use std::sync::Arc;
use std::time::Duration;

use crate::event::Purpose;
use crate::policy::Asks;
use crate::smtp::{Body, LINE_BYTES_MAX};

/// A message, as it enters the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its queue id, for the log.
    pub queue_id: Arc<str>,
    /// The reverse path; empty for a bounce.
    pub sender: Arc<str>,
    /// The recipients' addresses.
    pub recipients: Vec<Arc<str>>,
    /// The text.
    pub body: Body,
    /// How long it was in the queue already. Zero for a new message.
    pub age: Duration,
    /// What the sender asks of TLS for this message alone.
    pub asks: Asks,
    /// What it is for.
    pub purpose: Purpose,
}

impl Message {
    /// A new message for one recipient; more of them can be pushed. Lines longer than Postfix's default are folded.
    pub fn new(
        queue_id: impl Into<Arc<str>>,
        sender: impl Into<Arc<str>>,
        recipient: impl Into<Arc<str>>,
        text: &[u8],
    ) -> Message {
        Message {
            queue_id: queue_id.into(),
            sender: sender.into(),
            recipients: vec![recipient.into()],
            body: Body::new(text, Some(LINE_BYTES_MAX)),
            age: Duration::ZERO,
            asks: Asks::default(),
            purpose: Purpose::Delivery,
        }
    }
}
