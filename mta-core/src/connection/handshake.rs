//! The TLS handshake is under way.

use std::sync::Arc;

use super::Mail;
use super::dialogue::Dialogue;
use super::env::Env;
use super::greeting::AwaitGreeting;
use super::handshake_events::{report, summarise};
use super::hello::AwaitEhloReply;
use super::require_tls;
use super::sessions::{KeptSession, database_asked, look_up};
use super::trouble::{cannot_begin, legacy, no_ciphers, tell_odd_names, usable_records};
use super::wire::Wire;
use super::{End, Failure, FailureKind, Next, State};
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
    pub(super) fn begin(
        helo: Arc<str>,
        dialogue: &mut Dialogue,
        mail: &mut Mail,
        env: &mut Env<'_>,
    ) -> Next {
        dialogue.proxied = dialogue
            .policy
            .connection_reuse
            .unwrap_or(env.settings.reuse.with_tls);
        if dialogue.proxied && env.settings.reuse.proxy != PROXY {
            let service = env.settings.reuse.proxy.as_str().into();
            dialogue.proxied = false;
            dialogue.tell(What::noticed(TlsNotice::NoProxy { service }), env);
            return Next::End(failure(Fault::Own(OwnFault::NoProxy)));
        }
        if dialogue.proxied {
            dialogue.proxy(ProxyEvent::Connected, env);
        }
        // STARTTLS is sent only with an engine at hand.
        let Some(engine) = env.engine else {
            return Next::End(failure(Fault::Own(OwnFault::NoEngine)));
        };
        let settings = env.settings;
        dialogue.look_up_log_level(env);
        let terms = env
            .terms
            .of(&settings.tls, &dialogue.policy, settings.release);
        let logged = match (&terms.offered, &terms.ciphers) {
            (Err(NoProtocols::Invalid), _) | (_, Err(_)) => "",
            (Ok(_) | Err(NoProtocols::None), Ok(list)) => &list.text,
        };
        dialogue.tls_event(
            What::HandshakeStarted {
                server: dialogue.server.clone(),
                sni: dialogue.policy.sni.clone(),
                cipher_list: logged.into(),
            },
            env,
        );
        if terms.offered == Err(NoProtocols::Invalid) {
            let obstacle = TlsObstacle::Protocols(terms.protocols.as_str().into());
            return Next::End(cannot_begin(obstacle, OwnFault::Protocols, dialogue, env));
        }
        if let Err(fault) = &terms.ciphers {
            return Next::End(no_ciphers(fault, dialogue, env));
        }
        tell_odd_names(dialogue, env);
        let level = dialogue.level;
        let records = usable_records(engine, dialogue, env);
        let key = env.settings.tls.session_cache.as_ref().map(|cache| {
            let key = KeyParts {
                service: env.service,
                nexthop: &dialogue.nexthop,
                server: &dialogue.server,
                helo: &helo,
                level,
                proof: dialogue.level.must_match().then(|| Proof {
                    sni: dialogue.policy.sni.as_deref(),
                    records: dialogue.policy.matching.records().unwrap_or_default(),
                    must_fail: records.as_ref().is_some_and(Records::is_empty),
                }),
                terms: &terms,
                release: env.settings.release,
            };
            (key.key(), cache.timeout)
        });
        let found = key
            .as_ref()
            .map(|(key, lifetime)| (key, look_up(key, *lifetime, env)));
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
            dialogue.tls_event(
                What::Session {
                    server: dialogue.server.clone(),
                    event,
                },
                env,
            );
            database_asked(env);
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
        let address = dialogue.server.address.ip();
        let sni = dialogue.policy.sni.as_deref();
        let started = TlsStream::start(
            engine,
            sni,
            address,
            ticket,
            &terms,
            env.out.tells_secrets,
            env.now.wall,
        );
        match started {
            Ok(stream) => {
                dialogue.turn_to(Wire::Tls(Box::new(stream)), session);
                Next::State(State::Handshake(Handshaking { offered, records }))
            }
            Err(fault) => {
                Next::End(Handshaking { offered, records }.failed(fault, dialogue, mail, env))
            }
        }
    }

    /// The handshake is over: the peer is judged, and greeted anew (RFC 3207 §4.2).
    pub(super) fn established(
        self,
        dialogue: &mut Dialogue,
        mail: &mut Mail,
        env: &mut Env<'_>,
    ) -> Next {
        let Wire::Tls(stream) = &dialogue.wire else {
            let no_tls = HandshakeFault::Other("no TLS".to_owned());
            return Next::End(failure(Fault::Peer(PeerFault::Handshake(no_tls))));
        };
        let Some(mut handshake) = stream.handshake() else {
            let none_chosen = HandshakeFault::NoCommonParameters;
            return Next::End(failure(Fault::Peer(PeerFault::Handshake(none_chosen))));
        };
        let was_offered = self.offered.is_some();
        // Reading certificates costs more than all the rest of a resumed delivery.
        if handshake.resumed && (!was_offered || env.out.wants(Detail::Decisions)) {
            handshake.presented = stream.presented();
        }
        let (verdict, steps) = match self.offered {
            Some((verdict, signature)) if handshake.resumed => {
                (kept(verdict, signature, dialogue, env), Vec::new())
            }
            _ => match env.engine {
                Some(engine) => engine.judge(
                    &handshake.presented,
                    &dialogue.policy,
                    self.records.as_ref(),
                    env.settings.release,
                    env.now.wall,
                ),
                None => (Verdict::anonymous(), Vec::new()),
            },
        };
        if handshake
            .presented
            .first()
            .is_some_and(Certificate::has_nul_in_common_name)
        {
            let server = dialogue.server.clone();
            dialogue.tls_event(What::noticed(TlsNotice::NulInSubject { server }), env);
        }
        let signature = dialogue.session_mut().and_then(|session| {
            if !handshake.resumed {
                session.signature = handshake.signature;
            }
            session.verdict = verdict.clone();
            session.signature
        });
        let signature = handshake.signature.or(signature);
        report(&handshake, &verdict, steps, was_offered, dialogue, env);
        if handshake.protocol == crate::event::Protocol::Tls12 {
            save_1_2(&handshake, dialogue, env);
        }
        summarise(&handshake, &verdict, signature, dialogue, env);
        dialogue.verdict = Some(verdict.clone());
        dialogue.report_verdict(&verdict, handshake.resumed, env);
        match verdict.clear(dialogue.level) {
            Some(cleared) => {
                mail.attempt.channel = if mail.attempt.level > Some(dialogue.level) {
                    Channel::WeakerTls(dialogue.level)
                } else {
                    Channel::Tls
                };
                if env.settings.tls.wrappermode {
                    // The server has not said a word yet.
                    return Next::State(State::Greeting(AwaitGreeting {
                        cleared: Some(cleared),
                    }));
                }
                let helo_name = env.settings.names.helo_name.clone();
                dialogue.say(Command::Ehlo(&helo_name), env);
                Next::State(State::Ehlo(AwaitEhloReply {
                    cleared: Some(cleared),
                }))
            }
            None => {
                mail.attempt.channel = Channel::Blocked;
                if let Some(end) = require_tls::unproven(&verdict, dialogue, mail, env) {
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
    pub(super) fn failed(
        self,
        fault: HandshakeFault,
        dialogue: &mut Dialogue,
        mail: &mut Mail,
        env: &mut Env<'_>,
    ) -> End {
        mail.attempt.channel = Channel::Undecided;
        let fault = legacy(fault, dialogue, env);
        let protocol = match &dialogue.wire {
            Wire::Tls(stream) => stream.protocol(),
            Wire::Cleartext => None,
        };
        dialogue.tls_event(
            What::HandshakeFailed {
                server: dialogue.server.clone(),
                fault: fault.clone(),
                protocol,
            },
            env,
        );
        let reason = Some("tls-handshake-failure");
        dialogue.report_failure(FailureType::ValidationFailure, reason, env);
        dialogue.forget_session(env);
        let shows_one = env.settings.shows_certificate();
        failure(Fault::of_handshake(fault, shows_one))
    }
}

pub(super) fn failure(fault: Fault) -> End {
    End::Failed(Failure {
        dsn: Dsn::new(4, 7, 5),
        reason: Reason::Handshake,
        fault,
        kind: FailureKind::Handshake,
    })
}

/// A resumed session keeps its verdict; nothing is looked at again (R-RES-06; observed: cache-key-cafile).
fn kept(
    verdict: Verdict,
    signature: Option<crate::event::ServerSignature>,
    dialogue: &mut Dialogue,
    env: &mut Env<'_>,
) -> Verdict {
    dialogue.decided(Rule::VerdictKept, env);
    if let Some(session) = dialogue.session_mut() {
        session.signature = signature;
    }
    verdict
}

/// TLS 1.2 sessions are saved when the handshake ends, before anything is made of the verdict. A resumed one is
/// not saved again: the servers observed send no new ticket then.
fn save_1_2(handshake: &Handshake, dialogue: &mut Dialogue, env: &mut Env<'_>) {
    let tickets = match &dialogue.wire {
        Wire::Tls(stream) => stream.take_tickets(),
        Wire::Cleartext => Vec::new(),
    };
    if !handshake.resumed {
        for ticket in tickets {
            dialogue.keep_ticket(ticket, env);
        }
    }
}
