use super::*;

fn value(text: &str, name: &str) -> Option<String> {
    MainCf::parse("main.cf", text)
        .get(name)
        .map(|entry| entry.value.clone())
}

#[test]
fn a_value_is_what_stands_right_of_the_first_equals_sign() {
    for (text, expected) in [
        ("a=b", "b"),
        ("a = b", "b"),
        ("a\t=\tb \t", "b"),
        ("a =", ""),
        ("a = b = c", "b = c"),
        ("a = b # not a comment", "b # not a comment"),
        ("a = b\r\n", "b"),
        ("a = b,\n  c\n#\n  d\n", "b,  c  d"),
        ("a = übergröße", "übergröße"),
        ("a = b\0c", "b"),
        ("a =\n  b", "b"),
    ] {
        assert_eq!(value(text, "a").as_deref(), Some(expected), "{text:?}");
    }
}

#[test]
fn a_line_without_a_name_or_an_equals_sign_is_fatal() {
    for (text, display, postfix) in [
        (
            "\nfoo bar\n",
            "main.cf:2: missing '=' after attribute name: \"foo bar\"",
            "fatal: /etc/postfix/main.cf, line 2: missing '=' after attribute name: \"foo bar\"",
        ),
        (
            "foo bar = x\n",
            "main.cf:1: missing '=' after attribute name: \"foo bar = x\"",
            "fatal: /etc/postfix/main.cf, line 1: missing '=' after attribute name: \"foo bar = x\"",
        ),
        (
            "= x\n",
            "main.cf:1: missing attribute name: \"= x\"",
            "fatal: /etc/postfix/main.cf, line 1: missing attribute name: \"= x\"",
        ),
    ] {
        let main_cf = MainCf::parse("main.cf", text);
        assert_eq!(main_cf.errors().len(), 1, "{text:?}");
        assert_eq!(main_cf.errors()[0].to_string(), display);
        assert_eq!(main_cf.errors()[0].postfix_says().as_deref(), Some(postfix));
    }
}

#[test]
fn the_last_of_two_entries_wins_and_the_warning_names_both_lines() {
    let main_cf = MainCf::parse("main.cf", "a = 1\nb = 2\n\na = 3\n");
    assert_eq!(main_cf.get("a").unwrap().value, "3");
    let warning = &main_cf.warnings()[0];
    assert_eq!(
        warning.to_string(),
        "main.cf:4: a: overriding earlier entry on line 1: 1"
    );
    assert_eq!(
        warning.postfix_says().unwrap(),
        "warning: /etc/postfix/main.cf, line 4: overriding earlier entry: a=1"
    );
    let same = MainCf::parse("main.cf", "a = 1\na = 1\n");
    assert!(
        same.warnings().is_empty(),
        "Postfix does not mind the same value twice"
    );
}

#[test]
fn odd_bytes_are_named_and_not_fatal() {
    for (bytes, warning) in [
        (
            &b"\xef\xbb\xbfa = 1\n"[..],
            "main.cf:1: starts with a byte-order mark, which Postfix takes for text; save without it",
        ),
        (
            b"a = 1\nb = \xe9\n",
            "main.cf:2: not UTF-8 text; read with replacement characters",
        ),
        (
            b"a = 1\0x\n",
            "main.cf:1: text after a null byte is ignored",
        ),
        (
            b"  a = 1\n",
            "main.cf:1: continues a line, but there is none to continue; ignored",
        ),
    ] {
        let main_cf = MainCf::parse_bytes("main.cf", bytes);
        assert!(main_cf.errors().is_empty(), "{warning}");
        let warnings: Vec<_> = main_cf.warnings().iter().map(ToString::to_string).collect();
        assert_eq!(warnings, [warning]);
    }
}

#[test]
fn a_byte_order_mark_hides_the_first_parameter_as_it_does_in_postfix() {
    assert_eq!(value("\u{feff}a = 1", "a"), None);
}

#[test]
fn a_service_sees_its_overrides_and_its_name() {
    let main_cf = MainCf::parse("main.cf", "a = 1\nb = 2\n");
    let overrides = [("b".to_owned(), " x-$service_name ".to_owned())].into();
    let seen = main_cf.for_service("alt", &overrides);
    let value = |name| seen.get(name).map(|entry| entry.value.as_str());
    assert_eq!(value("a"), Some("1"));
    assert_eq!(value("b"), Some("x-$service_name"));
    assert_eq!(value("service_name"), Some("alt"));
    let place = seen.get("b").map(|entry| entry.place.to_string());
    assert_eq!(place.as_deref(), Some("master.cf, service alt"));
    assert!(seen.warnings().is_empty());
}

#[test]
fn limits_are_errors() {
    for (text, error) in [
        (
            "#".repeat(MAX_FILE_BYTES + 1),
            "main.cf: larger than 1048576 bytes; not read",
        ),
        (
            (0..=MAX_ENTRIES).map(|n| format!("a{n} =\n")).collect(),
            "main.cf:10001: more than 10000 entries; not read further",
        ),
    ] {
        let main_cf = MainCf::parse("main.cf", &text);
        assert_eq!(main_cf.errors().len(), 1);
        assert_eq!(main_cf.errors()[0].to_string(), error);
    }
}
