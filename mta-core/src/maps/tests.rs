//! Lists of tables as a whole.

use super::*;
use crate::log::said;
use proptest::prelude::*;

const TITLE: &str = "smtp_tls_policy_maps";

fn file(path: &str) -> Option<Vec<u8>> {
    let text = match path {
        "/etc/policy" => "Example.Test encrypt\n.example.test none\n",
        "/etc/twice" => "a.test may\na.test none\n",
        "/etc/names" => "/^(.*)\\.example\\.test$/ $1\n",
        "/etc/double" => "/^(.*)$/ $1$1\n",
        "/etc/empty" => "/^a/\n",
        _ => return None,
    };
    Some(text.into())
}

fn load(value: &str) -> Maps {
    Maps::load(TITLE, value, &mut file).unwrap()
}

fn find(value: &str, key: &str) -> Option<String> {
    load(value).find(key).unwrap()
}

fn failure(value: &str, key: &str) -> Vec<String> {
    said(&load(value).find(key).unwrap_err().notices)
}

#[test]
fn the_first_table_with_an_entry_wins() {
    let value = "inline:{ {example.test=none} }, texthash:/etc/policy";
    assert_eq!(find(value, "example.test").as_deref(), Some("none"));
    assert_eq!(find(value, ".example.test").as_deref(), Some("none"));
    assert_eq!(find(value, "other.test"), None);
    assert_eq!(find("", "example.test"), None);
    assert_eq!(find("static:may", ""), None);
}

#[test]
fn every_compiled_type_is_read_from_its_text() {
    for kind in [
        "hash",
        "btree",
        "lmdb",
        "cdb",
        "dbm",
        "texthash",
        "proxy:hash",
    ] {
        let value = format!("{kind}:/etc/policy");
        assert_eq!(
            find(&value, "EXAMPLE.test").as_deref(),
            Some("encrypt"),
            "{kind}"
        );
    }
}

#[test]
fn keys_fold_in_tables_of_keys_and_not_before_patterns() {
    assert_eq!(
        find("inline:{A.Test=may}", "a.TEST").as_deref(),
        Some("may")
    );
    let exact = "regexp:{ {/^A/i upper} {/^a/i lower} }";
    assert_eq!(find(exact, "A.test").as_deref(), Some("upper"));
    assert_eq!(find(exact, "a.test").as_deref(), Some("lower"));
}

#[test]
fn static_and_cidr_tables_can_be_written_in_braces() {
    assert_eq!(find("static:may", "x").as_deref(), Some("may"));
    let long = "static:{ secure match=nexthop }";
    assert_eq!(find(long, "x").as_deref(), Some("secure match=nexthop"));
    let nets = "cidr:{ {192.0.2.0/24 may} {0.0.0.0/0 none} }";
    assert_eq!(find(nets, "192.0.2.9").as_deref(), Some("may"));
}

#[test]
fn results_are_piped_and_put_together() {
    let pipe = "pipemap:{regexp:/etc/names, inline:{ {mx1 = secure} }}";
    assert_eq!(find(pipe, "mx1.example.test").as_deref(), Some("secure"));
    assert_eq!(find(pipe, "mx2.example.test"), None);
    let union = "unionmap:{static:encrypt, inline:{a.test=ciphers=high}}";
    assert_eq!(
        find(union, "A.test").as_deref(),
        Some("encrypt,ciphers=high")
    );
    assert_eq!(find(union, "b.test").as_deref(), Some("encrypt"));
}

/// Observed: pol-table-missing, pol-table-fail-two-mx.
#[test]
fn a_table_that_cannot_be_opened_fails_each_look_up() {
    let missing = load("texthash:/etc/nosuch");
    assert_eq!(
        said(missing.opening_notices()),
        ["error: open database /etc/nosuch: No such file or directory"]
    );
    assert_eq!(
        failure("texthash:/etc/nosuch", "example.test"),
        [
            "warning: texthash:/etc/nosuch is unavailable. open database /etc/nosuch: No such file or directory",
            "warning: texthash:/etc/nosuch lookup error for \"example.test\"",
        ]
    );
    assert_eq!(
        failure("fail:this", "example.test"),
        ["warning: fail:this lookup error for \"example.test\""]
    );
}

#[test]
fn each_type_names_the_file_that_it_misses() {
    for (value, reason) in [
        ("hash:/x", "open database /x.db: No such file or directory"),
        (
            "lmdb:/x",
            "open database /x.lmdb: No such file or directory",
        ),
        ("cdb:/x", "open database /x.cdb: No such file or directory"),
        ("regexp:/x", "open /x: No such file or directory"),
        ("cidr:/x", "open /x: No such file or directory"),
        ("foo:/x", "unsupported dictionary type: foo"),
        (
            "/x",
            "open dictionary: expecting \"type:name\" form instead of \"/x\"",
        ),
        (
            "unionmap:{x}",
            "bad syntax: \"unionmap:{x}\"; need \"unionmap:{type:name...}\"",
        ),
        ("static:{x", "bad static:name syntax: missing '}' in \"{x\""),
        ("pcre:{x}", "pcre map: no '{' at start of text in \"x\""),
        (
            "texthash:/etc/twice",
            "/etc/twice, line 2: duplicate entry: \"a.test\"",
        ),
    ] {
        assert_eq!(
            said(load(value).opening_notices()),
            [format!("error: {reason}")],
            "{value}"
        );
    }
    assert_eq!(load("/x").untyped(), Some("/x"));
}

#[test]
fn a_second_entry_in_a_compiled_table_is_what_postmap_warns_of() {
    let maps = load("hash:/etc/twice");
    assert!(maps.opening_notices().is_empty());
    assert_eq!(
        said(maps.postmap_notices()),
        ["warning: /etc/twice.db: duplicate entry: \"a.test\""]
    );
    assert_eq!(maps.find("a.test").unwrap().as_deref(), Some("may"));
}

#[test]
fn an_empty_result_is_an_error() {
    assert_eq!(
        failure("pcre:/etc/empty", "a.test"),
        [
            "warning: smtp_tls_policy_maps lookup of a.test returns an empty string result",
            "warning: smtp_tls_policy_maps should return NO RESULT in case of NOT FOUND",
        ]
    );
}

#[test]
fn tables_are_equal_if_they_say_the_same() {
    let value = "regexp:{ {/a/ x} }, hash:/etc/policy, cidr:{ {::/0 may} }";
    assert_eq!(load(value), load(value).clone());
    assert_ne!(load("regexp:{ {/a/ x} }"), load("regexp:{ {/a/i x} }"));
    assert_ne!(load("regexp:{ {/a/ x} }"), load("regexp:{ {!/a/ x} }"));
}

#[test]
fn what_is_read_under_its_name_answers_for_a_table_that_asks_a_server() {
    let name = "socketmap:inet:127.0.0.1:8461:postfix";
    let mut read = |path: &str| (path == name).then(|| b"Example.test may\n".to_vec());
    for value in [
        name.to_owned(),
        format!("proxy:{name}"),
        format!("unionmap:{{{name}}}"),
    ] {
        let maps = Maps::load(TITLE, &value, &mut read).unwrap();
        assert_eq!(
            maps.find("example.test").unwrap().as_deref(),
            Some("may"),
            "{value}"
        );
        assert_eq!(maps.find("example.net").unwrap(), None, "{value}");
    }
}

#[test]
fn what_we_cannot_answer_is_refused_by_name() {
    for (value, what) in [
        (
            "ldap:/etc/x",
            "ldap:/etc/x: tables of the type ldap are not supported here",
        ),
        ("static:x ".repeat(101).as_str(), "more than 100 tables"),
        (
            &("proxy:".repeat(20) + "static:x"),
            "tables within tables, more than 10 deep",
        ),
    ] {
        let refused = Maps::load(TITLE, value, &mut file).unwrap_err();
        assert_eq!(refused.to_string(), what);
    }
    let huge = &mut |_: &str| Some(vec![b'x'; MAX_FILE_BYTES + 1]);
    assert!(Maps::load(TITLE, "hash:/x", huge).is_err());
    let long = &mut |_: &str| Some(vec![b'\n'; MAX_LINES]);
    assert!(Maps::load(TITLE, "hash:/x", long).is_err());
}

#[test]
fn a_table_that_is_listed_twice_is_complained_of_once() {
    let maps = load("hash:/nosuch, unionmap:{hash:/nosuch}, hash:/etc/twice hash:/etc/twice");
    assert_eq!(maps.opening_notices().len(), 1);
    assert_eq!(maps.postmap_notices().len(), 1);
}

#[test]
fn patterns_that_are_made_to_take_long_do_not() {
    for pattern in ["{", "[[:a", "a*", "(", "[[.", "*", "(?#"] {
        let line = format!(
            "/{}/ x\n",
            pattern.repeat(MAX_PATTERN_BYTES / pattern.len())
        );
        for kind in ["regexp", "pcre"] {
            let mut read = |_: &str| Some(line.repeat(50).into_bytes());
            if let Ok(maps) = Maps::load(TITLE, &format!("{kind}:/x"), &mut read) {
                let _ = maps.find(&"a{[:".repeat(MAX_KEY_BYTES / 4));
            }
        }
    }
}

#[test]
fn results_that_double_come_to_an_end() {
    let pipe = format!("pipemap:{{{}}}", "regexp:/etc/double,".repeat(40));
    let log = failure(&pipe, "example.test");
    assert!(log[0].contains("a key of more than 1024 bytes"), "{log:?}");
}

proptest! {
    #[test]
    fn no_list_of_tables_panics(value in "[a-z:{}=, /$()!]{0,40}", key in ".{0,20}") {
        if let Ok(maps) = Maps::load(TITLE, &value, &mut file) {
            let _ = maps.find(&key);
        }
    }

    #[test]
    fn no_rule_panics(
        kind in "(regexp|pcre|cidr|hash|texthash)",
        text in "([!/]|if |endif|[a-z0-9.:\\[\\]{}(),|*+?$^\\\\ \n#\"=-]){0,60}",
        key in ".{0,20}",
    ) {
        let mut read = |_: &str| Some(text.clone().into_bytes());
        if let Ok(maps) = Maps::load(TITLE, &format!("{kind}:/x"), &mut read) {
            let _ = maps.find(&key);
        }
    }

    #[test]
    fn no_pattern_panics(
        kind in "(regexp|pcre)",
        pattern in "[a-c0-3.:\\[\\]{}(),|*+?$^\\\\<>!=#&~ é-]{0,24}",
        options in "[imxsAU]{0,3}",
        key in "[a-cé.]{0,12}",
    ) {
        let text = format!("/{pattern}/{options} $1\n");
        let mut read = |_: &str| Some(text.clone().into_bytes());
        if let Ok(maps) = Maps::load(TITLE, &format!("{kind}:/x"), &mut read) {
            let _ = maps.find(&key);
        }
    }

    #[test]
    fn no_bytes_panic(bytes: Vec<u8>) {
        for kind in ["regexp", "pcre", "cidr", "hash", "texthash"] {
            let mut read = |_: &str| Some(bytes.clone());
            let _ = Maps::load(TITLE, &format!("{kind}:/x"), &mut read);
        }
    }
}
