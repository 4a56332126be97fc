//! The mail transaction: MAIL, RCPT, DATA, the message, the final dot; pipelined as Postfix pipelines.
//!
//! Commands go out in groups of at most one buffer; the replies to a group are read in order before the next one
//! goes out (src/smtp/smtp_proto.c `smtp_loop`; RFC 2920 §3.1).

use super::Mail;
use super::dialogue::Dialogue;
use super::env::Env;
use super::{End, Failure, FailureKind, Next, Outcome, State};
use crate::event::{Reason, RepliedTo, Status};
use crate::fault::{Fault, PeerFault};
use crate::smtp::{Command, Dsn, Reply};
use crate::trust::Cleared;
use std::collections::VecDeque;

/// How many bytes of commands go out in one group: Postfix's `VSTREAM_BUFSIZE`.
const GROUP_BYTES_MAX: usize = 4096;

/// What a transaction carries from state to state. It cannot begin without leave to send.
#[derive(Debug)]
pub(super) struct Transaction {
    next: Step,
    /// The replies owed, oldest first (R-PIPE-02).
    owed: VecDeque<Owed>,
    mail_refused: bool,
    accepted: usize,
}

/// What is to be sent next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Mail,
    Rcpt(usize),
    Data,
    Message,
}

/// A reply that is owed; a recipient by its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Owed {
    Mail,
    Rcpt(usize),
    Data,
}

/// MAIL was sent.
#[derive(Debug)]
pub(super) struct AwaitMailReply(Transaction);

/// RCPT was sent for the recipient at this place.
#[derive(Debug)]
pub(super) struct AwaitRcptReply(Transaction, usize);

/// DATA was sent.
#[derive(Debug)]
pub(super) struct AwaitDataReply(Transaction);

/// The final dot was sent.
#[derive(Debug)]
pub(super) struct AwaitDotReply {
    /// Whether there was a message before it. Without an accepted recipient a lone dot is sent, and its reply
    /// means nothing (R-PIPE-03).
    with_message: bool,
    ending: Ending,
}

/// RSET was sent: nothing is left to deliver here.
#[derive(Debug)]
pub(super) struct AwaitRsetReply {
    ending: Ending,
}

/// What comes behind the transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    /// QUIT, which has been sent.
    QuitSent,
    /// QUIT.
    Quit,
    /// The connection stays open.
    Keep,
}

/// QUIT was sent, and its reply is waited for (`smtp_skip_quit_response = no`).
#[derive(Debug)]
pub(super) struct AwaitQuitReply;

impl Transaction {
    /// Sends the first group of commands.
    pub(super) fn begin(
        _: Cleared,
        dialogue: &mut Dialogue,
        mail: &mut Mail,
        env: &mut Env<'_>,
    ) -> Next {
        mail.attempt.left = mail.attempt.left.in_transaction();
        if dialogue.size_limit > 0 && mail.body.size() > dialogue.size_limit {
            return too_large(dialogue.size_limit, dialogue, mail, env);
        }
        mail.attempt.set_up = Some(env.now.time);
        let transaction = Transaction {
            next: Step::Mail,
            owed: VecDeque::with_capacity(4),
            mail_refused: false,
            accepted: 0,
        };
        transaction.go_on(dialogue, mail, env)
    }

    /// On to the next reply owed; if none is, on to the next group of commands, or out of the transaction.
    fn go_on(mut self, dialogue: &mut Dialogue, mail: &Mail, env: &mut Env<'_>) -> Next {
        if self.owed.is_empty() {
            let hopeless = match self.next {
                Step::Mail | Step::Message => false,
                Step::Rcpt(_) => self.mail_refused,
                Step::Data => self.accepted == 0 || mail.probe,
            };
            if hopeless {
                return reset(dialogue, mail, env);
            }
            self.send_group(dialogue, mail, env);
        }
        match self.owed.pop_front() {
            Some(Owed::Mail) => Next::State(State::Mail(AwaitMailReply(self))),
            Some(Owed::Rcpt(place)) => Next::State(State::Rcpt(AwaitRcptReply(self, place))),
            Some(Owed::Data) => Next::State(State::Data(AwaitDataReply(self))),
            None => reset(dialogue, mail, env),
        }
    }

    fn send_group(&mut self, dialogue: &mut Dialogue, mail: &Mail, env: &mut Env<'_>) {
        let mut bytes = 0;
        while bytes < GROUP_BYTES_MAX && (self.owed.is_empty() || dialogue.extensions.pipelining) {
            let rcpt_from = |place| {
                mail.recipients
                    .open_from(place)
                    .map_or(Step::Data, Step::Rcpt)
            };
            bytes += match self.next {
                Step::Mail => {
                    self.owed.push_back(Owed::Mail);
                    self.next = rcpt_from(0);
                    say_mail(dialogue, mail, env)
                }
                Step::Rcpt(place) => {
                    self.owed.push_back(Owed::Rcpt(place));
                    self.next = rcpt_from(place + 1);
                    let address = mail.recipients.address(place).cloned().unwrap_or_default();
                    dialogue.say(Command::Rcpt(&address), env)
                }
                Step::Data if mail.probe => break,
                Step::Data => {
                    self.owed.push_back(Owed::Data);
                    self.next = Step::Message;
                    dialogue.say(Command::Data, env)
                }
                Step::Message => break,
            };
        }
    }
}

fn say_mail(dialogue: &mut Dialogue, mail: &Mail, env: &mut Env<'_>) -> usize {
    let is_heeded = mail.require_tls.is_heeded();
    let promised = dialogue.wire.is_tls() && dialogue.extensions.require_tls;
    let command = Command::Mail {
        sender: &mail.sender,
        size: dialogue.extensions.size.map(|_| mail.body.size()),
        eight_bit: dialogue.extensions.eight_bit_mime && mail.body.is_eight_bit(),
        // A bounce may come back in cleartext, where nobody downstream promised otherwise.
        headers_only: dialogue.extensions.dsn && is_heeded && !promised,
        smtputf8: dialogue.extensions.smtputf8 && mail.needs_smtputf8(),
        require_tls: is_heeded && promised,
    };
    dialogue.say(command, env)
}

impl AwaitMailReply {
    pub(super) fn on_reply(
        self,
        reply: &Reply,
        dialogue: &mut Dialogue,
        mail: &mut Mail,
        env: &mut Env<'_>,
    ) -> Next {
        let AwaitMailReply(mut transaction) = self;
        if reply.class() != 2 {
            transaction.mail_refused = true;
            dialogue.message_refused(reply, RepliedTo::Mail, mail, env);
        }
        transaction.go_on(dialogue, mail, env)
    }
}

impl AwaitRcptReply {
    pub(super) fn on_reply(
        self,
        reply: &Reply,
        dialogue: &mut Dialogue,
        mail: &mut Mail,
        env: &mut Env<'_>,
    ) -> Next {
        let AwaitRcptReply(mut transaction, place) = self;
        if transaction.mail_refused {
            // Every recipient has its result already.
        } else if reply.class() == 2 {
            transaction.accepted += 1;
            if mail.probe {
                let outcome = Outcome {
                    status: Status::Sent,
                    dsn: reply.dsn,
                    reason: Reason::Taken(reply.one_line().into()),
                    fault: None,
                };
                mail.decide(
                    place,
                    outcome,
                    Some(&dialogue.server),
                    Some(dialogue.id),
                    env,
                );
            }
        } else {
            dialogue.recipient_refused(place, reply, mail, env);
        }
        transaction.go_on(dialogue, mail, env)
    }
}

impl AwaitDataReply {
    pub(super) fn on_reply(
        self,
        reply: &Reply,
        dialogue: &mut Dialogue,
        mail: &mut Mail,
        env: &mut Env<'_>,
    ) -> Next {
        let AwaitDataReply(transaction) = self;
        let with_message = transaction.accepted > 0;
        if reply.class() != 3 {
            if with_message {
                dialogue.message_refused(reply, RepliedTo::Data, mail, env);
            }
            return reset(dialogue, mail, env);
        }
        if with_message {
            let body = mail.body.clone();
            dialogue.say_body(&body, env);
        }
        dialogue.say(Command::Dot, env);
        let ending = ending(dialogue, mail, env);
        Next::State(State::Dot(AwaitDotReply {
            with_message,
            ending,
        }))
    }
}

impl AwaitDotReply {
    pub(super) fn on_reply(
        self,
        reply: &Reply,
        dialogue: &mut Dialogue,
        mail: &mut Mail,
        env: &mut Env<'_>,
    ) -> Next {
        if self.with_message && reply.class() == 2 {
            // R-SMTP-20: responsibility moves with this reply and no other.
            let reason = Reason::Taken(reply.one_line().into());
            let open: Vec<usize> = mail.recipients.open().collect();
            for place in open {
                let outcome = Outcome {
                    status: Status::Sent,
                    dsn: reply.dsn,
                    reason: reason.clone(),
                    fault: None,
                };
                mail.decide(
                    place,
                    outcome,
                    Some(&dialogue.server),
                    Some(dialogue.id),
                    env,
                );
            }
        } else if self.with_message {
            dialogue.message_refused(reply, RepliedTo::EndOfData, mail, env);
        }
        leave(self.ending, dialogue, env)
    }
}

impl AwaitRsetReply {
    pub(super) fn on_reply(
        self,
        reply: &Reply,
        dialogue: &mut Dialogue,
        _: &mut Mail,
        env: &mut Env<'_>,
    ) -> Next {
        let ending = match self.ending {
            Ending::Keep if reply.class() != 2 => Ending::Quit,
            Ending::Keep | Ending::Quit | Ending::QuitSent => self.ending,
        };
        leave(ending, dialogue, env)
    }
}

/// Abandons the transaction; the reply changes nothing.
fn reset(dialogue: &mut Dialogue, mail: &Mail, env: &mut Env<'_>) -> Next {
    dialogue.say(Command::Rset, env);
    let ending = ending(dialogue, mail, env);
    Next::State(State::Rset(AwaitRsetReply { ending }))
}

/// QUIT travels with the command before it, where the server lets us pipeline (R-SMTP-21).
fn ending(dialogue: &mut Dialogue, mail: &Mail, env: &mut Env<'_>) -> Ending {
    if dialogue.is_kept(mail, env) {
        Ending::Keep
    } else if dialogue.extensions.pipelining {
        dialogue.say(Command::Quit, env);
        Ending::QuitSent
    } else {
        Ending::Quit
    }
}

fn leave(ending: Ending, dialogue: &mut Dialogue, env: &mut Env<'_>) -> Next {
    match ending {
        Ending::Keep => return Next::End(End::Kept),
        Ending::Quit => {
            dialogue.say(Command::Quit, env);
        }
        Ending::QuitSent => {}
    }
    if env.settings.dialogue.skip_quit_response {
        Next::End(End::Done)
    } else {
        Next::State(State::Quit(AwaitQuitReply))
    }
}

/// R-EXT-01; RFC 1870 §6.1. Postfix says nothing more on such a connection (observed: dlg-tls-size-exceeded).
fn too_large(limit: u64, dialogue: &Dialogue, mail: &mut Mail, env: &mut Env<'_>) -> Next {
    let reason = Reason::TooLarge {
        server: dialogue.server.clone(),
        size: mail.body.size(),
        limit,
    };
    mail.attempt.set_up = Some(env.now.time);
    Next::End(End::Failed(Failure {
        dsn: Dsn::new(5, 3, 4),
        reason,
        fault: Fault::Peer(PeerFault::SizeLimit { limit }),
        kind: FailureKind::Silent,
    }))
}
