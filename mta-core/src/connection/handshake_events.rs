//! The events of a handshake that succeeded.

use super::dialogue::Dialogue;
use super::env::Env;
use crate::event::{Detail, SessionEvent, TlsSummary, What};
use crate::tls::Handshake;
use crate::trust::Verdict;

pub(super) fn report(
    handshake: &Handshake,
    verdict: &Verdict,
    steps: Vec<crate::event::WalkStep>,
    was_offered: bool,
    dialogue: &Dialogue,
    env: &mut Env<'_>,
) {
    if !env.out.wants(Detail::Decisions) {
        return;
    }
    let server = || dialogue.server.clone();
    let resumed = handshake.resumed;
    dialogue.tls_event(
        What::HandshakeWalk {
            server: server(),
            protocol: handshake.protocol,
            resumed,
            steps,
        },
        env,
    );
    if !resumed {
        dialogue.decided(verdict.rule, env);
    }
    match (was_offered, resumed) {
        (true, true) => dialogue.tls_event(
            What::Session {
                server: server(),
                event: SessionEvent::Resumed,
            },
            env,
        ),
        (true, false) => dialogue.tls_event(
            What::Session {
                server: server(),
                event: SessionEvent::Refused,
            },
            env,
        ),
        (false, _) => {}
    }
}

pub(super) fn summarise(
    handshake: &Handshake,
    verdict: &Verdict,
    signature: Option<crate::event::ServerSignature>,
    dialogue: &mut Dialogue,
    env: &mut Env<'_>,
) {
    if !env.out.wants(Detail::Decisions) {
        return;
    }
    let server = dialogue.server.clone();
    let server = || server.clone();
    let resumed = handshake.resumed;
    if !verdict.matched && (verdict.reason.is_some() || resumed) {
        dialogue.tls_event(
            What::Unverified {
                server: server(),
                level: dialogue.level,
                reason: verdict.reason.clone(),
                resumed,
            },
            env,
        );
    }
    if !verdict.matched {
        dialogue.report_unverified(verdict, resumed, env);
    }
    if let (Some(leaf), Some(engine)) = (handshake.presented.first(), env.engine) {
        let verdict = if resumed {
            // OpenSSL keeps no record with a session.
            &Verdict {
                record: None,
                ..verdict.clone()
            }
        } else {
            verdict
        };
        dialogue.tls_event(
            What::CertificateSeen {
                server: server(),
                names: Box::new(leaf.names(verdict, engine.fingerprint_digest())),
            },
            env,
        );
    }
    let summary = TlsSummary {
        status: verdict.status,
        protocol: handshake.protocol,
        cipher: handshake.cipher,
        key_exchange: handshake.key_exchange,
        signature,
        client_signature: handshake.client_signature,
        resumed,
    };
    if dialogue.proxied {
        dialogue.summary = Some(summary);
        let server = server();
        dialogue.tls_event(What::TlsEstablished { server, summary }, env);
    }
    // smtp(8) says it again.
    let server = server();
    dialogue.tell(What::TlsEstablished { server, summary }, env);
}
