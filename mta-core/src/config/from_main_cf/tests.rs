use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::time::Duration;

use super::*;
use crate::config::table::PARAMETERS;
use crate::config::{Feature, LogMask};
use crate::policy::Level;

mod bad_values;
mod properties;

fn settings_for(
    text: &str,
    release: Release,
) -> Result<(Settings, Vec<Warning>), Vec<ConfigError>> {
    Settings::from_main_cf(&MainCf::parse("main.cf", text), release, &Host::default())
}

fn settings(text: &str) -> Settings {
    settings_for(text, Release::V3_7)
        .unwrap_or_else(|errors| panic!("{text}: {errors:?}"))
        .0
}

fn errors(text: &str) -> Vec<String> {
    let errors = settings_for(text, Release::V3_7).unwrap_err();
    errors.iter().map(ToString::to_string).collect()
}

fn errors_or_none(text: &str) -> Vec<String> {
    let told = settings_for(text, Release::V3_7).err().unwrap_or_default();
    told.iter().map(ToString::to_string).collect()
}

fn warnings(text: &str) -> Vec<String> {
    let (_, warnings) = settings_for(text, Release::V3_7).unwrap();
    warnings.iter().map(ToString::to_string).collect()
}

#[test]
fn four_lines_of_a_common_main_cf() {
    let text = "
smtp_tls_CAfile = /etc/ssl/certs/ca-certificates.crt
smtp_tls_security_level = may
smtp_tls_loglevel = 1
smtp_tls_session_cache_database = btree:${data_directory}/smtp_scache
";
    let (settings, warnings) = settings_for(text, Release::V3_7).unwrap();
    assert_eq!(warnings, []);
    assert_eq!(settings.tls.level, Level::May);
    assert_eq!(settings.tls.log.mask, LogMask::SUMMARY);
    assert_eq!(
        settings.tls.ca_file.as_deref(),
        Some("/etc/ssl/certs/ca-certificates.crt")
    );
    let cache = settings.tls.session_cache.unwrap();
    assert_eq!(cache.database, "btree:/var/lib/postfix/smtp_scache");
    assert_eq!(cache.timeout, Duration::from_secs(3600));
}

#[test]
fn every_row_of_the_table_is_read_and_every_default_is_valid() {
    for release in Release::ALL {
        let main_cf = MainCf::parse("main.cf", "");
        let mut reader = Reader::of(&main_cf, release);
        read(&mut reader, &Host::default());
        assert_eq!(reader.findings.errors, []);
        // 3.12 remarks on the level that nobody chose.
        let told: Vec<String> = reader
            .findings
            .warnings
            .iter()
            .filter_map(|warning| warning.postfix_says())
            .collect();
        let remark = "using backwards-compatible default setting smtp_tls_security_level=(empty)";
        assert_eq!(told.is_empty(), !release.has(Feature::LevelMayByDefault));
        assert!(told.iter().all(|line| line == remark), "{told:?}");
        assert_eq!(
            reader.asked,
            PARAMETERS
                .iter()
                .map(|row| row.name)
                .collect::<BTreeSet<_>>()
        );
    }
}

#[test]
fn defaults() {
    for release in Release::ALL {
        insta::assert_snapshot!(
            format!("defaults_{release}"),
            Settings::default_for(release).to_main_cf()
        );
    }
}

#[test]
fn the_level_and_the_old_words_for_it() {
    for (text, level) in [
        ("", Level::None),
        ("smtp_tls_security_level =", Level::None),
        ("smtp_tls_security_level = none", Level::None),
        ("smtp_tls_security_level = may", Level::May),
        ("smtp_tls_security_level = ENCRYPT", Level::Encrypt),
        ("smtp_use_tls = yes", Level::May),
        (
            "smtp_enforce_tls = yes\nsmtp_tls_enforce_peername = no",
            Level::Encrypt,
        ),
        (
            "smtp_use_tls = yes\nsmtp_enforce_tls = yes\nsmtp_tls_enforce_peername = no",
            Level::Encrypt,
        ),
        (
            "smtp_use_tls = yes\nsmtp_tls_security_level = none",
            Level::None,
        ),
        ("smtp_tls_enforce_peername = yes", Level::None),
    ] {
        assert_eq!(settings(text).tls.level, level, "{text}");
    }
}

#[test]
fn newer_postfix_uses_tls_by_itself_if_the_admin_agreed() {
    for (text, level) in [
        ("", Level::None),
        ("compatibility_level = 3.10", Level::None),
        ("compatibility_level = 3.11", Level::May),
        (
            "compatibility_level = 3.11\nsmtp_tls_security_level =",
            Level::None,
        ),
    ] {
        let (settings, _) = settings_for(text, Release::V3_12).unwrap();
        assert_eq!(settings.tls.level, level, "{text}");
    }
    assert_eq!(
        settings("compatibility_level = 3.11").tls.level,
        Level::None
    );
}

#[test]
fn wrong_values_are_named_in_our_words_and_in_postfix_words() {
    for (text, ours, postfix) in [
        (
            "smtp_tls_security_level = mya",
            "smtp_tls_security_level: unknown level \"mya\"; did you mean \"may\"?",
            "fatal: Invalid TLS level \"mya\"",
        ),
        (
            "smtp_tls_security_level = half-dane",
            "smtp_tls_security_level: unknown level \"half-dane\"",
            "fatal: Invalid TLS level \"half-dane\"",
        ),
        (
            "smtp_starttls_timeout = 0",
            "smtp_starttls_timeout: 0s is less than 1s",
            "fatal: invalid smtp_starttls_timeout: 0 (min 1)",
        ),
        (
            "smtp_tls_session_cache_timeout = 101d",
            "smtp_tls_session_cache_timeout: 8726400s is more than 8640000s",
            "fatal: invalid smtp_tls_session_cache_timeout: 8726400 (max 8640000)",
        ),
        (
            "line_length_limit = 100",
            "line_length_limit: 100 is less than 512",
            "fatal: invalid line_length_limit parameter value 100 < 512",
        ),
        (
            "soft_bounce = on",
            "soft_bounce: \"on\" is neither yes nor no; did you mean \"yes\"?",
            "fatal: bad boolean configuration: soft_bounce = on",
        ),
        (
            "smtp_helo_name =",
            "smtp_helo_name: must not be empty",
            "fatal: bad string length 0 < 1: smtp_helo_name = ",
        ),
        (
            "inet_protocols = ipv4, ip6",
            "inet_protocols: unknown word \"ip6\"; did you mean \"ipv6\"?",
            "fatal: unknown inet_protocols value \"ip6\" in \"ipv4, ip6\"",
        ),
        (
            "smtp_address_preference = ipv5",
            "smtp_address_preference: unknown word \"ipv5\"; did you mean \"ipv4\"?",
            "fatal: bad smtp_address_preference value: ipv5",
        ),
        (
            "compatibility_level = new",
            "compatibility_level: \"new\" is not a level such as 3.6",
            "fatal: malformed compatibility level syntax: \"new\"",
        ),
        (
            "myhostname = mail..test",
            "myhostname: \"mail..test\" is not a host name: misplaced delimiter",
            "fatal: file /etc/postfix/main.cf: parameter myhostname: bad parameter value: mail..test",
        ),
        (
            "setgid_group =",
            "setgid_group: must not be empty",
            "fatal: bad string length 0 < 1: setgid_group = ",
        ),
        (
            "message_size_limit = 10M",
            "message_size_limit: \"10M\" is not a whole number",
            "fatal: bad numerical configuration: message_size_limit = 10M",
        ),
        (
            "lmdb_map_size = -5000000000",
            "lmdb_map_size: -5000000000 is less than 1",
            "fatal: invalid lmdb_map_size parameter value -5000000000 < 1",
        ),
        (
            "mynetworks_style = foo",
            "mynetworks_style: unknown word \"foo\"",
            "fatal: unknown mynetworks mask style value \"foo\" in \"foo\"",
        ),
        (
            "inet_interfaces = loopback-only, 192.0.2.5",
            "inet_interfaces: loopback-only must stand alone",
            "fatal: config variable inet_interfaces: host not found: loopback-only",
        ),
        (
            "relayhost = $myhostname",
            "relayhost: must not be the same as myhostname",
            "fatal: myhostname and relayhost parameter settings must not be identical: mail.client.example",
        ),
        (
            "smtp_tls_CAfile = ${config_directory/ca.pem",
            "smtp_tls_CAfile: truncated macro reference: \"${config_directory/ca.pem\"",
            "warning: truncated macro reference: \"${config_directory/ca.pem\"\n\
             fatal: dictionary mail_dict: macro processing error",
        ),
    ] {
        let found = settings_for(text, Release::V3_7).unwrap_err();
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert_eq!(found[0].to_string(), format!("main.cf:1: {ours}"));
        assert_eq!(found[0].postfix_says().as_deref(), Some(postfix));
    }
}

#[test]
fn what_has_no_value_is_told_once_and_with_what_comes_of_it() {
    assert_eq!(
        warnings("smtp_tls_security_level = $nope\n"),
        ["main.cf:1: smtp_tls_security_level: $nope has no value here and is left out"]
    );
    assert_eq!(
        errors("myhostname = $MAIL_HOST\n"),
        ["main.cf:1: myhostname: must not be empty; $MAIL_HOST has no value here"]
    );
    assert_eq!(
        errors("soft_bounce = $YES$NO\n"),
        [
            "main.cf:1: soft_bounce: \"\" is neither yes nor no; $NO has no value here; $YES has no value here"
        ]
    );
}

#[test]
fn what_postfix_accepts_is_accepted() {
    for text in [
        "message_size_limit = 3221225472".to_owned(),
        "message_size_limit = -1".to_owned(),
        "mynetworks_style = foo\nmynetworks = 127.0.0.0/8".to_owned(),
        "compatibility_level = 9999".to_owned(),
        format!("mynetworks = {}", "192.0.2.1, ".repeat(6000)),
    ] {
        assert_eq!(errors_or_none(&text), Vec::<String>::new(), "{text:.40}");
    }
}

#[test]
fn all_errors_are_told_in_the_order_of_the_lines() {
    let text = "soft_bounce = perhaps\n\nnonsense\nsmtp_tls_security_level = mya\nsmtp_helo_timeout = 1y\n";
    assert_eq!(
        errors(text),
        [
            "main.cf:1: soft_bounce: \"perhaps\" is neither yes nor no",
            "main.cf:3: missing '=' after attribute name: \"nonsense\"",
            "main.cf:4: smtp_tls_security_level: unknown level \"mya\"; did you mean \"may\"?",
            "main.cf:5: smtp_helo_timeout: \"1y\" is not a time: a number and one of s, m, h, d, w",
        ]
    );
}

#[test]
fn names_follow_from_each_other() {
    for (text, myhostname, mydomain, helo) in [
        (
            "",
            "mail.client.example",
            "client.example",
            "mail.client.example",
        ),
        ("myhostname = a.b.test", "a.b.test", "b.test", "a.b.test"),
        (
            "mydomain = b.test\nmyhostname = a.$mydomain",
            "a.b.test",
            "b.test",
            "a.b.test",
        ),
        (
            "smtp_helo_name = out.$mydomain",
            "mail.client.example",
            "client.example",
            "out.client.example",
        ),
    ] {
        let names = settings(text).names;
        let read = (
            names.myhostname.as_str(),
            names.mydomain.as_str(),
            names.helo_name.as_str(),
        );
        assert_eq!(read, (myhostname, mydomain, helo), "{text}");
    }
    let short = Host::named("mail");
    let main_cf = MainCf::parse("main.cf", "mydomain = b.test");
    let (settings, _) = Settings::from_main_cf(&main_cf, Release::V3_7, &short).unwrap();
    assert_eq!(settings.names.myhostname, "mail.b.test");
    // Not yet known where it is used, as in Postfix.
    assert_eq!(
        errors("myhostname = mail.$mydomain"),
        [
            "main.cf:1: myhostname: \"mail.\" is not a host name: misplaced delimiter; $mydomain has no value here"
        ]
    );
}

#[test]
fn the_session_cache_is_on_if_it_has_a_place_and_a_lifetime() {
    for (timeout, expected) in [
        ("3600s", Some(3600)),
        ("1", Some(120)),
        ("119s", Some(120)),
        ("120", Some(120)),
        ("121s", Some(121)),
        ("100d", Some(8_640_000)),
        ("0", None),
    ] {
        let text = format!(
            "smtp_tls_session_cache_database = btree:x\nsmtp_tls_session_cache_timeout = {timeout}"
        );
        let cache = settings(&text).tls.session_cache;
        assert_eq!(
            cache.map(|cache| cache.timeout.as_secs()),
            expected,
            "{timeout}"
        );
    }
    assert_eq!(
        settings("smtp_tls_session_cache_timeout = 1h")
            .tls
            .session_cache,
        None
    );
}

#[test]
fn a_limit_below_one_is_no_limit() {
    for (text, limit) in [("5", NonZeroU32::new(5)), ("0", None), ("-1", None)] {
        let settings = settings(&format!("smtp_mx_address_limit = {text}"));
        assert_eq!(settings.hosts.mx_address_limit, limit, "{text}");
    }
    assert_eq!(settings("smtp_connect_timeout = 0").timeouts.connect, None);
}

#[test]
fn warnings_do_not_stop_anything() {
    for (text, warning) in [
        (
            "smtp_tls_loglevel = 1, untrustd",
            "main.cf:1: smtp_tls_loglevel: unknown word \"untrustd\"; nothing optional is logged; did you mean \"untrusted\"?",
        ),
        (
            "smtp_tls_CAfile = $nowhere/ca.pem",
            "main.cf:1: smtp_tls_CAfile: $nowhere has no value here and is left out",
        ),
        (
            "smtp_quit_timeout = 300ms",
            "main.cf:1: smtp_quit_timeout: \"300ms\" is read as 300m, by its first letter",
        ),
        (
            "smtp_delivery_status_filter = /x",
            "main.cf:1: smtp_delivery_status_filter: not simulated; it has no effect here",
        ),
    ] {
        assert_eq!(warnings(text), [warning]);
    }
    assert_eq!(
        settings("smtp_tls_loglevel = 1, untrustd").tls.log.mask,
        LogMask::NONE
    );
    // Once for the engine, once for DANE.
    let text = "smtp_tls_security_level = may\nsmtp_tls_loglevel = x";
    let (_, warnings) = settings_for(text, Release::V3_7).unwrap();
    assert_eq!(
        warnings[0].postfix_says().unwrap(),
        "warning: unknown smtp_tls_loglevel value \"x\" in \"x\"\n\
         warning: unknown smtp_tls_loglevel value \"x\" in \"x\""
    );
}

#[test]
fn parameters_that_double_each_other_end_in_an_error() {
    let mut text = "smtp_tls_CAfile = $a\n".to_owned();
    for letter in 'a'..='y' {
        let next = char::from_u32(u32::from(letter) + 1).unwrap();
        text.push_str(&format!("{letter} = ${next}${next}\n"));
    }
    assert_eq!(errors(&text).len(), 1);
}
