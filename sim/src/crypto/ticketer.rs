//! A server's session tickets, sealed with keys that follow from the seed and the simulated time.
//!
//! The stock ticketers draw their keys from the operating system and read its clock whatever the
//! config's `TimeProvider` says.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, MAX_TAG_LEN, NONCE_LEN, Nonce, UnboundKey};
use rustls::server::ProducesTickets;

use super::{SimClock, ambient};
use crate::seed::{Purpose, Seed};

/// Makes and opens the tickets of one server, or of several that share their keys.
///
/// The key rolls whenever the clock enters another span of `lifetime`, and the key of the span
/// before still opens. So a ticket is good for its lifetime at least, and for twice that at most.
/// A ticket that is not ours, is damaged or too old gives `None`, and a full handshake follows.
///
/// A lifetime of 0 is announced as 0 and enforced as one second.
///
/// Layout, after RFC 5077 §4: key name (16 bytes), nonce (12), sealed state, tag (16).
#[derive(Debug)]
pub struct Ticketer {
    seed: Seed,
    server: String,
    clock: Arc<SimClock>,
    lifetime_secs: u32,
    /// The least that a ticket is long; 0 if tickets are as long as they are.
    octets: usize,
    generation: AtomicU64,
}

const KEY_NAME_LEN: usize = 16;
const KEY_LEN: usize = 32;

impl Ticketer {
    /// The ticketer of `server`; another name has other keys. `lifetime_secs` goes to clients
    /// as the ticket's lifetime. RFC 8446 §4.6.1 allows up to 604800 (seven days).
    pub fn new(
        seed: Seed,
        server: impl Into<String>,
        clock: Arc<SimClock>,
        lifetime_secs: u32,
    ) -> Self {
        Ticketer {
            seed,
            server: server.into(),
            clock,
            lifetime_secs,
            octets: 0,
            generation: AtomicU64::new(0),
        }
    }

    /// The same with tickets filled up to this length at least.
    #[must_use]
    pub fn filled_to(self, octets: usize) -> Self {
        Ticketer { octets, ..self }
    }

    /// The state with its length before it and zeros behind it, if tickets are filled up.
    fn fill(&self, plain: &[u8]) -> Option<Vec<u8>> {
        if self.octets == 0 {
            return Some(plain.to_vec());
        }
        let mut filled = u32::try_from(plain.len()).ok()?.to_be_bytes().to_vec();
        filled.extend_from_slice(plain);
        let room = self
            .octets
            .saturating_sub(KEY_NAME_LEN + NONCE_LEN + MAX_TAG_LEN);
        filled.resize(filled.len().max(room), 0);
        Some(filled)
    }

    fn empty(&self, filled: Vec<u8>) -> Option<Vec<u8>> {
        if self.octets == 0 {
            return Some(filled);
        }
        let (length, rest) = filled.split_first_chunk()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        Some(rest.get(..length)?.to_vec())
    }

    /// Drops all keys, as a restart does to a server that keeps them in memory: no ticket made
    /// so far opens again.
    pub fn forget_keys(&self) {
        self.generation.fetch_add(1, Ordering::Relaxed);
    }

    fn epoch(&self) -> u64 {
        self.clock.wall().0 / u64::from(self.lifetime_secs.max(1))
    }

    fn key(&self, epoch: u64) -> Option<TicketKey> {
        let generation = self.generation.load(Ordering::Relaxed);
        let owner = format!("{generation} {}", self.server);
        let mut stream = self.seed.named_stream(Purpose::Tickets, &owner, epoch);
        let name = stream.bytes();
        let key = UnboundKey::new(&AES_256_GCM, &stream.bytes::<KEY_LEN>()).ok()?;
        Some(TicketKey {
            name,
            key: LessSafeKey::new(key),
        })
    }
}

impl ProducesTickets for Ticketer {
    fn enabled(&self) -> bool {
        true
    }

    fn lifetime(&self) -> u32 {
        self.lifetime_secs
    }

    /// `None`, so no ticket, if no stream is in scope.
    fn encrypt(&self, plain: &[u8]) -> Option<Vec<u8>> {
        self.key(self.epoch())?.seal(&self.fill(plain)?)
    }

    fn decrypt(&self, ticket: &[u8]) -> Option<Vec<u8>> {
        let epoch = self.epoch();
        // A clock that was set back finds the tickets of its future foreign.
        [Some(epoch), epoch.checked_sub(1)]
            .into_iter()
            .flatten()
            .find_map(|epoch| self.key(epoch)?.open(ticket))
            .and_then(|filled| self.empty(filled))
    }
}

/// One key, and the name by which its tickets are known.
struct TicketKey {
    name: [u8; KEY_NAME_LEN],
    key: LessSafeKey,
}

impl TicketKey {
    fn seal(&self, plain: &[u8]) -> Option<Vec<u8>> {
        let nonce: [u8; NONCE_LEN] = ambient::bytes().ok()?;
        let mut sealed = plain.to_vec();
        self.key
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(self.name),
                &mut sealed,
            )
            .ok()?;
        let mut ticket = Vec::with_capacity(KEY_NAME_LEN + NONCE_LEN + sealed.len());
        ticket.extend_from_slice(&self.name);
        ticket.extend_from_slice(&nonce);
        ticket.append(&mut sealed);
        Some(ticket)
    }

    fn open(&self, ticket: &[u8]) -> Option<Vec<u8>> {
        let rest = ticket.strip_prefix(&self.name)?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE_LEN>()?;
        if sealed.len() < MAX_TAG_LEN {
            return None;
        }
        let mut state = sealed.to_vec();
        let plain_len = self
            .key
            .open_in_place(
                Nonce::assume_unique_for_key(*nonce),
                Aad::from(self.name),
                &mut state,
            )
            .ok()?
            .len();
        state.truncate(plain_len);
        Some(state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::scope;
    use mta_core::time::Wall;
    use proptest::prelude::*;

    const LIFETIME: u64 = 100;

    fn ticketer(seed: u64, server: &str, wall: u64) -> (Ticketer, Arc<SimClock>) {
        let clock = Arc::new(SimClock::new(Wall(wall)));
        (Ticketer::new(Seed(seed), server, clock.clone(), 100), clock)
    }

    fn seal(ticketer: &Ticketer, plain: &[u8]) -> Vec<u8> {
        let mut stream = Some(Box::new(Seed(9).stream(Purpose::ServerTls, 0)));
        scope(&mut stream, || ticketer.encrypt(plain)).expect("sealed")
    }

    #[test]
    fn a_ticket_opens_for_one_lifetime_and_never_after_two() {
        for made in [1000, 1001, 1099] {
            let (ticketer, clock) = ticketer(1, "mx1", made);
            let ticket = seal(&ticketer, b"state");
            for (age, opens) in [(0, true), (LIFETIME, true), (2 * LIFETIME, false)] {
                clock.set(Wall(made + age));
                assert_eq!(ticketer.decrypt(&ticket).is_some(), opens, "{made}+{age}");
            }
            clock.set(Wall(made - 100));
            assert_eq!(ticketer.decrypt(&ticket), None);
        }
    }

    #[test]
    fn only_its_own_server_opens_a_ticket() {
        let (one, _) = ticketer(1, "mx1", 1000);
        let ticket = seal(&one, b"state");
        assert_eq!(one.decrypt(&ticket).as_deref(), Some(&b"state"[..]));
        assert_eq!(
            ticketer(1, "mx1", 1000).0.decrypt(&ticket).as_deref(),
            Some(&b"state"[..])
        );
        assert_eq!(ticketer(1, "mx2", 1000).0.decrypt(&ticket), None);
        assert_eq!(ticketer(2, "mx1", 1000).0.decrypt(&ticket), None);
    }

    #[test]
    fn forgotten_keys_open_nothing() {
        let (ticketer, _) = ticketer(1, "mx1", 1000);
        let before = seal(&ticketer, b"state");
        ticketer.forget_keys();
        assert_eq!(ticketer.decrypt(&before), None);
        let after = seal(&ticketer, b"state");
        assert!(ticketer.decrypt(&after).is_some());
    }

    #[test]
    fn a_ticket_is_as_long_as_it_is_asked_to_be() {
        for octets in [1, 60, 1000, 65_535] {
            let (short, _) = ticketer(1, "mx1", 1000);
            let ticketer = short.filled_to(octets);
            let ticket = seal(&ticketer, b"state");
            assert!(ticket.len() == octets.max(16 + 12 + 16 + 4 + 5), "{octets}");
            assert_eq!(ticketer.decrypt(&ticket).as_deref(), Some(&b"state"[..]));
        }
    }

    #[test]
    fn a_lifetime_of_nothing_is_a_second() {
        let clock = Arc::new(SimClock::new(Wall(1000)));
        let ticketer = Ticketer::new(Seed(1), "mx1", clock.clone(), 0);
        let ticket = seal(&ticketer, b"state");
        assert_eq!(ticketer.lifetime(), 0);
        assert!(ticketer.decrypt(&ticket).is_some());
        clock.set(Wall(1002));
        assert_eq!(ticketer.decrypt(&ticket), None);
    }

    #[test]
    fn without_a_stream_no_ticket_is_made() {
        assert_eq!(ticketer(1, "mx1", 1000).0.encrypt(b"state"), None);
    }

    proptest! {
        #[test]
        fn no_bytes_but_a_whole_ticket_open(
            plain in proptest::collection::vec(any::<u8>(), 0..200),
            garbage in proptest::collection::vec(any::<u8>(), 0..300),
            at in any::<proptest::sample::Index>(),
            flip in 1..=255u8,
            wall in any::<u64>(),
        ) {
            let (ticketer, _) = ticketer(1, "mx1", wall);
            prop_assert_eq!(ticketer.decrypt(&garbage), None);

            let ticket = seal(&ticketer, &plain);
            prop_assert_eq!(ticketer.decrypt(&ticket), Some(plain));

            let at = at.index(ticket.len());
            prop_assert_eq!(ticketer.decrypt(&ticket[..at]), None);
            let mut damaged = ticket.clone();
            damaged[at] ^= flip;
            prop_assert_eq!(ticketer.decrypt(&damaged), None);

            let named_garbage = [&ticket[..KEY_NAME_LEN], &garbage[..]].concat();
            prop_assert_eq!(ticketer.decrypt(&named_garbage), None);
        }
    }
}
