use super::*;
use proptest::prelude::*;

/// Names as a test knows them.
fn lookup(name: &str) -> Option<Cow<'static, str>> {
    let value = match name {
        "name" => "value",
        "empty" => "",
        "outer" => "<$inner>",
        "inner" => "${name}",
        "self" => "x$self",
        "ten" => "10",
        "dollar" => "a$$b",
        "compatibility_level" => "3.6",
        _ => return None,
    };
    Some(Cow::Borrowed(value))
}

fn expanded(text: &str) -> Result<String, String> {
    expand(text, &lookup)
        .map(|expanded| expanded.text)
        .map_err(|error| error.0)
}

#[test]
fn every_form_of_reference() {
    for (text, expected) in [
        ("plain", "plain"),
        ("", ""),
        ("$name", "value"),
        ("${name}", "value"),
        ("$(name)", "value"),
        ("${ name }", "value"),
        ("a$name/b", "avalue/b"),
        ("$name.test", "value.test"),
        ("$name$name", "valuevalue"),
        ("$outer", "<value>"),
        ("$dollar", "a$b"),
        ("$$name", "$name"),
        ("a$$", "a$"),
        ("$$$name", "$value"),
        ("[$nowhere]", "[]"),
        ("übergröße $name", "übergröße value"),
        ("${name?yes}", "yes"),
        ("${name:no}", ""),
        ("${empty?yes}", ""),
        ("${empty:no}", "no"),
        ("${nowhere:no}", "no"),
        ("${name?{yes}:{no}}", "yes"),
        ("${empty?{yes}:{no}}", "no"),
        ("${empty ? {yes} : {no} }", "no"),
        ("${empty?{yes}:no way}", "no way"),
        ("${name?yes:no}", "yes:no"),
        ("${name?<$inner>}", "<value>"),
        ("${empty:${name?{a}:{b}}}", "a"),
        ("${{$name} == {value} ? {same} : {other}}", "same"),
        ("${{$name} == {value}}", "true"),
        ("${{$name} != {value} ? {other}}", ""),
        ("${{$ten} > {9} ? {by number} : {as text}}", "by number"),
        ("${{x$ten} > {x9} ? {by number} : {as text}}", "as text"),
        (
            "${{$compatibility_level} <level {3.11} ? {old} : {new}}",
            "old",
        ),
        (
            "${{$compatibility_level} <level {3.6} ? {md5} : {sha256}}",
            "sha256",
        ),
    ] {
        assert_eq!(expanded(text).as_deref(), Ok(expected), "{text}");
    }
}

#[test]
fn what_postfix_cannot_expand_is_an_error_in_its_words() {
    for (text, expected) in [
        ("a ${name", "truncated macro reference: \"a ${name\""),
        ("$(name}", "truncated macro reference: \"$(name}\""),
        ("a $ b", "empty macro name: \"a $ b\""),
        ("${}", "empty macro name: \"${}\""),
        (
            "${na-me}",
            "attribute name syntax error at: \"...na>>>-me\"",
        ),
        (
            "${name?{yes}",
            "truncated macro reference: \"${name?{yes}\"",
        ),
        (
            "$(name?{yes)",
            "unbalanced {} in attribute expression: \"{yes\"",
        ),
        ("${name?{yes} no}", "\":\" expected at: \"...>>>no\""),
        ("${name:{no} x}", "unexpected input at: \"...>>>x\""),
        ("${name{arg}}", "function \"name\" is not simulated"),
        (
            "${{1} <> {2}}",
            "\"==\" or \"!=\" or \"<\" or \"<=\" or \">=\" or \">\" expected at: \"...1}>>><> {2}\"",
        ),
        (
            "${{1} <stage {2}}",
            "bad operator suffix at: \"...>>>stage\"",
        ),
        ("${{1} < 2}", "\"{expression}\" expected at: \"...>>>2\""),
        (
            "${{x} <level {2}}",
            "malformed compatibility level syntax: \"x\"",
        ),
        ("${{1} < {2} x}", "\"?\" or \":\" expected at: \"...}>>>x\""),
        ("$self", "unreasonable macro call nesting: \"x\""),
    ] {
        assert_eq!(expanded(text), Err(expected.to_owned()), "{text}");
    }
}

#[test]
fn undefined_names_are_reported_unless_they_were_only_asked_for() {
    let undefined = |text| expand(text, &lookup).unwrap().undefined;
    assert_eq!(
        undefined("$x ${y} $name $x"),
        BTreeSet::from(["x".to_owned(), "y".to_owned()])
    );
    assert_eq!(undefined("${x?yes} ${x:no}"), BTreeSet::new());
}

/// n0 = $n1, n1 = $n2, ... and at last a literal.
#[test]
fn nesting_ends_where_postfix_ends_it() {
    let chain = |depth: u32| {
        let lookup = move |name: &str| {
            let number: u32 = name.strip_prefix('n')?.parse().ok()?;
            let next = number + 1;
            Some(Cow::Owned(if next < depth {
                format!("$n{next}")
            } else {
                "end".to_owned()
            }))
        };
        expand("$n0", &lookup).map(|expanded| expanded.text)
    };
    assert_eq!(chain(MAX_NESTING), Ok("end".to_owned()));
    let error = chain(MAX_NESTING + 1).unwrap_err();
    assert_eq!(error.0, "unreasonable macro call nesting: \"end\"");
}

/// a = $b$b, b = $c$c, ...: 2^26 copies of the last value, be it something or nothing.
#[test]
fn doubling_is_stopped() {
    for last in [
        "",
        "x",
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    ] {
        let lookup = move |name: &str| {
            let letter = name.bytes().next()?;
            let next = char::from(letter + 1);
            Some(Cow::Owned(if letter < b'z' {
                format!("${next}${next}")
            } else {
                last.to_owned()
            }))
        };
        let error = expand("$a", &lookup).unwrap_err().0;
        assert!(error.contains("expan"), "{error}");
    }
}

proptest! {
    #[test]
    fn arbitrary_text_expands_or_fails_within_its_limits(text in "[${}():?a-c<=> level]{0,60}|\\PC{0,60}") {
        // A name stands for the text itself: the worst there is.
        let own = text.clone();
        let lookup = move |name: &str| (name != "c").then(|| Cow::Owned(own.clone()));
        if let Ok(expanded) = expand(&text, &lookup) {
            prop_assert!(expanded.text.len() <= MAX_EXPANDED_BYTES);
        }
    }

    #[test]
    fn text_without_dollar_signs_stands_for_itself(text in "[^$]{0,60}") {
        prop_assert_eq!(expanded(&text), Ok(text.clone()));
        prop_assert_eq!(expanded(&text.replace('x', "$$")), Ok(text.replace('x', "$")));
    }
}
