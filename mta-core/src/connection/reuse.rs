//! Connections that stay open between deliveries (Postfix src/smtp/smtp_session.c, smtp_reuse.c).

use super::dialogue::Dialogue;
use super::env::Env;
use super::transaction::Transaction;
use super::wire::Wire;
use super::{Connection, End, Failure, FailureKind, Mail, Next, State, Wait};
use crate::event::{Channel, ProxyEvent, Reason, What};
use crate::fault::{Fault, NetworkFault};
use crate::smtp::{Command, Dsn, Reply};
use crate::trust::Cleared;

/// RSET was sent on a connection of an earlier delivery, to see whether it is still good.
#[derive(Debug)]
pub(super) struct AwaitReuseReply {
    /// Leave to send mail; it was given before, and is given again for this message.
    pub(super) cleared: Cleared,
}

impl AwaitReuseReply {
    pub(super) fn on_reply(
        self,
        reply: &Reply,
        dialogue: &mut Dialogue,
        mail: &mut Mail,
        env: &mut Env<'_>,
    ) -> Next {
        if reply.class() == 2 {
            Transaction::begin(self.cleared, dialogue, mail, env)
        } else {
            Next::End(stale())
        }
    }
}

/// The connection is no longer good; nobody is told, and another one is opened.
pub(super) fn stale() -> End {
    End::Failed(Failure {
        dsn: Dsn::new(4, 4, 2),
        reason: Reason::Stale,
        fault: Fault::Network(NetworkFault::Closed),
        kind: FailureKind::Stale,
    })
}

impl Connection {
    /// Takes the connection up again for another message.
    pub(crate) fn reuse(&mut self, mail: &mut Mail, env: &mut Env<'_>) -> Option<End> {
        self.dialogue.uses = self.dialogue.uses.saturating_add(1);
        mail.attempt.uses = self.dialogue.uses;
        mail.attempt.channel = match self.dialogue.wire {
            Wire::Cleartext => Channel::Cleartext,
            Wire::Tls(_) => Channel::Tls,
        };
        if let Some(summary) = self.dialogue.summary {
            let server = self.dialogue.server.clone();
            self.dialogue.tell(What::TlsReused { server, summary }, env);
        }
        let Some(cleared) = self.dialogue.clear_again(mail) else {
            return Some(stale());
        };
        self.dialogue.say(Command::Rset, env);
        let state = State::Reuse(AwaitReuseReply { cleared });
        self.deadline = env.now.time + Wait::Rset.limit(&env.settings.timeouts);
        self.state = Some(state);
        self.dialogue.flush(env);
        None
    }

    /// Takes what comes while nobody uses the connection; whether it is still good.
    pub(crate) fn idle_received(&mut self, bytes: &[u8], env: &mut Env<'_>) -> bool {
        let mut plaintext = Vec::new();
        match &mut self.dialogue.wire {
            // A server that speaks unasked is closing (421).
            Wire::Cleartext => false,
            Wire::Tls(_) => {
                let is_good = self
                    .dialogue
                    .decrypt(bytes, &mut plaintext, env.now)
                    .is_ok();
                self.dialogue.keep_tickets(env);
                is_good && plaintext.is_empty() && !self.dialogue.closed_by_peer()
            }
        }
    }

    /// Lets go of a connection that nobody uses; nothing is said (observed: reuse-plain).
    pub(crate) fn abandon(&mut self, env: &mut Env<'_>) {
        if let Wire::Tls(stream) = &mut self.dialogue.wire {
            stream.close();
        }
        self.dialogue.flush(env);
        self.hang_up(env);
    }

    /// What tlsproxy(8) says when a connection is over.
    pub(crate) fn hang_up(&self, env: &mut Env<'_>) {
        if self.dialogue.proxied {
            self.dialogue.proxy(ProxyEvent::Disconnected, env);
        }
    }

    /// Its number.
    pub(crate) const fn id(&self) -> u32 {
        self.dialogue.id
    }
}

impl Dialogue {
    /// Whether the connection stays open behind this message.
    pub(super) fn is_kept(&self, mail: &Mail, env: &Env<'_>) -> bool {
        let limits = &env.settings.reuse;
        let fresh = env.now.time.since(self.opened) < limits.time_limit;
        let used = limits
            .count_limit
            .is_some_and(|limit| self.uses > limit.get());
        let may_stay = match self.wire {
            Wire::Cleartext => true,
            // A TLS session lives in the process that made it, unless that is tlsproxy(8).
            Wire::Tls(_) => self.proxied,
        };
        mail.reuse.keeps && may_stay && fresh && !used
    }

    /// Leave to send one more message here.
    fn clear_again(&self, mail: &Mail) -> Option<Cleared> {
        match (&self.wire, &self.verdict) {
            (Wire::Tls(_), Some(verdict)) => verdict.clear(self.level),
            (Wire::Tls(_), None) => None,
            (Wire::Cleartext, _) => self.clear_in_cleartext(mail),
        }
    }
}
