//! The greeting is owed.

use super::dialogue::Dialogue;
use super::env::Env;
use super::hello::{AwaitEhloReply, AwaitHeloReply};
use super::own_name;
use super::{Mail, Next, State};
use crate::event::{DialogueNotice, What};
use crate::smtp::{Command, Dsn, Reply};
use crate::trust::Cleared;

/// Nothing was said yet; the server speaks first (R-SMTP-01; RFC 5321 §3.1).
#[derive(Debug)]
pub(super) struct AwaitGreeting {
    /// Leave to send mail, where TLS came first (`smtp_tls_wrappermode`).
    pub(super) cleared: Option<Cleared>,
}

impl AwaitGreeting {
    pub(super) fn on_reply(
        self,
        reply: &Reply,
        dialogue: &mut Dialogue,
        mail: &Mail,
        env: &mut Env<'_>,
    ) -> Next {
        let settings = &env.settings.dialogue;
        match reply.class() {
            2 => {}
            // smtp_skip_5xx_greeting: a hard no to everybody counts as a soft one (R-SMTP-02).
            5 if settings.skip_5xx_greeting => {
                return Next::End(dialogue.refused_to_talk(
                    reply,
                    Dsn {
                        class: 4,
                        ..reply.dsn
                    },
                ));
            }
            _ => return Next::End(dialogue.refused_to_talk(reply, reply.dsn)),
        }
        own_name::warn_of_greeting(reply, dialogue, env);
        let says_esmtp = reply
            .text
            .split([' ', '\t', '\n'])
            .skip(1)
            .any(|word| word.eq_ignore_ascii_case("ESMTP"));
        let pix = env.settings.dialogue.pix_workarounds;
        let is_hidden = reply.text.chars().all(|c| "20 *\t\n".contains(c));
        if is_hidden && !pix.is_empty() {
            let notice = DialogueNotice::PixWorkarounds {
                workarounds: pix.to_string().into(),
                server: dialogue.server.clone(),
            };
            let what = What::noticed(notice);
            env.out.tell(env.now.time, Some(&mail.queue_id), what);
        }
        let helo_name = env.settings.names.helo_name.clone();
        if is_hidden && pix.disable_esmtp {
            dialogue.say(Command::Helo(&helo_name), env);
            return Next::State(State::Helo(AwaitHeloReply {
                cleared: self.cleared,
            }));
        }
        if !settings.never_send_ehlo && (settings.always_send_ehlo || says_esmtp) {
            dialogue.say(Command::Ehlo(&helo_name), env);
            Next::State(State::Ehlo(AwaitEhloReply {
                cleared: self.cleared,
            }))
        } else {
            dialogue.say(Command::Helo(&helo_name), env);
            Next::State(State::Helo(AwaitHeloReply {
                cleared: self.cleared,
            }))
        }
    }
}
