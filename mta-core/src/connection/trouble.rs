//! What stands in the way of a handshake: our own settings, records that nothing can be made of, a server too old.

use std::sync::Arc;

use super::End;
use super::context::Context;
use crate::event::{FailureType, Rule, TlsNotice, TlsObstacle, What};
use crate::fault::{Fault, HandshakeFault, OwnFault};
use crate::policy::{Level, Matching, Policy};
use crate::tls::{Engine, NoCiphers};
use crate::trust::Records;

/// A server that wants an older protocol than the engine has. Where TLS 1.0 or 1.1 was allowed OpenSSL would have agreed,
/// and at levels that must match, where its security level is 1, would have stumbled over the signature (observed: level-verify-tls10).
pub(super) fn legacy(fault: HandshakeFault, cx: &mut Context<'_, '_>) -> HandshakeFault {
    const PROTOCOL_VERSION: u8 = 70;
    if fault != HandshakeFault::AlertReceived(PROTOCOL_VERSION) || !cx.dialogue.level.must_match() {
        return fault;
    }
    let settings = cx.env.settings;
    let terms = cx
        .env
        .terms
        .of(&settings.tls, &cx.dialogue.policy, settings.release);
    match terms.offered {
        Ok(offered) if offered.has_legacy() => HandshakeFault::LegacyProtocol,
        Ok(_) | Err(_) => fault,
    }
}

/// What can be used of the policy's records. Where none can, opportunistic DANE goes on with anybody, and every other
/// level is bound to fail (src/tls/tls_client.c `tls_client_start`).
pub(super) fn usable_records(engine: &Engine, cx: &mut Context<'_, '_>) -> Option<Records> {
    let (records, unusable) = engine.usable(cx.dialogue.policy.matching.records()?);
    for record in unusable {
        let server = cx.server();
        let notice = TlsNotice::UnusableRecord { server, record };
        cx.tell(What::noticed(notice));
    }
    if !records.is_empty() {
        return Some(records);
    }
    if matches!(
        cx.dialogue.level,
        Level::HalfDane | Level::Dane | Level::DaneOnly
    ) {
        let reason = Some("all-TLSA-records-unusable");
        cx.report_failure(FailureType::TlsaInvalid, reason);
    }
    let (server, level) = (cx.server(), cx.dialogue.level);
    let notice = TlsNotice::NoUsableRecord { server, level };
    cx.tell(What::noticed(notice));
    if !matches!(cx.dialogue.level, Level::HalfDane | Level::Dane) {
        return Some(records);
    }
    cx.decided(Rule::RecordsUnusable);
    cx.dialogue.level = Level::Encrypt;
    cx.dialogue.policy = Arc::new(Policy {
        level: Level::Encrypt,
        matching: Matching::Anybody,
        ..Policy::clone(&cx.dialogue.policy)
    });
    None
}

/// Words of a match list that are invalid (src/tls/tls_client.c `tls_client_start`).
pub(super) fn tell_odd_names(cx: &mut Context<'_, '_>) {
    let policy = cx.dialogue.policy.clone();
    let Matching::Names {
        wanted, ignored, ..
    } = &policy.matching
    else {
        return;
    };
    for word in ignored.iter().cloned() {
        let server = cx.server();
        let notice = TlsNotice::BadMatchName { server, word };
        cx.tls_event(What::noticed(notice));
    }
    if wanted.is_empty() {
        let server = cx.server();
        cx.tls_event(What::noticed(TlsNotice::NoMatchNames { server }));
    }
}

/// Our own settings stand in the way; the server sees the end of the connection behind its 220.
pub(super) fn cannot_begin(
    obstacle: TlsObstacle,
    fault: OwnFault,
    cx: &mut Context<'_, '_>,
) -> End {
    let server = cx.server();
    let notice = TlsNotice::CannotBegin { server, obstacle };
    cx.tls_event(What::noticed(notice));
    End::of_handshake(Fault::Own(fault))
}

/// There is no cipher list.
pub(super) fn no_ciphers(fault: &NoCiphers, cx: &mut Context<'_, '_>) -> End {
    let obstacle = match fault {
        NoCiphers::UnknownGrade(grade) => TlsObstacle::Grade(grade.as_str().into()),
        NoCiphers::Operator(word) => TlsObstacle::Exclusion(word.as_str().into()),
        NoCiphers::NothingLeft(grade) => TlsObstacle::NoCipher(grade.as_str().into()),
    };
    cannot_begin(obstacle, OwnFault::Ciphers, cx)
}
