//! What Postfix says of the client's own certificates and keys (src/tls/tls_certkey.c).
//!
//! The library's errors behind its sentences are those of OpenSSL 3.0 for the same files; where they tell more of a
//! broken file than is known here, there are none.

use super::notice::{Sentence, library, warning};
use crate::tls::{
    BadChain, BadCredentials, BadKey, BadPair, BrokenBlock, CredentialNotice, Misfit,
};

/// The last error of `SSL_CTX_use_PrivateKey_file` for a file that it could open.
const PEM_LIB: &str = "error:0A080009:SSL routines::PEM lib";

/// Why credentials cannot be used.
pub(super) fn sentences(bad: &BadCredentials) -> Vec<Sentence> {
    match bad {
        BadCredentials::NoFile { path } => vec![not_opened(path)],
        BadCredentials::Pair { kind, path, fault } => pair(kind, path, fault),
        BadCredentials::Chain { origin, fault } => {
            let mut sentences = chain(origin, fault);
            sentences.push(warning(format!(
                "error loading private keys and certificates from: {origin}: disabling TLS support"
            )));
            sentences
        }
    }
}

/// What the sentences leave to the library's errors, in words of ours.
pub(super) fn cause(bad: &BadCredentials) -> Option<&'static str> {
    match bad {
        BadCredentials::NoFile { .. } => None,
        BadCredentials::Pair { fault, .. } => match fault {
            BadPair::NoCertificateFile | BadPair::Key(BadKey::NoFile) => {
                Some("there is no such file")
            }
            BadPair::NoCertificate => Some("no certificate can be read in it"),
            BadPair::Key(BadKey::NoKey | BadKey::Unreadable) => Some("no key can be read in it"),
            BadPair::Key(BadKey::Encrypted) => {
                Some("it needs a pass phrase, which no daemon can ask for")
            }
            BadPair::Key(BadKey::Mismatch) => Some("it is not the key of the certificate"),
            BadPair::OtherKind { .. } => None,
        },
        BadCredentials::Chain { fault, .. } => match fault {
            BadChain::Broken(BrokenBlock::NoEnd) => Some("a block has no END"),
            BadChain::Broken(BrokenBlock::NoBase64) => Some("a block is no base64"),
            BadChain::Unfit {
                why: Misfit::Taken, ..
            } => Some("there was a key of its kind before"),
            BadChain::Unfit { .. }
            | BadChain::KeyNotFirst { .. }
            | BadChain::NoPem
            | BadChain::NoKey
            | BadChain::NoCertificate { .. }
            | BadChain::NotFollowed { .. }
            | BadChain::Key { .. }
            | BadChain::Certificate { .. }
            | BadChain::Unexpected { .. } => None,
        },
    }
}

/// What is odd about credentials that are used all the same.
pub(super) fn notice(notice: &CredentialNotice) -> Sentence {
    match notice {
        CredentialNotice::NoChainFile { path } => not_opened(path),
        CredentialNotice::SecondKey { place, first, path } => warning(format!(
            "ignoring 2nd key at index {place} in {path} after 1st at {first}"
        )),
        // Ours: Postfix would show the certificate.
        CredentialNotice::NotSimulated { path } => warning(format!(
            "{path}: signatures of this kind of key are not simulated; its certificate is not shown"
        )),
    }
}

/// Of a file that may not be read the errno text is another; it is not known here.
fn not_opened(path: &str) -> Sentence {
    warning(format!(
        "error opening chain file: {path}: No such file or directory"
    ))
}

fn pair(kind: &str, path: &str, fault: &BadPair) -> Vec<Sentence> {
    let cannot_get = |what: &str| {
        warning(format!(
            "cannot get {kind} {what} from file \"{path}\": disabling TLS support"
        ))
    };
    match fault {
        BadPair::NoCertificateFile => [vec![cannot_get("certificate")], no_file(path)].concat(),
        BadPair::NoCertificate => vec![cannot_get("certificate")],
        BadPair::Key(fault) => [vec![cannot_get("private key")], key(path, *fault)].concat(),
        BadPair::OtherKind { certificate } => vec![warning(format!(
            "{kind} private key in {path} does not match public key in {certificate}: disabling TLS support"
        ))],
    }
}

/// What the library says of a key.
fn key(path: &str, fault: BadKey) -> Vec<Sentence> {
    match fault {
        BadKey::NoFile => no_file(path),
        BadKey::NoKey => vec![
            library(
                "error:1E08010C:DECODER routines::unsupported",
                "No supported data to decode. Input type: PEM",
            ),
            library(PEM_LIB, ""),
        ],
        BadKey::Unreadable => Vec::new(),
        BadKey::Encrypted => vec![
            library("error:04800068:PEM routines::bad password read", ""),
            library(PEM_LIB, ""),
        ],
        BadKey::Mismatch => vec![library(
            "error:05800074:x509 certificate routines::key values mismatch",
            "",
        )],
    }
}

fn no_file(path: &str) -> Vec<Sentence> {
    vec![
        library(
            "error:80000002:system library::No such file or directory",
            &format!("calling fopen({path}, r)"),
        ),
        library("error:10080002:BIO routines::system lib", ""),
        library("error:0A080002:SSL routines::system lib", ""),
    ]
}

fn chain(origin: &str, fault: &BadChain) -> Vec<Sentence> {
    match fault {
        BadChain::KeyNotFirst { path } => vec![warning(format!(
            "error loading chain from {path}: key not first"
        ))],
        BadChain::NoPem => vec![warning(format!("No PEM data in {origin}"))],
        BadChain::NoKey => vec![warning(format!("No private key found in {origin}"))],
        BadChain::NoCertificate { place, path } => vec![warning(format!(
            "No certs for key at index {place} in {path}"
        ))],
        BadChain::NotFollowed { place, path } => vec![warning(format!(
            "error loading certificate chain: key at index {place} in {path} not followed by a certificate"
        ))],
        BadChain::Unfit {
            place,
            path,
            last,
            why,
        } => {
            let told = match last {
                true => format!("key at index {place} in {path} does not match next certificate"),
                false => format!(
                    "error loading certificate chain: key at index {place} in {path} does not match the certificate"
                ),
            };
            [vec![warning(told)], misfit(*why)].concat()
        }
        BadChain::Key { place, path } => vec![warning(format!(
            "error loading private key (PEM object number {place}) from {path}"
        ))],
        BadChain::Certificate { place, path } => vec![warning(format!(
            "error loading certificate (PEM object number {place}) from {path}"
        ))],
        BadChain::Unexpected { label, path } => vec![warning(format!(
            "error loading {path}: unexpected PEM type: {label}"
        ))],
        BadChain::Broken(why) => vec![library(
            match why {
                BrokenBlock::NoEnd => "error:04800066:PEM routines::bad end line",
                BrokenBlock::NoBase64 => "error:04800064:PEM routines::bad base64 decode",
            },
            "",
        )],
    }
}

fn misfit(why: Misfit) -> Vec<Sentence> {
    let mismatch = library("error:0A000120:SSL routines::private key mismatch", "");
    match why {
        Misfit::OtherKey => vec![mismatch],
        Misfit::OtherKind => vec![
            library(
                "error:03000065:digital envelope routines::different key types",
                "",
            ),
            mismatch,
        ],
        Misfit::Taken => vec![library(
            "error:0A000121:SSL routines::not replacing certificate",
            "",
        )],
    }
}
