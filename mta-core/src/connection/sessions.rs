//! Sessions that the server gives: kept for the next connection, or taken away.

use std::sync::Arc;
use std::time::Duration;

use super::context::Context;
use super::dialogue::{Dialogue, KeptSession};
use super::env::Env;
use super::wire::Wire;
use crate::config::Feature;
use crate::event::{Miss, Program, SessionEvent, TableNotice, What};
use crate::tls::{Found, Saved, Ticket};

/// Looks for a session, where the database can keep any.
pub(super) fn look_up(key: &str, lifetime: Duration, env: &Env<'_>) -> Result<Found, Miss> {
    if is_unavailable(env).is_some() {
        return Err(Miss::Absent);
    }
    env.sessions.look_up(key, env.now.time, lifetime)
}

/// tlsmgr(8) was asked: each time it warns of a database that it cannot use (observed: cache-bad-db-type-encrypt).
pub(super) fn database_asked(env: &mut Env<'_>) {
    if let Some(notice) = is_unavailable(env) {
        let what = What::Noticed {
            by: Program::Tlsmgr,
            notice: Box::new(notice.into()),
        };
        env.out.tell(env.now.time, None, what);
    }
}

fn is_unavailable(env: &Env<'_>) -> Option<TableNotice> {
    let cache = env.settings.tls.session_cache.as_ref()?;
    cache.is_unavailable()
}

impl Dialogue {
    pub(super) fn session_mut(&mut self) -> Option<&mut KeptSession> {
        self.session.as_mut()
    }

    /// Saves the sessions that came with the latest input.
    pub(super) fn keep_tickets(&mut self, env: &mut Env<'_>) {
        let Wire::Tls(stream) = &self.wire else {
            return;
        };
        let tickets = stream.take_tickets();
        for ticket in tickets {
            self.keep_ticket(ticket, env);
        }
    }

    pub(super) fn keep_ticket(&mut self, ticket: Ticket, env: &mut Env<'_>) {
        let is_1_3 = matches!(ticket, Ticket::Tls13(_));
        let saved = self.save(ticket, env);
        let event = match (is_1_3, saved) {
            (true, saved) => SessionEvent::TicketRead { saved },
            (false, Some(key)) => SessionEvent::Saved { key },
            (false, None) => return,
        };
        let was_saved = !matches!(event, SessionEvent::TicketRead { saved: None });
        let server = self.server.clone();
        self.tls_event(What::Session { server, event }, env);
        if was_saved {
            database_asked(env);
        }
    }

    /// Saves a session; its key, if Postfix would say so. Where only the first ticket of a connection is saved, the
    /// others stand in for its reuse.
    fn save(&mut self, ticket: Ticket, env: &mut Env<'_>) -> Option<Arc<str>> {
        let session = self.session.as_mut()?;
        let saved = Saved {
            ticket,
            verdict: session.verdict.clone(),
            signature: session.signature,
        };
        let is_first = !std::mem::replace(&mut session.saved_any, true);
        let is_told = is_first || !env.settings.release.has(Feature::OneTicketPerConnection);
        let now = env.now.time;
        match (is_unavailable(env), is_told) {
            (Some(_), _) => {}
            (None, true) => env.sessions.save(&session.key, saved, now),
            (None, false) => env.sessions.save_spare(&session.key, saved, now),
        }
        is_told.then(|| session.key.clone())
    }
}

impl Context<'_, '_> {
    /// Takes the session away after a failed handshake (Postfix src/tls/tls_client.c `uncache_session`).
    pub(super) fn forget_session(&mut self) {
        if let Some(session) = self.dialogue.session.take() {
            self.env.sessions.remove(&session.key);
            let event = SessionEvent::Removed { key: session.key };
            self.tls_event(What::Session {
                server: self.dialogue.server.clone(),
                event,
            });
            database_asked(self.env);
        }
    }
}
