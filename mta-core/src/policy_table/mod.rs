//! What the tables of an administrator say of TLS: for a destination `smtp_tls_policy_maps`, the older
//! `smtp_tls_per_site` (src/smtp/smtp_tls_policy.c) and `smtp_requiretls_policy`; for a server `smtp_tls_loglevel_maps`.
//!
//! ```
//! use mta_core::config::Release;
//! use mta_core::maps::Maps;
//! use mta_core::policy::Level;
//! use mta_core::policy_table::{Found, look_up};
//!
//! let value = "inline:{ {.example.test = secure match=nexthop} }";
//! let maps = Maps::load("smtp_tls_policy_maps", value, &mut |_| None)?;
//! match look_up(&maps, "mail.example.test", Release::V3_7) {
//!     Found::Entry { entry, .. } => assert_eq!(entry.level, Level::Secure),
//!     other => panic!("{other:?}"),
//! }
//! # Ok::<(), mta_core::maps::Unsupported>(())
//! ```

use std::collections::BTreeSet;

use crate::config::Settings;
use crate::event::TableNotice;
use crate::maps::{Maps, Unsupported};

mod lookup;

mod attributes;
mod entry;
mod external;
mod parse;
mod written;

mod per_site;

mod log_levels;
mod require_tls;
mod tafiles;

#[cfg(test)]
mod tests;

pub use entry::{Entry, Invalid, Parsed};
pub use external::{External, ExternalKind};
pub(crate) use log_levels::log_level;
pub use lookup::{Found, look_up};
pub(crate) use per_site::{Site, look_up_site};
pub use require_tls::RequireTlsPolicy;
pub use tafiles::tafiles;

/// The tables that are asked; `smtp_tls_per_site` only where `smtp_tls_policy_maps` is not set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tables {
    /// `smtp_tls_policy_maps`.
    pub policy: Option<Maps>,
    /// `smtp_tls_per_site`.
    pub per_site: Option<Maps>,
    /// `smtp_discard_ehlo_keyword_address_maps`.
    pub discard_ehlo: Option<Maps>,
    /// `smtp_sasl_password_maps`.
    pub sasl_passwords: Option<Maps>,
    /// `transport_maps`.
    pub transport: Option<Maps>,
    /// `sender_dependent_relayhost_maps`.
    pub sender_relayhost: Option<Maps>,
    /// `sender_dependent_default_transport_maps`.
    pub sender_transport: Option<Maps>,
    /// `smtp_requiretls_policy`; empty where nobody may ask for REQUIRETLS.
    pub require_tls: RequireTlsPolicy,
    /// `smtp_tls_loglevel_maps`; nothing where it is not set.
    pub log_levels: Option<Maps>,
}

impl Tables {
    /// The tables that the settings name; `read` gives the contents of a file, or nothing if there is none.
    ///
    /// # Errors
    /// [`Unsupported`] if Postfix could answer from a table and we could not, or a limit is exceeded.
    pub fn load(
        settings: &Settings,
        read: &mut dyn FnMut(&str) -> Option<Vec<u8>>,
    ) -> Result<Tables, Unsupported> {
        let transport =
            Maps::load_literal("transport_maps", &settings.routing.transport_maps, read)?;
        let asks = &settings.tls.asks;
        let require_tls = if asks.require_tls {
            RequireTlsPolicy::load(&asks.policy, read)?
        } else {
            RequireTlsPolicy::default()
        };
        let sasl = settings.dialogue.sasl.as_ref();
        let passwords = sasl.map_or("", |sasl| sasl.password_maps.as_str());
        let mut load = |title: &str, value: &str| {
            let maps = Maps::load(title, value, read)?;
            Ok((!maps.is_empty()).then_some(maps))
        };
        Ok(Tables {
            policy: load("smtp_tls_policy_maps", &settings.tls.policy_maps)?,
            per_site: load("smtp_tls_per_site", &settings.tls.per_site)?,
            discard_ehlo: load(
                "smtp_discard_ehlo_keyword_address_maps",
                &settings.dialogue.discard_ehlo_keyword_maps,
            )?,
            sasl_passwords: load("smtp_sasl_password_maps", passwords)?,
            transport: (!transport.is_empty()).then_some(transport),
            sender_relayhost: load(
                "sender_dependent_relayhost_maps",
                &settings.routing.sender_relayhost_maps,
            )?,
            sender_transport: load(
                "sender_dependent_default_transport_maps",
                &settings.routing.sender_transport_maps,
            )?,
            require_tls,
            log_levels: load("smtp_tls_loglevel_maps", &settings.tls.log.maps)?,
        })
    }

    /// Whether no table is asked for a policy.
    pub const fn is_empty(&self) -> bool {
        self.policy.is_none() && self.per_site.is_none()
    }

    /// What smtp(8) remarks on when it opens the tables, once for each process, in its order (src/smtp/smtp.c `pre_init`).
    /// Of a table that several parameters name it complains once.
    pub fn opening_notices(&self) -> Vec<TableNotice> {
        let opened = |maps: &Option<Maps>| -> Vec<TableNotice> {
            maps.as_ref()
                .map_or_else(Vec::new, |maps| maps.opening_notices().to_vec())
        };
        let mut log = opened(&self.sasl_passwords);
        log.extend(opened(&self.policy));
        match &self.policy {
            // Observed: persite-ignored. The table is not even opened then.
            Some(_) if self.per_site.is_some() => log.push(TableNotice::SitesIgnored),
            Some(_) => {}
            None => log.extend(opened(&self.per_site)),
        }
        log.extend(opened(&self.discard_ehlo));
        log.extend(self.require_tls.opening_notices().cloned());
        log.extend(opened(&self.log_levels));
        let mut told = BTreeSet::new();
        log.retain(|notice| told.insert(notice.clone()));
        log
    }
}
