//! The greeting is owed.

use super::context::Context;
use super::hello::{AwaitEhloReply, AwaitHeloReply};
use super::machine::{Next, State};
use super::own_name;
use crate::event::{DialogueNotice, What};
use crate::smtp::{Command, Dsn, Reply};
use crate::trust::Cleared;

/// Nothing was said yet; the server speaks first (R-SMTP-01; RFC 5321 §3.1).
#[derive(Debug)]
pub(super) struct AwaitGreeting {
    /// Permission to send mail, where TLS came first (`smtp_tls_wrappermode`).
    pub(super) cleared: Option<Cleared>,
}

impl AwaitGreeting {
    pub(super) fn on_reply(self, reply: &Reply, cx: &mut Context<'_, '_>) -> Next {
        let settings = cx.env.settings;
        let dialogue = &settings.dialogue;
        match reply.class() {
            2 => {}
            // smtp_skip_5xx_greeting: a hard no to everybody counts as a soft one (R-SMTP-02).
            5 if dialogue.skip_5xx_greeting => {
                return Next::End(cx.dialogue.refused_to_talk(
                    reply,
                    Dsn {
                        class: 4,
                        ..reply.dsn
                    },
                ));
            }
            _ => return Next::End(cx.dialogue.refused_to_talk(reply, reply.dsn)),
        }
        own_name::warn_of_greeting(reply, cx);
        let says_esmtp = reply
            .text
            .split([' ', '\t', '\n'])
            .skip(1)
            .any(|word| word.eq_ignore_ascii_case("ESMTP"));
        let pix = dialogue.pix_workarounds;
        let is_hidden = reply.text.chars().all(|c| "20 *\t\n".contains(c));
        if is_hidden && !pix.is_empty() {
            let notice = DialogueNotice::PixWorkarounds {
                workarounds: pix.to_string().into(),
                server: cx.server(),
            };
            let what = What::noticed(notice);
            cx.env
                .out
                .tell(cx.env.now.time, Some(&cx.mail.queue_id), what);
        }
        let helo_name = &settings.names.helo_name;
        if is_hidden && pix.disable_esmtp {
            cx.say(Command::Helo(helo_name));
            return Next::State(State::Helo(AwaitHeloReply {
                cleared: self.cleared,
            }));
        }
        if !dialogue.never_send_ehlo && (dialogue.always_send_ehlo || says_esmtp) {
            cx.say(Command::Ehlo(helo_name));
            Next::State(State::Ehlo(AwaitEhloReply {
                cleared: self.cleared,
            }))
        } else {
            cx.say(Command::Helo(helo_name));
            Next::State(State::Helo(AwaitHeloReply {
                cleared: self.cleared,
            }))
        }
    }
}
