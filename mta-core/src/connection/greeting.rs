//! The greeting is owed.

use super::hello::{AwaitEhloReply, AwaitHeloReply};
use super::talk::{Surroundings, Talk};
use super::{Next, State};
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
        talk: &mut Talk,
        around: &mut Surroundings<'_>,
    ) -> Next {
        let dialogue = &around.settings.dialogue;
        match reply.class() {
            2 => {}
            // smtp_skip_5xx_greeting: a hard no to everybody counts as a soft one (R-SMTP-02).
            5 if dialogue.skip_5xx_greeting => {
                return Next::End(talk.refused_to_talk(
                    reply,
                    Dsn {
                        class: 4,
                        ..reply.dsn
                    },
                ));
            }
            _ => return Next::End(talk.refused_to_talk(reply, reply.dsn)),
        }
        let mut says_esmtp = false;
        for (place, word) in words_behind_code(&reply.text).enumerate() {
            let is_name = place == 0 && talk.is_myself(word, "greeted me with", around);
            says_esmtp |= !is_name && word.eq_ignore_ascii_case("ESMTP");
        }
        let helo_name = around.settings.names.helo_name.clone();
        if !dialogue.never_send_ehlo && (dialogue.always_send_ehlo || says_esmtp) {
            talk.say(Command::Ehlo(&helo_name), around);
            Next::State(State::Ehlo(AwaitEhloReply {
                cleared: self.cleared,
            }))
        } else {
            talk.say(Command::Helo(&helo_name), around);
            Next::State(State::Helo(AwaitHeloReply {
                cleared: self.cleared,
            }))
        }
    }
}

/// The words of a greeting (src/smtp/smtp_proto.c `smtp_helo`); the first is the server's name.
fn words_behind_code(text: &str) -> impl Iterator<Item = &str> {
    const BEHIND_CODE: [char; 4] = ['-', ' ', '\t', '\n'];
    let code_and_rest = text.trim_start_matches(BEHIND_CODE);
    let (_, rest) = code_and_rest.split_once(BEHIND_CODE).unwrap_or_default();
    rest.split([' ', '\t', '\n'])
        .filter(|word| !word.is_empty())
}
