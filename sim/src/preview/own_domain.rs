//! Domains whose mail does not go out as it is: those of the machine itself.

use std::fmt;

use mta_core::config::{MainCf, Settings};
use mta_core::maps::{Maps, written};
use serde::Serialize;

/// A destination whose mail does not go out as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OwnDomain {
    /// The domain.
    pub domain: String,
    /// The parameter that has it.
    pub parameter: &'static str,
    /// The main.cf.
    pub file: String,
    /// The line there, if the parameter is set.
    pub line: Option<u32>,
}

impl fmt::Display for OwnDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let OwnDomain {
            domain,
            parameter,
            file,
            ..
        } = self;
        write!(
            f,
            "{domain}: one of this machine's own domains ({parameter}, {file}"
        )?;
        match self.line {
            Some(line) => write!(f, ":{line})")?,
            None => f.write_str(", by default)")?,
        }
        f.write_str(match *parameter {
            "virtual_alias_domains" => {
                "; its addresses stand for others, and mail goes where those lead"
            }
            _ => "; mail for it is delivered here and does not go out",
        })
    }
}

/// Whether the domain is one of the machine's own (src/global/resolve_local.c; src/util/match_list.c). A table without an
/// answer has no entry.
pub(super) fn own_domain(
    domain: &str,
    settings: &Settings,
    main_cf: &MainCf,
    read: &mut dyn FnMut(&str) -> Option<Vec<u8>>,
) -> Option<OwnDomain> {
    let mut is_in = |list: &str| {
        written(list).into_iter().any(|word| {
            if word.contains(':') {
                let table = Maps::load("domains", word, read).ok();
                let found = table.and_then(|table| table.find_part(domain).ok().flatten());
                return found.is_some();
            }
            let below = word.strip_prefix('.').is_some_and(|_| {
                let at = domain.len().checked_sub(word.len());
                at.and_then(|at| domain.get(at..))
                    .is_some_and(|end| end.eq_ignore_ascii_case(word))
            });
            below || word.eq_ignore_ascii_case(domain)
        })
    };
    let lists = settings.routing.own_domains.iter();
    let (parameter, _) = lists.into_iter().find(|(_, list)| is_in(list))?;
    let entry = main_cf.get(parameter);
    Some(OwnDomain {
        domain: domain.to_owned(),
        parameter,
        file: main_cf.file().to_owned(),
        line: entry.and_then(|entry| entry.place.line()),
    })
}

#[cfg(test)]
mod tests {
    use super::super::Question;

    fn own(main_cf: &str, to: &str) -> Vec<String> {
        let question = Question {
            main_cf: main_cf.into(),
            domains: vec![to.to_owned()],
            ..Question::default()
        };
        let preview = question.answer().unwrap();
        assert_eq!(
            preview.destinations.is_empty(),
            !preview.own_domains.is_empty()
        );
        let told = preview.own_domains.iter();
        told.map(ToString::to_string).collect()
    }

    #[test]
    fn mail_for_this_machine_does_not_go_out() {
        let main_cf =
            "myhostname = mx.example.org\nmydestination = $myhostname, Example.org, .inside.test\n";
        assert_eq!(
            own(main_cf, "example.org"),
            [
                "example.org: one of this machine's own domains (mydestination, main.cf:2); mail for it is delivered here and does not go out"
            ]
        );
        assert_eq!(own(main_cf, "a.inside.test").len(), 1);
        assert_eq!(own(main_cf, "mx.example.org").len(), 1);
        assert!(own(main_cf, "www.example.org").is_empty());
        assert!(own(main_cf, "inside.test").is_empty());
    }

    #[test]
    fn domains_of_tables_and_by_default_are_own_ones_too() {
        let main_cf =
            "virtual_alias_maps = inline:{ {shop.test=anything}, {info@shop.test=me@else.test} }\n";
        let told = own(main_cf, "shop.test");
        assert!(
            told[0].contains(
                "(virtual_alias_domains, main.cf, by default); its addresses stand for others"
            ),
            "{told:?}"
        );
        let main_cf = "virtual_mailbox_domains = hash:/gone, box.test\n";
        assert_eq!(own(main_cf, "box.test").len(), 1);
        assert!(own(main_cf, "gmail.com").is_empty());
    }

    #[test]
    fn a_route_comes_before_it() {
        let main_cf = "mydestination = example.org\ntransport_maps = inline:{ {example.org=smtp:[inner.test]} }\n";
        assert!(own(main_cf, "example.org").is_empty());
    }
}
