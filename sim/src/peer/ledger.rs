//! What a peer remembers from connection to connection: when they came, how many are open, whom it has seen.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mta_core::time::Time;

use super::spec::{Command, Rate};

/// Triplets kept for greylisting; the oldest makes room. Ours; a run has a few messages.
const TRIPLETS_MAX: usize = 10_000;

/// The memory that a peer and its connections share.
#[derive(Clone, Default)]
pub(crate) struct Ledger(Arc<Mutex<Pages>>);

#[derive(Default)]
struct Pages {
    /// When the latest connections came.
    arrivals: Window,
    /// When the latest commands came that a rule counts, by the rule's number.
    commands_of_rule: BTreeMap<usize, Window>,
    open: u32,
    first_seen: BTreeMap<Triplet, Time>,
    /// The triplets, oldest first.
    seen: VecDeque<Triplet>,
    /// How often each command came, in the order of [`Command::ALL`].
    commands: [u32; Command::ALL.len()],
    /// How often a message text began.
    texts: u32,
    /// How often each rule applied, as far as any did.
    hits: Vec<u64>,
}

/// When the latest of something came, oldest first: as many as a rate asks for, and one more.
#[derive(Default)]
struct Window(VecDeque<Time>);

impl Window {
    fn note(&mut self, now: Time, kept: u32) {
        self.0.push_back(now);
        let kept = usize::try_from(kept).unwrap_or(usize::MAX);
        while self.0.len() > kept.saturating_add(1) {
            self.0.pop_front();
        }
    }

    fn exceeds(&self, rate: Rate, now: Time) -> bool {
        let allowed = usize::try_from(rate.count).unwrap_or(usize::MAX);
        // Newest first, the one behind those that are allowed.
        let first_too_many = self.0.iter().rev().nth(allowed);
        first_too_many.is_some_and(|came| now.since(*came) < rate.per)
    }
}

/// Who writes to whom from where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Triplet {
    pub(crate) client: IpAddr,
    /// In lower case.
    pub(crate) sender: String,
    /// In lower case; empty at MAIL.
    pub(crate) recipient: String,
}

impl Ledger {
    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a connection request, and keeps so many of those before it.
    pub(super) fn arrives(&self, now: Time, kept: u32) {
        if kept == 0 {
            return;
        }
        self.pages().arrivals.note(now, kept);
    }

    /// Whether more connections than the rate allows came within its span up to now, the latest included.
    pub(super) fn exceeds(&self, rate: Rate, now: Time) -> bool {
        self.pages().arrivals.exceeds(rate, now)
    }

    /// Notes a command that the rule with this number counts; whether more than the rate allows came within its span
    /// up to now.
    pub(super) fn comes_too_fast(&self, rule: usize, rate: Rate, now: Time) -> bool {
        let mut pages = self.pages();
        let window = pages.commands_of_rule.entry(rule).or_default();
        window.note(now, rate.count);
        window.exceeds(rate, now)
    }

    /// How many connections are open.
    pub(super) fn open(&self) -> u32 {
        self.pages().open
    }

    /// A connection has been accepted; it is open until the pass is dropped.
    pub(super) fn admit(&self) -> Pass {
        let mut pages = self.pages();
        pages.open = pages.open.saturating_add(1);
        drop(pages);
        Pass(self.clone())
    }

    /// Notes a command; how often it has come by now, on all connections.
    pub(super) fn count(&self, command: Command) -> u32 {
        let mut pages = self.pages();
        let Some(count) = pages.commands.get_mut(command as usize) else {
            return 0;
        };
        *count = count.saturating_add(1);
        *count
    }

    /// Notes that a message text begins; how many have begun by now, on all connections.
    pub(super) fn count_text(&self) -> u32 {
        let mut pages = self.pages();
        pages.texts = pages.texts.saturating_add(1);
        pages.texts
    }

    /// Notes that the rule with this number applied.
    pub(super) fn hit(&self, rule: usize) {
        let mut pages = self.pages();
        if pages.hits.len() <= rule {
            pages.hits.resize(rule + 1, 0);
        }
        if let Some(hits) = pages.hits.get_mut(rule) {
            *hits = hits.saturating_add(1);
        }
    }

    /// How often each of so many rules applied.
    pub(super) fn hits(&self, rules: usize) -> Vec<u64> {
        let mut hits = self.pages().hits.clone();
        hits.resize(rules, 0);
        hits
    }

    /// Whether `span` has not yet passed since this triplet was first seen, which may be now.
    pub(super) fn is_new(&self, triplet: Triplet, now: Time, span: Duration) -> bool {
        let mut pages = self.pages();
        if let Some(first) = pages.first_seen.get(&triplet) {
            return now.since(*first) < span;
        }
        if pages.seen.len() >= TRIPLETS_MAX
            && let Some(oldest) = pages.seen.pop_front()
        {
            pages.first_seen.remove(&oldest);
        }
        pages.seen.push_back(triplet.clone());
        pages.first_seen.insert(triplet, now);
        true
    }
}

/// Stands for an open connection.
pub(super) struct Pass(Ledger);

impl Drop for Pass {
    fn drop(&mut self) {
        let mut pages = self.0.pages();
        pages.open = pages.open.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: u64) -> Time {
        Time::START + Duration::from_secs(secs)
    }

    #[test]
    fn the_window_of_a_rate_slides() {
        let rate: Rate = "3 per 1m".parse().unwrap();
        let ledger = Ledger::default();
        let exceeded: Vec<bool> = [0, 10, 20, 30, 65, 75, 100]
            .map(|secs| {
                ledger.arrives(at(secs), rate.count);
                ledger.exceeds(rate, at(secs))
            })
            .to_vec();
        // At 65 those of 10, 20 and 30 are within a minute; at 100 only that of 65 and 75.
        assert_eq!(exceeded, [false, false, false, true, true, true, false]);
        assert_eq!(ledger.pages().arrivals.0.len(), 4);
    }

    #[test]
    fn triplets_age_and_the_oldest_make_room() {
        let ledger = Ledger::default();
        let triplet = |number: usize| Triplet {
            client: [192, 0, 2, 1].into(),
            sender: String::new(),
            recipient: format!("{number}@example.test"),
        };
        let span = Duration::from_secs(300);
        assert!(ledger.is_new(triplet(0), at(0), span));
        assert!(ledger.is_new(triplet(0), at(299), span));
        assert!(!ledger.is_new(triplet(0), at(300), span));
        for number in 1..=TRIPLETS_MAX {
            ledger.is_new(triplet(number), at(300), span);
        }
        assert_eq!(ledger.pages().first_seen.len(), TRIPLETS_MAX);
        assert!(ledger.is_new(triplet(0), at(301), span), "forgotten");
    }

    #[test]
    fn a_pass_ends_with_its_connection() {
        let ledger = Ledger::default();
        let pass = ledger.admit();
        assert_eq!(ledger.open(), 1);
        drop(pass);
        assert_eq!(ledger.open(), 0);
    }
}
