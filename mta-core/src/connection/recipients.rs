//! The recipients of one delivery, and what became of each so far.

use std::sync::Arc;

use crate::event::{Reason, Status};
use crate::fault::Fault;
use crate::smtp::Dsn;

/// The recipients that one destination gets a message for.
#[derive(Clone, Debug)]
pub(crate) struct Recipients {
    all: Vec<(Arc<str>, Mark)>,
}

/// Where a recipient stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// Not decided on this connection.
    Open,
    /// Refused for now; another server may be asked.
    Kept,
    /// Waits for another attempt.
    Deferred,
    /// Needs nothing more.
    Done,
}

/// A result for one recipient.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) status: Status,
    pub(crate) dsn: Dsn,
    pub(crate) reason: Reason,
    /// Who has to change something; nobody where the message was taken.
    pub(crate) fault: Option<Fault>,
}

impl Recipients {
    pub(crate) fn new(addresses: impl IntoIterator<Item = Arc<str>>) -> Self {
        Recipients {
            all: addresses
                .into_iter()
                .map(|address| (address, Mark::Open))
                .collect(),
        }
    }

    /// Opens the kept ones again, for the next server.
    pub(crate) fn reopen(&mut self) {
        for (_, mark) in &mut self.all {
            if *mark == Mark::Kept {
                *mark = Mark::Open;
            }
        }
    }

    /// Whether every address is in ASCII.
    pub(crate) fn are_ascii(&self) -> bool {
        self.all.iter().all(|(address, _)| address.is_ascii())
    }

    /// Whether any is not yet done.
    pub(crate) fn any_left(&self) -> bool {
        self.all
            .iter()
            .any(|(_, mark)| matches!(mark, Mark::Open | Mark::Kept))
    }

    /// Those that have no result yet.
    pub(crate) fn left(&self) -> impl Iterator<Item = &Arc<str>> {
        let left = |mark: &Mark| matches!(mark, Mark::Open | Mark::Kept);
        self.all
            .iter()
            .filter(move |(_, mark)| left(mark))
            .map(|(address, _)| address)
    }

    /// Whether any is open on this connection.
    pub(crate) fn any_open(&self) -> bool {
        self.all.iter().any(|(_, mark)| *mark == Mark::Open)
    }

    /// The places of those that are open.
    pub(crate) fn open(&self) -> impl Iterator<Item = usize> + '_ {
        self.all
            .iter()
            .enumerate()
            .filter(|(_, (_, mark))| *mark == Mark::Open)
            .map(|(place, _)| place)
    }

    /// The first open one at `place` or behind it.
    pub(crate) fn open_from(&self, place: usize) -> Option<usize> {
        self.open().find(|&open| open >= place)
    }

    pub(crate) fn address(&self, place: usize) -> Option<&Arc<str>> {
        self.all.get(place).map(|(address, _)| address)
    }

    /// Those that wait for another attempt.
    pub(crate) fn into_deferred(self) -> impl Iterator<Item = Arc<str>> {
        self.all
            .into_iter()
            .filter(|(_, mark)| *mark == Mark::Deferred)
            .map(|(address, _)| address)
    }

    pub(crate) fn mark(&mut self, place: usize, mark: Mark) {
        if let Some((_, known)) = self.all.get_mut(place) {
            *known = mark;
        }
    }
}
