//! The mail transaction: MAIL, RCPT, DATA, the message, the final dot; pipelined as Postfix pipelines.
//!
//! Commands go out in groups of at most one buffer; the replies to a group are read in order before the next one
//! goes out (src/smtp/smtp_proto.c `smtp_loop`; RFC 2920 §3.1).

use super::context::Context;
use super::machine::{Next, State};
use super::{End, Failure, FailureKind, Outcome};
use crate::event::{Purpose, Reason, RepliedTo, Status};
use crate::fault::{Fault, PeerFault};
use crate::smtp::{Command, Dsn, Reply};
use crate::trust::Cleared;
use std::collections::VecDeque;

/// How many bytes of commands go out in one group: Postfix's `VSTREAM_BUFSIZE`.
const GROUP_BYTES_MAX: usize = 4096;

/// What a transaction carries from state to state. It cannot begin without permission to send.
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
    pub(super) fn begin(_: Cleared, cx: &mut Context<'_, '_>) -> Next {
        cx.mail.attempt.left = cx.mail.attempt.left.in_transaction();
        if cx.dialogue.size_limit > 0 && cx.mail.body.size() > cx.dialogue.size_limit {
            return too_large(cx.dialogue.size_limit, cx);
        }
        cx.mail.attempt.set_up = Some(cx.env.now.time);
        let transaction = Transaction {
            next: Step::Mail,
            owed: VecDeque::with_capacity(4),
            mail_refused: false,
            accepted: 0,
        };
        transaction.go_on(cx)
    }

    /// On to the next reply owed; if none is, on to the next group of commands, or out of the transaction.
    fn go_on(mut self, cx: &mut Context<'_, '_>) -> Next {
        if self.owed.is_empty() {
            let hopeless = match self.next {
                Step::Mail | Step::Message => false,
                Step::Rcpt(_) => self.mail_refused,
                Step::Data => self.accepted == 0 || cx.mail.purpose == Purpose::Probe,
            };
            if hopeless {
                return reset(cx);
            }
            self.send_group(cx);
        }
        match self.owed.pop_front() {
            Some(Owed::Mail) => Next::State(State::Mail(AwaitMailReply(self))),
            Some(Owed::Rcpt(place)) => Next::State(State::Rcpt(AwaitRcptReply(self, place))),
            Some(Owed::Data) => Next::State(State::Data(AwaitDataReply(self))),
            None => reset(cx),
        }
    }

    fn send_group(&mut self, cx: &mut Context<'_, '_>) {
        let mut bytes = 0;
        while bytes < GROUP_BYTES_MAX && (self.owed.is_empty() || cx.dialogue.extensions.pipelining)
        {
            let rcpt_from = |place| {
                cx.mail
                    .recipients
                    .open_from(place)
                    .map_or(Step::Data, Step::Rcpt)
            };
            bytes += match self.next {
                Step::Mail => {
                    self.owed.push_back(Owed::Mail);
                    self.next = rcpt_from(0);
                    say_mail(cx)
                }
                Step::Rcpt(place) => {
                    self.owed.push_back(Owed::Rcpt(place));
                    self.next = rcpt_from(place + 1);
                    let address = cx.mail.recipients.address(place);
                    let command = Command::Rcpt(address.map_or("", |address| address));
                    cx.dialogue.say(command, cx.env)
                }
                Step::Data if cx.mail.purpose == Purpose::Probe => break,
                Step::Data => {
                    self.owed.push_back(Owed::Data);
                    self.next = Step::Message;
                    cx.say(Command::Data)
                }
                Step::Message => break,
            };
        }
    }
}

fn say_mail(cx: &mut Context<'_, '_>) -> usize {
    let is_heeded = cx.mail.require_tls.is_heeded();
    let promised = cx.dialogue.wire.is_tls() && cx.dialogue.extensions.require_tls;
    let command = Command::Mail {
        sender: &cx.mail.sender,
        size: cx.dialogue.extensions.size.map(|_| cx.mail.body.size()),
        eight_bit: cx.dialogue.extensions.eight_bit_mime && cx.mail.body.is_eight_bit(),
        // A bounce may come back in cleartext, where nobody downstream promised otherwise.
        headers_only: cx.dialogue.extensions.dsn && is_heeded && !promised,
        smtputf8: cx.dialogue.extensions.smtputf8 && cx.mail.needs_smtputf8(),
        require_tls: is_heeded && promised,
    };
    cx.dialogue.say(command, cx.env)
}

impl AwaitMailReply {
    pub(super) fn on_reply(self, reply: &Reply, cx: &mut Context<'_, '_>) -> Next {
        let AwaitMailReply(mut transaction) = self;
        if reply.class() != 2 {
            transaction.mail_refused = true;
            cx.message_refused(reply, RepliedTo::Mail);
        }
        transaction.go_on(cx)
    }
}

impl AwaitRcptReply {
    pub(super) fn on_reply(self, reply: &Reply, cx: &mut Context<'_, '_>) -> Next {
        let AwaitRcptReply(mut transaction, place) = self;
        if transaction.mail_refused {
            // Every recipient has its result already.
        } else if reply.class() == 2 {
            transaction.accepted += 1;
            if cx.mail.purpose == Purpose::Probe {
                let outcome = Outcome {
                    status: Status::Sent,
                    dsn: reply.dsn,
                    reason: Reason::Taken(reply.one_line().into()),
                    fault: None,
                };
                cx.decide(place, outcome);
            }
        } else {
            cx.recipient_refused(place, reply);
        }
        transaction.go_on(cx)
    }
}

impl AwaitDataReply {
    pub(super) fn on_reply(self, reply: &Reply, cx: &mut Context<'_, '_>) -> Next {
        let AwaitDataReply(transaction) = self;
        let with_message = transaction.accepted > 0;
        if reply.class() != 3 {
            if with_message {
                cx.message_refused(reply, RepliedTo::Data);
            }
            return reset(cx);
        }
        if with_message {
            cx.dialogue.say_body(&cx.mail.body, cx.env);
        }
        cx.say(Command::Dot);
        let ending = ending(cx);
        Next::State(State::Dot(AwaitDotReply {
            with_message,
            ending,
        }))
    }
}

impl AwaitDotReply {
    pub(super) fn on_reply(self, reply: &Reply, cx: &mut Context<'_, '_>) -> Next {
        if self.with_message && reply.class() == 2 {
            // R-SMTP-20: responsibility moves with this reply and no other.
            let reason = Reason::Taken(reply.one_line().into());
            let open: Vec<usize> = cx.mail.recipients.open().collect();
            for place in open {
                let outcome = Outcome {
                    status: Status::Sent,
                    dsn: reply.dsn,
                    reason: reason.clone(),
                    fault: None,
                };
                cx.decide(place, outcome);
            }
        } else if self.with_message {
            cx.message_refused(reply, RepliedTo::EndOfData);
        }
        leave(self.ending, cx)
    }
}

impl AwaitRsetReply {
    pub(super) fn on_reply(self, reply: &Reply, cx: &mut Context<'_, '_>) -> Next {
        let ending = match self.ending {
            Ending::Keep if reply.class() != 2 => Ending::Quit,
            Ending::Keep | Ending::Quit | Ending::QuitSent => self.ending,
        };
        leave(ending, cx)
    }
}

/// Abandons the transaction; the reply changes nothing.
fn reset(cx: &mut Context<'_, '_>) -> Next {
    cx.say(Command::Rset);
    let ending = ending(cx);
    Next::State(State::Rset(AwaitRsetReply { ending }))
}

/// QUIT travels with the command before it, where the server lets us pipeline (R-SMTP-21).
fn ending(cx: &mut Context<'_, '_>) -> Ending {
    if cx.is_kept() {
        Ending::Keep
    } else if cx.dialogue.extensions.pipelining {
        cx.say(Command::Quit);
        Ending::QuitSent
    } else {
        Ending::Quit
    }
}

fn leave(ending: Ending, cx: &mut Context<'_, '_>) -> Next {
    match ending {
        Ending::Keep => return Next::End(End::Kept),
        Ending::Quit => {
            cx.say(Command::Quit);
        }
        Ending::QuitSent => {}
    }
    if cx.env.settings.dialogue.skip_quit_response {
        Next::End(End::Done)
    } else {
        Next::State(State::Quit(AwaitQuitReply))
    }
}

/// R-EXT-01; RFC 1870 §6.1. Postfix says nothing more on such a connection (observed: dlg-tls-size-exceeded).
fn too_large(limit: u64, cx: &mut Context<'_, '_>) -> Next {
    let reason = Reason::TooLarge {
        server: cx.server(),
        size: cx.mail.body.size(),
        limit,
    };
    cx.mail.attempt.set_up = Some(cx.env.now.time);
    Next::End(End::Failed(Failure {
        dsn: Dsn::new(5, 3, 4),
        reason,
        fault: Fault::Peer(PeerFault::SizeLimit { limit }),
        kind: FailureKind::Silent,
    }))
}
