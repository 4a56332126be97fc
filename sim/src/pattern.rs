//! Patterns for lines and names: a `*` stands for any text, also for none; everything else for itself.

/// Whether the whole `line` is as `pattern` says.
pub fn is(pattern: &str, line: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(rest) = line.strip_prefix(first) else {
        return false;
    };
    let Some(last) = parts.next_back() else {
        return rest.is_empty();
    };
    match after(rest, parts) {
        Some(rest) => rest.ends_with(last),
        None => false,
    }
}

/// Whether the whole `name` is as `pattern` says; the case of letters from A to Z does not matter.
pub fn is_like(pattern: &str, name: &str) -> bool {
    is(&pattern.to_ascii_lowercase(), &name.to_ascii_lowercase())
}

/// Whether some part of `line` is as `pattern` says.
pub fn is_in(pattern: &str, line: &str) -> bool {
    after(line, pattern.split('*')).is_some()
}

/// What is left of `line` behind these parts, found in this order, each as early as possible.
fn after<'a, 'b>(line: &'a str, mut parts: impl Iterator<Item = &'b str>) -> Option<&'a str> {
    parts.try_fold(line, |rest, part| {
        rest.find(part)
            .and_then(|found| rest.get(found + part.len()..))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_line() {
        for (pattern, line, expected) in [
            ("abc", "abc", true),
            ("abc", "abcd", false),
            ("a*c", "abbbc", true),
            ("a*c", "ac", true),
            ("a*c", "abcd", false),
            ("*", "", true),
            ("a*b*a", "aba", true),
            ("a*b*a", "aa", false),
            ("ab*ba", "aba", false),
            ("*x*x*", "axbxc", true),
        ] {
            assert_eq!(is(pattern, line), expected, "{pattern} {line}");
        }
    }

    #[test]
    fn a_name() {
        assert!(is_like("*@Example.test", "User@example.TEST"));
        assert!(!is_like("*@example.test", "user@example.test.other"));
    }

    #[test]
    fn a_part_of_a_line() {
        assert!(is_in(
            "dsn=2.*status=sent",
            "QID: dsn=2.0.0, status=sent (ok)"
        ));
        assert!(!is_in(
            "status=sent*dsn=",
            "QID: dsn=2.0.0, status=sent (ok)"
        ));
    }
}
