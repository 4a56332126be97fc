//! The signatures of one handshake: which the server made, which the client, and the keys that the client has for it.
//!
//! rustls asks its verifier and its credentials without saying for which connection. Both have to be the same for all
//! connections, or sessions could not be resumed. So each call into rustls carries what is its connection's own along,
//! on the thread that makes it, and takes it back when it ends: nothing is left for another call to find.

use std::cell::RefCell;
use std::mem;
use std::sync::Arc;

use rustls::SignatureScheme;
use rustls::sign::CertifiedKey;

/// The client's own certificates and keys, in the order in which they were loaded.
pub(super) type Keys = Arc<[Arc<CertifiedKey>]>;

/// What belongs to one connection.
pub(super) struct Signatures {
    keys: Keys,
    server: Option<SignatureScheme>,
    client: Option<(SignatureScheme, Arc<CertifiedKey>)>,
}

thread_local! {
    /// Those of the call that this thread is in; between calls nobody's.
    static CURRENT: RefCell<Option<Signatures>> = const { RefCell::new(None) };
}

impl Signatures {
    /// Before the handshake, of a client with these keys.
    pub(super) const fn none(keys: Keys) -> Self {
        Signatures {
            keys,
            server: None,
            client: None,
        }
    }

    /// What the server signed with; nothing in a resumed handshake.
    pub(super) const fn server(&self) -> Option<SignatureScheme> {
        self.server
    }

    /// What the client signed with, scheme and key; nothing if it was not asked to, or has no key for it.
    pub(super) fn client(&self) -> Option<(SignatureScheme, &CertifiedKey)> {
        let (scheme, key) = self.client.as_ref()?;
        Some((*scheme, key))
    }
}

/// Calls rustls on behalf of the connection that these are of. They come back, also if the call panics.
pub(super) fn during<T>(signatures: &mut Option<Signatures>, call: impl FnOnce() -> T) -> T {
    let _back = Back::after_moving_in(signatures);
    call()
}

struct Back<'a>(&'a mut Option<Signatures>);

impl<'a> Back<'a> {
    fn after_moving_in(signatures: &'a mut Option<Signatures>) -> Self {
        swap(signatures);
        Back(signatures)
    }
}

impl Drop for Back<'_> {
    fn drop(&mut self) {
        swap(self.0);
    }
}

fn swap(signatures: &mut Option<Signatures>) {
    CURRENT.with_borrow_mut(|current| mem::swap(current, signatures));
}

/// Notes in the call under way that the server signed.
pub(super) fn server_signs(scheme: SignatureScheme) {
    CURRENT.with_borrow_mut(|current| {
        if let Some(current) = current {
            current.server = Some(scheme);
        }
    });
}

/// The key with which the client signs in the call under way, if it has one for any of these schemes: the server's first
/// that one of the keys can do (OpenSSL's `tls_choose_sigalg` in TLS 1.3).
pub(super) fn client_signs(schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
    // A key is the embedder's code: nothing is borrowed while it chooses.
    let keys = keys()?;
    let able = |scheme: &SignatureScheme| {
        let can = |known: &&Arc<CertifiedKey>| known.key.choose_scheme(&[*scheme]).is_some();
        keys.iter().find(can)
    };
    let key = schemes.iter().find_map(able)?.clone();
    // rustls lets the key choose again.
    let scheme = key.key.choose_scheme(schemes)?.scheme();
    CURRENT.with_borrow_mut(|current| {
        if let Some(current) = current {
            current.client = Some((scheme, key.clone()));
        }
    });
    Some(key)
}

/// Whether the client has a key at all in the call under way.
pub(super) fn client_has_keys() -> bool {
    keys().is_some_and(|keys| !keys.is_empty())
}

fn keys() -> Option<Keys> {
    CURRENT.with_borrow(|current| Some(current.as_ref()?.keys.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fresh() -> Option<Signatures> {
        Some(Signatures::none(Arc::default()))
    }

    fn server(signatures: &Option<Signatures>) -> Option<SignatureScheme> {
        signatures.as_ref().unwrap().server()
    }

    #[test]
    fn what_a_call_inside_another_brings_is_its_own() {
        let (mut outer, mut inner) = (fresh(), fresh());
        during(&mut outer, || {
            server_signs(SignatureScheme::ED25519);
            during(&mut inner, || server_signs(SignatureScheme::RSA_PSS_SHA256));
        });
        assert_eq!(server(&outer), Some(SignatureScheme::ED25519));
        assert_eq!(server(&inner), Some(SignatureScheme::RSA_PSS_SHA256));
    }

    #[test]
    fn a_panic_leaves_nothing_behind() {
        let mut signatures = fresh();
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            during(&mut signatures, || {
                server_signs(SignatureScheme::ED25519);
                std::panic::resume_unwind(Box::new(()))
            })
        }));
        assert!(panicked.is_err());
        assert_eq!(server(&signatures), Some(SignatureScheme::ED25519));
        assert!(CURRENT.with_borrow(Option::is_none));
    }
}
