//! Connections that stayed open, and those that will (src/smtp/smtp_reuse.c).

use super::policy::{Pending, Resolved};
use super::walk::Walk;
use super::{Delivery, Resources, Stage, Then};
use crate::config::Feature;
use crate::connection::{Connection, DestinationKey, Env, Login, Reuse, ServerKey};
use crate::policy::{Level, RequireTls};

impl Delivery {
    /// Begins the walk, on a connection to any server of the destination that stayed open, if there is one.
    pub(super) fn begin(&mut self, walk: Walk, env: &mut Env<'_>, resources: &mut Resources<'_>) {
        self.mail.reuse = Reuse {
            looks: self.may(env, |demand| demand.looks),
            keeps: self.may(env, |demand| demand.keeps),
        };
        if self.next_hops.is_first() && self.mail.reuse.looks {
            self.look_for_kept(walk, env, resources);
        } else {
            self.connect(walk, env, resources);
        }
    }

    /// Looks for a connection to any server of the destination.
    pub(super) fn look_for_kept(
        &mut self,
        mut walk: Walk,
        env: &mut Env<'_>,
        resources: &mut Resources<'_>,
    ) {
        let level = match self.level_at_first(&mut walk, env, resources) {
            Ok(level) => level,
            Err(pending) => {
                self.stage = Stage::Tlsa {
                    walk,
                    pending,
                    then: Then::LookForKept,
                };
                return;
            }
        };
        let key = self.destination_key(level, env);
        let Some(connection) = resources.idle.take_for_destination(&key) else {
            return self.connect(walk, env, resources);
        };
        // Nothing is asked of TLS anew (observed: reuse-plain).
        self.mail.attempt.level = level.filter(|level| *level > Level::None);
        walk.put_first(connection.server());
        self.reuse(walk, connection, env, resources);
    }

    /// Whether `smtp_connection_cache_destinations` names the destination, or the queue manager asks for it
    /// (`smtp_connection_cache_on_demand`; src/smtp/smtp_connect.c `smtp_cache_policy`).
    fn may(&self, env: &Env<'_>, is_asked: fn(Reuse) -> bool) -> bool {
        let reuse = &env.settings.reuse;
        let domain = self
            .destination
            .as_ref()
            .map(|destination| &*destination.domain);
        let is_named = domain.is_some_and(|domain| {
            let mut kept = reuse.destinations.iter();
            kept.any(|kept| kept.eq_ignore_ascii_case(domain))
        });
        is_named || (reuse.on_demand && is_asked(self.mail.demand))
    }

    /// The level at the first server, if a connection of the destination is looked for by it.
    pub(super) fn level_at_first(
        &self,
        walk: &mut Walk,
        env: &mut Env<'_>,
        resources: &mut Resources<'_>,
    ) -> Result<Option<Level>, Box<Pending>> {
        let (Some(first), Some(destination)) = (walk.servers.first(), &self.destination) else {
            return Ok(None);
        };
        if !env.settings.release.has(Feature::LevelInDestinationKey) {
            return Ok(None);
        }
        let mx = walk.mx.as_ref();
        let asks = self.mail.asks;
        match walk
            .policies
            .of(destination, first, mx, asks, env, resources)
        {
            Resolved::Known(held) => Ok(held.ok().map(|held| held.policy.level)),
            Resolved::Asking(pending) => Err(pending),
        }
    }

    pub(super) fn destination_key(&self, level: Option<Level>, env: &Env<'_>) -> DestinationKey {
        let has_level = env.settings.release.has(Feature::LevelInDestinationKey);
        let sasl = env.settings.dialogue.sasl.as_ref();
        let by_sender = sasl.is_some_and(|sasl| sasl.by_sender);
        DestinationKey {
            service: env.service.clone(),
            nexthop: self.nexthop.clone(),
            sender: by_sender.then(|| self.mail.sender.clone()),
            level: level.filter(|_| has_level),
            require_tls: self.mail.require_tls,
            smtputf8: self.needs_apart(env).1,
        }
    }

    /// What of the message makes its connections ones of their own.
    pub(super) fn needs_apart(&self, env: &Env<'_>) -> (RequireTls, bool) {
        let heeds_smtputf8 = env.settings.release.has(Feature::Smtputf8InKeys);
        (
            self.mail.require_tls,
            heeds_smtputf8 && self.mail.needs_smtputf8(),
        )
    }

    /// Uses a connection that stayed open.
    pub(super) fn reuse(
        &mut self,
        walk: Walk,
        mut connection: Box<Connection>,
        env: &mut Env<'_>,
        resources: &mut Resources<'_>,
    ) {
        self.prospects(&walk, env);
        let id = connection.id();
        let end = connection.reuse(&mut self.mail, env);
        self.talked(walk, id, connection, end, env, resources);
    }

    /// Keeps a connection for the next message.
    pub(super) fn keep(
        &self,
        connection: Box<Connection>,
        walk: &Walk,
        env: &mut Env<'_>,
        resources: &mut Resources<'_>,
    ) {
        // The walk's own level may be that of cleartext.
        let level = self.mail.attempt.level.unwrap_or(Level::None);
        let destination = self
            .next_hops
            .is_first()
            .then(|| self.destination_key(Some(level), env));
        let key = ServerKey::of(
            env.service,
            connection.server(),
            walk.policy.level,
            &self.nexthop,
            Login::of(connection.server(), &self.mail.sender, env),
            self.needs_apart(env),
        );
        resources.idle.keep(connection, destination, key, env);
    }
}
