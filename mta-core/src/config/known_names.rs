//! Names in main.cf that have no effect: mistyped ones, ones not simulated, and all the rest of Postfix.
//!
//! A real main.cf is mostly about receiving mail. Such parameters are accepted in silence; what would change
//! how mail is sent, and what no Postfix knows, gets a warning.

use std::collections::BTreeSet;

use super::inet::words;
use super::main_cf::{Entry, MainCf};
use super::problem::{Findings, MAX_PROBLEMS, Problem, ProblemKind};
use super::release::Release;
use super::table::{PARAMETERS, parameter};
use super::value::nearest;

/// Every name that Postfix 3.7 or 3.12 knows.
const NAMES: &str = include_str!("parameter_names.txt");

/// Parameters that change how mail is sent, besides all that begin with `smtp_` or `tls_`.
const SENDING: [&str; 5] = [
    "relay_transport",
    "disable_dns_lookups",
    "use_srv_lookup",
    "transport_retry_time",
    "defer_transports",
];

/// Of those, such as change nothing about the way of a mail: where random numbers are from, what servers prefer, what stands
/// in the text.
const WITHOUT_EFFECT_ON_THE_WAY: [&str; 12] = [
    "smtp_body_checks",
    "smtp_generic_maps",
    "smtp_header_checks",
    "smtp_mime_header_checks",
    "smtp_nested_header_checks",
    "tls_daemon_random_bytes",
    "tls_preempt_cipherlist",
    "tls_random_bytes",
    "tls_random_exchange_name",
    "tls_random_prng_update_period",
    "tls_random_reseed_period",
    "tls_random_source",
];

/// Names that an admin may set, and that Postfix's own master.cf refers to (conf/master.cf, service submission).
const OF_MASTER_CF: [&str; 4] = [
    "mua_client_restrictions",
    "mua_helo_restrictions",
    "mua_relay_restrictions",
    "mua_sender_restrictions",
];

/// Ends of names that exist for every delivery service (postconf(5), `transport_...`).
const PER_TRANSPORT: [&str; 16] = [
    "_delivery_slot_cost",
    "_delivery_slot_discount",
    "_delivery_slot_loan",
    "_destination_concurrency_failed_cohort_limit",
    "_destination_concurrency_limit",
    "_destination_concurrency_negative_feedback",
    "_destination_concurrency_positive_feedback",
    "_destination_rate_delay",
    "_destination_recipient_limit",
    "_extra_recipient_limit",
    "_initial_destination_concurrency",
    "_minimum_delivery_slots",
    "_recipient_limit",
    "_recipient_refill_delay",
    "_recipient_refill_limit",
    "_time_limit",
];

/// Tables whose settings may stand in main.cf, as `NAME_server_host` for `ldap:NAME`.
const TABLES: [&str; 6] = [
    "ldap:",
    "mysql:",
    "pgsql:",
    "sqlite:",
    "memcache:",
    "mongodb:",
];

/// Defaults of parameters that are not used but are often named in others. Directories are those of a
/// build from source.
const DEFAULTS: [(&str, &str); 9] = [
    ("command_directory", "/usr/sbin"),
    ("daemon_directory", "/usr/libexec/postfix"),
    ("default_database_type", "hash"),
    ("mail_name", "Postfix"),
    ("mail_owner", "postfix"),
    ("meta_directory", "/etc/postfix"),
    ("multi_instance_name", ""),
    ("myorigin", "$myhostname"),
    ("queue_directory", "/var/spool/postfix"),
];

/// The raw default of a parameter that is not used itself.
pub(super) fn default_of(name: &str) -> Option<&'static str> {
    DEFAULTS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, default)| *default)
}

/// Warns of names that are not known, and of parameters that Postfix would heed and we do not.
pub(super) fn check(main_cf: &MainCf, release: Release, findings: &mut Findings) {
    let known: BTreeSet<&str> = NAMES
        .lines()
        .filter(|line| !line.starts_with('#'))
        .collect();
    let own = own_names(main_cf);
    let tables = tables(main_cf);
    let mut unused: Vec<&Entry> = main_cf
        .entries()
        .filter(|entry| parameter(&entry.name).is_none_or(|row| !row.is_known_to(release)))
        .collect();
    unused.sort_by(|a, b| a.place.cmp(&b.place));
    for Entry { name, place, .. } in unused {
        // Looking for the nearest name is the one slow thing here.
        if findings.warnings.len() > MAX_PROBLEMS {
            return;
        }
        if let Some(since) = parameter(name).and_then(|row| row.since) {
            // postconf(1) calls it unused; smtp(8) does not even look.
            if !own.contains(name.as_str()) {
                let what = format!(
                    "unused parameter: it came with Postfix {since}, and this is {release}"
                );
                let problem = Problem::with(place, name, what);
                findings.warn(problem.of_kind(ProblemKind::Unknown));
            }
        } else if known.contains(name.as_str()) {
            if changes_sending(name) {
                findings.warn(Problem::not_simulated(place, name));
            }
        } else if !own.contains(name.as_str())
            && !OF_MASTER_CF.contains(&name.as_str())
            && !PER_TRANSPORT.iter().any(|end| name.ends_with(end))
            && !name
                .match_indices('_')
                .any(|(at, _)| tables.contains(name.split_at(at).0))
        {
            let near = nearest_name(name, &known);
            let problem = Problem::with(place, name, "unknown parameter, without effect");
            findings.warn(problem.of_kind(ProblemKind::Unknown).nearest(near));
        }
    }
}

fn changes_sending(name: &str) -> bool {
    let sends = name.starts_with("smtp_") || name.starts_with("tls_") || SENDING.contains(&name);
    sends && !WITHOUT_EFFECT_ON_THE_WAY.contains(&name)
}

/// A name that is used comes before one that is merely known.
fn nearest_name<'k>(name: &str, known: &BTreeSet<&'k str>) -> Option<&'k str> {
    let used: Vec<&str> = PARAMETERS.iter().map(|row| row.name).collect();
    let known: Vec<&str> = known.iter().copied().collect();
    nearest(name, &used).or_else(|| nearest(name, &known))
}

/// Names that an admin made: those that values refer to as `$name`, and restriction classes.
fn own_names(main_cf: &MainCf) -> BTreeSet<&str> {
    let values = main_cf
        .entries()
        .flat_map(|entry| entry.value.split('$').skip(1));
    let referred = values.map(|after| leading_name(after.trim_start_matches(['{', '(', ' '])));
    let classes = main_cf
        .get("smtpd_restriction_classes")
        .map_or("", |entry| &entry.value);
    referred.chain(words(classes)).collect()
}

/// The names of tables whose settings may stand in main.cf.
fn tables(main_cf: &MainCf) -> BTreeSet<&str> {
    let words = main_cf.entries().flat_map(|entry| words(&entry.value));
    let tables = words.map(|word| word.strip_prefix("proxy:").unwrap_or(word));
    tables
        .filter_map(|word| TABLES.iter().find_map(|kind| word.strip_prefix(kind)))
        .collect()
}

fn leading_name(text: &str) -> &str {
    let end = text
        .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .unwrap_or(text.len());
    text.split_at(end).0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn warnings(text: &str) -> Vec<String> {
        let mut findings = Findings::default();
        check(
            &MainCf::parse("main.cf", text),
            Release::V3_7,
            &mut findings,
        );
        findings.warnings.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_mistyped_name_is_told_with_the_nearest_one() {
        for (name, near) in [
            ("smtp_tls_securty_level", "smtp_tls_security_level"),
            (
                "smtp_tls_session_cache_db",
                "smtp_tls_session_cache_database",
            ),
            ("smtp_tls_cafile", "smtp_tls_CAfile"),
            ("smtp_tls_log_level", "smtp_tls_loglevel"),
            ("smpt_tls_loglevel", "smtp_tls_loglevel"),
            ("relay_host", "relayhost"),
            ("mydestinations", "mydestination"),
        ] {
            let expected = format!(
                "main.cf:2: {name}: unknown parameter, without effect; did you mean \"{near}\"?"
            );
            assert_eq!(warnings(&format!("\n{name} = x\n")), [expected]);
        }
        // No Postfix of today knows it, though older ones did.
        assert_eq!(
            warnings("smtp_skip_4xx_greeting = yes\n"),
            [
                "main.cf:1: smtp_skip_4xx_greeting: unknown parameter, without effect; did you mean \"smtp_skip_5xx_greeting\"?"
            ]
        );
        assert_eq!(
            warnings("xyzzy = 1\n"),
            ["main.cf:1: xyzzy: unknown parameter, without effect"]
        );
    }

    #[test]
    fn what_would_change_sending_is_told() {
        for name in [
            "smtp_delivery_status_filter",
            "tls_legacy_public_key_fingerprints",
            "relay_transport",
        ] {
            let expected = format!("main.cf:1: {name}: not simulated; it has no effect here");
            assert_eq!(warnings(&format!("{name} = x\n")), [expected]);
        }
    }

    #[test]
    fn a_real_file_about_receiving_mail_is_accepted_in_silence() {
        let text = "
            smtpd_banner = $myhostname ESMTP
            biff = no
            smtpd_tls_cert_file = /etc/ssl/cert.pem
            smtpd_restriction_classes = greylist, strict
            greylist = check_policy_service inet:127.0.0.1:10023
            strict = reject
            virtual_alias_maps = proxy:ldap:people, hash:/etc/aliases
            people_server_host = ldap.test
            dovecot_destination_recipient_limit = 1
            mydb = btree
            relay_domains = $mydestination
            mua_sender_restrictions = reject_unlisted_sender
            tls_random_source = dev:/dev/urandom
            smtp_generic_maps = hash:/etc/generic
            alias_maps = ${mydb}:/etc/aliases
            smtp_tls_security_level = may
        ";
        let text: Vec<&str> = text.lines().map(str::trim).collect();
        assert_eq!(warnings(&text.join("\n")), Vec::<String>::new());
    }

    #[test]
    fn the_list_knows_every_parameter_that_is_used() {
        let known: BTreeSet<&str> = NAMES.lines().collect();
        for row in PARAMETERS {
            assert!(known.contains(row.name), "{}", row.name);
        }
    }
}
