//! What a failure leads to: the same address in cleartext, the next server, or the end.

use std::sync::Arc;

use super::Delivery;
use super::Stage;
use super::fallback::{Circumstances, plaintext_fallback};
use super::notices::notice;
use super::walk::{Walk, Way};
use super::why::Why;
use crate::connection::{Env, Failure, FailureKind, Left, Outcome, credentials, status_of};
use crate::event::{DestinationNotice, Rule, Server, Status, What};
use crate::fault::{Fault, OwnFault};
use crate::smtp::Dsn;

impl Delivery {
    /// A failure for all recipients that are still open; the way on: in cleartext to the same address, or any to the next.
    pub(super) fn failed(
        &mut self,
        failure: &Failure,
        walk: &Walk,
        server: &Arc<Server>,
        id: u32,
        env: &mut Env<'_>,
    ) -> Way {
        let fallback = plaintext_fallback(Circumstances {
            level: walk.policy.level,
            failure: failure.kind,
            age: self.mail.age,
            purpose: self.mail.purpose,
            minimal_backoff: env.settings.queue.minimal_backoff,
            require_tls: self.mail.require_tls,
            has_credentials: self.has_credentials(server, env),
            recipients_open: self.mail.recipients.any_open(),
        });
        let now = env.now.time;
        let queue_id = self.mail.queue_id.clone();
        let decided = |rule, env: &mut Env<'_>| {
            env.out.tell(
                now,
                Some(&queue_id),
                What::Decided {
                    server: Some(server.clone()),
                    rule,
                },
            );
        };
        if let Some(rule) = fallback {
            decided(rule, env);
        }
        let way = if fallback == Some(Rule::OldMessageFallsBack) {
            Way::Cleartext
        } else {
            Way::Any
        };
        let (status, dsn) = status_of(failure.dsn, env.settings);
        let goes_elsewhere =
            status == Status::Deferred || failure.kind == FailureKind::PoliteElsewhere;
        if way == Way::Cleartext || (goes_elsewhere && self.mail.attempt.left != Left::Nothing) {
            if way != Way::Cleartext {
                decided(Rule::NextServer, env);
            }
            let reason = failure.reason.clone();
            env.out.tell(
                now,
                Some(&queue_id),
                What::ServerFailed {
                    server: Some(server.clone()),
                    dsn,
                    reason,
                },
            );
            return way;
        }
        let rule = if failure.dsn.is_temporary() {
            Rule::LastServer
        } else {
            Rule::PermanentFailure
        };
        decided(rule, env);
        let open: Vec<usize> = self.mail.recipients.open().collect();
        for place in open {
            let outcome = Outcome {
                status,
                dsn,
                reason: failure.reason.clone(),
                fault: Some(failure.fault.clone()),
            };
            self.mail
                .decide(place, outcome, Some(server), Some(id), env);
        }
        if failure.kind == FailureKind::Silent {
            env.out
                .tell(now, Some(&queue_id), What::Closed { by_client: true });
        }
        way
    }

    /// Whether `smtp_sasl_password_maps` knows the server, or the destination.
    fn has_credentials(&self, server: &Server, env: &Env<'_>) -> bool {
        let known = credentials(&self.mail.sender, &server.host, &self.nexthop, env);
        known.is_ok_and(|found| found.is_some())
    }

    /// No server is left, or there never was one: every recipient that is left gets the same result.
    pub(super) fn give_up(&mut self, mut why: Why, env: &mut Env<'_>) {
        self.stage = Stage::Over;
        if !why.dsn.is_temporary()
            && let Some(parameter) = self.misconfigured(env)
        {
            notice(DestinationNotice::Misconfigured { parameter }, env);
            why.dsn = Dsn::new(4, 3, 5);
            why.fault = Fault::Own(OwnFault::Relay);
        }
        self.mail.recipients.reopen();
        let (status, dsn) = status_of(why.dsn, env.settings);
        let open: Vec<usize> = self.mail.recipients.open().collect();
        for place in open {
            let outcome = Outcome {
                status,
                dsn,
                reason: why.reason.clone(),
                fault: Some(why.fault.clone()),
            };
            self.mail.decide(place, outcome, None, None, env);
        }
    }

    /// The parameter that names a relay which cannot be found: mail waits until somebody has a look at it
    /// (src/smtp/smtp_connect.c, end of `smtp_connect_inet`).
    fn misconfigured(&self, env: &Env<'_>) -> Option<&'static str> {
        let hosts = &env.settings.hosts;
        if self.next_hops.has_fallback_relays() {
            Some("smtp_fallback_relay")
        } else if hosts.relayhost.as_deref() == Some(&*self.nexthop) {
            Some("relayhost")
        } else {
            None
        }
    }
}
