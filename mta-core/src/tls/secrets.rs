//! The secrets of one connection, as rustls reports them: for whoever records bytes and wants to read them later.

use std::fmt;
use std::mem;
use std::sync::{Mutex, PoisonError};

use rustls::KeyLog;

/// A TLS secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    /// What it is, in the words of NSS's key log: `CLIENT_RANDOM`, `SERVER_TRAFFIC_SECRET_0`, …
    /// (draft-ietf-tls-keylogfile).
    pub label: Box<str>,
    /// The random of the ClientHello, by which the connection is found again.
    pub client_random: Box<[u8]>,
    /// The secret itself.
    pub secret: Box<[u8]>,
}

/// Shows what it is, and not the secret.
impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({})", self.label)
    }
}

/// Collects the secrets of one connection. Each connection has one of its own, so nobody else's get in.
#[derive(Debug, Default)]
pub struct SecretLog(Mutex<Vec<Secret>>);

impl SecretLog {
    /// The secrets since the last call, in the order in which they came up.
    pub fn take(&self) -> Vec<Secret> {
        // Nothing panics while holding the lock, so a poisoned one is as good as new.
        mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl KeyLog for SecretLog {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        let mut secrets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        secrets.push(Secret {
            label: label.into(),
            client_random: client_random.into(),
            secret: secret.into(),
        });
    }
}
