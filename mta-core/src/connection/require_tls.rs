//! REQUIRETLS at one server (RFC 8689 §4.2; src/smtp/smtp_proto.c `smtp_helo`, `smtp_start_tls`).
//!
//! What cannot be promised here may be promised elsewhere: a failure bounces only at the last server.

use super::context::Context;
use super::{End, Failure, FailureKind, Mail};
use crate::event::{DialogueNotice, Gap, Promise, Reason, RequireTlsReason, Rule, What};
use crate::fault::{Fault, PolicyFault};
use crate::policy::RequireTls;
use crate::smtp::{Dsn, Reply};
use crate::trust::Verdict;

/// The server said inside TLS what it knows.
pub(super) fn greeted(cx: &mut Context<'_, '_>) -> Option<End> {
    if !cx.mail.require_tls.is_heeded() {
        return None;
    }
    if cx.dialogue.extensions.require_tls {
        let gap = if cx.dialogue.is_matched() {
            Gap::None
        } else {
            Gap::Certificate
        };
        cx.mail.attempt.promise = Some(Promise::Passed(gap));
        return None;
    }
    if cx.mail.require_tls == RequireTls::Enforced {
        let server = cx.server();
        return Some(fails(
            Dsn::new(5, 7, 30),
            RequireTlsReason::NotOffered { server },
            Gap::Keyword,
            cx,
        ));
    }
    cx.mail.attempt.promise = Some(Promise::Passed(Gap::Keyword));
    cx.decided(Rule::RequireTlsUnmet);
    let server = cx.server();
    cx.tell_of_message(What::noticed(DialogueNotice::RequireTlsNotOffered {
        server,
    }));
    None
}

/// The server offers no STARTTLS.
pub(super) fn not_offered(cx: &mut Context<'_, '_>) -> Option<End> {
    let server = cx.server();
    let why = RequireTlsReason::NoTls { server };
    no_starttls(Dsn::new(5, 7, 30), why, cx)
}

/// The server refused STARTTLS.
pub(super) fn refused(reply: &Reply, cx: &mut Context<'_, '_>) -> Option<End> {
    let why = RequireTlsReason::TlsRefused {
        server: cx.server(),
        reply: reply.one_line().into(),
    };
    no_starttls(Dsn::new(5, 7, 10), why, cx)
}

fn no_starttls(dsn: Dsn, why: RequireTlsReason, cx: &mut Context<'_, '_>) -> Option<End> {
    if !cx.mail.require_tls.needs_tls() {
        return None;
    }
    Some(fails(dsn, why, Gap::StartTls, cx))
}

/// The server did not prove to be the one that the policy asks for.
pub(super) fn unproven(verdict: &Verdict, cx: &mut Context<'_, '_>) -> Option<End> {
    if cx.mail.require_tls == RequireTls::Enforced {
        let why = RequireTlsReason::NotVerified {
            server: cx.server(),
            is_trusted: verdict.is_trusted(),
        };
        let dsn = Dsn::new(5, 7, 10);
        return Some(fails(dsn, why, Gap::Certificate, cx));
    }
    if cx.mail.require_tls.is_heeded() {
        cx.mail.attempt.promise = Some(Promise::Passed(Gap::Certificate));
    }
    None
}

/// The message travels in cleartext.
pub(super) fn in_cleartext(mail: &mut Mail) {
    if mail.require_tls.is_heeded() {
        mail.attempt.promise = Some(Promise::Passed(Gap::Keyword));
    }
}

fn fails(dsn: Dsn, why: RequireTlsReason, gap: Gap, cx: &mut Context<'_, '_>) -> End {
    cx.mail.attempt.promise = Some(Promise::Blocked(gap));
    cx.decided(Rule::RequireTlsUnmet);
    End::Failed(Failure {
        dsn,
        reason: Reason::RequireTls(why),
        fault: Fault::Policy(PolicyFault::RequireTlsUnmet),
        kind: FailureKind::PoliteElsewhere,
    })
}
