//! `mta-sim preview --before A --after B`: what changes for mail.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::path::PathBuf;

use common::mta_sim;

/// A main.cf of this text in a folder of the test's own.
fn file(name: &str, text: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("compare");
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn only_what_changes_is_shown() {
    let before = file("clear.cf", "smtp_tls_security_level = none\n");
    let after = file("may.cf", "smtp_tls_security_level = may\n");
    let called = mta_sim(&["preview", "--before", &before, "--after", &after], "");
    assert_eq!(called.code, 0, "{}", called.err);
    insta::assert_snapshot!(called.out, @"
    gmail.com, a mail:
      before  clear text, 0.17 s
      after   Untrusted TLSv1.3, 0.29 s
    gmail.com, the second mail there:
      before  clear text, 0.17 s
      after   Untrusted TLSv1.3, 0.29 s
    new: gmail.com, if STARTTLS is refused: clear text, 0.21 s
    new: gmail.com, if every handshake breaks: deferred at first (Cannot start TLS: handshake failure); after 10 min clear text
    gone: finding: mail for gmail.com travels in clear text: level none never sends STARTTLS
    ");
    let called = mta_sim(&["preview", "--before", &after, &after], "");
    assert_eq!((called.code, &*called.out), (0, "Nothing changes.\n"));
}

#[test]
fn a_warning_on_another_line_of_another_file_is_the_same() {
    let before = file(
        "odd.cf",
        "smtp_nonesuch = 1\nsmtp_tls_security_level = may\n",
    );
    let after = file(
        "odder.cf",
        "\nsmtp_tls_security_level = may\nsmtp_nonesuch = 1\nmydestination = gmail.com\n",
    );
    let called = mta_sim(&["preview", "--before", &before, "--after", &after], "");
    assert!(!called.out.contains("warning"), "{}", called.out);
    assert!(
        called.out.starts_with("new: own domain: gmail.com"),
        "{}",
        called.out
    );
}

#[test]
fn mail_that_is_lost_is_a_finding() {
    let before = file("good.cf", "smtp_tls_security_level = may\n");
    let after = file(
        "strict.cf",
        "smtp_tls_security_level = fingerprint\nsmtp_tls_fingerprint_cert_match = AA:BB\n",
    );
    let called = mta_sim(&["preview", "--before", &before, "--after", &after], "");
    assert_eq!(called.code, 1);
    let first = called.out.lines().next();
    assert_eq!(
        first,
        Some("lost: mail for gmail.com arrived before, and does not after")
    );

    let words = ["preview", "--before", &before, "--after", &after, "--json"];
    let told: serde_json::Value = serde_json::from_str(&mta_sim(&words, "").out).unwrap();
    assert_eq!(told["lost"][0], "gmail.com");
    assert_eq!(told["changes"][0]["what"], "a mail");
}

#[test]
fn either_file_may_be_refused() {
    let good = file("right.cf", "smtp_tls_security_level = may\n");
    let bad = file("wrong.cf", "smtp_tls_security_level = mya\n");
    for (before, after) in [(&good, &bad), (&bad, &good)] {
        let called = mta_sim(&["preview", "--before", before, "--after", after], "");
        assert_eq!((called.code, &*called.out), (2, ""));
        assert!(called.err.contains("wrong.cf:1: "), "{}", called.err);
    }
}
