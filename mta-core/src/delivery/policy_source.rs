//! Where a level comes from: the sender's word, the administrator's tables, main.cf, in this order
//! (src/smtp/smtp_tls_policy.c `policy_create`).

use super::destination::Destination;
use super::held::Invalid;
use super::notices::tell;
use super::proof::OwnProof;
use crate::config::Settings;
use crate::connection::Env;
use crate::event::{Reason, Rule, Server};
use crate::fault::{Fault, OwnFault};
use crate::policy::{Asks, Level};
use crate::policy_table::{Entry, Found, Site, look_up, look_up_site};
use crate::smtp::Dsn;

/// What is configured of TLS at a destination.
#[derive(Clone, Debug)]
pub(super) struct Configured {
    /// A level, and what else a table says.
    pub(super) entry: Entry,
    /// What the entry's attributes name, as it was loaded.
    pub(super) own: OwnProof,
}

impl Configured {
    /// Nothing but a level.
    fn at(level: Level) -> Configured {
        Configured {
            entry: Entry::at(level),
            own: OwnProof::default(),
        }
    }
}

/// What is asked of TLS at a destination, and by which rule.
pub(super) fn configured_policy(
    destination: &Destination,
    server: &Server,
    asks: Asks,
    env: &mut Env<'_>,
) -> Result<(Configured, Rule), Invalid> {
    let settings = env.settings;
    let global = settings.tls.level;
    if settings.tls.asks.makes_optional(asks) {
        return Ok(optional(settings));
    }
    let by_main_cf = || (Configured::at(global), Rule::GlobalLevel);
    let tables = env.tables;
    if let Some(maps) = &tables.policy {
        return match look_up(maps, &destination.text, env.settings.release) {
            Found::Nothing => Ok(by_main_cf()),
            Found::Entry { entry, notices } => {
                tell(notices, env);
                let own = OwnProof::load(&entry, env)?;
                let entry = *entry;
                Ok((Configured { entry, own }, Rule::PolicyTable))
            }
            Found::Invalid { before, notices } => {
                if let Some(before) = before {
                    OwnProof::load(&before, env)?;
                }
                tell(notices, env);
                Err(Invalid::configuration())
            }
        };
    }
    let Some(maps) = &tables.per_site else {
        return Ok(by_main_cf());
    };
    match look_up_site(maps, &destination.text, &server.host, global) {
        Site::Nothing => Ok(by_main_cf()),
        Site::Level(level) => Ok((Configured::at(level), Rule::PolicyTable)),
        Site::Unknown { notices } => {
            tell(notices, env);
            Err(Invalid::configuration())
        }
        Site::Failed { notices } => {
            tell(notices, env);
            Err(Invalid {
                dsn: Dsn::new(4, 3, 0),
                reason: Reason::NoAnswer,
                fault: Fault::Own(OwnFault::Table),
            })
        }
    }
}

/// The sender asks for less: tables are not looked at, and the level is at most `may`; where there is no cleartext, not
/// below `encrypt`.
fn optional(settings: &Settings) -> (Configured, Rule) {
    let enough = if settings.tls.wrappermode {
        Level::Encrypt
    } else {
        Level::May
    };
    if settings.tls.level > enough {
        (Configured::at(enough), Rule::TlsOptional)
    } else {
        (Configured::at(settings.tls.level), Rule::GlobalLevel)
    }
}
