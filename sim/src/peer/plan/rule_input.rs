//! Whether a rule's conditions hold.

use std::net::IpAddr;

use mta_core::time::Time;

use crate::pattern::is_like;
use crate::peer::envelope::Envelope;
use crate::peer::ledger::{Ledger, Triplet};
use crate::peer::spec::{Command, Commands, Per, Trigger, When};

/// What a rule may ask about.
#[derive(Clone, Copy)]
pub(crate) struct RuleInput<'a> {
    /// The number of the connection, from 1.
    pub(crate) connection: u64,
    pub(crate) client: IpAddr,
    pub(crate) time: Time,
    pub(crate) in_tls: bool,
    pub(crate) hello: &'a Asked,
    /// How often the trigger has come, this time included.
    pub(crate) nth: Nth,
    pub(crate) settled: &'a Settled,
    pub(crate) envelope: &'a Envelope,
    pub(crate) ledger: &'a Ledger,
}

/// How often a trigger has come, this time included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Nth {
    pub(crate) in_connection: u32,
    pub(crate) in_transaction: u32,
    /// On all connections; 0 if no rule asks for it.
    pub(crate) at_peer: u32,
}

impl From<u32> for Nth {
    fn from(nth: u32) -> Self {
        Nth {
            in_connection: nth,
            in_transaction: nth,
            at_peer: nth,
        }
    }
}

/// What a client asked for in its ClientHello.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) enum Asked {
    /// No ClientHello has come.
    #[default]
    Unknown,
    /// It has come.
    Known {
        /// The host name, if it asks for one.
        name: Option<String>,
        /// Whether it offers to resume a session, by a ticket of TLS 1.2 or 1.3.
        resumes: bool,
        /// The bytes of its first record, header included.
        bytes: usize,
    },
}

impl Asked {
    fn meets(&self, when: &When) -> bool {
        if when.sni.is_none() && when.resumes.is_none() && when.hello_over.is_none() {
            return true;
        }
        let Asked::Known {
            name,
            resumes,
            bytes,
        } = self
        else {
            return false;
        };
        when.sni
            .as_ref()
            .is_none_or(|sni| sni.holds(name.as_deref()))
            && when.resumes.is_none_or(|wanted| wanted == *resumes)
            && when
                .hello_over
                .is_none_or(|limit| usize::try_from(limit).is_ok_and(|limit| *bytes > limit))
    }
}

/// Which rules apply to a connection as far as that was settled when it came: rules with a chance, a rate or a
/// count of open connections. None, if the peer has no such rule.
#[derive(Default)]
pub(crate) struct Settled(pub(crate) Option<Box<[bool]>>);

impl Settled {
    fn admits(&self, rule: usize) -> bool {
        match &self.0 {
            Some(admitted) => admitted.get(rule).copied().unwrap_or(false),
            None => true,
        }
    }
}

impl RuleInput<'_> {
    /// Whether all conditions of the rule with this number hold, for what has set it off.
    pub(super) fn meet(&self, rule: usize, when: &When, cause: Trigger) -> bool {
        let nth = match when.per {
            Per::Connection => self.nth.in_connection,
            Per::Transaction => self.nth.in_transaction,
            Per::Peer => self.nth.at_peer,
        };
        when.connections.contains(self.connection)
            && self.settled.admits(rule)
            && when.client.is_none_or(|net| net.contains(self.client))
            && when.is_at(self.time.since_start())
            && when.in_tls.is_none_or(|inside| inside == self.in_tls)
            && when.is_for_time(nth)
            && self.hello.meets(when)
            && (!when.asks_for_envelope() || self.meet_message(when, cause))
            // Last: to ask is to be counted.
            && when
                .faster_than
                .is_none_or(|rate| self.ledger.comes_too_fast(rule, rate, self.time))
    }

    fn meet_message(&self, when: &When, cause: Trigger) -> bool {
        let is_rcpt = cause == Trigger::Commands(Commands::from(Command::Rcpt));
        let envelope = self.envelope;
        let recipients = if is_rcpt {
            envelope.recipient.as_slice()
        } else {
            envelope.recipients.as_slice()
        };
        let Some(sender) = &envelope.sender else {
            return false;
        };
        when.message_over.is_none_or(|limit| envelope.size() > limit)
            && when.sender.as_ref().is_none_or(|like| is_like(like, sender))
            && when
                .recipient
                .as_ref()
                .is_none_or(|like| recipients.iter().any(|recipient| is_like(like, recipient)))
            // Last: to ask is to be seen.
            && when.greylist.is_none_or(|span| {
                let triplet = |recipient: &str| Triplet {
                    client: self.client,
                    sender: sender.to_ascii_lowercase(),
                    recipient: recipient.to_ascii_lowercase(),
                };
                let is_new = |recipient: &str| self.ledger.is_new(triplet(recipient), self.time, span);
                if cause == Trigger::Commands(Commands::from(Command::Mail)) {
                    return is_new("");
                }
                // Every recipient is seen, whatever the first one says.
                recipients.iter().fold(false, |any, recipient| is_new(recipient) | any)
            })
    }
}
