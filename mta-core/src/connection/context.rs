//! What a state works with while it handles one input: the dialogue, the message, and their environment.

use std::sync::Arc;

use super::dialogue::Dialogue;
use super::wire::Wire;
use super::{End, Env, Failure, FailureKind, Mail, Outcome};
use crate::event::{Detail, Event, Rule, Server, What};
use crate::smtp::{Command, Reply, ReplyNote};
use crate::trust::Cleared;

/// The dialogue, the message, and their environment.
pub(super) struct Context<'a, 'e> {
    pub(super) dialogue: &'a mut Dialogue,
    pub(super) mail: &'a mut Mail,
    pub(super) env: &'a mut Env<'e>,
}

impl Context<'_, '_> {
    /// The server at the other end.
    pub(super) fn server(&self) -> Arc<Server> {
        self.dialogue.server.clone()
    }

    /// Sends a command; its length.
    pub(super) fn say(&mut self, command: Command<'_>) -> usize {
        self.dialogue.say(command, self.env)
    }

    /// Reports something about the connection.
    pub(super) fn tell(&mut self, what: What) {
        self.dialogue.tell(what, self.env);
    }

    /// Reports something about TLS: it is tlsproxy(8) that says it, if the connection is in its hands.
    pub(super) fn tls_event(&mut self, what: What) {
        self.dialogue.tls_event(what, self.env);
    }

    /// Reports the rule that a decision rests on.
    pub(super) fn decided(&mut self, rule: Rule) {
        let server = Some(self.server());
        self.tell(What::Decided { server, rule });
    }

    /// Reports a reply.
    pub(super) fn heard(&mut self, reply: &Reply) {
        if self.env.out.wants(Detail::Conversation) {
            self.tell(What::Reply {
                text: reply.text.as_str().into(),
                in_tls: self.dialogue.wire.is_tls(),
            });
        }
    }

    /// Reports something odd in a reply.
    pub(super) fn note(&mut self, note: ReplyNote) {
        self.tell_of_message(What::OddReply {
            server: self.server(),
            note,
            pipelining: self.dialogue.extensions.pipelining,
        });
    }

    /// Reports something about the message on this connection.
    pub(super) fn tell_of_message(&mut self, what: What) {
        self.env.out.event(Event {
            at: self.env.now.time,
            queue_id: Some(self.mail.queue_id.clone()),
            connection: Some(self.dialogue.id),
            service: None,
            what,
        });
    }

    /// Records what became of a recipient at this server.
    pub(super) fn decide(&mut self, place: usize, outcome: Outcome) {
        let (server, id) = (&self.dialogue.server, self.dialogue.id);
        self.mail
            .decide(place, outcome, Some(server), Some(id), self.env);
    }

    /// Permission to send MAIL in cleartext, if the level and the sender permit it.
    pub(super) fn clear_in_cleartext(&self) -> Option<Cleared> {
        Cleared::in_cleartext(self.dialogue.level, self.mail.require_tls)
    }

    /// QUIT where the ending is an orderly one, close_notify where TLS is up.
    pub(super) fn say_goodbye(&mut self, end: &End) {
        if let End::Failed(Failure {
            kind: FailureKind::Polite | FailureKind::PoliteElsewhere,
            ..
        }) = end
        {
            self.say(Command::Quit);
        }
        if let (
            Wire::Tls(stream),
            End::Done
            | End::Failed(Failure {
                kind: FailureKind::Polite | FailureKind::PoliteElsewhere | FailureKind::Silent,
                ..
            }),
        ) = (&mut self.dialogue.wire, end)
        {
            stream.close();
        }
    }
}
