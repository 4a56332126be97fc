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
fn a_finding_exits_with_1_and_what_is_not_known_with_3() {
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
    assert_eq!(no_ca.code, 3, "{}", no_ca.out);
    assert!(
        no_ca
            .out
            .contains("smtp_tls_CAfile: /nowhere.pem is not on this machine"),
        "{}",
        no_ca.out
    );
}

/// Where mail goes, whether it is encrypted, whether the login is safe, and what to change.
#[test]
fn whoever_owns_a_relay_reads_what_counts_in_five_lines() {
    let relay = "relayhost = [smtp.isp.example]:587\nsmtp_sasl_auth_enable = yes\n\
                 smtp_sasl_password_maps = static:user:topsecret\nsmtp_sasl_security_options = noanonymous\n\
                 smtp_tls_CAfile = /etc/ssl/certs/ca-certificates.crt\nsmtp_tls_security_level = ";
    let may = mta_sim(&["preview", "-"], &format!("{relay}may\n"));
    assert_eq!(may.code, 1, "{}", may.out);
    let lines: Vec<&str> = may.out.lines().skip(1).take(3).collect();
    assert_eq!(
        lines,
        [
            "all mail → [smtp.isp.example]:587: Trusted TLSv1.3",
            "finding: the password for [smtp.isp.example]:587 is not safe: whoever is on the way and hides STARTTLS gets \
             it in clear text",
            "  change: smtp_tls_security_level = secure",
        ]
    );
    let secure = mta_sim(&["preview", "-"], &format!("{relay}secure\n"));
    assert_eq!(secure.code, 0, "{}", secure.out);
    assert!(
        secure
            .out
            .contains("\nlogin: the password for [smtp.isp.example]:587 is safe: ")
    );
    for called in [may, secure] {
        assert!(!called.out.contains("topsecret"));
    }
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

#[test]
fn mail_is_shown_where_main_cf_sends_it() {
    let tls = "smtp_tls_security_level = encrypt\n";
    for (next_hop, more, reached) in [
        ("[smtp.isp.example]:587", "", "smtp.isp.example["),
        (
            "[smtp.isp.example]:465",
            "smtp_tls_wrappermode = yes\n",
            "smtp.isp.example[",
        ),
        ("isp.example:2525", "", "mx1.isp.example["),
        ("127.0.0.1:1025", "", "127.0.0.1[127.0.0.1]:1025"),
    ] {
        let main_cf = format!("relayhost = {next_hop}\n{tls}{more}");
        let args = ["preview", "-", "--to", "gmail.com", "--to", "example.org"];
        let called = mta_sim(&args, &main_cf);
        let (code, out) = (called.code, called.out);
        assert_eq!(code, 0, "{out}");
        let headline = format!("\nall mail → {next_hop}\n");
        assert_eq!(out.matches(&headline).count(), 1, "{out}");
        assert!(out.contains(&format!("relay={reached}")), "{out}");
        assert!(!out.contains("relay=mx1.example.org"), "{out}");
    }
    let refuses = mta_sim(
        &["preview", "-", "--peer", "starttls-454"],
        &format!("relayhost = [smtp.isp.example]:587\n{tls}"),
    );
    assert_eq!(refuses.code, 1, "{}", refuses.out);
    let finding = "finding: mail through [smtp.isp.example]:587 is not delivered";
    assert!(refuses.out.contains(finding), "{}", refuses.out);
}

#[test]
fn a_table_and_a_fallback_relay_lead_elsewhere() {
    let main_cf = "smtp_tls_security_level = encrypt\nsmtp_fallback_relay = [second.example]:587\n\
        transport_maps = inline:{ {example.org = smtp:[first.example]:2525} }\n";
    let out = mta_sim(&["preview", "-", "--to", "example.org"], main_cf).out;
    assert!(
        out.contains("\nexample.org → [first.example]:2525\n"),
        "{out}"
    );
    assert!(out.contains("relay=first.example["), "{out}");
    let args = [
        "preview",
        "-",
        "--peer",
        "tcp-refused",
        "--to",
        "example.org",
    ];
    let out = mta_sim(&args, main_cf).out;
    assert!(out.contains("relay=second.example["), "{out}");
}

#[test]
fn a_stand_in_has_addresses_of_both_kinds() {
    for protocols in ["ipv4", "ipv6"] {
        let main_cf = format!("inet_protocols = {protocols}\nsmtp_tls_security_level = may\n");
        let called = mta_sim(&["preview", "-", "--to", "example.org"], &main_cf);
        assert_eq!(called.code, 0, "{}", called.out);
    }
}

#[test]
fn findings_name_the_first_cause() {
    for (setting, level, wanted) in [
        (
            "smtp_tls_ciphers = HIGH:!aNULL:!MD5",
            "may",
            "clear text: TLS failed (invalid cipher grade `HIGH:!aNULL:!MD5`",
        ),
        (
            "smtp_tls_protocols = !SSLv2, !SSLv3 #, !TLSv1",
            "may",
            "clear text: TLS failed (invalid list of protocols `!SSLv2, !SSLv3 #, !TLSv1`), and level may",
        ),
        (
            "smtp_tls_mandatory_protocols = !SSLv2 #",
            "encrypt",
            "not delivered: invalid list of protocols `!SSLv2 #`",
        ),
        ("", "none", "clear text: level none"),
    ] {
        let main_cf = format!("smtp_tls_security_level = {level}\n{setting}\n");
        let called = mta_sim(&["preview", "-", "--to", "example.org"], &main_cf);
        assert_eq!(called.code, 1, "{}", called.out);
        assert!(called.out.contains(wanted), "{}", called.out);
    }
    let main_cf = "smtp_tls_security_level = may\n";
    let called = mta_sim(
        &["preview", "-", "--peer", "tls-alert-handshake-failure"],
        main_cf,
    );
    let wanted = "clear text: TLS failed (Cannot start TLS: handshake failure), and level may";
    assert!(called.out.contains(wanted), "{}", called.out);
}

#[test]
fn findings_come_first_and_repeated_lines_are_folded() {
    let main_cf = "smtp_tls_security_level = encrypt\n";
    let args = ["preview", "-", "--peer", "starttls-454"];
    let out = mta_sim(&args, main_cf).out;
    let second = out.lines().nth(1).unwrap_or_default();
    assert!(second.starts_with("finding: mail for "), "{out}");
    assert!(
        out.contains(": not delivered; returned after 5 days\n"),
        "{out}"
    );
    assert!(
        out.contains(" more tries like these until 5 days\n"),
        "{out}"
    );
    assert!(out.lines().count() < 80, "{out}");
    let full = mta_sim(&[&args[..], &["--full"]].concat(), main_cf).out;
    assert!(full.lines().count() > 400 && !full.contains(" more tries "));
}

#[test]
fn a_destination_may_be_an_address_or_a_name_outside_ascii() {
    let headline = |to: &str| {
        let called = mta_sim(&["preview", "--to", to], "");
        assert_eq!(called.code, 0, "{}", called.err);
        let mut lines = called.out.lines().skip_while(|line| !line.is_empty());
        lines.nth(1).unwrap().to_owned()
    };
    assert!(headline("user@gmail.com").starts_with("gmail.com: clear text"));
    assert!(headline("münchen.example").starts_with("xn--mnchen-3ya.example: "));
    let line = refused(&["preview", "--to", "a b@gmail.com"], "");
    assert!(
        line.contains("not a domain name or an address there"),
        "{line}"
    );
}

#[test]
fn mail_of_a_sender_goes_through_that_senders_relay() {
    let main_cf = "smtp_tls_security_level = may\n\
        sender_dependent_relayhost_maps = inline:{ {@shop.example=[relay.shop.example]:587} }\n";
    let headline = |from: &str| {
        let called = mta_sim(&["preview", "-", "--from", from], main_cf);
        called
            .out
            .lines()
            .find(|line| line.contains('→'))
            .unwrap()
            .to_owned()
    };
    assert_eq!(
        headline("orders@shop.example"),
        "all mail → [relay.shop.example]:587"
    );
    assert!(headline("orders@other.example").starts_with("gmail.com: clear text"));
}

#[test]
fn a_template_gets_one_sentence() {
    let text = "myhostname = {{ fqdn }}\n{% if relay %}\nrelayhost = {{ relay }}\n{% endif %}\n";
    let line = refused(&["preview", "-"], text);
    insta::assert_snapshot!(line, @"mta-sim: (standard input):1: this looks like a template ({{, for Jinja or Go): render it first, and look at the result");
}

#[test]
fn with_json_mistakes_are_an_object_too() {
    let said = |words: &[&str], input: &str| -> serde_json::Value {
        let called = mta_sim(words, input);
        assert_eq!(called.code, 2, "{}", called.err);
        serde_json::from_str(&called.out).unwrap()
    };
    let main_cf = "myhostname = mail.client.example\nsmtp_tls_security_level = mya\nsmtp_helo_timeout = soon-ish\n";
    let wrong = said(&["preview", "-", "--json"], main_cf);
    assert_eq!(
        (&wrong["line"], &wrong["errors"][1]["line"]),
        (&2.into(), &3.into())
    );
    assert_eq!(wrong["file"], "(standard input)");
    assert_eq!(wrong["parameter"], "smtp_tls_security_level");
    assert_eq!(
        wrong["text"],
        "unknown level \"mya\"; did you mean \"may\"?"
    );
    assert!(
        wrong["error"]
            .as_str()
            .unwrap()
            .contains("smtp_helo_timeout")
    );
    let missing = said(&["run", "no-such-file.toml", "--json"], "");
    assert!(
        missing["error"].as_str().unwrap().contains("No such file"),
        "{missing}"
    );
}

#[test]
fn findings_and_warnings_have_a_place_and_a_text_in_json() {
    let main_cf = "smtp_tls_securty_level = may\nsmtp_tls_security_level = encrypt\nsmtp_tls_policy_maps = hash:/dev/none\n\
                   smtp_tls_ciphers = medium\nsmtp_tls_CAfile = /dev/null\n";
    let called = mta_sim(&["preview", "-", "--json"], main_cf);
    let preview: serde_json::Value = serde_json::from_str(&called.out).unwrap();
    let warning = &preview["warnings"][0];
    assert_eq!(
        (&warning["kind"], &warning["line"]),
        (&"unknown".into(), &1.into())
    );
    let finding = &preview["findings"][0];
    assert_eq!(
        (&finding["kind"], &finding["line"]),
        (&"no-tls".into(), &5.into())
    );
    assert_eq!(finding["parameter"], "smtp_tls_CAfile");
    let text = finding["text"].as_str().unwrap();
    assert!(text.starts_with("TLS is not available: "), "{text}");
    let not_known = &preview["not_known"][0];
    assert_eq!(
        (&not_known["kind"], &not_known["line"]),
        (&"table-not-here".into(), &3.into())
    );
    assert!(
        not_known["text"]
            .as_str()
            .unwrap()
            .contains("hash:/dev/none is no file")
    );
}
