//! A peer's own store of sessions, for clients that resume by session id (RFC 5246 §7.3).

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustls::server::StoresServerSessions;

use crate::crypto::SimClock;

/// Sessions kept at once; the oldest makes room. rustls keeps 256 by default; OpenSSL 20480.
const SESSIONS_MAX: usize = 1024;

/// Sessions by id, with the wall time after which they are no longer resumed.
#[derive(Debug)]
pub(crate) struct Sessions {
    clock: Arc<SimClock>,
    lifetime_secs: u64,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    by_id: BTreeMap<Vec<u8>, Entry>,
    /// Oldest first; an id that was taken stays here until its turn comes.
    order: VecDeque<Vec<u8>>,
}

#[derive(Debug)]
struct Entry {
    session: Vec<u8>,
    stale_at: u64,
}

impl Sessions {
    pub(crate) fn new(clock: Arc<SimClock>, lifetime_secs: u64) -> Sessions {
        Sessions {
            clock,
            lifetime_secs,
            kept: Mutex::default(),
        }
    }

    pub(crate) fn forget(&self) {
        *self.kept() = Kept::default();
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fresh(&self, entry: &Entry) -> bool {
        self.clock.wall().0 < entry.stale_at
    }
}

impl StoresServerSessions for Sessions {
    fn put(&self, id: Vec<u8>, session: Vec<u8>) -> bool {
        let stale_at = self.clock.wall().0.saturating_add(self.lifetime_secs);
        let mut kept = self.kept();
        while kept.order.len() >= SESSIONS_MAX {
            if let Some(oldest) = kept.order.pop_front() {
                kept.by_id.remove(&oldest);
            }
        }
        kept.order.push_back(id.clone());
        kept.by_id.insert(id, Entry { session, stale_at });
        true
    }

    fn get(&self, id: &[u8]) -> Option<Vec<u8>> {
        let kept = self.kept();
        kept.by_id
            .get(id)
            .filter(|entry| self.fresh(entry))
            .map(|entry| entry.session.clone())
    }

    fn take(&self, id: &[u8]) -> Option<Vec<u8>> {
        let entry = self.kept().by_id.remove(id)?;
        self.fresh(&entry).then_some(entry.session)
    }

    fn can_cache(&self) -> bool {
        true
    }
}

/// The store as one connection sees it, where nothing is found again but a first ticket's session.
#[derive(Debug)]
pub(crate) struct FirstTicket {
    sessions: Arc<Sessions>,
    is_next: AtomicBool,
}

impl FirstTicket {
    /// Behind a resumed handshake there is no first ticket.
    pub(crate) fn new(sessions: Arc<Sessions>, resumes: bool) -> FirstTicket {
        FirstTicket {
            sessions,
            is_next: AtomicBool::new(!resumes),
        }
    }
}

impl StoresServerSessions for FirstTicket {
    fn put(&self, id: Vec<u8>, session: Vec<u8>) -> bool {
        !self.is_next.swap(false, Ordering::Relaxed) || self.sessions.put(id, session)
    }

    /// rustls looks here for what a TLS 1.2 session id names.
    fn get(&self, _: &[u8]) -> Option<Vec<u8>> {
        None
    }

    /// And here for what a TLS 1.3 ticket names.
    fn take(&self, id: &[u8]) -> Option<Vec<u8>> {
        self.sessions.take(id)
    }

    fn can_cache(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mta_core::time::Wall;

    #[test]
    fn the_oldest_session_makes_room_and_a_stale_one_is_gone() {
        let clock = Arc::new(SimClock::new(Wall(1000)));
        let sessions = Sessions::new(clock.clone(), 10);
        for number in 0..=SESSIONS_MAX {
            sessions.put(number.to_be_bytes().to_vec(), vec![1]);
        }
        assert_eq!(sessions.get(&0usize.to_be_bytes()), None);
        assert_eq!(sessions.get(&1usize.to_be_bytes()), Some(vec![1]));
        clock.set(Wall(1010));
        assert_eq!(sessions.get(&1usize.to_be_bytes()), None);
    }

    #[test]
    fn a_store_never_holds_more_than_its_limit_though_ids_are_taken() {
        let sessions = Sessions::new(Arc::new(SimClock::new(Wall(1000))), 10);
        for number in 0..10 * SESSIONS_MAX {
            sessions.put(number.to_be_bytes().to_vec(), vec![1]);
            sessions.take(&number.to_be_bytes());
        }
        let kept = sessions.kept();
        assert!(kept.order.len() <= SESSIONS_MAX && kept.by_id.is_empty());
    }
}
