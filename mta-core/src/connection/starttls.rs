//! The reply to STARTTLS is owed.

use std::sync::Arc;

use super::Mail;
use super::handshake::Handshaking;
use super::hello::in_the_clear;
use super::require_tls;
use super::talk::{Surroundings, Talk};
use super::{End, Failure, FailureKind, Next};
use crate::event::{Channel, FailureType, Reason, Rule};
use crate::fault::{Fault, PolicyFault};
use crate::smtp::{Dsn, Reply};

/// STARTTLS was sent, alone (R-STLS-02; RFC 3207 §4).
#[derive(Debug)]
pub(super) struct AwaitStartTlsReply {
    /// The name with which the server answered EHLO. Of all that was learnt in clear text only this survives, as
    /// part of the session cache key, as in Postfix.
    pub(super) helo: Arc<str>,
}

impl AwaitStartTlsReply {
    pub(super) fn on_reply(
        self,
        reply: &Reply,
        talk: &mut Talk,
        mail: &mut Mail,
        around: &mut Surroundings<'_>,
    ) -> Next {
        if reply.class() == 2 {
            // Any 2xx starts the handshake (Postfix; R-DEC-03).
            return Handshaking::begin(self.helo, talk, mail, around);
        }
        talk.report_failure(FailureType::StartTlsNotSupported, None, around);
        if talk.level.is_mandatory() || mail.require_tls.needs_tls() {
            if talk.level.is_mandatory() {
                talk.decided(Rule::StartTlsDenied, around);
                mail.attempt.channel = Channel::Blocked;
            }
            if let Some(end) = require_tls::refused(reply, talk, mail, around) {
                return Next::End(end);
            }
            return Next::End(denied(reply, talk));
        }
        // R-STLS-04: the same connection, in clear text.
        in_the_clear(Rule::StartTlsRefused, talk, mail, around)
    }
}

/// The reply's own class decides: a 5xx bounces, whatever other servers there are (R-STLS-05, R-DEC-02;
/// observed: dlg-starttls-500-encrypt).
fn denied(reply: &Reply, talk: &Talk) -> End {
    let reason = Reason::TlsRefused {
        server: talk.server.clone(),
        reply: reply.one_line().into(),
    };
    let dsn = if matches!(reply.dsn.class, 4 | 5) {
        reply.dsn
    } else {
        Dsn::new(5, 5, 0)
    };
    End::Failed(Failure {
        dsn,
        reason,
        fault: Fault::Policy(PolicyFault::StartTlsRefused),
        kind: FailureKind::Polite,
    })
}
