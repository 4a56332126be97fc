//! What main.cf says: a security level, and what else shapes TLS.

use mta_core::config::Release;
use proptest::prelude::*;
use proptest::sample::select;

/// A security level that a main.cf can have without tables, by its name there.
pub fn level() -> impl Strategy<Value = &'static str> + Clone {
    select(
        &[
            "none",
            "may",
            "encrypt",
            "dane",
            "dane-only",
            "verify",
            "secure",
        ][..],
    )
}

/// A release of Postfix.
pub fn release() -> impl Strategy<Value = Release> + Clone {
    select(&Release::ALL[..])
}

/// A main.cf with this security level, and other settings around it. Nothing in it looks unintended to any release.
pub fn main_cf(level: &str) -> impl Strategy<Value = String> + Clone {
    let first = format!("smtp_tls_security_level = {level}\nsmtp_dns_support_level = dnssec\n");
    let lines: Vec<_> = LINES
        .iter()
        .map(|line| prop::option::of(Just(*line)))
        .collect();
    lines.prop_map(move |lines| {
        let lines = lines.into_iter().flatten();
        lines.fold(first.clone(), |text, line| text + line + "\n")
    })
}

/// Any of them may stand beside any other.
const LINES: [&str; 10] = [
    "smtp_tls_CAfile = /etc/ssl/certs/ca-certificates.crt",
    "smtp_tls_session_cache_database = btree:${data_directory}/smtp_scache",
    "smtp_tls_loglevel = 2",
    "smtp_tls_mandatory_protocols = >=TLSv1.3",
    "smtp_tls_protocols = <=TLSv1.2",
    "smtp_tls_note_starttls_offer = yes",
    "smtp_tls_connection_reuse = yes",
    "smtp_connection_cache_destinations = example.test",
    "smtp_skip_5xx_greeting = no",
    "smtp_always_send_ehlo = no",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Plan;

    proptest! {
        #[test]
        fn nothing_looks_unintended(
            main_cf in level().prop_flat_map(main_cf),
            release in release(),
        ) {
            let plan = Plan::from_main_cf(main_cf.as_str(), release);
            let configuration = plan.configuration();
            let configuration = configuration.map_err(|error| TestCaseError::fail(error.to_string()))?;
            prop_assert!(configuration.warnings().is_empty(), "{:?}", configuration.warnings());
        }
    }
}
