//! `smtp_requiretls_policy`: how far REQUIRETLS is heeded, by destination (src/smtp/smtp_reqtls_policy.c).

use std::net::IpAddr;

use crate::event::{Notice, PolicyNotice, RequireTlsFault, TableNotice};
use crate::maps::{Dictionary, LookupError, Unsupported, braced_words};
use crate::policy::RequireTls;

/// Actions, and tables that say which action a destination calls for; the first that says anything decides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequireTlsPolicy(Vec<Item>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Item {
    /// An action, known or not.
    Word(String),
    Table(Dictionary),
}

impl RequireTlsPolicy {
    /// Reads the parameter's value, and opens its tables.
    ///
    /// # Errors
    /// [`Unsupported`] if Postfix could answer from a table and we could not, or a limit is exceeded.
    pub fn load(
        value: &str,
        read: &mut dyn FnMut(&str) -> Option<Vec<u8>>,
    ) -> Result<Self, Unsupported> {
        let item = |word: &str| {
            Ok(if word.contains(':') {
                Item::Table(Dictionary::open(word, read)?)
            } else {
                Item::Word(word.to_owned())
            })
        };
        let items = braced_words(value).map(item);
        Ok(RequireTlsPolicy(items.collect::<Result<_, _>>()?))
    }

    /// What smtp(8) remarks on when it opens the tables.
    pub fn opening_notices(&self) -> impl Iterator<Item = &TableNotice> {
        self.0.iter().flat_map(|item| match item {
            Item::Word(_) => &[][..],
            Item::Table(table) => table.opening_notices(),
        })
    }

    /// What holds for a destination without brackets and port, and what Postfix remarks on.
    pub fn of(&self, domain: &str) -> (RequireTls, Vec<Notice>) {
        for item in &self.0 {
            let table = match item {
                Item::Word(word) => return action(None, word),
                Item::Table(table) => table,
            };
            // Tables hold A-labels.
            let name = if domain.is_ascii() {
                domain.to_owned()
            } else {
                match idna::domain_to_ascii(domain) {
                    Ok(name) => name,
                    Err(_) => {
                        let fault = RequireTlsFault::BadDestination(domain.into());
                        return (RequireTls::Enforced, vec![notice(fault)]);
                    }
                }
            };
            match in_table(table, &name) {
                Ok(None) => {}
                Ok(Some(word)) => return result(table, &word),
                Err(LookupError { notices }) => {
                    let table = table.spec();
                    let failed = notice(RequireTlsFault::LookupFailed { table });
                    let tables = notices.into_iter().map(Notice::from);
                    let notices = tables.chain([failed]).collect();
                    return (RequireTls::Misconfigured, notices);
                }
            }
        }
        (RequireTls::Enforced, Vec::new())
    }
}

/// What is said of a name; where equal keys are looked for, of the nearest of its parents too, with a dot before it.
fn in_table(table: &Dictionary, name: &str) -> Result<Option<String>, LookupError> {
    let mut key = name;
    loop {
        if key.is_empty() {
            return Ok(None);
        }
        if let Some(found) = table.find(key)? {
            return Ok(Some(found));
        }
        if !table.is_fixed() || key.parse::<IpAddr>().is_ok() {
            return Ok(None);
        }
        let dot = key.char_indices().skip(1).find(|(_, c)| *c == '.');
        match dot.and_then(|(at, _)| key.get(at..)) {
            Some(parent) => key = parent,
            None => return Ok(None),
        }
    }
}

/// What a table says: one action and nothing else.
fn result(table: &Dictionary, word: &str) -> (RequireTls, Vec<Notice>) {
    let is_table = word.contains(':');
    if !is_table && !word.contains([',', ' ', '\t', '\r', '\n']) {
        return action(Some(table), word);
    }
    let odd = RequireTlsFault::OddResult {
        table: table.spec(),
        word: word.into(),
        is_table,
    };
    (RequireTls::Misconfigured, vec![notice(odd)])
}

fn notice(fault: RequireTlsFault) -> Notice {
    Notice::Policy(PolicyNotice::RequireTls(fault))
}

/// The action of a word in a table, or in the parameter itself.
fn action(table: Option<&Dictionary>, word: &str) -> (RequireTls, Vec<Notice>) {
    let known = match word.to_ascii_lowercase().as_str() {
        "enforce" => RequireTls::Enforced,
        "opportunistic+starttls" => RequireTls::StartTls,
        "opportunistic" => RequireTls::Opportunistic,
        "disable" => RequireTls::Ignored,
        "error" => RequireTls::Misconfigured,
        _ => {
            let (table, word) = (table.map(Dictionary::spec), word.into());
            let unknown = RequireTlsFault::UnknownAction { table, word };
            return (RequireTls::Misconfigured, vec![notice(unknown)]);
        }
    };
    (known, Vec::new())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::said;

    fn policy(text: &str) -> RequireTlsPolicy {
        let mut read = |path: &str| {
            let text = "/^(mx\\.)?a\\.test$/ disable\n/empty/\n";
            (path == "/etc/names").then(|| text.into())
        };
        RequireTlsPolicy::load(text, &mut read).unwrap()
    }

    fn of(text: &str, domain: &str) -> RequireTls {
        policy(text).of(domain).0
    }

    #[test]
    fn the_default_enforces_it_for_public_destinations() {
        let text = "inline:{{client.test=opportunistic}, {.client.test=opportunistic}, \
             {localhost=opportunistic}}, cidr:{{0.0.0.0/0 opportunistic}, {::/0 opportunistic}}, enforce";
        for (domain, expected) in [
            ("example.test", RequireTls::Enforced),
            ("client.test", RequireTls::Opportunistic),
            ("Mx.A.client.test", RequireTls::Opportunistic),
            ("notclient.test", RequireTls::Enforced),
            ("localhost", RequireTls::Opportunistic),
            ("192.0.2.1", RequireTls::Opportunistic),
            ("2001:db8::1", RequireTls::Opportunistic),
        ] {
            assert_eq!(of(text, domain), expected, "{domain}");
        }
    }

    #[test]
    fn the_nearest_name_and_the_first_item_decide() {
        let text =
            "inline:{ .example.test=disable, {a.example.test = opportunistic+starttls} } error";
        assert_eq!(of(text, "a.example.test"), RequireTls::StartTls);
        assert_eq!(of(text, "b.example.test"), RequireTls::Ignored);
        assert_eq!(of(text, "example.test"), RequireTls::Misconfigured);
        assert_eq!(
            of("cidr:{{192.0.2.0/24 disable}}", "192.0.3.1"),
            RequireTls::Enforced
        );
        assert_eq!(of("", "example.test"), RequireTls::Enforced);
    }

    #[test]
    fn patterns_see_the_whole_name_and_no_parents() {
        assert_eq!(of("regexp:/etc/names", "mx.a.test"), RequireTls::Ignored);
        assert_eq!(
            of("regexp:/etc/names opportunistic", "b.a.test"),
            RequireTls::Opportunistic
        );
        // Tables within tables answer as the first of them does.
        let union = "unionmap:{inline:{.test=disable},static:error}";
        assert_eq!(of(union, "a.test"), RequireTls::Misconfigured);
        assert_eq!(
            of("pipemap:{inline:{.test=x},inline:{x=disable}}", "a.test"),
            RequireTls::Ignored
        );
    }

    #[test]
    fn a_name_outside_ascii_is_looked_up_by_its_a_labels() {
        let text = "inline:{xn--bcher-kva.test=disable}";
        assert_eq!(of(text, "b\u{fc}cher.test"), RequireTls::Ignored);
    }

    #[test]
    fn what_makes_no_sense_is_warned_of() {
        for (text, warning) in [
            // v312-rt-bogus-nokeyword
            (
                "bogus",
                "warning: smtp_requiretls_policy: unknown policy action: 'bogus' -- ignoring the remainder of this policy",
            ),
            (
                "inline:{a=hash:x}",
                "warning: table inline:{a=hash:x}(0,lock|fold_fix|utf8_request): nested lookup result \"hash:x\" is \
                 not allowed -- ignoring remainder of policy",
            ),
            (
                "static:{enforce, disable}",
                "warning: table static:{enforce, disable}(0,lock|fold_fix|utf8_request): composite lookup result \
                 \"enforce, disable\" is not allowed -- ignoring remainder of policy",
            ),
            (
                "fail:x",
                "warning: smtp_requiretls_policy: fail:x: table lookup error -- ignoring the remainder of this policy",
            ),
        ] {
            let (heeded, notices) = policy(text).of("a");
            assert_eq!(heeded, RequireTls::Misconfigured);
            assert_eq!(said(&notices), [warning], "{text}");
        }
    }

    #[test]
    fn a_table_that_is_not_there_spoils_the_policy() {
        let missing = policy("hash:/etc/nosuch opportunistic");
        let reason = "open database /etc/nosuch.db: No such file or directory";
        let opening = said(missing.opening_notices());
        assert_eq!(opening, [format!("error: {reason}")]);
        let (heeded, notices) = missing.of("a.test");
        assert_eq!(heeded, RequireTls::Misconfigured);
        assert_eq!(
            said(&notices),
            [
                format!("warning: hash:/etc/nosuch is unavailable. {reason}"),
                "warning: smtp_requiretls_policy: hash:/etc/nosuch: table lookup error -- ignoring the remainder of \
                 this policy"
                    .to_owned(),
            ]
        );
    }
}
