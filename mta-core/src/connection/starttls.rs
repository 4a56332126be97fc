//! The reply to STARTTLS is owed.

use std::sync::Arc;

use super::context::Context;
use super::handshake::Handshaking;
use super::hello::in_cleartext;
use super::machine::Next;
use super::require_tls;
use super::{End, Failure, FailureKind};
use crate::event::{Channel, FailureType, Reason, Rule};
use crate::fault::{Fault, PolicyFault};
use crate::smtp::{Dsn, Reply};

/// STARTTLS was sent, alone (R-STLS-02; RFC 3207 §4).
#[derive(Debug)]
pub(super) struct AwaitStartTlsReply {
    /// The name with which the server answered EHLO. Of all that was learnt in cleartext only this survives, as
    /// part of the session cache key, as in Postfix.
    pub(super) helo: Arc<str>,
}

impl AwaitStartTlsReply {
    pub(super) fn on_reply(self, reply: &Reply, cx: &mut Context<'_, '_>) -> Next {
        if reply.class() == 2 {
            // Any 2xx starts the handshake (Postfix; R-DEC-03).
            return Handshaking::begin(self.helo, cx);
        }
        cx.report_failure(FailureType::StartTlsNotSupported, None);
        if cx.dialogue.level.is_mandatory() || cx.mail.require_tls.needs_tls() {
            if cx.dialogue.level.is_mandatory() {
                cx.decided(Rule::StartTlsDenied);
                cx.mail.attempt.channel = Channel::Blocked;
            }
            if let Some(end) = require_tls::refused(reply, cx) {
                return Next::End(end);
            }
            return Next::End(denied(reply, cx));
        }
        // R-STLS-04: the same connection, in cleartext.
        in_cleartext(Rule::StartTlsRefused, cx)
    }
}

/// The reply's own class decides: a 5xx bounces, whatever other servers there are (R-STLS-05, R-DEC-02;
/// observed: dlg-starttls-500-encrypt).
fn denied(reply: &Reply, cx: &Context<'_, '_>) -> End {
    let reason = Reason::TlsRefused {
        server: cx.server(),
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
