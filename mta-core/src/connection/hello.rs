//! The reply to EHLO or HELO is owed, in cleartext or inside TLS.

use std::sync::Arc;

use super::Mail;
use super::dialogue::Dialogue;
use super::env::Env;
use super::own_name::loops_back;
use super::require_tls;
use super::starttls::AwaitStartTlsReply;
use super::transaction::Transaction;
use super::{End, Failure, FailureKind, Next, State};
use crate::config::Feature;
use crate::event::{Channel, DialogueNotice, FailureType, Reason, Rule, What};
use crate::fault::{Fault, OwnFault, PeerFault, PolicyFault};
use crate::policy::Level;
use crate::smtp::{Command, Dsn, Extensions, Keywords, Reply};
use crate::trust::Cleared;

/// The server was greeted with EHLO.
#[derive(Debug)]
pub(super) struct AwaitEhloReply {
    /// Leave to send mail, once TLS is up and judged; nothing in cleartext, where it is still to be decided.
    pub(super) cleared: Option<Cleared>,
}

/// The server was greeted with HELO: no extensions.
#[derive(Debug)]
pub(super) struct AwaitHeloReply {
    /// As for EHLO.
    pub(super) cleared: Option<Cleared>,
}

impl AwaitEhloReply {
    pub(super) fn on_reply(
        self,
        reply: &Reply,
        dialogue: &mut Dialogue,
        mail: &mut Mail,
        env: &mut Env<'_>,
    ) -> Next {
        match (reply.class(), reply.code) {
            (2, _) => {
                if let Some(end) = loops_back(reply, dialogue, mail, env) {
                    return Next::End(end);
                }
                dialogue.extensions = Extensions::parse(&reply.text);
                discard_keywords(dialogue, env);
                if let Some(Some(limit)) = dialogue.extensions.size {
                    dialogue.size_limit = limit;
                }
                tell_odd_extensions(dialogue, env);
                after_hello(self.cleared, dialogue, mail, env)
            }
            // The server is closing (RFC 5321 §3.8).
            (_, 421) => Next::End(dialogue.refused_to_talk(reply, reply.dsn)),
            _ => {
                dialogue.decided(Rule::EhloRefused, env);
                let helo_name = env.settings.names.helo_name.clone();
                dialogue.say(Command::Helo(&helo_name), env);
                Next::State(State::Helo(AwaitHeloReply {
                    cleared: self.cleared,
                }))
            }
        }
    }
}

impl AwaitHeloReply {
    pub(super) fn on_reply(
        self,
        reply: &Reply,
        dialogue: &mut Dialogue,
        mail: &mut Mail,
        env: &mut Env<'_>,
    ) -> Next {
        if reply.class() != 2 {
            return Next::End(dialogue.refused_to_talk(reply, reply.dsn));
        }
        dialogue.extensions = Extensions::default();
        after_hello(self.cleared, dialogue, mail, env)
    }
}

/// Inside TLS the transaction begins; in cleartext it is decided whether TLS comes first.
fn after_hello(
    cleared: Option<Cleared>,
    dialogue: &mut Dialogue,
    mail: &mut Mail,
    env: &mut Env<'_>,
) -> Next {
    if mail.needs_smtputf8() && !dialogue.extensions.smtputf8 {
        return Next::End(smtputf8_missing(dialogue, env));
    }
    if let Some(cleared) = cleared {
        if let Some(end) = require_tls::greeted(dialogue, mail, env) {
            return Next::End(end);
        }
        return Transaction::begin(cleared, dialogue, mail, env);
    }
    let wants_tls = dialogue.level >= Level::May;
    if dialogue.extensions.starttls && !wants_tls && env.settings.tls.note_starttls_offer {
        let host = dialogue.server.host.clone();
        dialogue.tell(What::noticed(DialogueNotice::StartTlsOffered { host }), env);
    }
    let needs_tls = dialogue.level.is_mandatory() || mail.require_tls.needs_tls();
    match (
        dialogue.extensions.starttls,
        wants_tls,
        env.engine.is_some(),
    ) {
        (true, true, true) => {
            dialogue.say(Command::StartTls, env);
            let helo: Arc<str> = dialogue
                .extensions
                .server_name
                .as_deref()
                .unwrap_or_default()
                .into();
            Next::State(State::StartTls(AwaitStartTlsReply { helo }))
        }
        (_, false, _) => in_cleartext(Rule::LevelNone, dialogue, mail, env),
        (false, true, _) if needs_tls => {
            dialogue.report_failure(FailureType::StartTlsNotSupported, None, env);
            if dialogue.level.is_mandatory() {
                dialogue.decided(Rule::StartTlsMissing, env);
                mail.attempt.channel = Channel::Blocked;
            }
            if let Some(end) = require_tls::not_offered(dialogue, mail, env) {
                return Next::End(end);
            }
            let server = dialogue.server.clone();
            Next::End(policy_fails(
                Dsn::new(4, 7, 4),
                Reason::TlsNotOffered { server },
                PolicyFault::StartTlsNotOffered,
            ))
        }
        (false, true, _) => in_cleartext(Rule::StartTlsNotOffered, dialogue, mail, env),
        (true, true, false) if needs_tls => {
            dialogue.decided(Rule::EngineRequired, env);
            Next::End(End::Failed(Failure {
                dsn: Dsn::new(4, 7, 5),
                reason: Reason::NoEngine,
                fault: Fault::Own(OwnFault::NoEngine),
                kind: FailureKind::Polite,
            }))
        }
        (true, true, false) => in_cleartext(Rule::NoEngine, dialogue, mail, env),
    }
}

/// Goes on in cleartext on the same connection, if the level gives leave.
pub(super) fn in_cleartext(
    rule: Rule,
    dialogue: &mut Dialogue,
    mail: &mut Mail,
    env: &mut Env<'_>,
) -> Next {
    dialogue.decided(rule, env);
    match dialogue.clear_in_cleartext(mail) {
        Some(cleared) => {
            mail.attempt.channel = Channel::Cleartext;
            require_tls::in_cleartext(mail);
            Transaction::begin(cleared, dialogue, mail, env)
        }
        // No caller comes here at a mandatory level; if one did, mail would wait and not leak.
        None => Next::End(policy_fails(
            Dsn::new(4, 7, 4),
            Reason::TlsRequired,
            PolicyFault::StartTlsNotOffered,
        )),
    }
}

/// `smtp_discard_ehlo_keywords`: what the server offers and we do not want to know of.
fn discard_keywords(dialogue: &mut Dialogue, env: &mut Env<'_>) {
    let by_address = env.tables.discard_ehlo.as_ref().and_then(|maps| {
        let address = dialogue.server.address.ip().to_string();
        maps.find(&address).ok().flatten()
    });
    let discarded = match by_address {
        Some(words) => Keywords::parse(&words),
        None => env.settings.dialogue.discard_ehlo_keywords,
    };
    if let Some(words) = discarded.told() {
        let keywords = words.into();
        let notice = DialogueNotice::KeywordsDiscarded { keywords };
        dialogue.tell(What::noticed(notice), env);
    }
    dialogue.extensions.discard(discarded);
}

/// What Postfix remarks on, and makes the best of.
fn tell_odd_extensions(dialogue: &mut Dialogue, env: &mut Env<'_>) {
    if let Some(word) = &dialogue.extensions.odd_size {
        let (word, server) = (word.as_str().into(), dialogue.server.clone());
        dialogue.tell(What::noticed(DialogueNotice::OddSize { word, server }), env);
    }
    if dialogue.extensions.smtputf8 && !dialogue.extensions.eight_bit_mime {
        // RFC 6531 §3.1: whoever offers the one offers the other.
        let server = dialogue.server.clone();
        let notice = DialogueNotice::Utf8WithoutEightBit { server };
        dialogue.tell(What::noticed(notice), env);
        dialogue.extensions.eight_bit_mime = true;
    }
}

/// An address that is not ASCII needs SMTPUTF8 (RFC 6531 §3.1).
fn smtputf8_missing(dialogue: &Dialogue, env: &Env<'_>) -> End {
    let server = dialogue.server.clone();
    let is_last = env.settings.release.has(Feature::Smtputf8Elsewhere);
    let kind = if is_last {
        FailureKind::PoliteElsewhere
    } else {
        FailureKind::Polite
    };
    End::Failed(Failure {
        dsn: Dsn::new(5, 6, 7),
        reason: Reason::NoSmtputf8 { server, is_last },
        fault: Fault::Peer(PeerFault::LacksSmtputf8),
        kind,
    })
}

pub(super) fn policy_fails(dsn: Dsn, reason: Reason, fault: PolicyFault) -> End {
    End::Failed(Failure {
        dsn,
        reason,
        fault: Fault::Policy(fault),
        kind: FailureKind::Polite,
    })
}
