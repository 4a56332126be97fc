//! Connections that stay open between deliveries (Postfix src/smtp/smtp_session.c, smtp_reuse.c).

use super::context::Context;
use super::dialogue::TlsProcess;
use super::machine::{Next, State};
use super::transaction::Transaction;
use super::wire::Wire;
use super::{End, Failure, FailureKind};
use crate::event::{Channel, Reason, What};
use crate::fault::{Fault, NetworkFault};
use crate::smtp::{Command, Dsn, Reply};
use crate::trust::Cleared;

/// RSET was sent on a connection of an earlier delivery, to see whether it is still good.
#[derive(Debug)]
pub(super) struct AwaitReuseReply {
    /// Permission to send mail; it was given before, and is given again for this message.
    pub(super) cleared: Cleared,
}

impl AwaitReuseReply {
    pub(super) fn on_reply(self, reply: &Reply, cx: &mut Context<'_, '_>) -> Next {
        if reply.class() == 2 {
            Transaction::begin(self.cleared, cx)
        } else {
            Next::End(stale())
        }
    }
}

/// The connection is no longer good; nothing is reported, and another one is opened.
pub(super) fn stale() -> End {
    End::Failed(Failure {
        dsn: Dsn::new(4, 4, 2),
        reason: Reason::Stale,
        fault: Fault::Network(NetworkFault::Closed),
        kind: FailureKind::Stale,
    })
}

impl Context<'_, '_> {
    /// Asks the server whether it still takes mail, where the message may be sent on what there is.
    pub(super) fn begin_again(&mut self) -> Next {
        let dialogue = &mut *self.dialogue;
        dialogue.uses = dialogue.uses.saturating_add(1);
        self.mail.attempt.uses = dialogue.uses;
        self.mail.attempt.channel = match dialogue.wire {
            Wire::Cleartext => Channel::Cleartext,
            Wire::Tls(_) => Channel::Tls,
        };
        if let Some(summary) = dialogue.summary {
            let server = dialogue.server.clone();
            self.tell(What::TlsReused { server, summary });
        }
        let Some(cleared) = self.clear_again() else {
            return Next::End(stale());
        };
        self.say(Command::Rset);
        Next::State(State::Reuse(AwaitReuseReply { cleared }))
    }

    /// Whether the connection stays open behind this message.
    pub(super) fn is_kept(&self) -> bool {
        let limits = &self.env.settings.reuse;
        let fresh = self.env.now.time.since(self.dialogue.opened) < limits.time_limit;
        let used = limits
            .count_limit
            .is_some_and(|limit| self.dialogue.uses > limit.get());
        let may_stay = match self.dialogue.wire {
            Wire::Cleartext => true,
            // A TLS session lives in the process that made it, unless that is tlsproxy(8).
            Wire::Tls(_) => self.dialogue.tls_process == TlsProcess::Tlsproxy,
        };
        self.mail.reuse.keeps && may_stay && fresh && !used
    }

    /// Permission to send one more message here.
    fn clear_again(&self) -> Option<Cleared> {
        match (&self.dialogue.wire, &self.dialogue.verdict) {
            (Wire::Tls(_), Some(verdict)) => verdict.clear(self.dialogue.level),
            (Wire::Tls(_), None) => None,
            (Wire::Cleartext, _) => self.clear_in_cleartext(),
        }
    }
}
