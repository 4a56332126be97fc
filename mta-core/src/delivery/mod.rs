//! One attempt at one destination: find the servers, walk them, fall back where the rule allows it.
//!
//! The walk is Postfix's `smtp_connect_inet` (src/smtp/smtp_connect.c): at most `smtp_mx_address_limit` addresses and
//! `smtp_mx_session_limit` transactions; a temporary failure leads to the next server, a permanent one ends it. The table of moves is written out in
//! `snapshots/`.

mod at;
mod dane;
mod destination;
mod failed;
mod fallback;
mod held;
mod kept;
mod lookup;
mod match_list;
mod memory;
mod next_hops;
mod notices;
mod own_address;
mod policy;
mod policy_source;
mod proof;
mod require_tls;
mod resources;
mod servers;
mod stages;
mod tlsa;
mod tlsrpt;
mod walk;
mod why;

#[cfg(test)]
mod moves;

use std::sync::Arc;

use crate::connection::{self, Connection, Env, Mail, ReportTo};
use crate::dns::{Answer, Question};
use crate::event::{DestinationNotice, Server};
use crate::fault::{Fault, NetworkFault};
use crate::outbox::Output;
use crate::time::Time;

pub use destination::{Destination, Lookup};
use lookup::{Lookups, NO_SERVER, Progress};
pub(crate) use memory::DnsMemory;
pub(crate) use next_hops::NextHops;
use notices::notice;
use policy::{Pending, Resolved};
pub(crate) use resources::Resources;
use resources::answered;
use walk::Walk;
use why::Why;

/// SMTP inside TLS from the first byte on (RFC 8314 §7.3).
const SMTPS_PORT: u16 = 465;

/// An attempt in progress.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub(crate) mail: Mail,
    /// Nothing, if what stands in its place cannot be read.
    destination: Option<Destination>,
    /// The present destination as it was written; until the start, all that the message was routed to.
    nexthop: Arc<str>,
    next_hops: NextHops,
    /// Who wants to know how TLS goes with the present destination.
    report_to: Option<Arc<ReportTo>>,
    /// Why the latest server that may not be tried may not.
    ruled_out: Option<Fault>,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    /// The destination is asked whether it wants reports of TLS.
    ReportPolicy { query: u32, question: Question },
    /// Names are being looked up.
    Lookup(Lookups),
    /// A host's TLSA records are being looked up.
    Tlsa {
        walk: Walk,
        pending: Box<Pending>,
        then: Then,
    },
    /// A connection is being opened.
    Connecting {
        walk: Walk,
        connection: u32,
        server: Arc<Server>,
        deadline: Option<Time>,
    },
    /// A dialogue is under way.
    Talking {
        walk: Walk,
        id: u32,
        connection: Box<Connection>,
    },
    /// Every recipient has its result.
    Over,
}

/// What TLSA records are looked up for.
#[derive(Clone, Copy, Debug)]
enum Then {
    /// To look for a connection of the destination that stayed open: they settle its level.
    LookForKept,
    /// To connect to the server at the walk's place.
    Connect,
}

/// What reaches a delivery.
#[derive(Debug)]
pub(crate) enum Input<'a> {
    Answer(Answer),
    Connected,
    ConnectFailed(NetworkFault),
    Dialogue(connection::Input<'a>),
    Timeout,
}

impl Delivery {
    /// A delivery to a destination, or several in a row, and to the fallback relays behind them.
    pub(crate) fn new(mail: Mail, nexthop: Arc<str>) -> Self {
        Delivery {
            mail,
            destination: None,
            nexthop,
            next_hops: NextHops::default(),
            report_to: None,
            ruled_out: None,
            stage: Stage::Over,
        }
    }

    /// The recipients that wait for another attempt.
    pub(crate) fn into_deferred(self) -> impl Iterator<Item = Arc<str>> {
        self.mail.recipients.into_deferred()
    }

    /// Begins: the first question is asked, or the first connection opened.
    pub(crate) fn start(&mut self, env: &mut Env<'_>, resources: &mut Resources<'_>) {
        self.next_hops = NextHops::new(&self.nexthop, &env.settings.hosts.fallback_relays);
        self.next_destination(None, env, resources);
    }

    /// On to the next destination. If there is none, `why` becomes the result of the recipients that are left.
    fn next_destination(
        &mut self,
        why: Option<Why>,
        env: &mut Env<'_>,
        resources: &mut Resources<'_>,
    ) {
        let Some(destination) = self.next_hops.take() else {
            let ruled_out = self.ruled_out.take().unwrap_or(NO_SERVER);
            let why = why.unwrap_or_else(|| Why::unavailable(ruled_out));
            return self.give_up(why, env);
        };
        self.destination = Destination::parse(&destination);
        self.nexthop = destination;
        self.report_to = None;
        if let Some(destination) = &self.destination {
            if destination.port == SMTPS_PORT && !env.settings.tls.wrappermode {
                notice(DestinationNotice::NeedsWrappermode, env);
            }
            if let Some(question) = tlsrpt::question(destination, &self.mail, env) {
                let query = resources.ask(&question, env);
                self.stage = Stage::ReportPolicy { query, question };
                return;
            }
        }
        self.find_servers(env, resources);
    }

    /// The destination said whether it wants reports.
    fn report_policy(
        &mut self,
        answer: &Answer,
        question: &Question,
        env: &mut Env<'_>,
        resources: &mut Resources<'_>,
    ) {
        answered(question, answer, env);
        if let (Some(destination), Some(settings)) = (&self.destination, &env.settings.tls.reports)
        {
            self.report_to = tlsrpt::read(answer, question, destination, settings, env);
        }
        self.find_servers(env, resources);
    }

    fn find_servers(&mut self, env: &mut Env<'_>, resources: &mut Resources<'_>) {
        let progress = match &self.destination {
            Some(destination) => {
                self.mail.require_tls = require_tls::heeded(destination, &self.mail, env);
                Lookups::start(destination, env, resources)
            }
            None => Progress::Nothing(Why::bad_destination(&self.nexthop)),
        };
        self.looked_up(progress, env, resources);
    }

    /// Whether every recipient has its result.
    pub(crate) const fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Over)
    }

    /// The query that is waited for.
    pub(crate) fn query(&self) -> Option<u32> {
        match &self.stage {
            Stage::Lookup(lookups) => Some(lookups.query()),
            Stage::ReportPolicy { query, .. } => Some(*query),
            Stage::Tlsa { pending, .. } => Some(pending.query()),
            Stage::Connecting { .. } | Stage::Talking { .. } | Stage::Over => None,
        }
    }

    /// The connection that is open or being opened.
    pub(crate) const fn connection(&self) -> Option<u32> {
        match &self.stage {
            Stage::Connecting { connection, .. } => Some(*connection),
            Stage::Talking { id, .. } => Some(*id),
            Stage::ReportPolicy { .. } | Stage::Lookup(_) | Stage::Tlsa { .. } | Stage::Over => {
                None
            }
        }
    }

    /// When something must have happened.
    pub(crate) fn deadline(&self) -> Option<Time> {
        match &self.stage {
            Stage::Connecting { deadline, .. } => *deadline,
            Stage::Talking { connection, .. } => Some(connection.deadline()),
            // The resolver has its own patience, and always answers.
            Stage::ReportPolicy { .. } | Stage::Lookup(_) | Stage::Tlsa { .. } | Stage::Over => {
                None
            }
        }
    }

    /// Takes one input.
    pub(crate) fn handle(
        &mut self,
        input: Input<'_>,
        env: &mut Env<'_>,
        resources: &mut Resources<'_>,
    ) {
        match (std::mem::replace(&mut self.stage, Stage::Over), input) {
            (Stage::ReportPolicy { question, .. }, Input::Answer(answer)) => {
                self.report_policy(&answer, &question, env, resources);
            }
            (Stage::Lookup(lookups), Input::Answer(answer)) => {
                let Some(destination) = &self.destination else {
                    return;
                };
                let progress = lookups.answered(&answer, destination, env, resources);
                self.looked_up(progress, env, resources);
            }
            (
                Stage::Tlsa {
                    mut walk,
                    pending,
                    then,
                },
                Input::Answer(answer),
            ) => match walk.policies.answered(pending, &answer, env, resources) {
                Resolved::Asking(pending) => {
                    self.stage = Stage::Tlsa {
                        walk,
                        pending,
                        then,
                    };
                }
                Resolved::Known(_) => match then {
                    Then::LookForKept => self.look_for_kept(walk, env, resources),
                    Then::Connect => self.connect(walk, env, resources),
                },
            },
            (
                Stage::Connecting {
                    walk,
                    connection,
                    server,
                    ..
                },
                Input::Connected,
            ) => {
                self.connected(walk, connection, server, env, resources);
            }
            (
                Stage::Connecting {
                    walk,
                    connection,
                    server,
                    ..
                },
                Input::ConnectFailed(fault),
            ) => {
                self.connect_failed(walk, connection, &server, fault, env, resources);
            }
            (
                Stage::Connecting {
                    walk,
                    connection,
                    server,
                    ..
                },
                Input::Timeout,
            ) => {
                env.out.put(Output::Close { connection });
                self.connect_failed(
                    walk,
                    connection,
                    &server,
                    NetworkFault::TimedOut,
                    env,
                    resources,
                );
            }
            (
                Stage::Talking {
                    walk,
                    id,
                    connection,
                },
                Input::Dialogue(input),
            ) => {
                self.dialogue(walk, id, connection, input, env, resources);
            }
            (
                Stage::Talking {
                    walk,
                    id,
                    connection,
                },
                Input::Timeout,
            ) => {
                self.dialogue(
                    walk,
                    id,
                    connection,
                    connection::Input::Timeout,
                    env,
                    resources,
                );
            }
            // An input that came too late, such as bytes on a connection that was given up.
            (stage, _) => self.stage = stage,
        }
    }
}
