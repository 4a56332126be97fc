//! Lines of a main.cf, taken out and put in: what is not touched stays as it was, to the byte.

use mta_core::config::MainCf;

/// main.cf without the parameters that are `gone`, wherever they are set. Comments stay.
pub(crate) fn without(main_cf: &[u8], gone: impl Fn(&str) -> bool) -> Vec<u8> {
    let mut kept = Vec::with_capacity(main_cf.len());
    let mut takes_out = false;
    for line in main_cf.split_inclusive(|byte| *byte == b'\n') {
        let content = line.trim_ascii();
        let is_text = !content.is_empty() && !content.starts_with(b"#");
        if is_text && !starts_blank(line) {
            let name = content.split(|byte| *byte == b'=').next();
            let name = name.unwrap_or_default().trim_ascii();
            takes_out = std::str::from_utf8(name).is_ok_and(&gone);
        }
        if !(is_text && takes_out) {
            kept.extend_from_slice(line);
        }
    }
    kept
}

/// Whether a line with text continues the one before it (postconf(5)).
fn starts_blank(line: &[u8]) -> bool {
    // As C's isspace, which knows one more than Rust.
    line.first()
        .is_some_and(|first| first.is_ascii_whitespace() || *first == 0x0b)
}

/// main.cf after `postconf -e`: parameters that are set there are replaced, others are added (postconf(1)).
pub(crate) fn edited(main_cf: &[u8], settings: &[String]) -> Vec<u8> {
    if settings.is_empty() {
        return main_cf.to_vec();
    }
    let name_of = |setting: &str| {
        let name = setting.split_once('=').map_or(setting, |(name, _)| name);
        name.trim().to_owned()
    };
    let names: Vec<String> = settings.iter().map(|setting| name_of(setting)).collect();
    let mut edited = without(main_cf, |name| names.iter().any(|other| other == name));
    if !edited.is_empty() && !edited.ends_with(b"\n") {
        edited.push(b'\n');
    }
    for setting in settings {
        edited.extend_from_slice(setting.as_bytes());
        edited.push(b'\n');
    }
    edited
}

/// Whether a value of this main.cf that counts, or a name, has this word in it.
pub(super) fn mentions(main_cf: &MainCf, word: &str) -> bool {
    main_cf
        .entries()
        .any(|entry| entry.name == word || entry.value.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn postconf_replaces_what_is_set_and_adds_what_is_not() {
        let text = b"a = 1\nb = 2,\n# of b\n\n  3\n# a = 4\nb = 5";
        let edits = ["b=4".to_owned(), "c = $a".to_owned()];
        assert_eq!(
            edited(text, &edits),
            b"a = 1\n# of b\n\n# a = 4\nb=4\nc = $a\n"
        );
        assert_eq!(edited(text, &[]), text);
        assert_eq!(edited(b"a = 1", &edits[..1]), b"a = 1\nb=4\n");
    }

    #[test]
    fn what_is_not_text_stays() {
        let text = b"# \xFC\r\na = \xFC\r\nb = 1\n\tb\xFC\nab = 2";
        assert_eq!(
            without(text, |name| name == "b"),
            b"# \xFC\r\na = \xFC\r\nab = 2"
        );
        assert_eq!(without(text, |_| false), text);
    }
}
