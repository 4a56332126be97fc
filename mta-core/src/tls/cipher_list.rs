//! Cipher grades and lists: what Postfix hands to OpenSSL, and what OpenSSL makes of it (src/tls/tls_misc.c
//! `tls_set_ciphers`; ciphers(1)).

use super::suites::{Suite, all};
use crate::config::{CipherSettings, Feature, Release};
use crate::policy::{Level, Policy};

/// What a handshake may agree on before TLS 1.3. The suites of TLS 1.3 are not affected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CipherList {
    /// The list, as it is handed to OpenSSL and logged.
    pub text: String,
    /// The suites that it chooses, by OpenSSL's names, best first; never empty.
    pub suites: Vec<&'static str>,
}

/// The levels for which the lists are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Opportunistic,
    Encrypted,
    Authenticated,
}

impl Class {
    pub(super) const fn of(level: Level) -> Class {
        match level {
            Level::None | Level::May => Class::Opportunistic,
            Level::Encrypt => Class::Encrypted,
            Level::Fingerprint
            | Level::HalfDane
            | Level::Dane
            | Level::DaneOnly
            | Level::Verify
            | Level::Secure => Class::Authenticated,
        }
    }

    /// What is excluded always: without encryption TLS is not what was asked for, and without a certificate there is
    /// nobody to match.
    const fn excluded(self) -> &'static str {
        match self {
            Class::Opportunistic => "",
            Class::Encrypted => "eNULL",
            Class::Authenticated => "aNULL",
        }
    }
}

/// Why there is no list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoCiphers {
    /// No grade is called so.
    UnknownGrade(String),
    /// An exclusion begins with an operator.
    Operator(String),
    /// Nothing is left of this grade.
    NothingLeft(String),
}

impl CipherList {
    /// The list for a policy.
    ///
    /// # Errors
    /// [`NoCiphers`].
    pub fn of(
        settings: &CipherSettings,
        policy: &Policy,
        release: Release,
    ) -> Result<CipherList, NoCiphers> {
        let class = Class::of(policy.level);
        let is_mandatory = class != Class::Opportunistic;
        let grade = match &policy.grade {
            Some(grade) => grade,
            None if is_mandatory => &*settings.mandatory_grade,
            None => &settings.grade,
        };
        let base = base(settings, grade, release)
            .ok_or_else(|| NoCiphers::UnknownGrade(grade.to_owned()))?;
        let mut text = base.to_owned();
        let (usual, mandatory) = match &policy.excluded {
            Some(excluded) => (&**excluded, ""),
            None if is_mandatory => (&*settings.excluded, &*settings.mandatory_excluded),
            None => (&*settings.excluded, ""),
        };
        let excluded = [usual, mandatory, class.excluded()];
        for word in excluded.into_iter().flat_map(words) {
            if word.starts_with(['!', '+', '-', '@']) {
                return Err(NoCiphers::Operator(word.to_owned()));
            }
            text.push_str(":!");
            text.push_str(word);
        }
        let suites: Vec<&'static str> = chosen(&text).iter().map(|suite| &*suite.name).collect();
        if suites.is_empty() {
            return Err(NoCiphers::NothingLeft(grade.to_owned()));
        }
        Ok(CipherList { text, suites })
    }
}

/// The list of a grade.
fn base<'a>(settings: &'a CipherSettings, grade: &str, release: Release) -> Option<&'a str> {
    let is = |word: &str| grade.eq_ignore_ascii_case(word);
    let has_low = !release.has(Feature::LowGradesMeanMedium);
    Some(if is("high") {
        &settings.high
    } else if is("low") && has_low {
        &settings.low
    } else if is("export") && has_low {
        &settings.export
    } else if is("medium") || is("low") || is("export") {
        &settings.medium
    } else if is("null") {
        &settings.null
    } else {
        return None;
    })
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', ' ', '\t', '\r', '\n', ':'])
        .filter(|word| !word.is_empty())
}

/// What OpenSSL chooses by a list: words add suites, behind `-` they take them away, behind `!` for good, behind `+`
/// they move them to the end; `@STRENGTH` puts long keys first. A word that is not known is passed over.
fn chosen(list: &str) -> Vec<&'static Suite> {
    let mut active: Vec<&'static Suite> = Vec::new();
    let mut gone: Vec<&'static Suite> = Vec::new();
    for word in list
        .split([':', ',', ' ', ';'])
        .filter(|word| !word.is_empty())
    {
        let matches = |rule: &str, suite: &Suite| rule.split('+').all(|part| suite.is(part));
        if let Some(rule) = word.strip_prefix('!') {
            gone.extend(all().iter().filter(|suite| matches(rule, suite)));
            active.retain(|suite| !matches(rule, suite));
        } else if let Some(rule) = word.strip_prefix('-') {
            active.retain(|suite| !matches(rule, suite));
        } else if let Some(rule) = word.strip_prefix('+') {
            active.sort_by_key(|suite| matches(rule, suite));
        } else if word == "@STRENGTH" {
            active.sort_by_key(|suite| std::cmp::Reverse(suite.bits));
        } else {
            for suite in all().iter().filter(|suite| matches(word, suite)) {
                let known = |list: &[&Suite]| list.iter().any(|known| known.name == suite.name);
                if !known(&active) && !known(&gone) {
                    active.push(suite);
                }
            }
        }
    }
    active
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Settings;

    fn list(
        change: impl FnOnce(&mut CipherSettings),
        level: Level,
    ) -> Result<CipherList, NoCiphers> {
        let mut settings = Settings::default_for(Release::V3_7).tls.ciphers;
        change(&mut settings);
        CipherList::of(&settings, &Policy::of(level), Release::V3_7)
    }

    #[test]
    fn the_default_list_prefers_long_keys_and_has_every_suite_of_the_engine() {
        let list = list(|_| {}, Level::Encrypt).unwrap();
        assert_eq!(list.text, "aNULL:-aNULL:HIGH:MEDIUM:+RC4:@STRENGTH:!eNULL");
        assert_eq!(
            list.suites[..2],
            [
                "ECDHE-ECDSA-AES256-GCM-SHA384",
                "ECDHE-RSA-AES256-GCM-SHA384"
            ]
        );
        for suite in [
            "ECDHE-RSA-CHACHA20-POLY1305",
            "ECDHE-ECDSA-AES128-GCM-SHA256",
        ] {
            assert!(list.suites.contains(&suite), "{suite}");
        }
    }

    #[test]
    fn exclusions_are_told_when_they_make_no_sense_or_leave_nothing() {
        let excluding =
            |text: &str| list(|settings| settings.excluded = text.to_owned(), Level::May);
        assert_eq!(excluding("!RC4"), Err(NoCiphers::Operator("!RC4".into())));
        assert_eq!(
            excluding("ALL"),
            Err(NoCiphers::NothingLeft("medium".into()))
        );
        let list = excluding("NOSUCHCIPHER, AES256").unwrap();
        assert!(list.text.ends_with(":@STRENGTH:!NOSUCHCIPHER:!AES256"));
        assert_eq!(list.suites[0], "ECDHE-ECDSA-CHACHA20-POLY1305");
    }

    #[test]
    fn grades_have_names_in_any_case() {
        let of = |grade: &str| list(|settings| settings.grade = grade.to_owned(), Level::May);
        assert_eq!(of("HIGH").unwrap().text, "aNULL:-aNULL:HIGH:@STRENGTH");
        assert_eq!(of("bogus"), Err(NoCiphers::UnknownGrade("bogus".into())));
        let null = list(
            |settings| settings.mandatory_grade = "null".into(),
            Level::Encrypt,
        );
        assert_eq!(null, Err(NoCiphers::NothingLeft("null".into())));
        assert!(
            of("null")
                .unwrap()
                .suites
                .iter()
                .all(|suite| suite.ends_with("NULL-SHA"))
        );
    }

    #[test]
    fn suites_are_chosen_by_several_words_at_once() {
        let mine = list(
            |settings| settings.medium = "ECDHE+AESGCM".into(),
            Level::May,
        )
        .unwrap();
        assert_eq!(mine.suites.len(), 4);
        assert!(mine.suites.iter().all(|suite| suite.contains("GCM")));
    }
}
