//! Policies as they stand in tables, with what Postfix was observed to log about them.

use super::*;
use crate::config::Release;
use crate::log::said;
use crate::policy::Level;
use proptest::prelude::*;

const PARAMETER: &str = "smtp_tls_policy_maps";
const KEY: &str = "example.test";

fn parse(text: &str, release: Release) -> Parsed {
    Entry::parse(text, release, PARAMETER, KEY)
}

fn entry(text: &str) -> Entry {
    let parsed = parse(text, Release::V3_12);
    parsed
        .entry
        .unwrap_or_else(|_| panic!("{text:?}: {:?}", parsed.notices))
}

/// What is logged about a policy, without what all lines begin with.
fn faults(text: &str, release: Release) -> Vec<String> {
    let start = format!("warning: {PARAMETER}, next-hop destination \"{KEY}\": ");
    let log = said(&parse(text, release).notices);
    let own = |line: &String| line.strip_prefix(&start).unwrap_or(line).to_owned();
    log.iter().map(own).collect()
}

#[test]
fn attributes_are_read_in_any_case_and_any_order() {
    let read =
        entry("secure,PROTOCOLS=>=TLSv1.2 Ciphers=HIGH match=a:.b match=c servername=nexthop");
    assert_eq!(
        read,
        Entry {
            matches: Some(["a", ".b", "c"].map(str::to_owned).to_vec()),
            protocols: Some(">=TLSv1.2".to_owned()),
            ciphers: Some("HIGH".to_owned()),
            servername: Some("nexthop".to_owned()),
            ..Entry::at(Level::Secure)
        }
    );
    let read = entry("ENCRYPT exclude= protocols= connection_reuse=yes connection_reuse=No");
    assert_eq!(
        read,
        Entry {
            exclude: Some(String::new()),
            protocols: Some(String::new()),
            connection_reuse: Some(false),
            ..Entry::at(Level::Encrypt)
        }
    );
    assert_eq!(entry("verify tafile=/a tafile=/b").tafiles, ["/a", "/b"]);
}

#[test]
fn what_separates_the_parts_of_match_depends_on_the_level() {
    let matches = |text| entry(text).matches.unwrap();
    assert_eq!(
        matches("fingerprint match=AA:BB|CC:DD match=EE"),
        ["AA:BB", "CC:DD", "EE"]
    );
    assert_eq!(matches("verify match=a|b"), ["a|b"]);
    assert!(matches("secure match=:").is_empty());
    assert_eq!(entry("secure").matches, None);
}

/// Observed: pol-*, in both releases.
#[test]
fn a_policy_that_makes_no_sense_is_named_by_its_first_fault() {
    for (text, fault) in [
        ("bogus", "invalid security level \"bogus\""),
        ("half-dane", "invalid security level \"half-dane\""),
        (",", "invalid empty policy"),
        (
            "may match=mx1.example.test",
            "attribute \"match\" invalid at security level \"may\"",
        ),
        (
            "dane match=mx1.example.test",
            "attribute \"match\" invalid at security level \"dane\"",
        ),
        (
            "encrypt protocols=TLSv1.2 protocols=TLSv1.3",
            "attribute \"protocols\" is specified multiple times",
        ),
        ("encrypt ciphers=", "attribute \"ciphers\" has empty value"),
        (
            "encrypt ciphers=high ciphers=medium",
            "attribute \"ciphers\" is specified multiple times",
        ),
        (
            "encrypt servername=-bad-.example.test",
            "\"servername=-bad-.example.test\" specifies an invalid hostname",
        ),
        (
            "encrypt servername=a.test servername=b.test",
            "attribute \"servername\" is specified multiple times",
        ),
        (
            "encrypt tafile=/ta.pem",
            "attribute \"tafile\" invalid at security level \"encrypt\"",
        ),
        ("encrypt bogus=1", "invalid attribute name: \"bogus\""),
        (
            "may ciphers=high bogus=x",
            "invalid attribute name: \"bogus\"",
        ),
        (
            "may connection_reuse=maybe",
            "attribute \"connection_reuse\" has bad value: \"maybe\"",
        ),
        ("secure match=", "attribute \"match\" has empty value"),
        ("secure tafile=", "attribute \"tafile\" has empty value"),
        (
            "encrypt exclude= exclude=",
            "attribute \"exclude\" is specified multiple times",
        ),
        (
            "may ciphers",
            "malformed attribute/value pair \"ciphers\": missing '=' after attribute name",
        ),
        (
            "may =high",
            "malformed attribute/value pair \"=high\": missing attribute name",
        ),
    ] {
        for release in Release::ALL {
            assert_eq!(faults(text, release), [fault], "{text:?}");
            assert!(parse(text, release).entry.is_err(), "{text:?}");
        }
    }
}

#[test]
fn what_stands_before_a_fault_was_read() {
    let before = |text| match parse(text, Release::V3_7).entry {
        Err(Invalid { before }) => before.map(|entry| (entry.level, entry.tafiles)),
        Ok(entry) => panic!("{entry:?}"),
    };
    assert_eq!(
        before("verify tafile=/a bogus=1 tafile=/b"),
        Some((Level::Verify, vec!["/a".to_owned()]))
    );
    assert_eq!(before("secur tafile=/a"), None);
}

/// Observed: pol-none-with-attr.
#[test]
fn without_tls_attributes_are_named_and_not_looked_at() {
    for release in Release::ALL {
        assert_eq!(
            faults("none ciphers=high match=x bogus", release),
            [
                "ignoring attribute \"ciphers=high\" with TLS disabled",
                "ignoring attribute \"match=x\" with TLS disabled",
                "ignoring attribute \"bogus\" with TLS disabled",
            ]
        );
        let entry = parse("none ciphers=high", release).entry;
        assert_eq!(entry, Ok(Entry::at(Level::None)));
    }
}

/// Observed: v312-brace-attr.
#[test]
fn braces_group_attributes_in_newer_versions_only() {
    let text = "secure { match = hostname:nexthop }";
    assert_eq!(entry(text).matches.unwrap(), ["hostname", "nexthop"]);
    assert_eq!(
        faults(text, Release::V3_7),
        ["malformed attribute/value pair \"{\": missing '=' after attribute name"]
    );
    for (text, fault) in [
        (
            "may { ciphers=high",
            "malformed attribute/value pair \"ciphers=high\": missing '}' in \"{ ciphers=high\"",
        ),
        (
            "may {ciphers=high}x",
            "malformed attribute/value pair \"ciphers=high\": syntax error after '}' in \"{ciphers=high}x\"",
        ),
        (
            "may {}",
            "malformed attribute/value pair \"\": missing attribute name",
        ),
        ("{may}", "invalid security level \"{may}\""),
    ] {
        assert_eq!(faults(text, Release::V3_12), [fault], "{text}");
    }
    let read = entry("may { exclude = a\tb }");
    assert_eq!(read.exclude.as_deref(), Some("a b"));
}

/// Observed: v312-rpk-attr, v312-rpk-bad.
#[test]
fn raw_public_keys_are_unknown_to_older_versions() {
    assert_eq!(entry("encrypt enable_rpk=yes").enable_rpk, Some(true));
    assert_eq!(
        faults("encrypt enable_rpk=perhaps", Release::V3_12),
        ["attribute \"enable_rpk\" has bad value: \"perhaps\""]
    );
    assert_eq!(
        faults("encrypt enable_rpk=yes", Release::V3_7),
        ["invalid attribute name: \"enable_rpk\""]
    );
}

/// Observed: v312-sts-*.
#[test]
fn a_resolver_of_mta_sts_policies_adds_facts() {
    let read = entry(
        "secure match=.example.test servername=hostname policy_type=sts policy_domain=example.test policy_ttl=86400 \
         mx_host_pattern=*.example.test { policy_string = version: STSv1 } { policy_string = mode: enforce }",
    );
    let external = read.external.as_ref().unwrap();
    assert_eq!(
        *external,
        External {
            kind: ExternalKind::Sts,
            domain: Some("example.test".to_owned()),
            ttl: Some(86400),
            failure: None,
            strings: ["version: STSv1", "mode: enforce"]
                .map(str::to_owned)
                .to_vec(),
            mx_host_patterns: vec!["*.example.test".to_owned()],
        }
    );
    assert_eq!(read.sts_mx_hosts(), Some(external));
    let read = entry("may policy_type=no-policy-found policy_domain=example.test");
    assert_eq!(
        read.external.as_ref().unwrap().kind,
        ExternalKind::NoPolicyFound
    );
    assert_eq!(read.sts_mx_hosts(), None);
    let read = entry("secure match=hostname policy_type=sts policy_failure=sts-webpki-invalid");
    assert_eq!(
        read.external.unwrap().failure.as_deref(),
        Some("sts-webpki-invalid")
    );
}

/// Observed: v312-sts-attr-without-type, v312-sts-bad-ttl.
#[test]
fn facts_that_make_no_sense_are_named() {
    let lonely = "built-in policy has unexpected attribute policy_ttl, policy_domain, policy_string, mx_host_pattern or policy_failure";
    for (text, faults_expected) in [
        ("secure match=hostname policy_ttl=1", vec![lonely]),
        ("may mx_host_pattern=a", vec![lonely]),
        (
            "secure policy_type=sts policy_ttl=abc",
            vec!["attribute \"policy_ttl\" has a malformed value: \"abc\""],
        ),
        (
            "secure policy_ttl=4294967295",
            vec!["attribute \"policy_ttl\" has a malformed value: \"4294967295\""],
        ),
        (
            "secure policy_ttl=+1",
            vec!["attribute \"policy_ttl\" has a malformed value: \"+1\""],
        ),
        (
            "may policy_type=dane",
            vec!["attribute \"policy_type\" has an unexpected value: \"dane\""],
        ),
        (
            "may policy_type=sts policy_type=sts",
            vec!["attribute \"policy_type\" is specified multiple times"],
        ),
        (
            "may policy_failure=x",
            vec!["attribute \"policy_failure\" has an unexpected value: \"x\""],
        ),
        (
            "may policy_domain=a..b",
            vec![
                "warning: valid_hostname: misplaced delimiter: a..b",
                "attribute \"policy_domain\" has a malformed value: \"a..b\"",
            ],
        ),
        (
            "may policy_domain=a/b",
            vec![
                "warning: valid_hostname: invalid character 47(decimal): a/b",
                "attribute \"policy_domain\" has a malformed value: \"a/b\"",
            ],
        ),
    ] {
        assert_eq!(faults(text, Release::V3_12), faults_expected, "{text}");
    }
    assert_eq!(
        faults("may policy_type=sts", Release::V3_7),
        ["invalid attribute name: \"policy_type\""]
    );
}

/// Observed: pol-table-missing, pol-table-fail-two-mx.
#[test]
fn a_table_without_an_answer_makes_the_policy_invalid() {
    for (value, lines) in [
        (
            "texthash:/nosuch",
            vec![
                "warning: texthash:/nosuch is unavailable. open database /nosuch: No such file or directory",
                "warning: texthash:/nosuch lookup error for \"example.test\"",
            ],
        ),
        (
            "fail:this",
            vec!["warning: fail:this lookup error for \"example.test\""],
        ),
    ] {
        let maps = Maps::load("smtp_tls_policy_maps", value, &mut |_| None).unwrap();
        let place = format!("{PARAMETER}, next-hop destination \"{KEY}\"");
        let last = format!("warning: {place}: policy table lookup error");
        let log: Vec<String> = lines.into_iter().map(str::to_owned).chain([last]).collect();
        for release in Release::ALL {
            let found = look_up(&maps, "example.test", release);
            let Found::Invalid {
                before: None,
                notices,
            } = found
            else {
                panic!("{value}: {found:?}");
            };
            assert_eq!(said(&notices), log, "{value}");
        }
    }
}

/// Observed: persite-ignored.
#[test]
fn the_older_table_is_ignored_beside_the_newer() {
    let load = |title, value| Some(Maps::load(title, value, &mut |_| None).unwrap());
    let tables = Tables {
        policy: load("smtp_tls_policy_maps", "inline:{ {other.test=none} }"),
        per_site: load("smtp_tls_per_site", "hash:/nosuch"),
        ..Tables::default()
    };
    assert_eq!(
        said(&tables.opening_notices()),
        ["warning: smtp_tls_per_site ignored when smtp_tls_policy_maps is not empty."]
    );
}

proptest! {
    #[test]
    fn no_policy_panics(
        text in "(may|secure|none|fingerprint|verify|\\PC{0,4})([ ,{}=]|match|tafile|policy_(ttl|type|domain)|[0-9a-zé.:|]|\\PC){0,30}",
        nexthop in ".{0,30}",
    ) {
        for release in Release::ALL {
            let parsed = parse(&text, release);
            prop_assert!(parsed.entry.is_ok() || !parsed.notices.is_empty());
            let maps = Maps::load("t", "static:may", &mut |_| None).unwrap();
            look_up(&maps, &nexthop, release);
        }
    }
}
