//! What a connection offers to resume, and what it leaves to be resumed: between rustls' store and ours.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustls::NamedGroup;
use rustls::client::{ClientSessionStore, Tls12ClientSessionValue, Tls13ClientSessionValue};
use rustls::pki_types::ServerName;

use crate::event::ServerSignature;
use crate::trust::Verdict;

/// A TLS session, as rustls keeps it.
pub enum Ticket {
    /// Can be offered any number of times.
    Tls12(Box<Tls12ClientSessionValue>),
    /// rustls offers it once (RFC 8446 App. C.4).
    Tls13(Box<Tls13ClientSessionValue>),
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The secrets stay inside.
        f.write_str(match self {
            Ticket::Tls12(_) => "Tls12",
            Ticket::Tls13(_) => "Tls13",
        })
    }
}

/// A session with what was found out about its peer.
#[derive(Debug)]
pub struct Saved {
    /// The session.
    pub ticket: Ticket,
    /// The verdict of the handshake that made it. It holds for whoever resumes it.
    pub verdict: Verdict,
    /// The server's signature in that handshake.
    pub signature: Option<ServerSignature>,
}

/// The store that one connection shows to rustls: it holds the one session to offer, and collects new ones.
#[derive(Debug, Default)]
pub(super) struct Offer {
    offered: Mutex<Option<Ticket>>,
    collected: Mutex<Vec<Ticket>>,
}

/// Most new tickets kept from one connection (R-RES-09); a server may send any number.
const TICKETS_COLLECTED_MAX: usize = 16;

impl Offer {
    pub(super) const fn of(ticket: Option<Ticket>) -> Self {
        Offer {
            offered: Mutex::new(ticket),
            collected: Mutex::new(Vec::new()),
        }
    }

    pub(super) fn take_collected(&self) -> Vec<Ticket> {
        std::mem::take(&mut lock(&self.collected))
    }

    fn collect(&self, ticket: Ticket) {
        let mut collected = lock(&self.collected);
        if collected.len() < TICKETS_COLLECTED_MAX {
            collected.push(ticket);
        }
    }
}

/// Nothing panics while holding these locks, so a poisoned one is as good as new.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl ClientSessionStore for Offer {
    // OpenSSL has no memory of the group that a server chose, so there is no hint.
    fn set_kx_hint(&self, _: ServerName<'static>, _: NamedGroup) {}

    fn kx_hint(&self, _: &ServerName<'_>) -> Option<NamedGroup> {
        None
    }

    fn set_tls12_session(&self, _: ServerName<'static>, value: Tls12ClientSessionValue) {
        self.collect(Ticket::Tls12(Box::new(value)));
    }

    fn tls12_session(&self, _: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        match &*lock(&self.offered) {
            Some(Ticket::Tls12(value)) => Some((**value).clone()),
            Some(Ticket::Tls13(_)) | None => None,
        }
    }

    fn remove_tls12_session(&self, _: &ServerName<'static>) {
        lock(&self.offered).take();
    }

    fn insert_tls13_ticket(&self, _: ServerName<'static>, value: Tls13ClientSessionValue) {
        self.collect(Ticket::Tls13(Box::new(value)));
    }

    fn take_tls13_ticket(&self, _: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        let mut offered = lock(&self.offered);
        match offered.take() {
            Some(Ticket::Tls13(value)) => Some(*value),
            other => {
                *offered = other;
                None
            }
        }
    }
}
