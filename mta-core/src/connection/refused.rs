//! What a refusal or a lost connection means to the recipients (Postfix src/smtp/smtp_trouble.c).

use super::context::Context;
use super::dialogue::Dialogue;
use super::{End, Failure, FailureKind, Left, Lost, Mark, Outcome, Wait, status_of};
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

    /// A reply that is not a refusal counts as a protocol error (src/smtp/smtp_trouble.c).
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

impl Context<'_, '_> {
    /// The end of a connection that broke while `wait` was owed.
    pub(super) fn lost_connection(&mut self, wait: Wait, lost: Lost) -> End {
        let (server, phase) = (self.dialogue.server.clone(), wait.phase());
        let reason = match lost {
            Lost::TimedOut => Reason::TimedOut { server, phase },
            Lost::Closed | Lost::Reset | Lost::BrokenTls(_) => Reason::Lost { server, phase },
        };
        if wait == Wait::StartTls {
            self.decided(Rule::StartTlsReplyLost);
        }
        End::Failed(Failure {
            dsn: Dsn::new(4, 4, 2),
            reason,
            fault: lost.into_fault(self.env.settings.shows_certificate()),
            kind: if self.dialogue.wire.is_tls() {
                FailureKind::LostInTls
            } else {
                FailureKind::Lost
            },
        })
    }

    /// One recipient was refused.
    pub(super) fn recipient_refused(&mut self, place: usize, reply: &Reply) {
        let refusal = self.dialogue.refusal(reply, RepliedTo::Rcpt);
        self.fail(&[place], refusal);
    }

    /// The message was refused for all open recipients.
    pub(super) fn message_refused(&mut self, reply: &Reply, to: RepliedTo) {
        let refusal = self.dialogue.refusal(reply, to);
        let open: Vec<usize> = self.mail.recipients.open().collect();
        self.fail(&open, refusal);
    }

    /// Kept for another server if the failure is a temporary one and there is another; else decided
    /// (Postfix src/smtp/smtp_trouble.c).
    fn fail(&mut self, places: &[usize], refusal: Refusal) {
        let Refusal { dsn, reason, fault } = refusal;
        let (status, dsn_told) = status_of(dsn, self.env.settings);
        if status == Status::Deferred && self.mail.attempt.left != Left::Nothing {
            for &place in places {
                self.mail.recipients.mark(place, Mark::Kept);
            }
            self.decided(Rule::NextServer);
            self.env.out.tell(
                self.env.now.time,
                Some(&self.mail.queue_id),
                What::ServerFailed {
                    server: Some(self.dialogue.server.clone()),
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
            self.decide(place, outcome);
        }
    }
}

/// A refusal, as recipients get it.
struct Refusal {
    dsn: Dsn,
    reason: Reason,
    fault: Fault,
}

const fn refusal_by(reply: &Reply) -> Fault {
    Fault::Peer(PeerFault::Refused { code: reply.code })
}
