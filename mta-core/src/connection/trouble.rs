//! What stands in the way of a handshake: our own settings, records that nothing can be made of, a server too old.

use std::sync::Arc;

use super::End;
use super::handshake::failure;
use super::talk::{Surroundings, Talk};
use crate::event::{FailureType, Rule, What};
use crate::fault::HandshakeFault;
use crate::policy::{Level, Matching, Policy};
use crate::tls::{Engine, NoCiphers};
use crate::trust::Records;

/// A server that wants an older protocol than the engine has. Where TLS 1.0 or 1.1 was allowed OpenSSL would have agreed,
/// and at levels that must match, where its security level is 1, would have stumbled over the signature (observed: level-verify-tls10).
pub(super) fn legacy(
    fault: HandshakeFault,
    talk: &Talk,
    around: &mut Surroundings<'_>,
) -> HandshakeFault {
    const PROTOCOL_VERSION: u8 = 70;
    if fault != HandshakeFault::AlertReceived(PROTOCOL_VERSION) || !talk.level.must_match() {
        return fault;
    }
    let settings = around.settings;
    let terms = around
        .terms
        .of(&settings.tls, &talk.policy, settings.version);
    match terms.offered {
        Ok(offered) if offered.has_legacy() => HandshakeFault::LegacyProtocol,
        Ok(_) | Err(_) => fault,
    }
}

/// What can be used of the policy's records. Where none can, opportunistic DANE goes on with anybody, and every other
/// level is bound to fail (src/tls/tls_client.c `tls_client_start`).
pub(super) fn usable_records(
    engine: &Engine,
    talk: &mut Talk,
    around: &mut Surroundings<'_>,
) -> Option<Records> {
    let (records, unusable) = engine.usable(talk.policy.matching.records()?);
    let warn = |text: String, talk: &Talk, around: &mut Surroundings<'_>| {
        let text = format!("{}: {text}", talk.server);
        talk.tell(What::Warning(text.into()), around);
    };
    for record in &unusable {
        warn(format!("unusable TLSA RR: {record}"), talk, around);
    }
    if !records.is_empty() {
        return Some(records);
    }
    let what = match talk.level {
        Level::HalfDane | Level::Dane => {
            "all TLSA records unusable, fallback to unauthenticated TLS"
        }
        Level::DaneOnly => "all TLSA records unusable",
        Level::Fingerprint => "all fingerprints unusable",
        Level::None | Level::May | Level::Encrypt | Level::Verify | Level::Secure => {
            "all trust anchors unusable"
        }
    };
    if matches!(talk.level, Level::HalfDane | Level::Dane | Level::DaneOnly) {
        let reason = Some("all-TLSA-records-unusable");
        talk.report_failure(FailureType::TlsaInvalid, reason, around);
    }
    warn(what.to_owned(), talk, around);
    if !matches!(talk.level, Level::HalfDane | Level::Dane) {
        return Some(records);
    }
    talk.decided(Rule::RecordsUnusable, around);
    talk.level = Level::Encrypt;
    talk.policy = Arc::new(Policy {
        level: Level::Encrypt,
        matching: Matching::Anybody,
        ..Policy::clone(&talk.policy)
    });
    None
}

/// Words of a match list that make no sense (src/tls/tls_client.c `tls_client_start`).
pub(super) fn tell_odd_names(talk: &Talk, around: &mut Surroundings<'_>) {
    let Matching::Names {
        wanted, ignored, ..
    } = &talk.policy.matching
    else {
        return;
    };
    let warn = |text: String, around: &mut Surroundings<'_>| {
        let text = format!("{}: {text}", talk.server);
        talk.tls_event(What::Warning(text.into()), around);
    };
    for word in ignored.iter() {
        warn(format!("ignoring invalid match name: \"{word}\""), around);
    }
    if wanted.is_empty() {
        warn("could not configure peer name checks".to_owned(), around);
    }
}

/// Our own settings stand in the way; the server sees the end of the connection behind its 220.
pub(super) fn cannot_begin(warnings: &[String], talk: &Talk, around: &mut Surroundings<'_>) -> End {
    for (place, what) in warnings.iter().enumerate() {
        let text = if place == 0 {
            format!("{}: {what}", talk.server)
        } else {
            what.clone()
        };
        talk.tls_event(What::Warning(text.into()), around);
    }
    failure(HandshakeFault::Other("our settings".to_owned()))
}

/// Why there is no cipher list, in the words of src/tls/tls_misc.c `tls_set_ciphers`.
pub(super) fn no_ciphers(fault: &NoCiphers, talk: &Talk, around: &mut Surroundings<'_>) -> End {
    let warnings = match fault {
        NoCiphers::UnknownGrade(grade) => vec![format!("invalid cipher grade: \"{grade}\"")],
        NoCiphers::Operator(word) => {
            vec![format!("invalid unary '!+-@' in cipher exclusion: {word}")]
        }
        NoCiphers::NothingLeft(grade) => vec![
            format!("error setting cipher grade: \"{grade}\""),
            "TLS library problem: error:0A0000B9:SSL routines::no cipher match:<SRC>:".to_owned(),
        ],
    };
    cannot_begin(&warnings, talk, around)
}
