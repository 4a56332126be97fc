//! The summary of a handshake (src/tls/tls_misc.c `tls_log_summary`).

use std::fmt;

use super::line::Page;
use crate::config::{Feature, LogMask, Release};
use crate::event::{KeyExchange, Protocol, Server, ServerSignature, TlsSummary};

/// One line; what follows the cipher's bits is logged for TLS 1.3 only.
pub(super) fn established(server: &Server, summary: &TlsSummary, page: &mut Page) {
    line("established", server, summary, page);
}

/// The same for a connection that was opened for an earlier message.
pub(super) fn reused(server: &Server, summary: &TlsSummary, page: &mut Page) {
    line("reused", server, summary, page);
}

fn line(how: &str, server: &Server, summary: &TlsSummary, page: &mut Page) {
    let TlsSummary {
        status,
        protocol,
        cipher,
        ..
    } = summary;
    let details = Details {
        summary,
        release: page.release,
    };
    page.smtp_if(
        LogMask::SUMMARY,
        format_args!(
            "{status} TLS connection {how} to {server}: {protocol} with cipher {} ({}/{} bits){details}",
            cipher.name, cipher.bits, cipher.bits
        ),
    );
}

struct Details<'a> {
    summary: &'a TlsSummary,
    release: Release,
}

impl fmt::Display for Details<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.summary.protocol < Protocol::Tls13 {
            return Ok(());
        }
        let group = self.summary.key_exchange;
        if let Some(name) = group.and_then(|group| group_name(group, self.release)) {
            write!(f, " key-exchange {name}")?;
        }
        let resumed = self.summary.resumed;
        match self.summary.signature {
            // A session holds the certificate of its first handshake; the digest was part of the handshake that did
            // not happen (observed: cache-loglevel1-resume13).
            Some(signature) if !resumed || !self.release.has(Feature::ResumedWithoutSignature) => {
                signed(f, "server", signature, !resumed)?;
            }
            Some(_) | None => {}
        }
        match self.summary.client_signature {
            Some(signature) => signed(f, "client", signature, true),
            None => Ok(()),
        }
    }
}

fn signed(
    f: &mut fmt::Formatter<'_>,
    who: &str,
    signature: ServerSignature,
    with_digest: bool,
) -> fmt::Result {
    write!(f, " {who}-signature ")?;
    signature_name(f, signature)?;
    match digest_name(signature) {
        Some(digest) if with_digest => write!(f, " {who}-digest {digest}"),
        Some(_) | None => Ok(()),
    }
}

/// The name of a group; before [`Feature::GroupNames`] that of its kind of key, which a KEM does not have. P-256 by its
/// newer name and ML-KEM were not observed: these are the names of OpenSSL's own table.
fn group_name(group: KeyExchange, release: Release) -> Option<&'static str> {
    let (kind_of_key, name) = match group {
        KeyExchange::X25519 => (Some("X25519"), "x25519"),
        KeyExchange::Secp256r1 => (Some("ECDHE (prime256v1)"), "secp256r1"),
        KeyExchange::Secp384r1 => (Some("ECDHE (secp384r1)"), "secp384r1"),
        KeyExchange::X25519MlKem768 => (None, "X25519MLKEM768"),
    };
    if release.has(Feature::GroupNames) {
        Some(name)
    } else {
        kind_of_key
    }
}

fn signature_name(f: &mut fmt::Formatter<'_>, signature: ServerSignature) -> fmt::Result {
    match signature {
        ServerSignature::EcdsaP256 => f.write_str("ECDSA (prime256v1)"),
        ServerSignature::EcdsaP384 => f.write_str("ECDSA (secp384r1)"),
        ServerSignature::EcdsaP521 => f.write_str("ECDSA (secp521r1)"),
        ServerSignature::Ed25519 => f.write_str("ED25519"),
        ServerSignature::RsaPss { key_bits, .. } => write!(f, "RSA-PSS ({key_bits} bits)"),
    }
}

/// Ed25519 hashes inside, so OpenSSL names no digest.
fn digest_name(signature: ServerSignature) -> Option<String> {
    let bits = match signature {
        ServerSignature::Ed25519 => return None,
        ServerSignature::EcdsaP256 => 256,
        ServerSignature::EcdsaP384 => 384,
        ServerSignature::EcdsaP521 => 512,
        ServerSignature::RsaPss { digest_bits, .. } => digest_bits,
    };
    Some(format!("SHA{bits}"))
}
