//! Who listens to a run: to the bytes that pass, and to the secrets with which they can be read.
//!
//! A tap sees what both ends see, in the order in which it happens, and changes nothing. The digest of a run is one.

mod digest;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mta_core::time::Time;
use mta_core::tls::Secret;

pub use digest::WireDigest;

/// Something that listens.
///
/// ```
/// use std::sync::{Arc, Mutex};
/// use mta_core::config::Release;
/// use mta_core::time::Time;
/// use mta_sim::plan::Plan;
/// use mta_sim::run::Driver;
/// use mta_sim::tap::{Flow, Tap};
/// use mta_sim::world::{DomainSpec, MessageSpec};
///
/// #[derive(Default)]
/// struct FirstBytes(Vec<u8>);
///
/// impl Tap for FirstBytes {
///     fn bytes(&mut self, _at: Time, flow: Flow, bytes: &[u8]) {
///         if flow == Flow::ToSender(0) && self.0.is_empty() {
///             self.0 = bytes.to_vec();
///         }
///     }
/// }
///
/// let mut plan = Plan::from_main_cf("", Release::V3_12);
/// plan.world.domains = vec![DomainSpec::new("a.example")];
/// plan.messages = vec![MessageSpec::to("somebody@a.example")];
/// let first = Arc::new(Mutex::new(FirstBytes::default()));
/// plan.prepare()?.run_tapped(Driver::Memory, vec![Box::new(first.clone())])?;
/// assert_eq!(first.lock().unwrap().0, b"220 mx1.a.example ESMTP\r\n");
/// # Ok::<(), mta_sim::plan::PlanError>(())
/// ```
pub trait Tap: Send {
    /// Bytes pass: when the sender sends them, and when they reach it.
    fn bytes(&mut self, at: Time, flow: Flow, bytes: &[u8]);

    /// Whether it wants TLS secrets too. Asked once, when it begins to listen.
    fn wants_secrets(&self) -> bool {
        false
    }

    /// A TLS secret came up at one end of the connection with this number: before the first bytes that are protected
    /// by it pass that end. Both ends tell theirs; they differ only where somebody is between them.
    fn secret(&mut self, _at: Time, _connection: u32, _end: End, _secret: &Secret) {}
}

/// An end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// The sender's.
    Sender,
    /// The peer's.
    Peer,
}

/// Bytes in one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flow {
    /// From the sender to the peer, on the connection with this number.
    ToPeer(u32),
    /// From the peer to the sender, on the connection with this number.
    ToSender(u32),
    /// A DNS query, under its number at the sender: the message without what it travels in.
    Query(u32),
    /// The reply that decided on the answer to a query; empty if none came.
    Reply(u32),
}

/// One tap may be held by the run and by whoever looks at it afterwards.
impl<T: Tap> Tap for Arc<Mutex<T>> {
    fn bytes(&mut self, at: Time, flow: Flow, bytes: &[u8]) {
        lock(self).bytes(at, flow, bytes);
    }

    fn wants_secrets(&self) -> bool {
        lock(self).wants_secrets()
    }

    fn secret(&mut self, at: Time, connection: u32, end: End, secret: &Secret) {
        lock(self).secret(at, connection, end, secret);
    }
}

/// A tap that panicked has heard what it has heard.
fn lock<T>(tap: &Mutex<T>) -> MutexGuard<'_, T> {
    tap.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Everybody who listens.
#[derive(Default)]
pub(crate) struct Taps(Vec<Box<dyn Tap>>);

impl Taps {
    pub(crate) fn add(&mut self, tap: Box<dyn Tap>) {
        self.0.push(tap);
    }

    pub(crate) fn bytes(&mut self, at: Time, flow: Flow, bytes: &[u8]) {
        for tap in &mut self.0 {
            tap.bytes(at, flow, bytes);
        }
    }

    pub(crate) fn secret(&mut self, at: Time, connection: u32, end: End, secret: &Secret) {
        for tap in self.0.iter_mut().filter(|tap| tap.wants_secrets()) {
            tap.secret(at, connection, end, secret);
        }
    }
}
