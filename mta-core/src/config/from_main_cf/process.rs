//! When processes of Postfix end, and whom tlsproxy(8) serves.

use std::num::NonZeroU32;

use super::limit::limit;
use crate::config::reader::Reader;
use crate::config::settings::ProcessSettings;
use crate::policy::Level;

/// Whether tlsproxy(8) serves clients (src/tlsproxy/tlsproxy.c `pre_jail_init`). What is wrong with these parameters
/// does not concern smtp(8).
pub(super) fn proxy_serves_clients(reader: &mut Reader<'_>) -> bool {
    for name in [
        "smtpd_tls_security_level",
        "smtpd_use_tls",
        "smtpd_enforce_tls",
    ] {
        reader.text(name);
    }
    let level = reader.text("tlsproxy_tls_security_level");
    let mut says_yes = |name| reader.text(name).eq_ignore_ascii_case("yes");
    let (uses, enforces) = (
        says_yes("tlsproxy_use_tls"),
        says_yes("tlsproxy_enforce_tls"),
    );
    match level.parse() {
        _ if level.is_empty() => uses || enforces,
        Ok(Level::May | Level::Encrypt | Level::Fingerprint | Level::Verify | Level::Secure) => {
            true
        }
        Ok(Level::None | Level::Dane | Level::HalfDane | Level::DaneOnly) | Err(_) => false,
    }
}

pub(super) fn process(reader: &mut Reader<'_>) -> ProcessSettings {
    let uses = reader.number("max_use");
    ProcessSettings {
        max_idle: reader.time("max_idle"),
        max_use: limit(uses).unwrap_or(NonZeroU32::MIN),
        throttle_time: reader.time("service_throttle_time"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::config::{Host, MainCf, Release, Settings};

    fn settings(text: &str) -> Settings {
        let main_cf = MainCf::parse("main.cf", text);
        let read = Settings::from_main_cf(&main_cf, Release::V3_7, &Host::default());
        read.unwrap().0
    }

    #[test]
    fn a_proxy_serves_clients_where_mail_comes_in_with_tls() {
        for (text, serves) in [
            ("", false),
            ("smtpd_tls_security_level = may", true),
            ("smtpd_use_tls = yes", true),
            ("tlsproxy_enforce_tls = yes", true),
            (
                "smtpd_tls_security_level = none\nsmtpd_use_tls = yes",
                false,
            ),
            (
                "smtpd_tls_security_level = may\ntlsproxy_tls_security_level = none",
                false,
            ),
            // Wrong there, and of no concern to smtp(8).
            ("tlsproxy_tls_security_level = bogus", false),
            ("tlsproxy_use_tls = bogus", false),
        ] {
            assert_eq!(settings(text).reuse.proxy_serves_clients, serves, "{text}");
        }
    }

    #[test]
    fn limits_of_processes_are_read() {
        let process = settings("max_idle = 7\nmax_use = 3\nservice_throttle_time = 1m").process;
        assert_eq!(process.max_idle, Duration::from_secs(7));
        assert_eq!(process.max_use.get(), 3);
        assert_eq!(process.throttle_time, Duration::from_secs(60));
        let refused = MainCf::parse("main.cf", "max_use = 0");
        let read = Settings::from_main_cf(&refused, Release::V3_7, &Host::default());
        let said = read.unwrap_err()[0].postfix_says().unwrap();
        assert_eq!(said, "fatal: invalid max_use parameter value 0 < 1");
    }
}
