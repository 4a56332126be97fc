//! The stream in scope: where rustls finds its random bytes while one end of a connection works.
//!
//! A `CryptoProvider` holds `&'static` parts, so one provider serves every connection, and each
//! call into rustls runs inside [`scope`] with the stream of its own end. So one end's draws never
//! depend on when the other was served.

use std::cell::RefCell;
use std::mem;

use rustls::crypto::{GetRandomFailed, SecureRandom};

use crate::seed::Stream;

thread_local! {
    static AMBIENT: RefCell<Option<Box<Stream>>> = const { RefCell::new(None) };
}

/// Makes `stream` the source of randomness for all that rustls does in `work`.
///
/// The stream is moved in and, also if `work` panics, moved back: two swaps of a pointer. Scopes
/// nest. With `None`, every draw in `work` fails; it never falls back to the operating system.
pub fn scope<R>(stream: &mut Option<Box<Stream>>, work: impl FnOnce() -> R) -> R {
    let _back = MoveBack::after_moving_in(stream);
    work()
}

struct MoveBack<'a>(&'a mut Option<Box<Stream>>);

impl<'a> MoveBack<'a> {
    fn after_moving_in(stream: &'a mut Option<Box<Stream>>) -> Self {
        swap(stream);
        MoveBack(stream)
    }
}

impl Drop for MoveBack<'_> {
    fn drop(&mut self) {
        swap(self.0);
    }
}

fn swap(stream: &mut Option<Box<Stream>>) {
    AMBIENT.with(|ambient| mem::swap(&mut *ambient.borrow_mut(), stream));
}

/// Draws from the stream in scope.
pub(super) fn fill(out: &mut [u8]) -> Result<(), GetRandomFailed> {
    AMBIENT.with(|ambient| match ambient.borrow_mut().as_mut() {
        Some(stream) => {
            stream.fill(out);
            Ok(())
        }
        None => Err(GetRandomFailed),
    })
}

/// Draws `N` bytes from the stream in scope.
pub(super) fn bytes<const N: usize>() -> Result<[u8; N], GetRandomFailed> {
    let mut out = [0; N];
    fill(&mut out)?;
    Ok(out)
}

/// The stream in scope, as rustls asks for it.
#[derive(Debug)]
pub(super) struct Ambient;

impl SecureRandom for Ambient {
    fn fill(&self, out: &mut [u8]) -> Result<(), GetRandomFailed> {
        fill(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::{Purpose, Seed};

    fn stream(index: u64) -> Option<Box<Stream>> {
        Some(Box::new(Seed(1).stream(Purpose::ClientTls, index)))
    }

    fn drawn() -> [u8; 8] {
        bytes().expect("a stream is in scope")
    }

    #[test]
    fn without_a_stream_nothing_is_drawn() {
        assert!(fill(&mut [0; 4]).is_err());
        let (mut some, mut none) = (stream(0), None);
        assert!(scope(&mut some, || scope(&mut none, || fill(&mut [0; 4]))).is_err());
        assert!(fill(&mut [0; 4]).is_err());
    }

    #[test]
    fn a_nested_scope_leaves_the_outer_stream_where_it_was() {
        let mut alone = stream(0);
        let expected = scope(&mut alone, || [drawn(), drawn()]);

        let (mut outer, mut inner) = (stream(0), stream(1));
        let seen = scope(&mut outer, || {
            let first = drawn();
            let other = scope(&mut inner, drawn);
            assert_ne!(first, other);
            [first, drawn()]
        });
        assert_eq!(seen, expected);
    }

    #[test]
    fn a_panic_gives_the_stream_back() {
        let mut stream = stream(0);
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            scope(&mut stream, || std::panic::resume_unwind(Box::new(())))
        }));
        assert!(panicked.is_err());
        assert!(stream.is_some());
        assert!(fill(&mut [0; 4]).is_err());
    }
}
