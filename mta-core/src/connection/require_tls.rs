//! REQUIRETLS at one server (RFC 8689 §4.2; src/smtp/smtp_proto.c `smtp_helo`, `smtp_start_tls`).
//!
//! What cannot be promised here may be promised elsewhere: a failure bounces only at the last server.

use std::fmt;

use super::talk::{Surroundings, Talk};
use super::{End, Failure, FailureKind, Mail};
use crate::event::{DialogueNotice, Event, Gap, Promise, Rule, What};
use crate::fault::{Fault, PolicyFault};
use crate::policy::RequireTls;
use crate::smtp::{Dsn, Reply};
use crate::trust::Verdict;

/// The server said inside TLS what it knows.
pub(super) fn greeted(talk: &Talk, mail: &mut Mail, around: &mut Surroundings<'_>) -> Option<End> {
    if !mail.require_tls.is_heeded() {
        return None;
    }
    let server = talk.server.without_port();
    if talk.extensions.require_tls {
        let gap = if talk.is_matched() {
            Gap::None
        } else {
            Gap::Certificate
        };
        mail.attempt.promise = Some(Promise::Passed(gap));
        return None;
    }
    if mail.require_tls == RequireTls::Enforced {
        let text = format!(
            "Sender requested REQUIRETLS, but no server was found that supports REQUIRETLS. \
             The last attempted server was {server}"
        );
        return Some(fails(
            Dsn::new(5, 7, 30),
            text,
            Gap::Keyword,
            talk,
            mail,
            around,
        ));
    }
    mail.attempt.promise = Some(Promise::Passed(Gap::Keyword));
    talk.decided(Rule::RequireTlsUnmet, around);
    let server = talk.server.clone();
    around.out.event(Event {
        at: around.now.time,
        queue_id: Some(mail.queue_id.clone()),
        connection: Some(talk.id),
        service: None,
        what: What::noticed(DialogueNotice::RequireTlsNotOffered { server }),
    });
    None
}

/// The server offers no STARTTLS.
pub(super) fn not_offered(
    talk: &Talk,
    mail: &mut Mail,
    around: &mut Surroundings<'_>,
) -> Option<End> {
    let server = talk.server.without_port();
    let why = format_args!("TLS service was not offered by host {server}");
    no_starttls(Dsn::new(5, 7, 30), why, talk, mail, around)
}

/// The server refused STARTTLS.
pub(super) fn refused(
    reply: &Reply,
    talk: &Talk,
    mail: &mut Mail,
    around: &mut Surroundings<'_>,
) -> Option<End> {
    let (server, reply) = (talk.server.without_port(), reply.one_line());
    let why = format_args!("host {server} refused to start TLS: {reply}");
    no_starttls(Dsn::new(5, 7, 10), why, talk, mail, around)
}

fn no_starttls(
    dsn: Dsn,
    why: fmt::Arguments<'_>,
    talk: &Talk,
    mail: &mut Mail,
    around: &mut Surroundings<'_>,
) -> Option<End> {
    if !mail.require_tls.needs_tls() {
        return None;
    }
    let text = format!("Sender requested REQUIRETLS, but {why}");
    Some(fails(dsn, text, Gap::StartTls, talk, mail, around))
}

/// The server did not prove to be the one that the policy asks for.
pub(super) fn unproven(
    verdict: &Verdict,
    talk: &Talk,
    mail: &mut Mail,
    around: &mut Surroundings<'_>,
) -> Option<End> {
    if mail.require_tls == RequireTls::Enforced {
        let what = if verdict.is_trusted() {
            "matching"
        } else {
            "trusted"
        };
        let text = format!(
            "Sender requested REQUIRETLS, but no {what} server certificate was found. \
             The last attempted server was {}",
            talk.server.without_port()
        );
        let dsn = Dsn::new(5, 7, 10);
        return Some(fails(dsn, text, Gap::Certificate, talk, mail, around));
    }
    if mail.require_tls.is_heeded() {
        mail.attempt.promise = Some(Promise::Passed(Gap::Certificate));
    }
    None
}

/// The message travels in clear text.
pub(super) fn in_the_clear(mail: &mut Mail) {
    if mail.require_tls.is_heeded() {
        mail.attempt.promise = Some(Promise::Passed(Gap::Keyword));
    }
}

fn fails(
    dsn: Dsn,
    text: String,
    gap: Gap,
    talk: &Talk,
    mail: &mut Mail,
    around: &mut Surroundings<'_>,
) -> End {
    mail.attempt.promise = Some(Promise::Blocked(gap));
    talk.decided(Rule::RequireTlsUnmet, around);
    End::Failed(Failure {
        dsn,
        text: text.into(),
        fault: Fault::Policy(PolicyFault::RequireTlsUnmet),
        kind: FailureKind::PoliteElsewhere,
    })
}
