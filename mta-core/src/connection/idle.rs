//! The connection cache: connections that wait for another message (Postfix src/scache, src/smtp/smtp_reuse.c).

use std::net::SocketAddr;
use std::sync::Arc;

use super::{Connection, Env};
use crate::event::Server;
use crate::outbox::Output;
use crate::policy::{Level, RequireTls};
use crate::time::Time;

/// The most connections that wait at once; beyond it the oldest is let go. Ours: scache(8) has no limit but memory.
const IDLE_MAX: usize = 1024;

/// Connections that wait, the one that has waited longest first; and the servers at which destinations were last seen.
#[derive(Debug, Default)]
pub(crate) struct Idle {
    waiting: Vec<Waiting>,
    destinations: Vec<(DestinationKey, ServerKey, Time)>,
}

#[derive(Debug)]
struct Waiting {
    connection: Box<Connection>,
    server: ServerKey,
    until: Time,
}

/// By destination: any server of it will do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DestinationKey {
    /// Each service of master.cf has its own.
    pub(crate) service: Arc<str>,
    pub(crate) nexthop: Arc<str>,
    /// Where each sender has a name and password of its own (`smtp_sender_dependent_authentication`).
    pub(crate) sender: Option<Arc<str>>,
    /// Part of the key from 3.11 on.
    pub(crate) level: Option<Level>,
    /// And so are these.
    pub(crate) require_tls: RequireTls,
    pub(crate) smtputf8: bool,
}

/// By server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ServerKey {
    pub(crate) service: Arc<str>,
    pub(crate) server: SocketAddr,
    pub(crate) level: Level,
    /// Where the server must be the destination's, it is not another's; neither is a login.
    pub(crate) nexthop: Option<Arc<str>>,
    /// Which name and password were used, if any, follows from these (src/smtp/smtp.h `SMTP_KEY_MASK_SCACHE_ENDP_LABEL`).
    pub(crate) login: Option<Login>,
    pub(crate) require_tls: RequireTls,
    /// It was opened for mail that needs SMTPUTF8 (from 3.11 on; before, such mail went out where it was not offered).
    pub(crate) smtputf8: bool,
}

/// What a login rests on, besides the destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Login {
    /// The server's name.
    host: Arc<str>,
    /// The sender, with `smtp_sender_dependent_authentication`.
    sender: Option<Arc<str>>,
}

impl Login {
    pub(crate) fn of(server: &Server, sender: &Arc<str>, env: &Env<'_>) -> Option<Login> {
        let sasl = env.settings.dialogue.sasl.as_ref()?;
        Some(Login {
            host: server.host.clone(),
            sender: sasl.by_sender.then(|| sender.clone()),
        })
    }
}

impl ServerKey {
    pub(crate) fn of(
        service: &Arc<str>,
        server: &Server,
        level: Level,
        nexthop: &Arc<str>,
        login: Option<Login>,
        (require_tls, smtputf8): (RequireTls, bool),
    ) -> ServerKey {
        let is_bound = level.must_match() || login.is_some();
        ServerKey {
            service: service.clone(),
            server: server.address,
            level,
            nexthop: is_bound.then(|| nexthop.clone()),
            login,
            require_tls,
            smtputf8,
        }
    }
}

impl Idle {
    /// Keeps a connection for a while.
    pub(crate) fn keep(
        &mut self,
        connection: Box<Connection>,
        destination: Option<DestinationKey>,
        server: ServerKey,
        env: &mut Env<'_>,
    ) {
        let limit = env.settings.reuse.idle_limit;
        if self.waiting.len() >= IDLE_MAX {
            let oldest = self.waiting.remove(0);
            let_go(oldest, env);
        }
        let (now, until) = (env.now.time, env.now.time + limit);
        let Idle {
            waiting,
            destinations,
        } = self;
        // A destination leads to its server also if another one used the connection since (observed:
        // reuse-tls-reuse-two-domains-none).
        if let Some(destination) = destination {
            destinations.retain(|(known, _, until)| *known != destination && *until > now);
            destinations.push((destination, server.clone(), until));
        }
        waiting.push(Waiting {
            connection,
            server,
            until,
        });
    }

    pub(crate) fn take_for_destination(&mut self, key: &DestinationKey) -> Option<Box<Connection>> {
        let servers = self
            .destinations
            .iter()
            .filter(|(destination, ..)| destination == key)
            .map(|(_, server, _)| server);
        let servers: Vec<ServerKey> = servers.cloned().collect();
        servers.iter().find_map(|key| self.take_for_server(key))
    }

    pub(crate) fn take_for_server(&mut self, key: &ServerKey) -> Option<Box<Connection>> {
        self.take(|waiting| waiting.server == *key)
    }

    fn take(&mut self, fits: impl Fn(&Waiting) -> bool) -> Option<Box<Connection>> {
        let place = self.waiting.iter().position(fits)?;
        Some(self.waiting.remove(place).connection)
    }

    /// When the next one has waited long enough.
    pub(crate) fn deadline(&self) -> Option<Time> {
        self.waiting.iter().map(|waiting| waiting.until).min()
    }

    /// The first one that has waited long enough.
    pub(crate) fn expired(&self, now: Time) -> Option<u32> {
        let mut waiting = self.waiting.iter();
        let waiting = waiting.find(|waiting| waiting.until <= now)?;
        Some(waiting.connection.id())
    }

    /// The service that opened a connection, if it is one of these.
    pub(crate) fn service_of(&self, id: u32) -> Option<&Arc<str>> {
        let place = self.place(id)?;
        Some(&self.waiting.get(place)?.server.service)
    }

    /// Something came on a connection that may be one of these.
    pub(crate) fn received(&mut self, id: u32, bytes: &[u8], env: &mut Env<'_>) {
        let Some(place) = self.place(id) else { return };
        let is_good = self
            .waiting
            .get_mut(place)
            .is_some_and(|waiting| waiting.connection.idle_received(bytes, env));
        if !is_good {
            self.drop(id, env);
        }
    }

    /// The server closed a connection that may be one of these, or it has waited long enough.
    pub(crate) fn drop(&mut self, id: u32, env: &mut Env<'_>) {
        if let Some(place) = self.place(id) {
            let waiting = self.waiting.remove(place);
            let_go(waiting, env);
        }
    }

    fn place(&self, id: u32) -> Option<usize> {
        self.waiting
            .iter()
            .position(|waiting| waiting.connection.id() == id)
    }
}

fn let_go(mut waiting: Waiting, env: &mut Env<'_>) {
    let id = waiting.connection.id();
    waiting.connection.abandon(env);
    env.out.put(Output::Close { connection: id });
}
