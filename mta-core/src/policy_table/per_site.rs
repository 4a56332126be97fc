//! `smtp_tls_per_site`: a word for a destination and a word for its host, put together.

use crate::event::{Notice, PolicyNotice, SiteKey};
use crate::maps::Maps;
use crate::policy::Level;

/// What the tables say of a destination and a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Site {
    /// Nothing: what main.cf says holds.
    Nothing,
    /// This level, in the place of main.cf's.
    Level(Level),
    /// A word that means nothing: mail to the host waits.
    Unknown {
        /// What Postfix remarks on.
        notices: Vec<Notice>,
    },
    /// No answer: mail to the host waits, with `4.3.0 Temporary lookup error`.
    Failed {
        /// What Postfix remarks on.
        notices: Vec<Notice>,
    },
}

/// Looks up what is said of `nexthop` and of its server `host`; `global` is the level of main.cf.
pub(crate) fn look_up_site(maps: &Maps, nexthop: &str, host: &str, global: Level) -> Site {
    let mut keys = vec![(nexthop, SiteKey::NextHop)];
    if nexthop.to_lowercase() != host.to_lowercase() {
        keys.push((host, SiteKey::Host));
    }
    let mut site = None;
    for (key, of) in keys {
        let parameter = maps.title().into();
        match maps.find(key) {
            Ok(None) => {}
            Ok(Some(word)) => match combined(site, &word) {
                Some(level) => site = Some(level),
                None => {
                    let notice = PolicyNotice::UnknownSiteWord {
                        parameter,
                        of,
                        key: key.into(),
                        word: word.into(),
                    };
                    let notices = vec![notice.into()];
                    return Site::Unknown { notices };
                }
            },
            Err(fault) => {
                let key = key.into();
                let failed = PolicyNotice::SiteLookupFailed { parameter, of, key };
                let tables = fault.notices.into_iter().map(Notice::from);
                let notices = tables.chain([failed.into()]).collect();
                return Site::Failed { notices };
            }
        }
    }
    match site {
        None => Site::Nothing,
        // MAY is a wildcard, which a stronger level of main.cf overrides.
        Some(Level::May) => Site::Level(global.max(Level::May)),
        Some(level) => Site::Level(level),
    }
}

/// What `word` makes of the level so far. NONE is stronger than MAY, and weaker than the others.
fn combined(so_far: Option<Level>, word: &str) -> Option<Level> {
    Some(match word.to_ascii_uppercase().as_str() {
        "NONE" => so_far
            .filter(|level| *level > Level::May)
            .unwrap_or(Level::None),
        "MAY" => so_far.unwrap_or(Level::May),
        "MUST_NOPEERMATCH" => so_far.map_or(Level::Encrypt, |level| level.max(Level::Encrypt)),
        "MUST" => Level::Verify,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::said;

    fn site(nexthop: &str, host: &str, global: Level) -> Site {
        let table = format!("inline:{{ {{example.test={nexthop}}}, {{mx.example.test={host}}} }}");
        let maps = Maps::load("smtp_tls_per_site", &table, &mut |_| None).unwrap();
        look_up_site(&maps, "Example.test", "mx.example.test", global)
    }

    #[test]
    fn two_words_are_put_together_in_order() {
        for (nexthop, host, level) in [
            ("NONE", "may", Level::None),
            ("MAY", "NONE", Level::None),
            ("MAY", "MAY", Level::May),
            ("NONE", "MUST_NOPEERMATCH", Level::Encrypt),
            ("MUST", "MUST_NOPEERMATCH", Level::Verify),
            ("MUST_NOPEERMATCH", "NONE", Level::Encrypt),
            ("NONE", "MUST", Level::Verify),
        ] {
            assert_eq!(
                site(nexthop, host, Level::None),
                Site::Level(level),
                "{nexthop} {host}"
            );
        }
    }

    #[test]
    fn only_may_gives_way_to_main_cf() {
        assert_eq!(
            site("MAY", "MAY", Level::Secure),
            Site::Level(Level::Secure)
        );
        assert_eq!(site("NONE", "MAY", Level::Secure), Site::Level(Level::None));
        assert_eq!(
            site("MUST", "MAY", Level::Secure),
            Site::Level(Level::Verify)
        );
    }

    #[test]
    fn an_unknown_word_and_a_broken_table_are_told_apart() {
        for (nexthop, host, key) in [
            ("FOO", "MUST", "next-hop destination Example.test"),
            ("MUST", "FOO", "server hostname mx.example.test"),
        ] {
            let line = format!("warning: smtp_tls_per_site: unknown TLS policy 'FOO' for {key}");
            let Site::Unknown { notices } = site(nexthop, host, Level::May) else {
                panic!("{nexthop} {host}");
            };
            assert_eq!(said(&notices), [line]);
        }
        let maps = Maps::load("smtp_tls_per_site", "fail:x", &mut |_| None).unwrap();
        let failed = look_up_site(&maps, "a.test", "mx.a.test", Level::May);
        let Site::Failed { notices } = failed else {
            panic!("{failed:?}");
        };
        assert_eq!(
            said(&notices),
            [
                "warning: fail:x lookup error for \"a.test\"",
                "warning: smtp_tls_per_site: next-hop destination \"a.test\": per-site table lookup error",
            ]
        );
    }

    #[test]
    fn there_are_no_parents_and_no_second_look_at_the_same_name() {
        let maps = Maps::load("smtp_tls_per_site", "inline:{.test=MUST}", &mut |_| None).unwrap();
        assert_eq!(
            look_up_site(&maps, "a.test", "A.test", Level::May),
            Site::Nothing
        );
    }
}
