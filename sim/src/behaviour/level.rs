//! The main.cf of each level, as the catalogue means it.

use crate::sts::POLICIES_FILE;
use mta_core::policy::Level;

/// Where a world keeps the table of policies that its level `fingerprint` needs.
pub(crate) const PINS: &str = "/etc/postfix/tls-pins";

/// What of a world the configuration has to know.
#[derive(Clone, Copy, Debug, Default)]
pub struct Kept {
    /// It has a table at [`POLICIES_FILE`].
    pub sts: bool,
    /// Postfix is asked to heed REQUIRETLS.
    pub require_tls: bool,
}

/// The main.cf of a level: trust in the system's roots, a session cache, validated DNS, and the level itself.
///
/// Pins are a table of policies, since only a file can hold digests of keys that are made with the world. So is what
/// MTA-STS asks for; it is looked at where a resolver of MTA-STS policies would have a say, which is wherever nothing
/// stronger is configured.
pub fn main_cf(level: Level, kept: Kept) -> String {
    let mut text = String::from(
        "compatibility_level = 3.6\n\
         smtp_tls_CAfile = /etc/ssl/certs/ca-certificates.crt\n\
         smtp_tls_session_cache_database = btree:${data_directory}/smtp_scache\n\
         smtp_dns_support_level = dnssec\n",
    );
    let word = if level == Level::Fingerprint {
        text.push_str(&format!("smtp_tls_policy_maps = hash:{PINS}\n"));
        Level::Encrypt
    } else {
        level
    };
    text.push_str(&format!("smtp_tls_security_level = {word}\n"));
    if kept.sts && matches!(level, Level::May | Level::Encrypt | Level::Dane) {
        text.push_str(&format!("smtp_tls_policy_maps = hash:{POLICIES_FILE}\n"));
    }
    if kept.require_tls {
        text.push_str("requiretls_enable = yes\n");
    }
    text
}
