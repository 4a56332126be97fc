//! The ages that clients say of tickets (RFC 8446 §4.2.11.1), for a server that looks at them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustls::server::ProducesTickets;

use super::Hello;
use crate::crypto::{SimClock, Ticketer};

/// Tickets remembered at once; the oldest makes room.
const TICKETS_MAX: usize = 1024;
/// The clock counts seconds, and so may be off by one.
const GRANULE: Duration = Duration::from_secs(1);

/// When tickets were made, and what clients add to their ages.
#[derive(Debug)]
pub(crate) struct TicketAges {
    clock: Arc<SimClock>,
    ahead: Duration,
    tolerance: Duration,
    made: Mutex<VecDeque<Made>>,
}

#[derive(Debug)]
struct Made {
    ticket: Vec<u8>,
    added: u32,
    at_secs: u64,
}

impl TicketAges {
    pub(super) fn new(clock: Arc<SimClock>, ahead: Duration, tolerance: Duration) -> TicketAges {
        TicketAges {
            clock,
            ahead,
            tolerance,
            made: Mutex::default(),
        }
    }

    /// Notes a ticket that goes out.
    pub(super) fn note(&self, ticket: &[u8], added: u32) {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        while made.len() >= TICKETS_MAX {
            made.pop_front();
        }
        made.push_back(Made {
            ticket: ticket.to_vec(),
            added,
            at_secs: self.clock.wall().0,
        });
    }

    /// Whether the age that this hello says of its ticket is near enough; of an unknown ticket it is.
    pub(super) fn are_right(&self, hello: &Hello<'_>) -> bool {
        let Some((ticket, said)) = hello.psk_identity.zip(hello.psk_age) else {
            return true;
        };
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(made) = made.iter().find(|made| made.ticket == ticket) else {
            return true;
        };
        let said = Duration::from_millis(u64::from(said.wrapping_sub(made.added)));
        let age =
            Duration::from_secs(self.clock.wall().0.saturating_sub(made.at_secs)) + self.ahead;
        said.abs_diff(age) <= self.tolerance.saturating_add(GRANULE)
    }
}

/// Makes tickets and takes none.
#[derive(Debug)]
pub(super) struct TakesNone(pub(super) Arc<Ticketer>);

impl ProducesTickets for TakesNone {
    fn enabled(&self) -> bool {
        true
    }

    fn lifetime(&self) -> u32 {
        self.0.lifetime()
    }

    fn encrypt(&self, plain: &[u8]) -> Option<Vec<u8>> {
        self.0.encrypt(plain)
    }

    fn decrypt(&self, _: &[u8]) -> Option<Vec<u8>> {
        None
    }
}
