//! REQUIRETLS at one server (RFC 8689 §4.2; src/smtp/smtp_proto.c `smtp_helo`, `smtp_start_tls`).
//!
//! What cannot be promised here may be promised elsewhere: a failure bounces only at the last server.

use super::dialogue::Dialogue;
use super::env::Env;
use super::{End, Failure, FailureKind, Mail};
use crate::event::{DialogueNotice, Event, Gap, Promise, Reason, RequireTlsReason, Rule, What};
use crate::fault::{Fault, PolicyFault};
use crate::policy::RequireTls;
use crate::smtp::{Dsn, Reply};
use crate::trust::Verdict;

/// The server said inside TLS what it knows.
pub(super) fn greeted(dialogue: &Dialogue, mail: &mut Mail, env: &mut Env<'_>) -> Option<End> {
    if !mail.require_tls.is_heeded() {
        return None;
    }
    if dialogue.extensions.require_tls {
        let gap = if dialogue.is_matched() {
            Gap::None
        } else {
            Gap::Certificate
        };
        mail.attempt.promise = Some(Promise::Passed(gap));
        return None;
    }
    if mail.require_tls == RequireTls::Enforced {
        let server = dialogue.server.clone();
        return Some(fails(
            Dsn::new(5, 7, 30),
            RequireTlsReason::NotOffered { server },
            Gap::Keyword,
            dialogue,
            mail,
            env,
        ));
    }
    mail.attempt.promise = Some(Promise::Passed(Gap::Keyword));
    dialogue.decided(Rule::RequireTlsUnmet, env);
    let server = dialogue.server.clone();
    env.out.event(Event {
        at: env.now.time,
        queue_id: Some(mail.queue_id.clone()),
        connection: Some(dialogue.id),
        service: None,
        what: What::noticed(DialogueNotice::RequireTlsNotOffered { server }),
    });
    None
}

/// The server offers no STARTTLS.
pub(super) fn not_offered(dialogue: &Dialogue, mail: &mut Mail, env: &mut Env<'_>) -> Option<End> {
    let server = dialogue.server.clone();
    let why = RequireTlsReason::NoTls { server };
    no_starttls(Dsn::new(5, 7, 30), why, dialogue, mail, env)
}

/// The server refused STARTTLS.
pub(super) fn refused(
    reply: &Reply,
    dialogue: &Dialogue,
    mail: &mut Mail,
    env: &mut Env<'_>,
) -> Option<End> {
    let why = RequireTlsReason::TlsRefused {
        server: dialogue.server.clone(),
        reply: reply.one_line().into(),
    };
    no_starttls(Dsn::new(5, 7, 10), why, dialogue, mail, env)
}

fn no_starttls(
    dsn: Dsn,
    why: RequireTlsReason,
    dialogue: &Dialogue,
    mail: &mut Mail,
    env: &mut Env<'_>,
) -> Option<End> {
    if !mail.require_tls.needs_tls() {
        return None;
    }
    Some(fails(dsn, why, Gap::StartTls, dialogue, mail, env))
}

/// The server did not prove to be the one that the policy asks for.
pub(super) fn unproven(
    verdict: &Verdict,
    dialogue: &Dialogue,
    mail: &mut Mail,
    env: &mut Env<'_>,
) -> Option<End> {
    if mail.require_tls == RequireTls::Enforced {
        let why = RequireTlsReason::NotVerified {
            server: dialogue.server.clone(),
            is_trusted: verdict.is_trusted(),
        };
        let dsn = Dsn::new(5, 7, 10);
        return Some(fails(dsn, why, Gap::Certificate, dialogue, mail, env));
    }
    if mail.require_tls.is_heeded() {
        mail.attempt.promise = Some(Promise::Passed(Gap::Certificate));
    }
    None
}

/// The message travels in cleartext.
pub(super) fn in_cleartext(mail: &mut Mail) {
    if mail.require_tls.is_heeded() {
        mail.attempt.promise = Some(Promise::Passed(Gap::Keyword));
    }
}

fn fails(
    dsn: Dsn,
    why: RequireTlsReason,
    gap: Gap,
    dialogue: &Dialogue,
    mail: &mut Mail,
    env: &mut Env<'_>,
) -> End {
    mail.attempt.promise = Some(Promise::Blocked(gap));
    dialogue.decided(Rule::RequireTlsUnmet, env);
    End::Failed(Failure {
        dsn,
        reason: Reason::RequireTls(why),
        fault: Fault::Policy(PolicyFault::RequireTlsUnmet),
        kind: FailureKind::PoliteElsewhere,
    })
}
