//! The reply to EHLO or HELO is owed, in cleartext or inside TLS.

use std::sync::Arc;

use super::context::Context;
use super::login;
use super::machine::{Next, State};
use super::own_name::loops_back;
use super::require_tls;
use super::starttls::AwaitStartTlsReply;
use super::{End, Failure, FailureKind, Wait};
use crate::config::Feature;
use crate::event::{Channel, DialogueNotice, FailureType, Reason, Rule, What};
use crate::fault::{Fault, OwnFault, PeerFault, PolicyFault};
use crate::policy::Level;
use crate::smtp::{Command, Dsn, Extensions, Keywords, Reply};
use crate::trust::Cleared;

/// The server was greeted with EHLO.
#[derive(Debug)]
pub(super) struct AwaitEhloReply {
    /// Permission to send mail, once TLS is up and judged; nothing in cleartext, where it is still to be decided.
    pub(super) cleared: Option<Cleared>,
}

/// The server was greeted with HELO: no extensions.
#[derive(Debug)]
pub(super) struct AwaitHeloReply {
    /// As for EHLO.
    pub(super) cleared: Option<Cleared>,
}

impl AwaitEhloReply {
    pub(super) fn on_reply(self, reply: &Reply, cx: &mut Context<'_, '_>) -> Next {
        match (reply.class(), reply.code) {
            (2, _) => {
                if let Some(end) = loops_back(reply, cx) {
                    return Next::End(end);
                }
                cx.dialogue.extensions = Extensions::parse(&reply.text);
                discard_keywords(cx);
                if let Some(Some(limit)) = cx.dialogue.extensions.size {
                    cx.dialogue.size_limit = limit;
                }
                tell_odd_extensions(cx);
                login::look_at_offer(cx);
                after_hello(self.cleared, cx)
            }
            // The server is closing (RFC 5321 §3.8).
            (_, 421) => Next::End(cx.dialogue.refused_to_talk(reply, reply.dsn)),
            _ => {
                cx.decided(Rule::EhloRefused);
                let settings = cx.env.settings;
                cx.say(Command::Helo(&settings.names.helo_name));
                Next::State(State::Helo(AwaitHeloReply {
                    cleared: self.cleared,
                }))
            }
        }
    }
}

impl AwaitHeloReply {
    pub(super) fn on_reply(self, reply: &Reply, cx: &mut Context<'_, '_>) -> Next {
        if reply.class() != 2 {
            return Next::End(cx.dialogue.refused_to_talk(reply, reply.dsn));
        }
        cx.dialogue.extensions = Extensions::default();
        cx.dialogue.offer = None;
        after_hello(self.cleared, cx)
    }
}

/// Inside TLS the transaction begins; in cleartext it is decided whether TLS comes first.
fn after_hello(cleared: Option<Cleared>, cx: &mut Context<'_, '_>) -> Next {
    if cx.mail.needs_smtputf8() && !cx.dialogue.extensions.smtputf8 {
        return Next::End(smtputf8_missing(cx));
    }
    if let Some(cleared) = cleared {
        if let Some(end) = require_tls::greeted(cx) {
            return Next::End(end);
        }
        return login::begin(cleared, Wait::Auth, cx);
    }
    let wants_tls = cx.dialogue.level >= Level::May;
    if cx.dialogue.extensions.starttls && !wants_tls && cx.env.settings.tls.note_starttls_offer {
        let host = cx.dialogue.server.host.clone();
        cx.tell(What::noticed(DialogueNotice::StartTlsOffered { host }));
    }
    let needs_tls = cx.dialogue.level.is_mandatory() || cx.mail.require_tls.needs_tls();
    match (
        cx.dialogue.extensions.starttls,
        wants_tls,
        cx.env.engine.is_some(),
    ) {
        (true, true, true) => {
            cx.say(Command::StartTls);
            let helo: Arc<str> = cx
                .dialogue
                .extensions
                .server_name
                .as_deref()
                .unwrap_or_default()
                .into();
            Next::State(State::StartTls(AwaitStartTlsReply { helo }))
        }
        (_, false, _) => in_cleartext(Rule::LevelNone, cx),
        (false, true, _) if needs_tls => {
            cx.report_failure(FailureType::StartTlsNotSupported, None);
            if cx.dialogue.level.is_mandatory() {
                cx.decided(Rule::StartTlsMissing);
                cx.mail.attempt.channel = Channel::Blocked;
            }
            if let Some(end) = require_tls::not_offered(cx) {
                return Next::End(end);
            }
            let server = cx.server();
            Next::End(End::of_policy(
                Dsn::new(4, 7, 4),
                Reason::TlsNotOffered { server },
                PolicyFault::StartTlsNotOffered,
            ))
        }
        (false, true, _) => in_cleartext(Rule::StartTlsNotOffered, cx),
        (true, true, false) if needs_tls => {
            cx.decided(Rule::EngineRequired);
            Next::End(End::Failed(Failure {
                dsn: Dsn::new(4, 7, 5),
                reason: Reason::NoEngine,
                fault: Fault::Own(OwnFault::NoEngine),
                kind: FailureKind::Polite,
            }))
        }
        (true, true, false) => in_cleartext(Rule::NoEngine, cx),
    }
}

/// Goes on in cleartext on the same connection, if the level permits it.
pub(super) fn in_cleartext(rule: Rule, cx: &mut Context<'_, '_>) -> Next {
    cx.decided(rule);
    match cx.clear_in_cleartext() {
        Some(cleared) => {
            cx.mail.attempt.channel = Channel::Cleartext;
            require_tls::in_cleartext(cx.mail);
            let wait = if rule == Rule::StartTlsRefused {
                Wait::AuthWithoutTls
            } else {
                Wait::Auth
            };
            login::begin(cleared, wait, cx)
        }
        // No caller comes here at a mandatory level; if one did, mail would wait and not leak.
        None => Next::End(End::of_policy(
            Dsn::new(4, 7, 4),
            Reason::TlsRequired,
            PolicyFault::StartTlsNotOffered,
        )),
    }
}

/// `smtp_discard_ehlo_keywords`: what the server offers and we do not want to know of.
fn discard_keywords(cx: &mut Context<'_, '_>) {
    let by_address = cx.env.tables.discard_ehlo.as_ref().and_then(|maps| {
        let address = cx.dialogue.server.address.ip().to_string();
        maps.find(&address).ok().flatten()
    });
    let discarded = match by_address {
        Some(words) => Keywords::parse(&words),
        None => cx.env.settings.dialogue.discard_ehlo_keywords,
    };
    if let Some(words) = discarded.told() {
        let keywords = words.into();
        let notice = DialogueNotice::KeywordsDiscarded { keywords };
        cx.tell(What::noticed(notice));
    }
    cx.dialogue.extensions.discard(discarded);
}

/// What Postfix remarks on, and makes the best of.
fn tell_odd_extensions(cx: &mut Context<'_, '_>) {
    if let Some(word) = cx.dialogue.extensions.odd_size.as_deref() {
        let (word, server) = (word.into(), cx.server());
        cx.tell(What::noticed(DialogueNotice::OddSize { word, server }));
    }
    if cx.dialogue.extensions.smtputf8 && !cx.dialogue.extensions.eight_bit_mime {
        // RFC 6531 §3.1: whoever offers the one offers the other.
        let server = cx.server();
        let notice = DialogueNotice::Utf8WithoutEightBit { server };
        cx.tell(What::noticed(notice));
        cx.dialogue.extensions.eight_bit_mime = true;
    }
}

/// An address that is not ASCII needs SMTPUTF8 (RFC 6531 §3.1).
fn smtputf8_missing(cx: &Context<'_, '_>) -> End {
    let server = cx.server();
    let is_last = cx.env.settings.release.has(Feature::Smtputf8Elsewhere);
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
