//! The walk over the servers.

use std::sync::Arc;

use super::fallback::{Circumstances, plaintext_fallback};
use super::lookup::Progress;
use super::policy::{Held, Invalid, Pending, Policies, Resolved, warn};
use super::require_tls;
use super::servers::{Candidate, HostFacts, MxFacts};
use super::why::Why;
use super::{Delivery, Numbers, Stage};
use crate::config::PostfixVersion;
use crate::connection::{
    self, Connection, End, Failure, FailureKind, Idle, Outcome, ServerKey, SiteKey, Surroundings,
    connect_failed, status_of,
};
use crate::dns::Answer;
use crate::event::{Channel, Promise, Rule, Server, What};
use crate::fault::NetworkFault;
use crate::outbox::Output;
use crate::policy::{Level, Policy};
use crate::smtp::Dsn;

/// Where the walk is.
#[derive(Debug)]
pub(super) struct Walk {
    servers: Vec<Candidate>,
    place: usize,
    /// Transactions so far: `smtp_mx_session_limit` bounds them.
    transactions: u32,
    /// The address at `place` is tried again, without TLS.
    plaintext: bool,
    /// A connection that had stayed open was no longer good, so the address at `place` gets a new one.
    fresh: bool,
    /// It is not known yet whether a connection of the site stayed open.
    is_before_first: bool,
    /// What holds at `place`.
    policy: Arc<Policy>,
    policies: Policies,
    /// What is known of the MX records, if there are any.
    mx: Option<MxFacts>,
    why: Option<Why>,
}

/// What a server's policy leads to.
enum At {
    /// Connect, by this rule.
    Go(Rule),
    /// Wait for TLSA records.
    Asking(Box<Pending>),
    /// The server is out of the question.
    Skip,
}

impl Delivery {
    pub(super) fn looked_up(
        &mut self,
        progress: Progress,
        around: &mut Surroundings<'_>,
        numbers: &mut Numbers<'_>,
    ) {
        match progress {
            Progress::Asking(lookups) => self.stage = Stage::Lookup(lookups),
            Progress::Nothing(why) => self.next_site(Some(why), around, numbers),
            Progress::Servers(servers, mx) => {
                if around.out.wants(crate::event::Detail::Decisions) {
                    let list = servers
                        .iter()
                        .map(|candidate| candidate.server.clone())
                        .collect();
                    around.out.tell(
                        around.now.time,
                        Some(&self.mail.queue_id),
                        What::Servers(list),
                    );
                }
                self.begin(
                    Walk {
                        servers,
                        place: 0,
                        transactions: 0,
                        plaintext: false,
                        fresh: false,
                        is_before_first: false,
                        policy: Arc::new(Policy::of(Level::None)),
                        policies: Policies::default(),
                        mx,
                        why: None,
                    },
                    around,
                    numbers,
                );
            }
        }
    }

    /// A connection to any server of the destination may have stayed open.
    fn begin(&mut self, mut walk: Walk, around: &mut Surroundings<'_>, numbers: &mut Numbers<'_>) {
        self.mail.keeps_connection = self.keeps_connection(around);
        walk.is_before_first = self.is_first_site && self.mail.keeps_connection;
        if walk.is_before_first {
            let level = match self.level_at_first(&mut walk, around, numbers) {
                Ok(level) => level,
                Err(pending) => {
                    self.stage = Stage::Tlsa { walk, pending };
                    return;
                }
            };
            walk.is_before_first = false;
            let key = self.site_key(level, around);
            if let Some(connection) = around.idle.take_for_site(&key) {
                // Nothing is asked of TLS anew (observed: reuse-plain).
                self.mail.level = level.filter(|level| *level > Level::None);
                walk.put_first(connection.server());
                return self.reuse(walk, connection, around, numbers);
            }
        }
        self.connect(walk, around, numbers);
    }

    /// Whether `smtp_connection_cache_destinations` names the destination.
    fn keeps_connection(&self, around: &Surroundings<'_>) -> bool {
        let kept = &around.settings.reuse.destinations;
        let domain = self.destination.as_ref().map(|site| &*site.domain);
        domain.is_some_and(|domain| kept.iter().any(|kept| kept.eq_ignore_ascii_case(domain)))
    }

    /// The level at the first server; until 3.10 it is not looked at before a connection of the site is looked for.
    fn level_at_first(
        &self,
        walk: &mut Walk,
        around: &mut Surroundings<'_>,
        numbers: &mut Numbers<'_>,
    ) -> Result<Option<Level>, Box<Pending>> {
        let (Some(first), Some(destination)) = (walk.servers.first(), &self.destination) else {
            return Ok(None);
        };
        if around.settings.version < PostfixVersion::V3_12 {
            return Ok(None);
        }
        let mx = walk.mx.as_ref();
        let asks = self.mail.asks;
        match walk
            .policies
            .of(destination, first, mx, asks, around, numbers)
        {
            Resolved::Known(held) => Ok(held.ok().map(|held| held.policy.level)),
            Resolved::Asking(pending) => Err(pending),
        }
    }

    fn site_key(&self, level: Option<Level>, around: &Surroundings<'_>) -> SiteKey {
        SiteKey {
            nexthop: self.nexthop.clone(),
            level: level.filter(|_| around.settings.version >= PostfixVersion::V3_12),
            require_tls: self.mail.require_tls,
        }
    }

    /// Uses a connection that stayed open.
    fn reuse(
        &mut self,
        walk: Walk,
        mut connection: Box<Connection>,
        around: &mut Surroundings<'_>,
        numbers: &mut Numbers<'_>,
    ) {
        self.prospects(&walk, around);
        let id = connection.id();
        match connection.reuse(&mut self.mail, around) {
            Some(end) => self.ended(walk, id, connection, end, around, numbers),
            None => {
                self.stage = Stage::Talking {
                    walk,
                    id,
                    connection,
                };
            }
        }
    }

    /// What is left behind the server at the walk's place.
    fn prospects(&mut self, walk: &Walk, around: &Surroundings<'_>) {
        let preference = |candidate: Option<&Candidate>| candidate.map(|it| it.preference);
        self.mail.channel = Channel::Undecided;
        self.mail.promise = self.promise_at_first();
        self.mail.uses = 1;
        self.mail.is_best_server =
            preference(walk.servers.get(walk.place)) <= preference(walk.servers.first());
        let is_last_site = self.sites.is_empty();
        self.mail.is_last_server = is_last_site && walk.place + 1 >= walk.servers.len();
        self.mail.is_last_transaction = is_last_site && walk.is_last_transaction(around);
        self.mail.set_up = None;
        self.mail.recipients.reopen();
    }

    fn promise_at_first(&self) -> Option<Promise> {
        let is_heeded = self.mail.require_tls.is_heeded();
        is_heeded.then_some(Promise::Undecided)
    }

    /// Opens a connection to the server at the walk's place, or uses one that stayed open.
    fn connect(
        &mut self,
        mut walk: Walk,
        around: &mut Surroundings<'_>,
        numbers: &mut Numbers<'_>,
    ) {
        let (server, rule) = loop {
            let Some(candidate) = walk.servers.get(walk.place).cloned() else {
                return self.next_site(walk.why, around, numbers);
            };
            match self.policy_at(&candidate, &mut walk, around, numbers) {
                At::Go(rule) => break (candidate.server, rule),
                At::Asking(pending) => {
                    self.stage = Stage::Tlsa { walk, pending };
                    return;
                }
                At::Skip => walk.place += 1,
            }
        };
        if self.mail.keeps_connection && !walk.fresh && !walk.plaintext {
            let key = ServerKey::of(
                &server,
                walk.policy.level,
                &self.nexthop,
                self.mail.require_tls,
            );
            if let Some(connection) = around.idle.take_for_server(&key) {
                return self.reuse(walk, connection, around, numbers);
            }
        }
        let connection = *numbers.next_connection;
        *numbers.next_connection = numbers.next_connection.wrapping_add(1);
        self.prospects(&walk, around);
        let level = walk.policy.level;
        let now = around.now.time;
        let queue_id = self.mail.queue_id.clone();
        around.out.tell(
            now,
            Some(&queue_id),
            What::Policy {
                server: server.clone(),
                level,
                rule,
            },
        );
        around
            .out
            .tell(now, Some(&queue_id), What::Connecting(server.clone()));
        around.out.put(Output::Connect {
            connection,
            address: server.address,
        });
        let deadline = around.settings.timeouts.connect.map(|limit| now + limit);
        self.stage = Stage::Connecting {
            walk,
            connection,
            server,
            deadline,
        };
    }

    /// Goes on with the resolver's answer about TLSA records.
    pub(super) fn records_answered(
        &mut self,
        mut walk: Walk,
        pending: Box<Pending>,
        answer: &Answer,
        around: &mut Surroundings<'_>,
        numbers: &mut Numbers<'_>,
    ) {
        match walk.policies.answered(pending, answer, around, numbers) {
            Resolved::Asking(pending) => self.stage = Stage::Tlsa { walk, pending },
            Resolved::Known(_) if walk.is_before_first => self.begin(walk, around, numbers),
            Resolved::Known(_) => self.connect(walk, around, numbers),
        }
    }

    /// Works out what holds at a server.
    fn policy_at(
        &mut self,
        candidate: &Candidate,
        walk: &mut Walk,
        around: &mut Surroundings<'_>,
        numbers: &mut Numbers<'_>,
    ) -> At {
        self.mail.channel = Channel::Undecided;
        self.mail.promise = self.promise_at_first();
        if walk.plaintext {
            walk.policy = Arc::new(Policy::of(Level::None));
            return At::Go(Rule::PlaintextRetry);
        }
        let Some(destination) = &self.destination else {
            return At::Skip;
        };
        let server = &candidate.server;
        let (mx, asks) = (walk.mx.as_ref(), self.mail.asks);
        let resolved = walk
            .policies
            .of(destination, candidate, mx, asks, around, numbers);
        let reason = match resolved {
            Resolved::Asking(pending) => return At::Asking(pending),
            Resolved::Known(Ok(Held { policy, rule, bars })) => {
                let level = policy.level;
                self.mail.level = Some(level);
                match require_tls::suits(level, server, &mut self.mail, around) {
                    // TLS from the first octet on leaves nobody a choice.
                    Ok(()) if around.settings.tls.wrappermode && level < Level::Encrypt => {
                        let text = "smtp_tls_wrappermode requires \"smtp_tls_security_level = encrypt\" (or stronger)";
                        warn(text, around);
                        return At::Skip;
                    }
                    Ok(()) => match bars {
                        Some(text) => {
                            warn(&text, around);
                            return At::Skip;
                        }
                        None => {
                            walk.policy = policy;
                            return At::Go(rule);
                        }
                    },
                    Err(why) => why,
                }
            }
            Resolved::Known(Err(Invalid { dsn, reason })) => {
                self.mail.level = None;
                self.mail.channel = Channel::Unknown;
                Why { dsn, text: reason }
            }
        };
        let (nexthop, host, text) = (&self.nexthop, &server.host, &reason.text);
        warn(
            &format!("TLS policy lookup for {nexthop}/{host}: {text}"),
            around,
        );
        walk.why = Some(reason);
        At::Skip
    }

    pub(super) fn connected(
        &mut self,
        walk: Walk,
        id: u32,
        server: Arc<Server>,
        around: &mut Surroundings<'_>,
        numbers: &mut Numbers<'_>,
    ) {
        around.out.tell(
            around.now.time,
            Some(&self.mail.queue_id),
            What::Connected(server.clone()),
        );
        let mut connection = Box::new(Connection::opened(
            id,
            server,
            self.nexthop.clone(),
            walk.policy.clone(),
            self.report_to.clone(),
            around,
        ));
        match connection.begin(&mut self.mail, around) {
            Some(end) => self.ended(walk, id, connection, end, around, numbers),
            None => {
                self.stage = Stage::Talking {
                    walk,
                    id,
                    connection,
                };
            }
        }
    }

    pub(super) fn connect_failed(
        &mut self,
        walk: Walk,
        _: u32,
        server: &Arc<Server>,
        fault: NetworkFault,
        around: &mut Surroundings<'_>,
        numbers: &mut Numbers<'_>,
    ) {
        around.out.tell(
            around.now.time,
            Some(&self.mail.queue_id),
            connect_failed(server, fault),
        );
        let text = format!("connect to {server}: {fault}").into();
        let why = Some(Why {
            dsn: Dsn::new(4, 4, 1),
            text,
        });
        let walk = Walk {
            place: walk.place + 1,
            plaintext: false,
            why,
            ..walk
        };
        self.connect(walk, around, numbers);
    }

    pub(super) fn dialogue(
        &mut self,
        walk: Walk,
        id: u32,
        mut connection: Box<Connection>,
        input: connection::Input<'_>,
        around: &mut Surroundings<'_>,
        numbers: &mut Numbers<'_>,
    ) {
        match connection.handle(input, &mut self.mail, around) {
            Some(end) => self.ended(walk, id, connection, end, around, numbers),
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
        around: &mut Surroundings<'_>,
        numbers: &mut Numbers<'_>,
    ) {
        let server = connection.server().clone();
        if end == End::Kept {
            self.keep(connection, &walk, around);
        } else {
            around.out.put(Output::Close { connection: id });
            connection.hang_up(around);
        }
        if let End::Failed(Failure {
            kind: FailureKind::Stale,
            ..
        }) = end
        {
            walk.fresh = true;
            return self.connect(walk, around, numbers);
        }
        let in_transaction = self.mail.set_up.is_some();
        let mut retry = false;
        if let End::Failed(failure) = end {
            retry = self.failed(&failure, &walk, &server, id, around);
        }
        walk.fresh = false;
        if retry {
            walk.plaintext = true;
        } else {
            walk.plaintext = false;
            walk.place += 1;
            // A failed greeting, EHLO or handshake does not count (observed: hsf-mx-limit-broken).
            walk.transactions += u32::from(in_transaction);
            let limit = around.settings.hosts.mx_session_limit;
            if limit.is_some_and(|limit| walk.transactions >= limit.get()) {
                walk.place = walk.servers.len();
            }
        }
        if self.mail.recipients.any_left() {
            self.connect(walk, around, numbers);
        } else {
            self.stage = Stage::Over;
        }
    }

    /// Keeps a connection for the next message.
    fn keep(&self, connection: Box<Connection>, walk: &Walk, around: &mut Surroundings<'_>) {
        // The walk's own level may be that of clear text.
        let level = self.mail.level.unwrap_or(Level::None);
        let site = self
            .is_first_site
            .then(|| self.site_key(Some(level), around));
        let key = ServerKey::of(
            connection.server(),
            walk.policy.level,
            &self.nexthop,
            self.mail.require_tls,
        );
        Idle::keep(connection, site, key, around);
    }

    /// A failure for all recipients that are still open; whether the same address is tried again in clear text.
    fn failed(
        &mut self,
        failure: &Failure,
        walk: &Walk,
        server: &Arc<Server>,
        id: u32,
        around: &mut Surroundings<'_>,
    ) -> bool {
        let fallback = plaintext_fallback(Circumstances {
            level: walk.policy.level,
            failure: failure.kind,
            age: self.mail.age,
            probe: self.mail.probe,
            minimal_backoff: around.settings.queue.minimal_backoff,
            require_tls: self.mail.require_tls,
            has_credentials: self.has_credentials(server, around),
            recipients_open: self.mail.recipients.any_open(),
        });
        let now = around.now.time;
        let queue_id = self.mail.queue_id.clone();
        let decided = |rule, around: &mut Surroundings<'_>| {
            around.out.tell(
                now,
                Some(&queue_id),
                What::Decided {
                    server: Some(server.clone()),
                    rule,
                },
            );
        };
        if let Some(rule) = fallback {
            decided(rule, around);
        }
        let retry = fallback == Some(Rule::OldMessageFallsBack);
        let (status, dsn) = status_of(failure.dsn, around.settings);
        let goes_elsewhere = status == crate::event::Status::Deferred
            || failure.kind == FailureKind::PoliteElsewhere;
        if retry || (goes_elsewhere && !self.mail.is_last_server) {
            if !retry {
                decided(Rule::NextServer, around);
            }
            let text = failure.text.clone();
            around.out.tell(
                now,
                Some(&queue_id),
                What::ServerFailed {
                    server: Some(server.clone()),
                    dsn,
                    text,
                },
            );
            return retry;
        }
        let rule = if failure.dsn.is_temporary() {
            Rule::LastServer
        } else {
            Rule::PermanentFailure
        };
        decided(rule, around);
        let open: Vec<usize> = self.mail.recipients.open().collect();
        for place in open {
            let outcome = Outcome {
                status,
                dsn,
                text: failure.text.clone(),
            };
            self.mail
                .decide(place, outcome, Some(server), Some(id), around);
        }
        if failure.kind == FailureKind::Silent {
            around
                .out
                .tell(now, Some(&queue_id), What::Closed { by_client: true });
        }
        false
    }

    /// Whether `smtp_sasl_password_maps` knows the server, or the destination.
    fn has_credentials(&self, server: &Server, around: &Surroundings<'_>) -> bool {
        let Some(maps) = &around.tables.sasl_passwords else {
            return false;
        };
        let is_known = |key: &str| maps.find(key).is_ok_and(|found| found.is_some());
        is_known(&server.host) || is_known(&self.nexthop)
    }

    /// No server is left, or there never was one: every recipient that is left gets the same result.
    pub(super) fn give_up(&mut self, mut why: Why, around: &mut Surroundings<'_>) {
        self.stage = Stage::Over;
        if !why.dsn.is_temporary()
            && let Some(parameter) = self.misconfigured(around)
        {
            let text = format!("{parameter} configuration problem");
            around
                .out
                .tell(around.now.time, None, What::Warning(text.into()));
            why.dsn = Dsn::new(4, 3, 5);
        }
        self.mail.recipients.reopen();
        let (status, dsn) = status_of(why.dsn, around.settings);
        let open: Vec<usize> = self.mail.recipients.open().collect();
        for place in open {
            let outcome = Outcome {
                status,
                dsn,
                text: why.text.clone(),
            };
            self.mail.decide(place, outcome, None, None, around);
        }
    }

    /// The parameter that names a relay which cannot be found: mail waits until somebody has a look at it
    /// (src/smtp/smtp_connect.c, end of `smtp_connect_inet`).
    fn misconfigured(&self, around: &Surroundings<'_>) -> Option<&'static str> {
        let hosts = &around.settings.hosts;
        if self.fallback_relays > 0 {
            Some("smtp_fallback_relay")
        } else if hosts.relayhost.as_deref() == Some(&*self.nexthop) {
            Some("relayhost")
        } else {
            None
        }
    }
}

impl Walk {
    /// Puts a server before all others.
    fn put_first(&mut self, server: &Arc<Server>) {
        let known = self
            .servers
            .iter()
            .position(|candidate| candidate.server.address == server.address);
        let first = match known {
            Some(place) => self.servers.remove(place),
            None => Candidate {
                preference: self
                    .servers
                    .first()
                    .map_or(0, |candidate| candidate.preference),
                server: server.clone(),
                facts: HostFacts::literal(&server.host),
            },
        };
        self.servers.insert(0, first);
    }

    /// Whether one more transaction reaches `smtp_mx_session_limit`.
    fn is_last_transaction(&self, around: &Surroundings<'_>) -> bool {
        around
            .settings
            .hosts
            .mx_session_limit
            .is_some_and(|limit| self.transactions + 1 >= limit.get())
    }
}
