//! The walk over a destination's servers: where it is, and how the server there is reached.

use std::sync::Arc;

use super::policy::Policies;
use super::servers::{Candidate, HostFacts, MxFacts};
use super::why::Why;
use crate::connection::{Env, Rank};
use crate::event::Server;
use crate::policy::Policy;

/// How a server is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// On a connection that stayed open, or else on a new one.
    Any,
    /// On a new one: the one that had stayed open was no longer good.
    New,
    /// On a new one and in cleartext, after TLS failed.
    Cleartext,
}

/// Where the walk is.
#[derive(Debug)]
pub(super) struct Walk {
    pub(super) servers: Vec<Candidate>,
    pub(super) place: usize,
    /// Transactions so far: `smtp_mx_session_limit` bounds them.
    pub(super) transactions: u32,
    /// How the server at `place` is reached.
    pub(super) way: Way,
    /// What holds at `place`.
    pub(super) policy: Arc<Policy>,
    pub(super) policies: Policies,
    /// What is known of the MX records, if there are any.
    pub(super) mx: Option<MxFacts>,
    pub(super) why: Option<Why>,
}

impl Walk {
    /// How the server at the walk's place compares with the others.
    pub(super) fn rank(&self) -> Rank {
        let best = self.servers.first().map(|best| best.preference);
        match self.servers.get(self.place) {
            Some(here) if Some(here.preference) > best => Rank::Backup,
            Some(_) | None => Rank::Best,
        }
    }

    /// Whether one more transaction reaches `smtp_mx_session_limit`.
    pub(super) fn is_last_transaction(&self, env: &Env<'_>) -> bool {
        env.settings
            .hosts
            .mx_session_limit
            .is_some_and(|limit| self.transactions + 1 >= limit.get())
    }

    /// Puts a server before all others.
    pub(super) fn put_first(&mut self, server: &Arc<Server>) {
        let known = self
            .servers
            .iter()
            .position(|candidate| candidate.server.address == server.address);
        let first = match known {
            Some(place) => self.servers.remove(place),
            None => Candidate {
                preference: self
                    .servers
                    .first()
                    .map_or(0, |candidate| candidate.preference),
                server: server.clone(),
                facts: HostFacts::literal(&server.host),
            },
        };
        self.servers.insert(0, first);
    }
}
