//! `mta-sim settings`: how a main.cf is read.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::mta_sim;

const MAIN_CF: &str = "myhostname = mx.site.example\n\
    relayhost = [relay.$mydomain]:587\n\
    smtp_tls_security_level = encrypt\n\
    smtp_tls_security_levl = may\n\
    smtp_tls_CAfile = ${config_directory}/ca.pem\n";

#[test]
fn what_is_set_stands_with_its_line_and_the_rest_are_defaults() {
    let called = mta_sim(&["settings", "-"], MAIN_CF);
    assert_eq!(called.code, 0);
    let set: Vec<&str> = called.out.lines().take(8).collect();
    insta::assert_snapshot!(set.join("\n"), @r"
    Set in main.cf:
      myhostname = mx.site.example                                 (standard input):1
      smtp_tls_security_level = encrypt                            (standard input):3
      smtp_tls_CAfile = /etc/postfix/ca.pem                        (standard input):5
      relayhost = [relay.site.example]:587                         (standard input):2

    Defaults:
      compatibility_level = 0
    ");
    insta::assert_snapshot!(called.err, @r#"mta-sim: warning: (standard input):4: smtp_tls_security_levl: unknown parameter, without effect; did you mean "smtp_tls_security_level"?"#);
}

#[test]
fn each_release_has_its_own_defaults() {
    let default = |release: &str| {
        let called = mta_sim(&["settings", "--for-postfix", release], "");
        let mut lines = called.out.lines();
        let line = lines.find(|line| line.trim_start().starts_with("smtp_tls_security_level"));
        line.unwrap().trim().to_owned()
    };
    assert_eq!(default("3.7"), "smtp_tls_security_level =");
    assert_eq!(
        mta_sim(
            &["settings", "-", "--for-postfix", "3.12", "--postconf=x"],
            "compatibility_level = 3.11\n"
        )
        .out
        .lines()
        .find(|line| line.starts_with("smtp_tls_security_level")),
        Some("smtp_tls_security_level = may")
    );
}

#[test]
fn as_postconf_prints_it() {
    let called = mta_sim(&["settings", "-", "--postconf"], MAIN_CF);
    insta::assert_snapshot!(called.out, @r"
    myhostname = mx.site.example
    relayhost = [relay.$mydomain]:587
    smtp_tls_CAfile = ${config_directory}/ca.pem
    smtp_tls_security_level = encrypt
    ");
}

#[test]
fn json_has_the_value_as_it_is_written_too() {
    let called = mta_sim(&["settings", "-", "--set", "--json"], MAIN_CF);
    let told: serde_json::Value = serde_json::from_str(&called.out).unwrap();
    let relayhost = &told["settings"][3];
    assert_eq!(relayhost["name"], "relayhost");
    assert_eq!(relayhost["value"], "[relay.site.example]:587");
    assert_eq!(relayhost["raw"], "[relay.$mydomain]:587");
    assert_eq!(relayhost["line"], 2);
    assert_eq!(told["settings"].as_array().unwrap().len(), 4);
}

#[test]
fn a_file_that_postfix_refuses_is_refused() {
    let called = mta_sim(&["settings", "-"], "smtp_tls_security_level = mya\n");
    assert_eq!((called.code, &*called.out), (2, ""));
    assert!(
        called.err.contains(":1: smtp_tls_security_level: "),
        "{}",
        called.err
    );
}
