//! From stage to stage: servers are found, one is connected to and talked to, and its end leads to the next.

use std::sync::Arc;

use super::at::At;
use super::lookup::Progress;
use super::policy::Policies;
use super::walk::{Walk, Way};
use super::why::Why;
use super::{Delivery, Resources, Stage, Then};
use crate::connection::{
    self, Attempt, Connection, End, Env, Failure, FailureKind, Left, Login, ServerKey,
    connect_failed,
};
use crate::event::{Reason, Server, What};
use crate::fault::{Fault, NetworkFault};
use crate::outbox::Output;
use crate::policy::{Level, Policy};
use crate::smtp::Dsn;

impl Delivery {
    pub(super) fn looked_up(
        &mut self,
        progress: Progress,
        env: &mut Env<'_>,
        resources: &mut Resources<'_>,
    ) {
        match progress {
            Progress::Asking(lookups) => self.stage = Stage::Lookup(*lookups),
            Progress::Nothing(why) => self.next_destination(Some(why), env, resources),
            Progress::Servers(servers, mx) => {
                if env.out.wants(crate::event::Detail::Decisions) {
                    let list = servers
                        .iter()
                        .map(|candidate| candidate.server.clone())
                        .collect();
                    env.out
                        .tell(env.now.time, Some(&self.mail.queue_id), What::Servers(list));
                }
                self.begin(
                    Walk {
                        servers,
                        place: 0,
                        transactions: 0,
                        way: Way::Any,
                        policy: Arc::new(Policy::of(Level::None)),
                        policies: Policies::default(),
                        mx,
                        why: None,
                    },
                    env,
                    resources,
                );
            }
        }
    }

    /// What is left behind the server at the walk's place.
    pub(super) fn prospects(&mut self, walk: &Walk, env: &Env<'_>) {
        let left = if self.next_hops.any_left() {
            Left::Servers
        } else if walk.place + 1 >= walk.servers.len() {
            Left::Nothing
        } else if walk.is_last_transaction(env) {
            Left::ServersWithoutTransaction
        } else {
            Left::Servers
        };
        self.mail.attempt = Attempt {
            rank: walk.rank(),
            left,
            promise: self.promise_at_first(),
            level: self.mail.attempt.level,
            ..Attempt::none()
        };
        self.mail.recipients.reopen();
    }

    /// Opens a connection to the server at the walk's place, or uses one that stayed open.
    pub(super) fn connect(
        &mut self,
        mut walk: Walk,
        env: &mut Env<'_>,
        resources: &mut Resources<'_>,
    ) {
        let (server, rule) = loop {
            let Some(candidate) = walk.servers.get(walk.place).cloned() else {
                return self.next_destination(walk.why, env, resources);
            };
            match self.policy_at(&candidate, &mut walk, env, resources) {
                At::Go(rule) => break (candidate.server, rule),
                At::Asking(pending) => {
                    self.stage = Stage::Tlsa {
                        walk,
                        pending,
                        then: Then::Connect,
                    };
                    return;
                }
                At::Skip => walk.place += 1,
            }
        };
        if self.mail.reuse.looks && walk.way == Way::Any {
            let key = ServerKey::of(
                env.service,
                &server,
                walk.policy.level,
                &self.nexthop,
                Login::of(&server, &self.mail.sender, env),
                self.needs_apart(env),
            );
            if let Some(connection) = resources.idle.take_for_server(&key) {
                return self.reuse(walk, connection, env, resources);
            }
        }
        let connection = *resources.next_connection;
        *resources.next_connection = resources.next_connection.wrapping_add(1);
        self.prospects(&walk, env);
        let level = walk.policy.level;
        let now = env.now.time;
        let queue_id = self.mail.queue_id.clone();
        env.out.tell(
            now,
            Some(&queue_id),
            What::Policy {
                server: server.clone(),
                level,
                rule,
            },
        );
        env.out
            .tell(now, Some(&queue_id), What::Connecting(server.clone()));
        env.out.put(Output::Connect {
            connection,
            address: server.address,
        });
        let deadline = env.settings.timeouts.connect.map(|limit| now + limit);
        self.stage = Stage::Connecting {
            walk,
            connection,
            server,
            deadline,
        };
    }

    pub(super) fn connected(
        &mut self,
        walk: Walk,
        id: u32,
        server: Arc<Server>,
        env: &mut Env<'_>,
        resources: &mut Resources<'_>,
    ) {
        env.out.tell(
            env.now.time,
            Some(&self.mail.queue_id),
            What::Connected(server.clone()),
        );
        let mut connection = Box::new(Connection::opened(
            id,
            server,
            self.nexthop.clone(),
            walk.policy.clone(),
            self.report_to.clone(),
            env,
        ));
        let end = connection.begin(&mut self.mail, env);
        self.talked(walk, id, connection, end, env, resources);
    }

    pub(super) fn connect_failed(
        &mut self,
        walk: Walk,
        _: u32,
        server: &Arc<Server>,
        fault: NetworkFault,
        env: &mut Env<'_>,
        resources: &mut Resources<'_>,
    ) {
        env.out.tell(
            env.now.time,
            Some(&self.mail.queue_id),
            connect_failed(server, fault),
        );
        let reason = Reason::NotConnected {
            server: server.clone(),
            fault,
        };
        let why = Some(Why {
            dsn: Dsn::new(4, 4, 1),
            reason,
            fault: Fault::Network(fault),
        });
        let way = match walk.way {
            Way::Any | Way::Cleartext => Way::Any,
            Way::New => Way::New,
        };
        let walk = Walk {
            place: walk.place + 1,
            way,
            why,
            ..walk
        };
        self.connect(walk, env, resources);
    }

    pub(super) fn dialogue(
        &mut self,
        walk: Walk,
        id: u32,
        mut connection: Box<Connection>,
        input: connection::Input<'_>,
        env: &mut Env<'_>,
        resources: &mut Resources<'_>,
    ) {
        let end = connection.handle(input, &mut self.mail, env);
        self.talked(walk, id, connection, end, env, resources);
    }

    /// A dialogue goes on, unless it has come to its end.
    pub(super) fn talked(
        &mut self,
        walk: Walk,
        id: u32,
        connection: Box<Connection>,
        end: Option<End>,
        env: &mut Env<'_>,
        resources: &mut Resources<'_>,
    ) {
        match end {
            Some(end) => self.ended(walk, id, connection, end, env, resources),
            None => {
                self.stage = Stage::Talking {
                    walk,
                    id,
                    connection,
                };
            }
        }
    }

    /// A dialogue is over: on to the next server, or out.
    fn ended(
        &mut self,
        mut walk: Walk,
        id: u32,
        connection: Box<Connection>,
        end: End,
        env: &mut Env<'_>,
        resources: &mut Resources<'_>,
    ) {
        let server = connection.server().clone();
        if end == End::Kept {
            self.keep(connection, &walk, env, resources);
        } else {
            env.out.put(Output::Close { connection: id });
            connection.hang_up(env);
        }
        if let End::Failed(Failure {
            kind: FailureKind::Stale,
            ..
        }) = end
        {
            walk.way = Way::New;
            return self.connect(walk, env, resources);
        }
        let in_transaction = self.mail.attempt.set_up.is_some();
        walk.way = match &end {
            End::Failed(failure) => self.failed(failure, &walk, &server, id, env),
            End::Done | End::Kept => Way::Any,
        };
        if walk.way != Way::Cleartext {
            walk.place += 1;
            // A failed greeting, EHLO or handshake does not count (observed: hsf-mx-limit-broken).
            walk.transactions += u32::from(in_transaction);
            let limit = env.settings.hosts.mx_session_limit;
            if limit.is_some_and(|limit| walk.transactions >= limit.get()) {
                walk.place = walk.servers.len();
            }
        }
        if self.mail.recipients.any_left() {
            self.connect(walk, env, resources);
        } else {
            self.stage = Stage::Over;
        }
    }
}
