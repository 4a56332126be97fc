//! One SMTP dialogue on one TCP connection: a type for every state, named for what is owed next.
//!
//! Inputs go in ([`Input`]); bytes to send, events and at last an [`End`] come out. The table of moves is written
//! out in `snapshots/`, so that a change of behaviour is a changed line.

mod context;
mod credentials;
mod dialogue;
mod end;
mod env;
mod greeting;
mod handshake;
mod handshake_events;
mod hello;
mod idle;
mod log_level;
mod login;
mod machine;
mod mail;
mod own_name;
mod proxy;
mod recipients;
mod refused;
mod report;
mod require_tls;
mod reuse;
mod sessions;
mod starttls;
mod transaction;
mod trouble;
mod wait;
mod wire;

#[cfg(test)]
pub(crate) mod moves;

use std::sync::Arc;

use crate::event::{ProxyEvent, Server, What};
use crate::fault::NetworkFault;
use crate::policy::Policy;
use crate::time::Time;

pub(crate) use credentials::credentials;
pub(crate) use dialogue::ReportTo;
use dialogue::{Dialogue, TlsProcess};
pub(crate) use end::{End, Failure, FailureKind, Lost};
pub(crate) use env::Env;
pub(crate) use idle::{DestinationKey, Idle, Login, ServerKey};
pub(crate) use mail::{Attempt, Left, Mail, Rank, Reuse, status_of};
pub(crate) use proxy::Proxy;
pub(crate) use recipients::{Mark, Outcome, Recipients};
pub(crate) use wait::Wait;

use context::Context;
use greeting::AwaitGreeting;
use handshake::Handshaking;
pub(crate) use machine::Input;
use machine::{Machine, State};
use wire::Wire;

/// A dialogue in progress.
#[derive(Debug)]
pub(crate) struct Connection {
    dialogue: Dialogue,
    machine: Machine,
}

impl Connection {
    /// A connection that was just opened, on which the server speaks first.
    pub(crate) fn opened(
        id: u32,
        server: Arc<Server>,
        nexthop: Arc<str>,
        policy: Arc<Policy>,
        report_to: Option<Arc<ReportTo>>,
        env: &Env<'_>,
    ) -> Self {
        Connection {
            dialogue: Dialogue::new(id, server, nexthop, policy, report_to, env.now.time),
            machine: Machine::new(State::Greeting(AwaitGreeting { cleared: None }), env),
        }
    }

    /// Does what comes before the server's first word: with `smtp_tls_wrappermode` that is TLS.
    pub(crate) fn begin(&mut self, mail: &mut Mail, env: &mut Env<'_>) -> Option<End> {
        if !env.settings.tls.wrappermode {
            return None;
        }
        self.advance(mail, env, |machine, cx| {
            let next = Handshaking::begin("".into(), cx);
            machine.enter(next, cx.env)
        })
    }

    /// Takes one input; gives an end when the dialogue is over. Bytes to send are in the outbox afterwards.
    pub(crate) fn handle(
        &mut self,
        input: Input<'_>,
        mail: &mut Mail,
        env: &mut Env<'_>,
    ) -> Option<End> {
        self.advance(mail, env, |machine, cx| machine.handle(input, cx))
    }

    /// Lets the machine do something for a message, and hands over what it says.
    fn advance(
        &mut self,
        mail: &mut Mail,
        env: &mut Env<'_>,
        work: impl FnOnce(&mut Machine, &mut Context<'_, '_>) -> Option<End>,
    ) -> Option<End> {
        let Connection { dialogue, machine } = self;
        let mut cx = Context {
            dialogue,
            mail,
            env,
        };
        let end = work(machine, &mut cx);
        self.dialogue.flush(env);
        end
    }

    /// Takes the connection up again for another message.
    pub(crate) fn reuse(&mut self, mail: &mut Mail, env: &mut Env<'_>) -> Option<End> {
        self.advance(mail, env, |machine, cx| {
            let next = cx.begin_again();
            machine.enter(next, cx.env)
        })
    }

    /// Takes what comes while nobody uses the connection; whether it is still good.
    pub(crate) fn idle_received(&mut self, bytes: &[u8], env: &mut Env<'_>) -> bool {
        let mut plaintext = Vec::new();
        match &mut self.dialogue.wire {
            // A server that speaks unasked is closing (421).
            Wire::Cleartext => false,
            Wire::Tls(_) => {
                let is_good = self
                    .dialogue
                    .decrypt(bytes, &mut plaintext, env.now)
                    .is_ok();
                self.dialogue.keep_tickets(env);
                is_good && plaintext.is_empty() && !self.dialogue.closed_by_peer()
            }
        }
    }

    /// Lets go of a connection that nobody uses; nothing is said (observed: reuse-plain).
    pub(crate) fn abandon(&mut self, env: &mut Env<'_>) {
        if let Wire::Tls(stream) = &mut self.dialogue.wire {
            stream.close();
        }
        self.dialogue.flush(env);
        self.hang_up(env);
    }

    /// What tlsproxy(8) says when a connection is over.
    pub(crate) fn hang_up(&self, env: &mut Env<'_>) {
        if self.dialogue.tls_process == TlsProcess::Tlsproxy {
            self.dialogue.proxy(ProxyEvent::Disconnected, env);
        }
    }

    /// Its number.
    pub(crate) const fn id(&self) -> u32 {
        self.dialogue.id
    }

    /// The server at the other end.
    pub(crate) fn server(&self) -> &Arc<Server> {
        &self.dialogue.server
    }

    /// When the server must have said something.
    pub(crate) const fn deadline(&self) -> Time {
        self.machine.deadline()
    }
}

/// The event of a connection that could not be opened.
pub(crate) fn connect_failed(server: &Arc<Server>, fault: NetworkFault) -> What {
    What::ConnectFailed {
        server: server.clone(),
        fault,
    }
}
