//! Logins that were refused, so that they are not tried again for a while: `smtp_sasl_auth_cache_name`
//! (src/smtp/smtp_sasl_auth_cache.c). The table outlives the processes; one is kept under each name.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::credentials::Credentials;
use super::digest::Hash;
use crate::smtp::Dsn;
use crate::time::Time;

/// Logins that were refused, by table, server and name.
#[derive(Debug, Default)]
pub(crate) struct Failures(BTreeMap<(String, Arc<str>, String), Refused>);

#[derive(Debug)]
struct Refused {
    at: Time,
    /// Of the password: with another one a login is tried.
    digest: Vec<u8>,
    known: Known,
}

/// What the server said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) dsn: Dsn,
    /// The first line of its reply.
    pub(crate) line: Arc<str>,
}

impl Failures {
    /// What the server said no longer ago than `lifetime`, in whole seconds, to this password. Anything else that is known of
    /// it is forgotten.
    pub(crate) fn find(
        &mut self,
        table: &str,
        host: &Arc<str>,
        credentials: &Credentials,
        lifetime: Duration,
        now: Time,
    ) -> Option<Known> {
        let key = key(table, host, credentials);
        let refused = self.0.get(&key)?;
        let is_fresh = now.since(refused.at).as_secs() <= lifetime.as_secs();
        if is_fresh && refused.digest == digest(credentials) {
            return Some(refused.known.clone());
        }
        self.0.remove(&key);
        None
    }

    /// Keeps what the server said.
    pub(crate) fn keep(
        &mut self,
        table: &str,
        host: &Arc<str>,
        credentials: &Credentials,
        known: Known,
        now: Time,
    ) {
        let refused = Refused {
            at: now,
            digest: digest(credentials),
            known,
        };
        self.0.insert(key(table, host, credentials), refused);
    }
}

fn key(table: &str, host: &Arc<str>, credentials: &Credentials) -> (String, Arc<str>, String) {
    (table.to_owned(), host.clone(), credentials.user.clone())
}

fn digest(credentials: &Credentials) -> Vec<u8> {
    Hash::Sha1.of(credentials.password.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_known_until_it_is_old_or_the_password_is_another() {
        let mut failures = Failures::default();
        let (host, table): (Arc<str>, _) = ("relay.test".into(), "proxy:btree:/x");
        let old = Credentials::split("user:secret", ':');
        let known = Known {
            dsn: Dsn::new(5, 7, 8),
            line: "535 5.7.8 no".into(),
        };
        failures.keep(table, &host, &old, known.clone(), Time::START);
        let lifetime = Duration::from_secs(10);
        let mut find = |credentials: &Credentials, millis| {
            let now = Time::START + Duration::from_millis(millis);
            failures.find(table, &host, credentials, lifetime, now)
        };
        let other = Credentials::split("other:secret", ':');
        assert_eq!(find(&other, 0), None);
        assert_eq!(find(&old, 10_999), Some(known));
        assert_eq!(find(&old, 11_000), None);
        assert_eq!(find(&old, 0), None, "it was forgotten");
        let known = Known {
            dsn: Dsn::new(5, 7, 8),
            line: "535 no".into(),
        };
        failures.keep(table, &host, &old, known, Time::START);
        let new = Credentials::split("user:changed", ':');
        let now = Time::START;
        assert_eq!(failures.find(table, &host, &new, lifetime, now), None);
    }
}
