//! A wrong value for every parameter that Postfix checks, and what it says of it in each release.

use super::*;

/// What is logged when the process starts; only the level is set besides.
fn said(text: &str, release: Release) -> String {
    let text = format!("compatibility_level = 3.11\nsmtp_tls_security_level = may\n{text}\n");
    let lines: Vec<String> = match settings_for(&text, release) {
        Ok((_, warnings)) => warnings
            .iter()
            .filter_map(|one| one.postfix_says())
            .collect(),
        Err(errors) => errors.iter().filter_map(|one| one.postfix_says()).collect(),
    };
    lines.join("\n")
}

#[test]
fn numbers_times_and_switches_are_checked_by_their_type() {
    use crate::config::parameter::Kind;
    for release in Release::ALL {
        for row in PARAMETERS {
            let name = row.name;
            let (bad, says) = match row.kind {
                Kind::YesNo => (
                    "maybe",
                    format!("fatal: bad boolean configuration: {name} = maybe"),
                ),
                Kind::Number { .. } => (
                    "1x",
                    format!("fatal: bad numerical configuration: {name} = 1x"),
                ),
                Kind::Time { .. } => (
                    "1y",
                    format!("fatal: parameter {name}: bad time value or unit: 1y"),
                ),
                Kind::Text { min: 1 } if !row.default(release).is_empty() => {
                    ("", format!("fatal: bad string length 0 < 1: {name} = "))
                }
                Kind::Tables if !release.has(Feature::UntypedTables) => (
                    "/etc/x",
                    "fatal: open dictionary: expecting \"type:name\" form instead of \"/etc/x\""
                        .to_owned(),
                ),
                Kind::Text { .. }
                | Kind::Tables
                | Kind::HostName
                | Kind::Word(_)
                | Kind::Words(_) => continue,
            };
            let found = said(&format!("{name} = {bad}"), release);
            let expected = if row.is_known_to(release) {
                says
            } else {
                String::new()
            };
            assert_eq!(found, expected, "{name} in {release}");
        }
    }
}

#[test]
fn limits_and_words() {
    for (text, v3_7, v3_12) in [
        (
            "smtp_starttls_timeout = 0",
            "fatal: invalid smtp_starttls_timeout: 0 (min 1)",
            "fatal: invalid smtp_starttls_timeout: 0 (min 1)",
        ),
        (
            "tls_daemon_random_bytes = 0",
            "fatal: invalid tls_daemon_random_bytes parameter value 0 < 1",
            "fatal: invalid tls_daemon_random_bytes parameter value 0 < 1",
        ),
        (
            "smtp_tls_loglevel = 1 trace",
            "warning: unknown smtp_tls_loglevel value \"trace\" in \"1 trace\"\n\
             warning: unknown smtp_tls_loglevel value \"trace\" in \"1 trace\"",
            "",
        ),
        (
            "tls_eecdh_auto_curves =",
            "fatal: bad string length 0 < 1: tls_eecdh_auto_curves = ",
            "",
        ),
        (
            "tls_low_cipherlist =",
            "fatal: bad string length 0 < 1: tls_low_cipherlist = ",
            "",
        ),
        (
            "tls_export_cipherlist =",
            "fatal: bad string length 0 < 1: tls_export_cipherlist = ",
            "",
        ),
        (
            "tls_ssl_options = NO_SUCH",
            "warning: unknown tls_ssl_options value \"NO_SUCH\" in \"NO_SUCH\"",
            "warning: unknown tls_ssl_options value \"NO_SUCH\" in \"NO_SUCH\"",
        ),
        ("smtp_tls_verify_cert_match = .", "", ""),
        ("smtp_tls_scert_verifydepth = -1", "", ""),
    ] {
        assert_eq!(said(text, Release::V3_7), v3_7, "{text}");
        assert_eq!(said(text, Release::V3_12), v3_12, "{text}");
    }
}

#[test]
fn an_older_postfix_does_not_know_a_newer_parameter() {
    let text = "smtp_tls_loglevel_maps = static:maybe\nrequiretls_enable = maybe";
    assert_eq!(
        warnings(text),
        [
            "main.cf:1: smtp_tls_loglevel_maps: unused parameter: it came with Postfix 3.12, and this is 3.7",
            "main.cf:2: requiretls_enable: unused parameter: it came with Postfix 3.11, and this is 3.7",
        ]
    );
    assert_eq!(settings(text), settings(""));
    // It is a name like any that an admin makes up.
    let own = "tls_ffdhe_auto_groups = prime256v1\ntls_eecdh_auto_curves = $tls_ffdhe_auto_groups";
    assert_eq!(warnings(own), [] as [&str; 0]);
    assert_eq!(settings(own).tls.groups.offered, ["prime256v1"]);
}

#[test]
fn without_tls_nothing_reads_what_an_engine_is_made_with() {
    let text = "tls_high_cipherlist =\ntls_append_default_CA = perhaps";
    assert_eq!(
        warnings(text),
        [
            "main.cf:1: tls_high_cipherlist: must not be empty; nothing reads it without TLS",
            "main.cf:2: tls_append_default_CA: \"perhaps\" is neither yes nor no; nothing reads it without TLS",
        ]
    );
    // Tables may ask for TLS.
    let with_tables = format!("{text}\nsmtp_tls_policy_maps = static:may");
    assert_eq!(errors(&with_tables).len(), 2);
}

#[test]
fn a_client_that_is_to_log_in_needs_to_know_how() {
    let login = "smtp_sasl_auth_enable = yes\nsmtp_sasl_password_maps = static:user:secret\n";
    let fatal = |line: &str| said(&format!("{login}{line}"), Release::V3_12);
    assert_eq!(
        fatal("smtp_sasl_password_maps ="),
        "fatal: specify a password table via the `smtp_sasl_password_maps' configuration parameter"
    );
    assert_eq!(
        fatal("smtp_sasl_type = dovecot"),
        "warning: unsupported SASL client implementation: dovecot\nfatal: SASL library initialization"
    );
    assert_eq!(
        fatal("smtp_sasl_auth_cache_name = btree:/cache"),
        "fatal: SASL authentication cache name \"btree:/cache\" must start with \"proxy:\""
    );
    assert_eq!(
        fatal("smtp_sasl_auth_cache_name = proxy:btree:/a, proxy:btree:/b"),
        "fatal: SASL authentication cache name \"proxy:btree:/a, proxy:btree:/b\" contains multiple values"
    );
    assert_eq!(
        fatal("smtp_sasl_tls_security_options = noplain"),
        "warning: unknown SASL security options value \"noplain\" in \"noplain\"\n\
         warning: bad per-session SASL security properties\n\
         fatal: SASL per-connection initialization failed"
    );
    // Without a login nobody looks at these.
    for line in [
        "smtp_sasl_type = dovecot",
        "smtp_sasl_security_options = noplain",
        "smtp_sasl_auth_cache_name = btree:/cache",
    ] {
        assert_eq!(said(line, Release::V3_12), "", "{line}");
    }
}
