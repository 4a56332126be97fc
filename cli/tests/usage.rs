//! Mistakes get one clear line and exit status 2; findings exit with 1; nothing panics.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::mta_sim;

/// The one line on standard error of a call that is refused.
fn refused(words: &[&str], input: &str) -> String {
    let called = mta_sim(words, input);
    assert_eq!(
        called.code, 2,
        "{words:?} said {:?} and {:?}",
        called.out, called.err
    );
    assert_eq!(called.out, "", "{words:?}");
    assert_eq!(
        called.err.trim_end().lines().count(),
        1,
        "{words:?} said {:?}",
        called.err
    );
    called.err.trim_end().to_owned()
}

#[test]
fn a_wrong_value_names_file_line_and_the_nearest_word() {
    let line = refused(
        &["preview", "-"],
        "myhostname = mail.client.example\nsmtp_tls_security_level = mya\n",
    );
    insta::assert_snapshot!(line, @r#"mta-sim: (standard input):2: smtp_tls_security_level: unknown level "mya"; did you mean "may"?"#);
}

#[test]
fn every_wrong_value_gets_its_line() {
    let called = mta_sim(
        &["preview", "-"],
        "smtp_tls_security_level = mya\nsmtp_helo_timeout = soon-ish\n",
    );
    assert_eq!(
        (called.code, called.err.lines().count()),
        (2, 2),
        "{}",
        called.err
    );
}

#[test]
fn files_that_cannot_be_read() {
    let line = refused(&["preview", "/no/such/main.cf"], "");
    assert!(line.contains("/no/such/main.cf: No such file"), "{line}");
    let line = refused(&["preview", "/"], "");
    assert!(line.contains("/: "), "{line}");
    let line = refused(&["run", "no-such-file.toml"], "");
    assert!(line.contains("no-such-file.toml: No such file"), "{line}");
}

#[test]
fn a_broken_scenario_file_names_line_column_and_the_nearest_word() {
    let dir = std::env::temp_dir().join(format!("mta-sim-usage-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    for (text, wanted) in [
        ("sumary = 'x'\n", ":1:1: "),
        ("summary = [\n", ":1:"),
        ("\n\nmain-cf = 7\n", ":3:"),
    ] {
        let path = dir.join("broken.toml");
        std::fs::write(&path, text).unwrap();
        let line = refused(&["run", path.to_str().unwrap()], "");
        assert!(
            line.contains(&format!("broken.toml{wanted}")),
            "{text:?} gave {line}"
        );
    }
    let path = dir.join("broken.toml");
    std::fs::write(&path, "sumary = 'x'\n").unwrap();
    assert!(refused(&["run", path.to_str().unwrap()], "").contains("`summary`"));
    std::fs::remove_dir_all(dir).unwrap();
}

#[test]
fn impossible_seeds_and_versions() {
    for seed in ["", "-1", "0x", "12three", "99999999999999999999999"] {
        let line = refused(&["preview", &format!("--seed={seed}")], "");
        assert!(line.contains("--seed"), "{line}");
    }
    let line = refused(&["preview", "--for-postfix", "3.8"], "");
    assert!(
        line.contains("unsupported Postfix release `3.8`; expected 3.7 or 3.12"),
        "{line}"
    );
}

#[test]
fn unknown_names_get_the_nearest_known_one() {
    let line = refused(&["run", "startls-refused-may"], "");
    assert!(line.contains("did you mean"), "{line}");
    let line = refused(&["preview", "--to", "not a domain"], "");
    assert!(line.contains("--to"), "{line}");
}

#[test]
fn help_has_examples_and_goes_to_standard_output() {
    for words in [
        &["--help"][..],
        &["preview", "--help"],
        &["run", "--help"],
        &["completions", "--help"],
    ] {
        let called = mta_sim(words, "");
        assert_eq!((called.code, called.err.as_str()), (0, ""), "{words:?}");
        assert!(called.out.contains("Example"), "{words:?}: {}", called.out);
    }
    assert!(
        mta_sim(&["completions", "bash"], "")
            .out
            .contains("complete -F")
    );
}

#[test]
fn a_finding_exits_with_1() {
    let clear = mta_sim(&["preview", "-"], "smtp_tls_security_level = none\n");
    assert_eq!(clear.code, 1, "{}", clear.out);
    assert!(
        clear
            .out
            .contains("finding: mail for gmail.com travels in clear text"),
        "{}",
        clear.out
    );
    let no_ca = mta_sim(
        &["preview", "-"],
        "smtp_tls_security_level = may\nsmtp_tls_CAfile = /nowhere.pem\n",
    );
    assert_eq!(no_ca.code, 1, "{}", no_ca.out);
    assert!(
        no_ca.out.contains("finding: TLS is not available"),
        "{}",
        no_ca.out
    );
}

#[test]
fn json_is_one_object_with_the_same_facts() {
    let called = mta_sim(&["preview", "--json", "--seed", "0x2a"], "");
    let preview: serde_json::Value = serde_json::from_str(&called.out).unwrap();
    assert_eq!((called.code, &preview["seed"]), (0, &serde_json::json!(42)));
    let rows = preview["destinations"][0]["rows"].as_array().unwrap();
    let now = rows.iter().find(|row| row["variant"] == "now").unwrap();
    assert_eq!(now["story"]["attempts"][0]["channel"], "Trusted TLSv1.3");
}

#[test]
fn the_same_seed_gives_the_same_output_in_another_process() {
    let once = mta_sim(&["preview", "--to", "gmail.com", "--to", "example.org"], "");
    let twice = mta_sim(&["preview", "--to", "gmail.com", "--to", "example.org"], "");
    assert_eq!((once.code, once.out), (twice.code, twice.out));
}

#[test]
fn a_schema_is_one_json_object_and_says_what_it_is_of() {
    for (words, title) in [
        (&["schema", "peer"][..], "mta-sim: a peer"),
        (&["schema", "world"], "mta-sim: a world"),
        (&["schema", "scenario"], "mta-sim: a scenario"),
        (&["schema"], "mta-sim: a peer, a world or a scenario"),
    ] {
        let called = mta_sim(words, "");
        assert_eq!((called.code, called.err.as_str()), (0, ""), "{words:?}");
        let schema: serde_json::Value = serde_json::from_str(&called.out).unwrap();
        assert_eq!(schema["title"], title);
        assert_eq!(
            schema["$schema"],
            "https://json-schema.org/draft/2020-12/schema"
        );
    }
    let line = refused(&["schema", "scenery"], "");
    assert!(line.contains("'scenario'"), "{line}");
}

#[test]
fn a_case_or_family_that_is_none_names_what_there_is() {
    let data = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/postfix");
    let says = |words: &[&str]| refused(&[&["conform", data], words].concat(), "");
    insta::assert_snapshot!(
        [
            says(&["--case", "hsf-youn-then-old"]),
            says(&["--case", "nothing-like-that-at-all"]),
            says(&["--only", "levls"]),
            says(&["--only", "tlsrpt"]),
            says(&["--case", "hsf-young-then-old", "--only", "levels"]),
        ]
        .join("\n"), @r"
    mta-sim: no case is called `hsf-youn-then-old`; did you mean `hsf-young-then-old`?
    mta-sim: no case is called `nothing-like-that-at-all`
    mta-sim: no family is called `levls`; there are config, connection-reuse, dane, dialog, fingerprint, handshake-failures, levels, newer-postfix, policy-maps, protocols-ciphers, session-cache, tlsrpt, verification
    mta-sim: nothing of this was observed with Postfix 3.7; see --for-postfix
    mta-sim: case `hsf-young-then-old` is not of family `levels`, or was not observed with Postfix 3.7
    "
    );
}
