//! What stands in the way of a handshake: our own settings, records that nothing can be made of, a server too old.

use std::sync::Arc;

use super::End;
use super::dialogue::Dialogue;
use super::env::Env;
use super::handshake::failure;
use crate::event::{FailureType, Rule, TlsNotice, TlsObstacle, What};
use crate::fault::{Fault, HandshakeFault, OwnFault};
use crate::policy::{Level, Matching, Policy};
use crate::tls::{Engine, NoCiphers};
use crate::trust::Records;

/// A server that wants an older protocol than the engine has. Where TLS 1.0 or 1.1 was allowed OpenSSL would have agreed,
/// and at levels that must match, where its security level is 1, would have stumbled over the signature (observed: level-verify-tls10).
pub(super) fn legacy(
    fault: HandshakeFault,
    dialogue: &Dialogue,
    env: &mut Env<'_>,
) -> HandshakeFault {
    const PROTOCOL_VERSION: u8 = 70;
    if fault != HandshakeFault::AlertReceived(PROTOCOL_VERSION) || !dialogue.level.must_match() {
        return fault;
    }
    let settings = env.settings;
    let terms = env
        .terms
        .of(&settings.tls, &dialogue.policy, settings.release);
    match terms.offered {
        Ok(offered) if offered.has_legacy() => HandshakeFault::LegacyProtocol,
        Ok(_) | Err(_) => fault,
    }
}

/// What can be used of the policy's records. Where none can, opportunistic DANE goes on with anybody, and every other
/// level is bound to fail (src/tls/tls_client.c `tls_client_start`).
pub(super) fn usable_records(
    engine: &Engine,
    dialogue: &mut Dialogue,
    env: &mut Env<'_>,
) -> Option<Records> {
    let (records, unusable) = engine.usable(dialogue.policy.matching.records()?);
    for record in unusable {
        let server = dialogue.server.clone();
        let notice = TlsNotice::UnusableRecord { server, record };
        dialogue.tell(What::noticed(notice), env);
    }
    if !records.is_empty() {
        return Some(records);
    }
    if matches!(
        dialogue.level,
        Level::HalfDane | Level::Dane | Level::DaneOnly
    ) {
        let reason = Some("all-TLSA-records-unusable");
        dialogue.report_failure(FailureType::TlsaInvalid, reason, env);
    }
    let (server, level) = (dialogue.server.clone(), dialogue.level);
    let notice = TlsNotice::NoUsableRecord { server, level };
    dialogue.tell(What::noticed(notice), env);
    if !matches!(dialogue.level, Level::HalfDane | Level::Dane) {
        return Some(records);
    }
    dialogue.decided(Rule::RecordsUnusable, env);
    dialogue.level = Level::Encrypt;
    dialogue.policy = Arc::new(Policy {
        level: Level::Encrypt,
        matching: Matching::Anybody,
        ..Policy::clone(&dialogue.policy)
    });
    None
}

/// Words of a match list that make no sense (src/tls/tls_client.c `tls_client_start`).
pub(super) fn tell_odd_names(dialogue: &Dialogue, env: &mut Env<'_>) {
    let Matching::Names {
        wanted, ignored, ..
    } = &dialogue.policy.matching
    else {
        return;
    };
    let server = || dialogue.server.clone();
    for word in ignored.iter().cloned() {
        let server = server();
        let notice = TlsNotice::BadMatchName { server, word };
        dialogue.tls_event(What::noticed(notice), env);
    }
    if wanted.is_empty() {
        let server = server();
        dialogue.tls_event(What::noticed(TlsNotice::NoMatchNames { server }), env);
    }
}

/// Our own settings stand in the way; the server sees the end of the connection behind its 220.
pub(super) fn cannot_begin(
    obstacle: TlsObstacle,
    fault: OwnFault,
    dialogue: &Dialogue,
    env: &mut Env<'_>,
) -> End {
    let server = dialogue.server.clone();
    let notice = TlsNotice::CannotBegin { server, obstacle };
    dialogue.tls_event(What::noticed(notice), env);
    failure(Fault::Own(fault))
}

/// There is no cipher list.
pub(super) fn no_ciphers(fault: &NoCiphers, dialogue: &Dialogue, env: &mut Env<'_>) -> End {
    let obstacle = match fault {
        NoCiphers::UnknownGrade(grade) => TlsObstacle::Grade(grade.as_str().into()),
        NoCiphers::Operator(word) => TlsObstacle::Exclusion(word.as_str().into()),
        NoCiphers::NothingLeft(grade) => TlsObstacle::NoCipher(grade.as_str().into()),
    };
    cannot_begin(obstacle, OwnFault::Ciphers, dialogue, env)
}
