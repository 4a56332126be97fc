//! What holds at one server of the walk, and whether it may be tried at all.

use std::sync::Arc;

use super::held::{Held, Invalid};
use super::notices::notice;
use super::policy::{Pending, Resolved};
use super::require_tls;
use super::servers::Candidate;
use super::walk::{Walk, Way};
use super::why::Why;
use super::{Delivery, Resources};
use crate::connection::Env;
use crate::dns::ascii_name;
use crate::event::{Channel, DestinationNotice, Promise, Rule};
use crate::fault::{Fault, OwnFault, PolicyFault};
use crate::policy::{Level, Policy};

/// What a server's policy leads to.
pub(super) enum At {
    /// Connect, by this rule.
    Go(Rule),
    /// Wait for TLSA records.
    Asking(Box<Pending>),
    /// The server is out of the question.
    Skip,
}

impl Delivery {
    /// Works out what holds at a server.
    pub(super) fn policy_at(
        &mut self,
        candidate: &Candidate,
        walk: &mut Walk,
        env: &mut Env<'_>,
        resources: &mut Resources<'_>,
    ) -> At {
        self.mail.attempt.channel = Channel::Undecided;
        self.mail.attempt.promise = self.promise_at_first();
        if walk.way == Way::Cleartext {
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
            .of(destination, candidate, mx, asks, env, resources);
        let why = match resolved {
            Resolved::Asking(pending) => return At::Asking(pending),
            Resolved::Known(Ok(Held {
                policy,
                rule,
                barred_by,
            })) => {
                let level = policy.level;
                self.mail.attempt.level = Some(level);
                match require_tls::suits(level, server, &mut self.mail, env) {
                    // TLS from the first byte on leaves nobody a choice.
                    Ok(()) if env.settings.tls.wrappermode && level < Level::Encrypt => {
                        notice(DestinationNotice::WrappermodeNeedsTls, env);
                        self.ruled_out = Some(Fault::Own(OwnFault::Wrappermode));
                        return At::Skip;
                    }
                    Ok(()) => match barred_by {
                        Some(domain) => {
                            let host = ascii_name(&server.host);
                            notice(DestinationNotice::MxNotInPolicy { host, domain }, env);
                            self.ruled_out = Some(Fault::Policy(PolicyFault::MxNotInPolicy));
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
            Resolved::Known(Err(Invalid { dsn, reason, fault })) => {
                self.mail.attempt.level = None;
                self.mail.attempt.channel = Channel::Unknown;
                Why { dsn, reason, fault }
            }
        };
        let no_policy = DestinationNotice::NoPolicy {
            nexthop: self.nexthop.clone(),
            host: server.host.clone(),
            reason: why.reason.clone(),
        };
        notice(no_policy, env);
        walk.why = Some(why);
        At::Skip
    }

    pub(super) fn promise_at_first(&self) -> Option<Promise> {
        let is_heeded = self.mail.require_tls.is_heeded();
        is_heeded.then_some(Promise::Undecided)
    }
}
