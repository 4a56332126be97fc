//! Where a level comes from: the sender's word, the administrator's tables, main.cf, in this order
//! (src/smtp/smtp_tls_policy.c `policy_create`).

use super::destination::Destination;
use super::policy::{Invalid, tell};
use crate::config::Settings;
use crate::connection::Surroundings;
use crate::event::{Rule, Server};
use crate::policy::{Asks, Level};
use crate::policy_table::{Entry, Found, Site, look_up, look_up_site};
use crate::smtp::Dsn;

/// What is asked of TLS at a destination, and by which rule.
pub(super) fn said(
    destination: &Destination,
    server: &Server,
    asks: Asks,
    around: &mut Surroundings<'_>,
) -> Result<(Entry, Rule), Invalid> {
    let settings = around.settings;
    let global = settings.tls.level;
    if settings.tls.asks.makes_optional(asks) {
        return Ok(optional(settings));
    }
    let by_main_cf = || (Entry::at(global), Rule::GlobalLevel);
    let tables = around.tables;
    if let Some(maps) = &tables.policy {
        return match look_up(maps, &destination.text, around.settings.version) {
            Found::Nothing => Ok(by_main_cf()),
            Found::Entry { entry, log } => {
                tell(&log, around);
                Ok((*entry, Rule::PolicyTable))
            }
            Found::Invalid { log } => {
                tell(&log, around);
                Err(Invalid::configuration())
            }
        };
    }
    let Some(maps) = &tables.per_site else {
        return Ok(by_main_cf());
    };
    match look_up_site(maps, &destination.text, &server.host, global) {
        Site::Nothing => Ok(by_main_cf()),
        Site::Level(level) => Ok((Entry::at(level), Rule::PolicyTable)),
        Site::Unknown { log } => {
            tell(&log, around);
            Err(Invalid::configuration())
        }
        Site::Failed { log } => {
            tell(&log, around);
            Err(Invalid {
                dsn: Dsn::new(4, 3, 0),
                reason: "Temporary lookup error".into(),
            })
        }
    }
}

/// The sender asks for less: tables are not looked at, and the level is at most `may`; where there is no clear text, not
/// below `encrypt`.
fn optional(settings: &Settings) -> (Entry, Rule) {
    let enough = if settings.tls.wrappermode {
        Level::Encrypt
    } else {
        Level::May
    };
    if settings.tls.level > enough {
        (Entry::at(enough), Rule::TlsOptional)
    } else {
        (Entry::at(settings.tls.level), Rule::GlobalLevel)
    }
}
