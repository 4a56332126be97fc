//! A server that is too old for an extension, out of an engine that knows it.
//!
//! What it lacks goes by another name in the ClientHello that the engine reads, so the engine has nothing to answer. The
//! client's transcript has the true name; so each hash of the transcript, and what a client's certificate signs, gets it
//! back.

use std::borrow::Cow;
use std::sync::LazyLock;

use rustls::crypto::hash::{Context, Hash, HashAlgorithm, Output};
use rustls::crypto::{CipherSuiteCommon, aws_lc_rs};
use rustls::{SupportedCipherSuite, Tls12CipherSuite};

use crate::peer::spec::Lack;

const RECORD_HEADER: usize = 5;
const CLIENT_HELLO: u8 = 1;
/// Before the session id: type, length, version and random (RFC 5246 §7.4.1.2).
const FIXED: usize = 4 + 2 + 32;

/// extended_master_secret (RFC 7627 §5.1), and a number for private use instead.
const MASTER_SECRET: [u16; 2] = [0x0017, 0xff17];
/// renegotiation_info (RFC 5746 §3.2), likewise.
const RENEGOTIATION: [u16; 2] = [0xff01, 0xff71];
/// The cipher suite that stands for it (RFC 5746 §3.3), likewise.
const RENEGOTIATION_SUITE: [u16; 2] = [0x00ff, 0xff70];

/// Renames what the server lacks in a record that holds a ClientHello.
pub(crate) fn hide(record: &mut [u8], lacks: &[Lack]) {
    let Some(message) = record.get_mut(RECORD_HEADER..) else {
        return;
    };
    for lack in lacks {
        match lack {
            Lack::ExtendedMasterSecret => rename(message, MASTER_SECRET, Kind::Extension),
            Lack::RenegotiationInfo => {
                rename(message, RENEGOTIATION, Kind::Extension);
                rename(message, RENEGOTIATION_SUITE, Kind::Suite);
            }
        }
    }
}

/// The transcript as the client has it, if it begins with a ClientHello.
pub(super) fn restore(transcript: &[u8]) -> Cow<'_, [u8]> {
    if transcript.first() != Some(&CLIENT_HELLO) {
        return Cow::Borrowed(transcript);
    }
    let mut restored = transcript.to_vec();
    let back = |[true_name, hidden]: [u16; 2]| [hidden, true_name];
    rename(&mut restored, back(MASTER_SECRET), Kind::Extension);
    rename(&mut restored, back(RENEGOTIATION), Kind::Extension);
    rename(&mut restored, back(RENEGOTIATION_SUITE), Kind::Suite);
    Cow::Owned(restored)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Suite,
    Extension,
}

fn rename(message: &mut [u8], [from, to]: [u16; 2], kind: Kind) {
    for at in places(message, kind).unwrap_or_default() {
        if let Some(number) = message.get_mut(at..at + 2)
            && *number == from.to_be_bytes()
        {
            number.copy_from_slice(&to.to_be_bytes());
        }
    }
}

/// Where the numbers of cipher suites or of extensions stand in a ClientHello; none if it is torn.
fn places(message: &[u8], kind: Kind) -> Option<Vec<usize>> {
    if message.first() != Some(&CLIENT_HELLO) {
        return None;
    }
    let u8_at = |at: usize| message.get(at).map(|byte| usize::from(*byte));
    let u16_at = |at: usize| Some(u8_at(at)? << 8 | u8_at(at + 1)?);
    let end = 4 + (u8_at(1)? << 16 | u16_at(2)?);
    let suites = FIXED + 1 + u8_at(FIXED)? + 2;
    let suites_end = suites + u16_at(suites - 2)?;
    if kind == Kind::Suite {
        return Some((suites..suites_end.min(end)).step_by(2).collect());
    }
    let mut places = Vec::new();
    let mut at = suites_end + 1 + u8_at(suites_end)? + 2;
    while at < end {
        places.push(at);
        at += 4 + u16_at(at + 2)?;
    }
    Some(places)
}

/// The suite, with hashes that restore the transcript. Only those of TLS 1.2 negotiate what can be lacking.
pub(super) fn restoring(suite: SupportedCipherSuite) -> SupportedCipherSuite {
    static SUITES: LazyLock<Vec<Tls12CipherSuite>> = LazyLock::new(|| {
        let known = aws_lc_rs::ALL_CIPHER_SUITES;
        known.iter().filter_map(tls12).map(with_restoring).collect()
    });
    let ours = SUITES
        .iter()
        .find(|ours| ours.common.suite == suite.suite());
    ours.map_or(suite, SupportedCipherSuite::Tls12)
}

fn tls12(suite: &SupportedCipherSuite) -> Option<&'static Tls12CipherSuite> {
    match suite {
        SupportedCipherSuite::Tls12(suite) => Some(suite),
        SupportedCipherSuite::Tls13(_) => None,
    }
}

fn with_restoring(suite: &'static Tls12CipherSuite) -> Tls12CipherSuite {
    let common = &suite.common;
    Tls12CipherSuite {
        common: CipherSuiteCommon {
            suite: common.suite,
            // As many as there are suites, once in a process: rustls asks for parts that live as long as it.
            hash_provider: Box::leak(Box::new(Restoring(common.hash_provider))),
            confidentiality_limit: common.confidentiality_limit,
        },
        prf_provider: suite.prf_provider,
        kx: suite.kx,
        sign: suite.sign,
        aead_alg: suite.aead_alg,
    }
}

struct Restoring(&'static dyn Hash);

impl Hash for Restoring {
    fn start(&self) -> Box<dyn Context> {
        Box::new(RestoringContext(self.0.start()))
    }

    fn hash(&self, data: &[u8]) -> Output {
        self.0.hash(&restore(data))
    }

    fn output_len(&self) -> usize {
        self.0.output_len()
    }

    fn algorithm(&self) -> HashAlgorithm {
        self.0.algorithm()
    }
}

struct RestoringContext(Box<dyn Context>);

impl Context for RestoringContext {
    fn fork_finish(&self) -> Output {
        self.0.fork_finish()
    }

    fn fork(&self) -> Box<dyn Context> {
        Box::new(RestoringContext(self.0.fork()))
    }

    fn finish(self: Box<Self>) -> Output {
        self.0.finish()
    }

    fn update(&mut self, data: &[u8]) {
        // The hash begins when the suite is known, so the whole ClientHello comes in one piece, and first.
        self.0.update(&restore(data));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A ClientHello with one suite beside the signal, and two extensions.
    fn hello() -> Vec<u8> {
        let mut body = vec![3, 3];
        body.extend([7; 32]);
        body.extend([0, 0, 4, 0xc0, 0x2f, 0x00, 0xff, 1, 0]);
        body.extend([0, 9, 0x00, 0x17, 0, 0, 0xff, 0x01, 0, 1, 0]);
        let mut message = vec![1, 0, 0, u8::try_from(body.len()).unwrap()];
        message.extend(body);
        message
    }

    fn hidden(lacks: &[Lack]) -> Vec<u8> {
        let mut record = vec![22, 3, 1, 0, 0];
        record.extend(hello());
        hide(&mut record, lacks);
        record.split_off(RECORD_HEADER)
    }

    #[test]
    fn what_is_hidden_comes_back() {
        let both = [Lack::ExtendedMasterSecret, Lack::RenegotiationInfo];
        let changed = |lacks: &[Lack]| {
            let pairs = hello().into_iter().zip(hidden(lacks));
            pairs.filter(|(before, after)| before != after).count()
        };
        assert_eq!(changed(&[]), 0);
        assert_eq!(changed(&both[..1]), 1);
        assert_eq!(changed(&both[1..]), 3);
        assert_eq!(*restore(&hidden(&both)), hello());
        // A later message of the handshake is as it is.
        assert_eq!(*restore(&[2, 0, 0, 1, 9]), [2, 0, 0, 1, 9]);
    }

    proptest! {
        #[test]
        fn no_bytes_trip_it(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let mut record = bytes;
            hide(&mut record, &[Lack::ExtendedMasterSecret, Lack::RenegotiationInfo]);
            if let Some(kind) = record.first_mut() {
                *kind = CLIENT_HELLO;
            }
            let _ = restore(&record);
        }
    }
}
