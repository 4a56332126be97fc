//! The TLS session cache: keyed and timed as Postfix's, bounded, and open to inspection.
//!
//! Postfix keeps one session under a key and offers it as often as it likes. rustls offers a TLS 1.3 ticket
//! once, so the tickets of one connection are kept together and stand in for one session.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{Saved, Ticket};
use crate::event::{Miss, PeerStatus, ServerSignature};
use crate::time::Time;
use crate::trust::Verdict;

/// Most tickets kept under one key (R-RES-09).
pub const CACHED_TICKETS_MAX: usize = 8;

/// Most keys kept by default; Postfix's file has no limit, a simulator's memory has.
pub const SESSIONS_DEFAULT_MAX: usize = 1 << 16;

/// A place to keep TLS sessions, shared by any number of deliveries, and by senders in other threads. Whoever shares
/// it shares the [`Engine`](super::Engine) too.
pub trait SessionStore: fmt::Debug + Send + Sync {
    /// Looks for a session younger than `lifetime`. An older one is removed.
    ///
    /// # Errors
    /// [`Miss`] says why there is none.
    fn look_up(&self, key: &str, now: Time, lifetime: Duration) -> Result<Found, Miss>;

    /// Keeps a session under `key`, to be offered before the ones that are there. Those give way if they are of
    /// another TLS version or carry another verdict.
    fn save(&self, key: &Arc<str>, saved: Saved, now: Time);

    /// Keeps a further ticket of the connection that saved last, to stand in for the session saved then.
    fn save_spare(&self, key: &Arc<str>, saved: Saved, now: Time);

    /// Removes what is kept under `key`; whether there was anything.
    fn remove(&self, key: &str) -> bool;

    /// Removes everything, as tlsmgr(8) does when it starts.
    fn clear(&self);

    /// Spoils everything that is kept: it is found, cannot be read, and is removed then.
    fn spoil(&self);

    /// What is kept, by key.
    fn rows(&self) -> Vec<Row>;
}

/// A session to offer.
#[derive(Debug)]
pub struct Found {
    /// The session and what was found out about its peer.
    pub saved: Saved,
    /// How long ago it was saved.
    pub age: Duration,
}

/// One entry, for inspection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The key.
    pub key: Arc<str>,
    /// When the session was saved.
    pub saved_at: Time,
    /// The verdict that it carries.
    pub status: PeerStatus,
    /// TLS 1.3 tickets left to offer; a TLS 1.2 session counts as one.
    pub tickets: usize,
    /// How often it was offered.
    pub offered: u32,
}

/// The store of this crate: the least recently used key gives way.
pub struct SessionCache {
    inner: Mutex<Inner>,
    keys_max: usize,
}

#[derive(Default)]
struct Inner {
    entries: BTreeMap<Arc<str>, Entry>,
    uses: Uses,
}

/// Keys by their last use. An entry knows its own, so it is found here without a search for its key.
#[derive(Default)]
struct Uses {
    by_number: BTreeMap<u64, Arc<str>>,
    latest: u64,
}

struct Entry {
    tickets: VecDeque<Ticket>,
    verdict: Verdict,
    signature: Option<ServerSignature>,
    saved_at: Time,
    last_use: u64,
    offered: u32,
    spoilt: bool,
}

impl SessionCache {
    /// A cache for [`SESSIONS_DEFAULT_MAX`] keys.
    pub fn new() -> Self {
        SessionCache::bounded(SESSIONS_DEFAULT_MAX)
    }

    /// A cache for `keys_max` keys; at least one.
    pub fn bounded(keys_max: usize) -> Self {
        SessionCache {
            inner: Mutex::new(Inner::default()),
            keys_max: keys_max.max(1),
        }
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.lock().entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SessionStore for SessionCache {
    fn look_up(&self, key: &str, now: Time, lifetime: Duration) -> Result<Found, Miss> {
        let mut inner = self.lock();
        let Inner { entries, uses } = &mut *inner;
        let entry = entries.get_mut(key).ok_or(Miss::Absent)?;
        let age = now.since(entry.saved_at);
        if age > lifetime {
            inner.remove(key);
            return Err(Miss::Expired { age });
        }
        if entry.spoilt {
            inner.remove(key);
            return Err(Miss::Unreadable);
        }
        let ticket = match entry.tickets.back() {
            Some(Ticket::Tls12(value)) => Ticket::Tls12(value.clone()),
            Some(Ticket::Tls13(_)) | None => entry.tickets.pop_back().ok_or(Miss::InUse)?,
        };
        entry.offered = entry.offered.saturating_add(1);
        let saved = Saved {
            ticket,
            verdict: entry.verdict.clone(),
            signature: entry.signature,
        };
        entry.last_use = uses.again(entry.last_use);
        Ok(Found { saved, age })
    }

    fn save(&self, key: &Arc<str>, saved: Saved, now: Time) {
        self.lock().save(key, saved, now, self.keys_max);
    }

    fn save_spare(&self, key: &Arc<str>, saved: Saved, now: Time) {
        let mut inner = self.lock();
        inner.save(key, saved, now, self.keys_max);
        if let Some(entry) = inner.entries.get_mut(key)
            && let Some(before) = entry.tickets.len().checked_sub(2)
        {
            entry.tickets.swap(before, before + 1);
        }
    }

    fn remove(&self, key: &str) -> bool {
        self.lock().remove(key)
    }

    fn clear(&self) {
        *self.lock() = Inner::default();
    }

    fn spoil(&self) {
        for entry in self.lock().entries.values_mut() {
            entry.spoilt = true;
        }
    }

    fn rows(&self) -> Vec<Row> {
        let inner = self.lock();
        inner
            .entries
            .iter()
            .map(|(key, entry)| Row {
                key: key.clone(),
                saved_at: entry.saved_at,
                status: entry.verdict.status,
                tickets: entry.tickets.len(),
                offered: entry.offered,
            })
            .collect()
    }
}

impl Inner {
    fn save(&mut self, key: &Arc<str>, saved: Saved, now: Time, keys_max: usize) {
        if !self.entries.contains_key(key) {
            while self.entries.len() >= keys_max {
                self.evict();
            }
        }
        let Saved {
            ticket,
            verdict,
            signature,
        } = saved;
        let Inner { entries, uses } = self;
        let entry = entries.entry(key.clone()).or_insert_with(|| Entry {
            tickets: VecDeque::new(),
            verdict: verdict.clone(),
            signature,
            saved_at: now,
            last_use: uses.first(key.clone()),
            offered: 0,
            spoilt: false,
        });
        // A TLS 1.2 session beside TLS 1.3 tickets would never be offered.
        let joins = matches!(
            (entry.tickets.back(), &ticket),
            (Some(Ticket::Tls13(_)), Ticket::Tls13(_))
        );
        if !joins || entry.spoilt || entry.verdict != verdict {
            entry.tickets.clear();
        }
        entry.spoilt = false;
        entry.tickets.push_back(ticket);
        if entry.tickets.len() > CACHED_TICKETS_MAX {
            entry.tickets.pop_front();
        }
        entry.verdict = verdict;
        entry.signature = signature;
        entry.saved_at = now;
        entry.last_use = uses.again(entry.last_use);
    }

    fn remove(&mut self, key: &str) -> bool {
        match self.entries.remove(key) {
            Some(entry) => {
                self.uses.by_number.remove(&entry.last_use);
                true
            }
            None => false,
        }
    }

    fn evict(&mut self) {
        match self.uses.by_number.pop_first() {
            Some((_, key)) => {
                self.entries.remove(&key);
            }
            None => self.entries.clear(),
        }
    }
}

impl Uses {
    /// The number of a key's first use.
    fn first(&mut self, key: Arc<str>) -> u64 {
        self.latest += 1;
        self.by_number.insert(self.latest, key);
        self.latest
    }

    /// The number of one more use of the key that was last used at `number`.
    fn again(&mut self, number: u64) -> u64 {
        match self.by_number.remove(&number) {
            Some(key) => self.first(key),
            None => number,
        }
    }
}

impl Default for SessionCache {
    fn default() -> Self {
        SessionCache::new()
    }
}

impl fmt::Debug for SessionCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SessionCache({} of {} keys)", self.len(), self.keys_max)
    }
}
