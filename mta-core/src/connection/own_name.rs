//! A server that goes by our own name: mail handed to it would come back (Postfix src/smtp/smtp_proto.c
//! `smtp_helo`; RFC 5321 §5.1, §6.3; observed: dlg-greet-own-name).

use super::context::Context;
use super::{End, Rank};
use crate::event::{DialogueNotice, OwnName, Reason, Rule, What};
use crate::fault::PolicyFault;
use crate::smtp::{Dsn, Reply};

/// The port on which Postfix looks for loops: others are made for handing mail to oneself.
const LOOP_DETECT_PORT: u16 = 25;

/// Warns of a greeting with our name; it decides nothing yet.
pub(super) fn warn_of_greeting(reply: &Reply, cx: &mut Context<'_, '_>) {
    warn(OwnName::Greeting, reply, cx);
}

/// The end of the dialogue, if a server answers EHLO with our name; Postfix does not look at the answer to HELO. At the
/// best server nobody else can take the mail; at another one the better server may come back.
pub(super) fn loops_back(reply: &Reply, cx: &mut Context<'_, '_>) -> Option<End> {
    if !warn(OwnName::Hello, reply, cx) {
        return None;
    }
    cx.decided(Rule::LoopsBack);
    let class = match cx.mail.attempt.rank {
        Rank::Best => 5,
        Rank::Backup => 4,
    };
    let destination = cx.dialogue.nexthop.clone();
    Some(End::of_policy(
        Dsn::new(class, 4, 6),
        Reason::LoopsBack { destination },
        PolicyFault::LoopsBack,
    ))
}

/// Whether the first word behind the code is our name; if so, the log says it.
fn warn(said: OwnName, reply: &Reply, cx: &mut Context<'_, '_>) -> bool {
    let myhostname = &cx.env.settings.names.myhostname;
    if cx.dialogue.server.address.port() != LOOP_DETECT_PORT
        || !first_word(&reply.text).eq_ignore_ascii_case(myhostname)
    {
        return false;
    }
    let notice = DialogueNotice::OwnName {
        server: cx.server(),
        said,
        name: myhostname.as_str().into(),
    };
    cx.tell(What::noticed(notice));
    true
}

/// The first word behind a reply's code.
fn first_word(text: &str) -> &str {
    let behind_code = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let mut words = behind_code
        .trim_start_matches(['-', ' ', '\t', '\n'])
        .split([' ', '\t', '\n', '=']);
    words.next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_have_a_hyphen_and_stand_behind_blanks() {
        for text in [
            "220 mail-1.client.test ESMTP",
            "250-mail-1.client.test\n250 STARTTLS",
            "220  mail-1.client.test",
        ] {
            assert_eq!(first_word(text), "mail-1.client.test", "{text}");
        }
        assert_eq!(first_word("250"), "");
    }
}
