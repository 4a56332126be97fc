//! A login, between the last EHLO and MAIL: AUTH (RFC 4954; src/smtp/smtp_sasl_proto.c, smtp_sasl_glue.c).

use super::context::Context;
use super::credentials::credentials;
use super::machine::{Next, State};
use super::transaction::Transaction;
use super::{End, Failure, FailureKind, Wait};
use crate::config::SaslSettings;
use crate::event::{DialogueNotice, LoginReason, Reason, Rule, What};
use crate::fault::{Fault, OwnFault, PeerFault, PolicyFault};
use crate::sasl::{
    Credentials, Exchange, Known, Mechanism, NONCE_BYTES, Offer, OfferNote, SaslFault, base64,
};
use crate::smtp::{Command, Credential, Dsn, Reply};
use crate::trust::Cleared;

/// A line with AUTH may not be longer (RFC 5321 §4.5.3.1.4); what does not fit is sent when the server asks.
const LINE_BYTES_MAX: usize = 512;

/// After so many challenges the client gives up (src/smtp/smtp_sasl_glue.c).
const CHALLENGES_MAX: u32 = 100;

/// The only refusal that is remembered: the credentials are wrong (RFC 4954 §6).
const CREDENTIALS_INVALID: u16 = 535;

/// A login is under way: a challenge is owed, or the verdict.
#[derive(Debug)]
pub(super) struct AwaitAuthReply {
    /// Permission to send mail. It was given before, and a login takes nothing away from it.
    cleared: Cleared,
    mechanism: Mechanism,
    exchange: Exchange,
    credentials: Credentials,
    /// What was too long to come along with AUTH.
    held_back: Option<Response>,
    challenges: u32,
    wait: Wait,
}

/// In base64; nobody prints it.
struct Response(String);

/// Looks at what the server offers behind AUTH.
pub(super) fn look_at_offer(cx: &mut Context<'_, '_>) {
    let settings = cx.env.settings;
    let Some(sasl) = &settings.dialogue.sasl else {
        return;
    };
    let limit = usize::try_from(settings.dialogue.reply_length_limit).unwrap_or(usize::MAX);
    let lines = &cx.dialogue.extensions.auth;
    let (offer, notes) = Offer::of(lines, &sasl.filter, limit).unzip();
    cx.dialogue.offer = offer;
    for note in notes.unwrap_or_default() {
        let server = cx.server();
        cx.tell(What::noticed(match note {
            OfferNote::Empty => DialogueNotice::NoMechanisms { server },
            OfferNote::NonePasses(mechanisms) => DialogueNotice::MechanismsFiltered {
                server,
                mechanisms: mechanisms.into(),
            },
        }));
    }
}

/// Logs in where that is wanted, and on to the message.
pub(super) fn begin(cleared: Cleared, wait: Wait, cx: &mut Context<'_, '_>) -> Next {
    let Some(sasl) = &cx.env.settings.dialogue.sasl else {
        return Transaction::begin(cleared, cx);
    };
    let host = cx.dialogue.server.host.clone();
    let known = credentials(&cx.mail.sender, &host, &cx.dialogue.nexthop, cx.env);
    let Some(offer) = cx.dialogue.offer.clone() else {
        if let Ok(Some(_)) = known {
            cx.decided(Rule::AuthNotOffered);
        }
        return Transaction::begin(cleared, cx);
    };
    let credentials = match known {
        Ok(Some(credentials)) => credentials,
        Ok(None) => {
            cx.decided(Rule::NoCredentials);
            return Transaction::begin(cleared, cx);
        }
        Err(error) => {
            for notice in error.notices {
                cx.tell(What::noticed(notice));
            }
            return Next::End(lookup_failed(cx));
        }
    };
    let Some(offered) = offer.mechanisms else {
        let server = cx.server();
        let reason = LoginReason::NoMechanism { server };
        let fault = Fault::Policy(PolicyFault::NoMechanism);
        return failed(Rule::NoMechanism, Dsn::new(4, 7, 0), reason, fault, cx);
    };
    if let Some((table, lifetime)) = &sasl.cache {
        let now = cx.env.now.time;
        let refused = &mut cx.env.refused;
        if let Some(known) = refused.find(table, &host, &credentials, *lifetime, now) {
            let reply = known.line;
            let reason = LoginReason::RefusedBefore { host, reply };
            let dsn = softened(known.dsn, sasl);
            let fault = Fault::Own(OwnFault::LoginRefused);
            return failed(Rule::LoginRefusedBefore, dsn, reason, fault, cx);
        }
    }
    let options = if !cx.dialogue.wire.is_tls() {
        sasl.in_cleartext
    } else if cx.dialogue.is_matched() {
        sasl.in_verified_tls
    } else {
        sasl.in_tls
    };
    let has_xoauth2 = sasl.filter.names(Mechanism::Xoauth2.name());
    let Some(mechanism) = Mechanism::choose(&offered, options, has_xoauth2) else {
        return gave_up(SaslFault::NoMechanism, None, cx);
    };
    let nonce = nonce(mechanism, cx);
    let (exchange, initial) = Exchange::begin(mechanism, &credentials, &nonce);
    let initial = (!initial.is_empty()).then(|| Response(base64::encode(&initial)));
    let name = mechanism.name();
    let fits = |initial: &Response| name.len() + initial.0.len() + 8 <= LINE_BYTES_MAX;
    let (now, held_back) = if initial.as_ref().is_none_or(fits) {
        (initial, None)
    } else {
        (None, initial)
    };
    cx.say(Command::Auth {
        mechanism: name,
        initial: now.as_ref().map(|Response(text)| Credential(text)),
    });
    Next::State(State::Auth(AwaitAuthReply {
        cleared,
        mechanism,
        exchange,
        credentials,
        held_back,
        challenges: 0,
        wait,
    }))
}

impl AwaitAuthReply {
    pub(super) const fn wait(&self) -> Wait {
        self.wait
    }

    pub(super) fn on_reply(self, reply: &Reply, cx: &mut Context<'_, '_>) -> Next {
        match reply.class() {
            3 => self.challenged(reply, cx),
            2 => {
                cx.decided(Rule::LoggedIn);
                Transaction::begin(self.cleared, cx)
            }
            _ => self.refused(reply, cx),
        }
    }

    fn challenged(mut self, reply: &Reply, cx: &mut Context<'_, '_>) -> Next {
        let server = cx.server();
        self.challenges += 1;
        if self.challenges > CHALLENGES_MAX {
            let reason = LoginReason::Endless { server };
            let fault = Fault::Peer(PeerFault::Login);
            return failed(Rule::LoginFailed, Dsn::new(4, 3, 0), reason, fault, cx);
        }
        let challenge = behind_code(&reply.text);
        if let Some(Response(response)) = self.held_back.take() {
            if !challenge.is_empty() {
                let mechanism = self.mechanism;
                let reason = LoginReason::AskedFirst { server, mechanism };
                let fault = Fault::Peer(PeerFault::Login);
                return failed(Rule::LoginFailed, Dsn::new(4, 7, 0), reason, fault, cx);
            }
            cx.say(Command::Response(Credential(&response)));
            return Next::State(State::Auth(self));
        }
        let mechanism = Some(self.mechanism);
        let Some(challenge) = base64::decode(challenge) else {
            return gave_up(SaslFault::NotBase64, mechanism, cx);
        };
        match self.exchange.answer(&challenge) {
            Ok((exchange, response)) => {
                let response = base64::encode(&response);
                cx.say(Command::Response(Credential(&response)));
                Next::State(State::Auth(AwaitAuthReply { exchange, ..self }))
            }
            Err(fault) => gave_up(fault, mechanism, cx),
        }
    }

    fn refused(self, reply: &Reply, cx: &mut Context<'_, '_>) -> Next {
        let Some(sasl) = &cx.env.settings.dialogue.sasl else {
            return Transaction::begin(self.cleared, cx);
        };
        let server = cx.server();
        if let Some((table, _)) = &sasl.cache
            && reply.code == CREDENTIALS_INVALID
        {
            let line = reply.text.lines().next().unwrap_or_default().into();
            let known = Known {
                dsn: reply.dsn,
                line,
            };
            let now = cx.env.now.time;
            let (host, credentials) = (&server.host, &self.credentials);
            cx.env.refused.keep(table, host, credentials, known, now);
        }
        let (dsn, fault) = if reply.class() == 5 {
            let fault = Fault::Own(OwnFault::LoginRefused);
            (softened(reply.dsn, sasl), fault)
        } else {
            let refused = PeerFault::Refused { code: reply.code };
            (reply.dsn, Fault::Peer(refused))
        };
        let reply = reply.text.as_str().into();
        let reason = LoginReason::Refused { server, reply };
        failed(Rule::LoginFailed, dsn, reason, fault, cx)
    }
}

/// What only SCRAM needs: nothing is drawn for the others.
fn nonce(mechanism: Mechanism, cx: &mut Context<'_, '_>) -> String {
    if !mechanism.needs_nonce() {
        return String::new();
    }
    let mut bytes = [0; NONCE_BYTES];
    cx.env.draw.fill(&mut bytes);
    base64::encode(&bytes)
}

/// Cyrus SASL found something wrong, and says so.
fn gave_up(fault: SaslFault, mechanism: Option<Mechanism>, cx: &mut Context<'_, '_>) -> Next {
    cx.tell(What::noticed(DialogueNotice::LoginFailed {
        fault,
        mechanism,
    }));
    let server = cx.server();
    let (rule, blame) = if fault == SaslFault::NoMechanism {
        let blame = Fault::Policy(PolicyFault::NoMechanism);
        (Rule::NoMechanism, blame)
    } else {
        (Rule::LoginFailed, Fault::Peer(PeerFault::Login))
    };
    let reason = LoginReason::GaveUp { server, fault };
    failed(rule, Dsn::new(4, 7, 0), reason, blame, cx)
}

/// With `smtp_sasl_auth_soft_bounce` no mail is returned for a password that somebody forgot to renew.
fn softened(dsn: Dsn, sasl: &SaslSettings) -> Dsn {
    if sasl.soft_bounce && dsn.class == 5 {
        Dsn { class: 4, ..dsn }
    } else {
        dsn
    }
}

fn failed(
    rule: Rule,
    dsn: Dsn,
    reason: LoginReason,
    fault: Fault,
    cx: &mut Context<'_, '_>,
) -> Next {
    cx.decided(rule);
    Next::End(End::Failed(Failure {
        dsn,
        reason: Reason::Login(reason),
        fault,
        kind: FailureKind::Polite,
    }))
}

fn lookup_failed(cx: &mut Context<'_, '_>) -> End {
    let queue_id = cx.mail.queue_id.clone();
    cx.tell(What::noticed(DialogueNotice::PasswordLookupFailed {
        queue_id,
    }));
    End::Failed(Failure {
        dsn: Dsn::new(4, 3, 0),
        reason: Reason::LocalDataError {
            server: cx.server(),
        },
        fault: Fault::Own(OwnFault::Table),
        kind: FailureKind::Polite,
    })
}

/// What stands behind the code and the one character that ends it (src/util/mystrtok.c).
fn behind_code(text: &str) -> &str {
    let is_between = |c: char| matches!(c, '-' | ' ' | '\t' | '\n');
    let text = text.trim_start_matches(is_between);
    text.split_once(is_between).map_or("", |(_, rest)| rest)
}

impl std::fmt::Debug for Response {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Response(…)")
    }
}
