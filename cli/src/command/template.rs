//! A main.cf that is a template: one sentence says so, in place of all that is wrong with it.

/// What begins a part that is to be filled in, and who fills it in.
const MARKS: [(&str, &str); 8] = [
    ("{%", "Jinja"),
    ("{#", "Jinja"),
    ("{{", "Jinja or Go"),
    ("<%", "ERB"),
    ("%(", "Python"),
    ("%{", "a template engine"),
    ("%%", "a script"),
    ("@@", "a script"),
];

/// What to say of a text that has errors, if it looks like a template.
pub(super) fn looks_like_one(file: &str, text: &str) -> Option<String> {
    let (line, mark, by) = (1..)
        .zip(text.lines())
        .filter(|(_, line)| !line.trim_start().starts_with("# "))
        .find_map(|(number, line)| {
            let (mark, by) = MARKS.iter().find(|(mark, _)| has(line, mark))?;
            Some((number, (*mark).to_owned(), *by))
        })
        .or_else(|| {
            let (number, name) = shell_name(text)?;
            Some((number, format!("${name}"), "envsubst or a shell"))
        })?;
    Some(format!(
        "{file}:{line}: this looks like a template ({mark}, for {by}): render it first, and look at the result"
    ))
}

/// Whether a line has the mark. Postfix has `${{` of its own (postconf(5)).
fn has(line: &str, mark: &str) -> bool {
    line.match_indices(mark).any(|(at, _)| {
        !line
            .get(..at)
            .is_some_and(|before| before.ends_with(['$', '{']))
    })
}

/// The first name in capitals that the file refers to and does not set: Postfix has none, the environment has.
fn shell_name(text: &str) -> Option<(usize, &str)> {
    let sets = |name: &str| {
        text.lines().any(|line| {
            let rest = line.strip_prefix(name);
            rest.is_some_and(|rest| rest.trim_start().starts_with('='))
        })
    };
    (1..).zip(text.lines()).find_map(|(number, line)| {
        let names = line.split('$').skip(1).filter_map(|after| {
            let after = after.trim_start_matches('{');
            let is_part = |c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
            let end = after.find(is_part).unwrap_or(after.len());
            after.get(..end).filter(|name| name.len() > 1)
        });
        let name = names.into_iter().find(|name| !sets(name))?;
        Some((number, name))
    })
}

#[cfg(test)]
mod tests {
    use super::looks_like_one;

    #[test]
    fn marks_of_templates_are_seen_and_those_of_postfix_are_not() {
        for (text, told) in [
            (
                "a = b\n{% if x %}\n",
                Some("main.cf:2: this looks like a template ({%, for Jinja)"),
            ),
            (
                "myhostname = {{ fqdn }}\n",
                Some("main.cf:1: this looks like a template ({{, for Jinja or Go)"),
            ),
            (
                "<% if x -%>\n",
                Some("main.cf:1: this looks like a template (<%, for ERB)"),
            ),
            (
                "a = %(name)s\n",
                Some("main.cf:1: this looks like a template (%(, for Python)"),
            ),
            (
                "a = $MAIL_HOST\n",
                Some("main.cf:1: this looks like a template ($MAIL_HOST, for envsubst or a shell)"),
            ),
            ("a = ${MAIL_HOST}\nMAIL_HOST = x\n", None),
            ("a = ${{$b} == {} ? {x} : {y}}\nsoft_bounce = maybe\n", None),
            ("# {{ not this }}\nsoft_bounce = maybe\n", None),
        ] {
            let found = looks_like_one("main.cf", text);
            let begins =
                told.is_none_or(|told| found.as_ref().is_some_and(|found| found.starts_with(told)));
            assert!(
                begins && found.is_some() == told.is_some(),
                "{text}: {found:?}"
            );
        }
    }
}
