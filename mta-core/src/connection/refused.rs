//! What a refusal or a lost connection means to the recipients (Postfix src/smtp/smtp_trouble.c).

use super::dialogue::Dialogue;
use super::env::Env;
use super::{End, Failure, FailureKind, Left, Lost, Mail, Mark, Outcome, Wait, status_of};
use crate::event::{Reason, RepliedTo, Rule, Status, What};
use crate::fault::{Fault, PeerFault};
use crate::smtp::{Dsn, Reply};

impl Dialogue {
    /// `host NAMADDR …` failures take their class from the reply.
    pub(super) fn refused_to_talk(&self, reply: &Reply, dsn: Dsn) -> End {
        let reason = Reason::RefusedToTalk {
            server: self.server.clone(),
            reply: reply.one_line().into(),
        };
        End::Failed(Failure {
            dsn,
            reason,
            fault: refusal_by(reply),
            kind: FailureKind::Polite,
        })
    }

    /// The end of a connection that broke while `wait` was owed.
    pub(super) fn lost_connection(
        &self,
        wait: Wait,
        lost: Lost,
        _: &Mail,
        env: &mut Env<'_>,
    ) -> End {
        let (server, phase) = (self.server.clone(), wait.phase());
        let reason = match lost {
            Lost::TimedOut => Reason::TimedOut { server, phase },
            Lost::Closed | Lost::Reset | Lost::BrokenTls(_) => Reason::Lost { server, phase },
        };
        if wait == Wait::StartTls {
            self.decided(Rule::StartTlsReplyLost, env);
        }
        End::Failed(Failure {
            dsn: Dsn::new(4, 4, 2),
            reason,
            fault: lost.into_fault(env.settings.shows_certificate()),
            kind: if self.wire.is_tls() {
                FailureKind::LostInTls
            } else {
                FailureKind::Lost
            },
        })
    }

    /// One recipient was refused.
    pub(super) fn recipient_refused(
        &self,
        place: usize,
        reply: &Reply,
        mail: &mut Mail,
        env: &mut Env<'_>,
    ) {
        let refusal = self.refusal(reply, RepliedTo::Rcpt);
        self.fail(&[place], refusal, mail, env);
    }

    /// The message was refused for all open recipients.
    pub(super) fn message_refused(
        &self,
        reply: &Reply,
        to: RepliedTo,
        mail: &mut Mail,
        env: &mut Env<'_>,
    ) {
        let refusal = self.refusal(reply, to);
        let open: Vec<usize> = mail.recipients.open().collect();
        self.fail(&open, refusal, mail, env);
    }

    /// Kept for another server if the failure is a temporary one and there is another; else decided
    /// (Postfix src/smtp/smtp_trouble.c).
    fn fail(&self, places: &[usize], refusal: Refusal, mail: &mut Mail, env: &mut Env<'_>) {
        let Refusal { dsn, reason, fault } = refusal;
        let (status, dsn_told) = status_of(dsn, env.settings);
        if status == Status::Deferred && mail.attempt.left != Left::Nothing {
            for &place in places {
                mail.recipients.mark(place, Mark::Kept);
            }
            self.decided(Rule::NextServer, env);
            env.out.tell(
                env.now.time,
                Some(&mail.queue_id),
                What::ServerFailed {
                    server: Some(self.server.clone()),
                    dsn,
                    reason,
                },
            );
            return;
        }
        for &place in places {
            let outcome = Outcome {
                status,
                dsn: dsn_told,
                reason: reason.clone(),
                fault: Some(fault.clone()),
            };
            mail.decide(place, outcome, Some(&self.server), Some(self.id), env);
        }
    }

    /// A reply that is no refusal counts as a protocol error (src/smtp/smtp_trouble.c).
    fn refusal(&self, reply: &Reply, to: RepliedTo) -> Refusal {
        let is_refusal = matches!(reply.dsn.class, 4 | 5);
        let dsn = if is_refusal {
            reply.dsn
        } else {
            Dsn::new(5, 5, 0)
        };
        let reason = Reason::Refused {
            server: self.server.clone(),
            reply: reply.one_line().into(),
            to,
            is_refusal,
        };
        Refusal {
            dsn,
            reason,
            fault: refusal_by(reply),
        }
    }
}

/// A reply to recipients that is no yes.
struct Refusal {
    dsn: Dsn,
    reason: Reason,
    fault: Fault,
}

const fn refusal_by(reply: &Reply) -> Fault {
    Fault::Peer(PeerFault::Refused { code: reply.code })
}
