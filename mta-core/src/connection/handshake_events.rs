//! The events of a handshake that succeeded.

use super::context::Context;
use super::dialogue::TlsProcess;
use crate::event::{Detail, SessionEvent, TlsSummary, What};
use crate::tls::Handshake;
use crate::trust::Verdict;

/// The steps of the handshake, by which rule the server was judged, and what became of the session that was offered.
pub(super) fn report(
    handshake: &Handshake,
    verdict: &Verdict,
    steps: Vec<crate::event::WalkStep>,
    was_offered: bool,
    cx: &mut Context<'_, '_>,
) {
    if !cx.env.out.wants(Detail::Decisions) {
        return;
    }
    let server = cx.server();
    let server = || server.clone();
    let resumed = handshake.resumed;
    cx.tls_event(What::HandshakeWalk {
        server: server(),
        protocol: handshake.protocol,
        resumed,
        steps,
    });
    if !resumed {
        cx.decided(verdict.rule);
    }
    match (was_offered, resumed) {
        (true, true) => cx.tls_event(What::Session {
            server: server(),
            event: SessionEvent::Resumed,
        }),
        (true, false) => cx.tls_event(What::Session {
            server: server(),
            event: SessionEvent::Refused,
        }),
        (false, _) => {}
    }
}

/// What the server proved, and how TLS came up.
pub(super) fn summarise(
    handshake: &Handshake,
    verdict: &Verdict,
    signature: Option<crate::event::ServerSignature>,
    cx: &mut Context<'_, '_>,
) {
    if !cx.env.out.wants(Detail::Decisions) {
        return;
    }
    let server = cx.server();
    let server = || server.clone();
    let resumed = handshake.resumed;
    if !verdict.matched && (verdict.reason.is_some() || resumed) {
        cx.tls_event(What::Unverified {
            server: server(),
            level: cx.dialogue.level,
            reason: verdict.reason.clone(),
            resumed,
        });
    }
    if !verdict.matched {
        cx.report_unverified(verdict, resumed);
    }
    if let (Some(leaf), Some(engine)) = (handshake.presented.first(), cx.env.engine) {
        let verdict = if resumed {
            // OpenSSL keeps no record with a session.
            &Verdict {
                record: None,
                ..verdict.clone()
            }
        } else {
            verdict
        };
        cx.tls_event(What::CertificateSeen {
            server: server(),
            names: Box::new(leaf.names(verdict, engine.fingerprint_digest())),
        });
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
    if cx.dialogue.tls_process == TlsProcess::Tlsproxy {
        cx.dialogue.summary = Some(summary);
        let server = server();
        cx.tls_event(What::TlsEstablished { server, summary });
    }
    // smtp(8) says it again.
    let server = server();
    cx.tell(What::TlsEstablished { server, summary });
}
