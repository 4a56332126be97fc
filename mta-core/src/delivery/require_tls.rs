//! REQUIRETLS before a server is asked (src/smtp/smtp_connect.c `smtp_get_effective_tls_level`).

use super::destination::Destination;
use super::notices::tell;
use super::why::Why;
use crate::connection::{Env, Mail};
use crate::event::{DestinationNotice, Gap, Promise, Reason, RequireTlsReason, Rule, Server, What};
use crate::fault::{Fault, OwnFault, PolicyFault};
use crate::policy::{Level, RequireTls};
use crate::smtp::Dsn;

/// How far it is heeded at a destination.
pub(super) fn heeded(destination: &Destination, mail: &Mail, env: &mut Env<'_>) -> RequireTls {
    let asks = &env.settings.tls.asks;
    if !asks.requires(mail.asks) {
        return RequireTls::Ignored;
    }
    let (heeded, notices) = env.tables.require_tls.of(&destination.domain);
    tell(notices, env);
    heeded
}

/// Whether a server may be asked at this level; if not, why.
pub(super) fn suits(
    level: Level,
    server: &Server,
    mail: &mut Mail,
    env: &mut Env<'_>,
) -> Result<(), Why> {
    let host = server.host.clone();
    let gap = match mail.require_tls {
        RequireTls::Ignored | RequireTls::Opportunistic => return Ok(()),
        RequireTls::Misconfigured => {
            return Err(Why {
                dsn: Dsn::new(4, 7, 10),
                reason: Reason::RequireTls(RequireTlsReason::BadPolicy { host }),
                fault: Fault::Own(OwnFault::RequireTlsPolicy),
            });
        }
        RequireTls::Enforced | RequireTls::StartTls if level.must_match() => return Ok(()),
        RequireTls::Enforced => Gap::Certificate,
        RequireTls::StartTls if level == Level::None => Gap::Encryption,
        RequireTls::StartTls => {
            let gap = Gap::Certificate;
            let why = RequireTlsReason::Level { level, gap, host };
            let what = What::noticed(DestinationNotice::RequireTlsWeakened { why });
            env.out.tell(env.now.time, Some(&mail.queue_id), what);
            return Ok(());
        }
    };
    mail.attempt.promise = Some(Promise::Blocked(gap));
    let decided = What::Decided {
        server: None,
        rule: Rule::RequireTlsUnmet,
    };
    env.out.tell(env.now.time, Some(&mail.queue_id), decided);
    Err(Why {
        dsn: Dsn::new(5, 7, 10),
        reason: Reason::RequireTls(RequireTlsReason::Level { level, gap, host }),
        fault: Fault::Policy(PolicyFault::RequireTlsUnmet),
    })
}
