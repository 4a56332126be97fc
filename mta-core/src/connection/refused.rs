//! What a refusal or a lost connection means to the recipients (Postfix src/smtp/smtp_trouble.c).

use std::sync::Arc;

use super::talk::{Surroundings, Talk};
use super::{End, Failure, FailureKind, Left, Lost, Mail, Mark, Outcome, Wait, status_of};
use crate::event::{Rule, Status, What};
use crate::fault::{Fault, PeerFault};
use crate::smtp::{Dsn, Reply};

impl Talk {
    /// `host NAMADDR …` failures take their class from the reply.
    pub(super) fn refused_to_talk(&self, reply: &Reply, dsn: Dsn) -> End {
        let text = format!(
            "host {} refused to talk to me: {}",
            self.server.without_port(),
            reply.one_line()
        );
        End::Failed(Failure {
            dsn,
            text: text.into(),
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
        around: &mut Surroundings<'_>,
    ) -> End {
        let server = self.server.without_port();
        let phase = wait.phase();
        let text = match lost {
            Lost::TimedOut => format!("conversation with {server} timed out while {phase}"),
            Lost::Closed | Lost::Reset | Lost::BrokenTls(_) => {
                format!("lost connection with {server} while {phase}")
            }
        };
        if wait == Wait::StartTls {
            self.decided(Rule::StartTlsReplyLost, around);
        }
        End::Failed(Failure {
            dsn: Dsn::new(4, 4, 2),
            text: text.into(),
            fault: lost.into_fault(around.settings.shows_certificate()),
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
        command: &str,
        mail: &mut Mail,
        around: &mut Surroundings<'_>,
    ) {
        let refusal = self.refusal(reply, command);
        self.fail(&[place], refusal, mail, around);
    }

    /// The message was refused for all open recipients.
    pub(super) fn message_refused(
        &self,
        reply: &Reply,
        command: &str,
        mail: &mut Mail,
        around: &mut Surroundings<'_>,
    ) {
        let refusal = self.refusal(reply, command);
        let open: Vec<usize> = mail.recipients.open().collect();
        self.fail(&open, refusal, mail, around);
    }

    /// Kept for another server if the failure is a temporary one and there is another; else decided
    /// (Postfix src/smtp/smtp_trouble.c).
    fn fail(
        &self,
        places: &[usize],
        refusal: Refusal,
        mail: &mut Mail,
        around: &mut Surroundings<'_>,
    ) {
        let Refusal { dsn, text, fault } = refusal;
        let (status, dsn_told) = status_of(dsn, around.settings);
        if status == Status::Deferred && mail.attempt.left != Left::Nothing {
            for &place in places {
                mail.recipients.mark(place, Mark::Kept);
            }
            self.decided(Rule::NextServer, around);
            around.out.tell(
                around.now.time,
                Some(&mail.queue_id),
                What::ServerFailed {
                    server: Some(self.server.clone()),
                    dsn,
                    text,
                },
            );
            return;
        }
        for &place in places {
            let outcome = Outcome {
                status,
                dsn: dsn_told,
                text: text.clone(),
                fault: Some(fault.clone()),
            };
            mail.decide(place, outcome, Some(&self.server), Some(self.id), around);
        }
    }

    /// `host NAMADDR said: REPLY (in reply to COMMAND command)`, with the protocol error of src/smtp/smtp_trouble.c
    /// for a reply that is no refusal.
    fn refusal(&self, reply: &Reply, command: &str) -> Refusal {
        let server = self.server.without_port();
        let is_refusal = matches!(reply.dsn.class, 4 | 5);
        let (dsn, prefix) = if is_refusal {
            (reply.dsn, "")
        } else {
            (Dsn::new(5, 5, 0), "Protocol error: ")
        };
        let text = format!(
            "{prefix}host {server} said: {} (in reply to {command} command)",
            reply.one_line()
        );
        Refusal {
            dsn,
            text: text.into(),
            fault: refusal_by(reply),
        }
    }
}

/// A reply to recipients that is no yes.
struct Refusal {
    dsn: Dsn,
    text: Arc<str>,
    fault: Fault,
}

const fn refusal_by(reply: &Reply) -> Fault {
    Fault::Peer(PeerFault::Refused { code: reply.code })
}
