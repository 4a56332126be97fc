//! The TLS handshake is under way.

use std::sync::Arc;

use super::context::Context;
use super::dialogue::{KeptSession, TlsProcess};
use super::greeting::AwaitGreeting;
use super::handshake_events::{report, summarise};
use super::hello::AwaitEhloReply;
use super::machine::{Next, State};
use super::require_tls;
use super::sessions::{database_asked, look_up};
use super::trouble::{cannot_begin, legacy, no_ciphers, tell_odd_names, usable_records};
use super::wire::Wire;
use super::{End, Failure, FailureKind};
use crate::event::{
    Channel, Detail, FailureType, ProxyEvent, Reason, Rule, SessionEvent, TlsNotice, TlsObstacle,
    What,
};
use crate::fault::{Fault, HandshakeFault, OwnFault, PeerFault, PolicyFault};
use crate::smtp::{Command, Dsn};
use crate::tls::{Found, Handshake, KeyParts, NoProtocols, Proof, Saved, TlsStream};
use crate::trust::{Certificate, Records, Verdict};

/// The name of tlsproxy(8) in the master.cf that Postfix comes with.
const PROXY: &str = "tlsproxy";

/// The first flight was sent. What was learnt in cleartext is gone.
#[derive(Debug)]
pub(super) struct Handshaking {
    /// The verdict and signature of the session that was offered.
    offered: Option<(Verdict, Option<crate::event::ServerSignature>)>,
    /// What can be used of the policy's records.
    records: Option<Records>,
}

impl Handshaking {
    pub(super) fn begin(helo: Arc<str>, cx: &mut Context<'_, '_>) -> Next {
        if let Err(end) = choose_process(cx) {
            return Next::End(end);
        }
        // STARTTLS is sent only with an engine at hand.
        let Some(engine) = cx.env.engine else {
            return Next::End(End::of_handshake(Fault::Own(OwnFault::NoEngine)));
        };
        let settings = cx.env.settings;
        cx.look_up_log_level();
        let terms = cx
            .env
            .terms
            .of(&settings.tls, &cx.dialogue.policy, settings.release);
        let logged = match (&terms.offered, &terms.ciphers) {
            (Err(NoProtocols::Invalid), _) | (_, Err(_)) => "",
            (Ok(_) | Err(NoProtocols::None), Ok(list)) => &list.text,
        };
        cx.tls_event(What::HandshakeStarted {
            server: cx.server(),
            sni: cx.dialogue.policy.sni.clone(),
            cipher_list: logged.into(),
        });
        if terms.offered == Err(NoProtocols::Invalid) {
            let obstacle = TlsObstacle::Protocols(terms.protocols.as_str().into());
            return Next::End(cannot_begin(obstacle, OwnFault::Protocols, cx));
        }
        if let Err(fault) = &terms.ciphers {
            return Next::End(no_ciphers(fault, cx));
        }
        tell_odd_names(cx);
        let level = cx.dialogue.level;
        let records = usable_records(engine, cx);
        let key = cx.env.settings.tls.session_cache.as_ref().map(|cache| {
            let key = KeyParts {
                service: cx.env.service,
                nexthop: &cx.dialogue.nexthop,
                server: &cx.dialogue.server,
                helo: &helo,
                level,
                proof: cx.dialogue.level.must_match().then(|| Proof {
                    sni: cx.dialogue.policy.sni.as_deref(),
                    records: cx.dialogue.policy.matching.records().unwrap_or_default(),
                    must_fail: records.as_ref().is_some_and(Records::is_empty),
                }),
                terms: &terms,
                release: cx.env.settings.release,
            };
            (key.key(), cache.timeout)
        });
        let found = key
            .as_ref()
            .map(|(key, lifetime)| (key, look_up(key, *lifetime, cx.env)));
        let mut ticket = None;
        let mut offered = None;
        if let Some((key, found)) = found {
            let told = match &found {
                Ok(Found { age, .. }) => Ok(*age),
                Err(miss) => Err(*miss),
            };
            let event = SessionEvent::Wanted {
                key: key.clone(),
                found: told,
            };
            cx.tls_event(What::Session {
                server: cx.server(),
                event,
            });
            database_asked(cx.env);
            if let Ok(Found {
                saved:
                    Saved {
                        ticket: session,
                        verdict,
                        signature,
                    },
                ..
            }) = found
            {
                ticket = Some(session);
                offered = Some((verdict, signature));
            }
        }
        let session = key.map(|(key, _)| KeptSession {
            key,
            verdict: Verdict::anonymous(),
            signature: None,
            saved_any: false,
        });
        let address = cx.dialogue.server.address.ip();
        let sni = cx.dialogue.policy.sni.as_deref();
        let started = TlsStream::start(
            engine,
            sni,
            address,
            ticket,
            &terms,
            cx.env.out.tells_secrets,
            cx.env.now.wall,
        );
        match started {
            Ok(stream) => {
                cx.dialogue.turn_to(Wire::Tls(Box::new(stream)), session);
                Next::State(State::Handshake(Handshaking { offered, records }))
            }
            Err(fault) => Next::End(Handshaking { offered, records }.failed(fault, cx)),
        }
    }

    /// The handshake is over: the peer is judged, and greeted anew (RFC 3207 §4.2).
    pub(super) fn established(self, cx: &mut Context<'_, '_>) -> Next {
        let Wire::Tls(stream) = &cx.dialogue.wire else {
            let no_tls = HandshakeFault::Other("no TLS".to_owned());
            return Next::End(End::of_handshake(Fault::Peer(PeerFault::Handshake(no_tls))));
        };
        let Some(mut handshake) = stream.handshake() else {
            let none_chosen = HandshakeFault::NoCommonParameters;
            return Next::End(End::of_handshake(Fault::Peer(PeerFault::Handshake(
                none_chosen,
            ))));
        };
        let was_offered = self.offered.is_some();
        // Reading certificates costs more than all the rest of a resumed delivery.
        if handshake.resumed && (!was_offered || cx.env.out.wants(Detail::Decisions)) {
            handshake.presented = stream.presented();
        }
        let (verdict, steps) = match self.offered {
            Some((verdict, signature)) if handshake.resumed => {
                (kept(verdict, signature, cx), Vec::new())
            }
            _ => match cx.env.engine {
                Some(engine) => engine.judge(
                    &handshake.presented,
                    &cx.dialogue.policy,
                    self.records.as_ref(),
                    cx.env.settings.release,
                    cx.env.now.wall,
                ),
                None => (Verdict::anonymous(), Vec::new()),
            },
        };
        if handshake
            .presented
            .first()
            .is_some_and(Certificate::has_nul_in_common_name)
        {
            let server = cx.server();
            cx.tls_event(What::noticed(TlsNotice::NulInSubject { server }));
        }
        let signature = cx.dialogue.session_mut().and_then(|session| {
            if !handshake.resumed {
                session.signature = handshake.signature;
            }
            session.verdict = verdict.clone();
            session.signature
        });
        let signature = handshake.signature.or(signature);
        report(&handshake, &verdict, steps, was_offered, cx);
        if handshake.protocol == crate::event::Protocol::Tls12 {
            save_1_2(&handshake, cx);
        }
        summarise(&handshake, &verdict, signature, cx);
        cx.dialogue.verdict = Some(verdict.clone());
        cx.report_verdict(&verdict, handshake.resumed);
        match verdict.clear(cx.dialogue.level) {
            Some(cleared) => {
                cx.mail.attempt.channel = if cx.mail.attempt.level > Some(cx.dialogue.level) {
                    Channel::WeakerTls(cx.dialogue.level)
                } else {
                    Channel::Tls
                };
                if cx.env.settings.tls.wrappermode {
                    // The server has not said a word yet.
                    return Next::State(State::Greeting(AwaitGreeting {
                        cleared: Some(cleared),
                    }));
                }
                let settings = cx.env.settings;
                cx.say(Command::Ehlo(&settings.names.helo_name));
                Next::State(State::Ehlo(AwaitEhloReply {
                    cleared: Some(cleared),
                }))
            }
            None => {
                cx.mail.attempt.channel = Channel::Blocked;
                if let Some(end) = require_tls::unproven(&verdict, cx) {
                    return Next::End(end);
                }
                Next::End(End::Failed(Failure {
                    dsn: Dsn::new(4, 7, 5),
                    reason: Reason::NotVerified,
                    fault: Fault::Policy(PolicyFault::NotVerified),
                    kind: FailureKind::Polite,
                }))
            }
        }
    }

    /// The handshake failed, for any reason.
    pub(super) fn failed(self, fault: HandshakeFault, cx: &mut Context<'_, '_>) -> End {
        cx.mail.attempt.channel = Channel::Undecided;
        let fault = legacy(fault, cx);
        let protocol = match &cx.dialogue.wire {
            Wire::Tls(stream) => stream.protocol(),
            Wire::Cleartext => None,
        };
        cx.tls_event(What::HandshakeFailed {
            server: cx.server(),
            fault: fault.clone(),
            protocol,
        });
        let reason = Some("tls-handshake-failure");
        cx.report_failure(FailureType::ValidationFailure, reason);
        cx.forget_session();
        let shows_one = cx.env.settings.shows_certificate();
        End::of_handshake(Fault::of_handshake(fault, shows_one))
    }
}

/// Hands the connection to tlsproxy(8) where policy or main.cf wants it to stay open.
fn choose_process(cx: &mut Context<'_, '_>) -> Result<(), End> {
    let reuse = &cx.env.settings.reuse;
    let may_stay = cx.dialogue.policy.connection_reuse;
    if !may_stay.unwrap_or(reuse.with_tls) {
        return Ok(());
    }
    if reuse.proxy != PROXY {
        let service = reuse.proxy.as_str().into();
        cx.tell(What::noticed(TlsNotice::NoProxy { service }));
        return Err(End::of_handshake(Fault::Own(OwnFault::NoProxy)));
    }
    cx.dialogue.tls_process = TlsProcess::Tlsproxy;
    cx.dialogue.proxy(ProxyEvent::Connected, cx.env);
    Ok(())
}

/// A resumed session keeps its verdict; nothing is looked at again (R-RES-06; observed: cache-key-cafile).
fn kept(
    verdict: Verdict,
    signature: Option<crate::event::ServerSignature>,
    cx: &mut Context<'_, '_>,
) -> Verdict {
    cx.decided(Rule::VerdictKept);
    if let Some(session) = cx.dialogue.session_mut() {
        session.signature = signature;
    }
    verdict
}

/// TLS 1.2 sessions are saved when the handshake ends, before anything is made of the verdict. A resumed one is
/// not saved again: the servers observed send no new ticket then.
fn save_1_2(handshake: &Handshake, cx: &mut Context<'_, '_>) {
    let tickets = match &cx.dialogue.wire {
        Wire::Tls(stream) => stream.take_tickets(),
        Wire::Cleartext => Vec::new(),
    };
    if !handshake.resumed {
        for ticket in tickets {
            cx.dialogue.keep_ticket(ticket, cx.env);
        }
    }
}
