//! MTA-STS: what a resolver of policies makes of a domain's record and policy, in the words of Postfix's tables.
//!
//! Postfix asks no HTTPS server itself: a resolver beside it does, and answers as a table of policies
//! (`smtp_tls_policy_maps`). Here that resolver's answer is worked out from data; the HTTPS exchange is not played.

mod policy;
mod record;

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use policy::{BadPolicy, Mode, Policy};
pub(crate) use record::id_of;

/// Where a world keeps the resolver's answers for `smtp_tls_policy_maps`.
pub const POLICIES_FILE: &str = "/etc/postfix/mta-sts-resolved";

/// `[[mta-sts]]`: what a domain's policy host serves, and what the resolver still has of it. The record itself is a TXT
/// record of `[[dns]]`, at `_mta-sts.` and the domain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct StsSpec {
    /// The domain whose mail it is about.
    pub domain: String,
    /// The text at `https://mta-sts.DOMAIN/.well-known/mta-sts.txt` (RFC 8461 §3.3). Absent: it cannot be had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// What was fetched earlier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cached: Option<Cached>,
}

/// A policy that was fetched earlier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Cached {
    /// The id that the record had then.
    pub id: String,
    /// The policy's text.
    pub policy: String,
    /// How long ago it was fetched.
    #[schemars(with = "crate::span::Text")]
    #[serde(
        default,
        with = "crate::span",
        skip_serializing_if = "Duration::is_zero"
    )]
    pub age: Duration,
}

impl StsSpec {
    /// The policy that is to be applied now, if there is one. `txt` are the TXT records at `_mta-sts.` and the domain;
    /// none if they cannot be looked up.
    ///
    /// RFC 8461 §3.1: unless exactly one record is a good one, no policy can be fetched. §3.3, §5.1: a cached policy is
    /// good until it expires, and is fetched anew when the record has another id.
    pub fn effective(&self, txt: Option<&[String]>) -> Option<Policy> {
        let cached = self.cached.as_ref().and_then(|cached| {
            let policy: Policy = cached.policy.parse().ok()?;
            (cached.age <= policy.max_age).then_some((cached.id.as_str(), policy))
        });
        let Some(id) = txt.and_then(id_of) else {
            return cached.map(|(_, policy)| policy);
        };
        match cached {
            Some((known, policy)) if known == id => Some(policy),
            cached => self
                .policy
                .as_ref()
                .and_then(|text| text.parse().ok())
                .or(cached.map(|(_, policy)| policy)),
        }
    }

    /// The line for `smtp_tls_policy_maps`, if the policy is to be enforced: RFC 8461 §4.1 as Postfix can say it, with
    /// the names of the servers in the place of the destination's, and the server's name in SNI.
    pub fn entry(&self, txt: Option<&[String]>) -> Option<String> {
        let policy = self.effective(txt)?;
        (policy.mode == Mode::Enforce).then(|| {
            let names: Vec<String> = policy
                .mx
                .iter()
                .map(|pattern| pattern.strip_prefix('*').unwrap_or(pattern).to_owned())
                .collect();
            let names = names.join(":");
            format!("{} secure match={names} servername=hostname\n", self.domain)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENFORCE: &str = "version: STSv1\r\nmode: enforce\r\nmx: mx1.example.test\r\nmx: *.example.test\r\nmax_age: 604800\r\n";
    const DAY: Duration = Duration::from_secs(86_400);

    fn record(id: &str) -> Vec<String> {
        vec![format!("v=STSv1; id={id};")]
    }

    fn domain(policy: Option<&str>, cached: Option<(&str, Duration)>) -> StsSpec {
        StsSpec {
            domain: "example.test".into(),
            policy: policy.map(str::to_owned),
            cached: cached.map(|(id, age)| Cached {
                id: id.into(),
                policy: ENFORCE.into(),
                age,
            }),
        }
    }

    #[test]
    fn an_enforced_policy_is_an_entry_with_the_names_of_its_servers() {
        assert_eq!(
            domain(Some(ENFORCE), None)
                .entry(Some(&record("1")))
                .as_deref(),
            Some("example.test secure match=mx1.example.test:.example.test servername=hostname\n")
        );
        for mode in ["testing", "none"] {
            let text = ENFORCE.replace("enforce", mode);
            assert_eq!(domain(Some(&text), None).entry(Some(&record("1"))), None);
        }
    }

    #[test]
    fn a_cached_policy_stands_in_until_it_expires() {
        let fresh = domain(None, Some(("1", DAY)));
        assert!(
            fresh.entry(None).is_some(),
            "the record cannot be looked up"
        );
        assert!(fresh.entry(Some(&[])).is_some(), "the record is gone");
        assert!(
            fresh.entry(Some(&record("2"))).is_some(),
            "the new policy cannot be had"
        );
        let old = domain(None, Some(("1", 7 * DAY + Duration::from_secs(1))));
        assert_eq!(old.entry(Some(&record("1"))), None);
    }

    #[test]
    fn another_id_brings_another_policy_and_the_same_id_does_not() {
        let testing = ENFORCE.replace("enforce", "testing");
        let moved = domain(Some(&testing), Some(("1", DAY)));
        assert!(moved.entry(Some(&record("1"))).is_some());
        assert_eq!(moved.entry(Some(&record("2"))), None);
    }

    #[test]
    fn without_a_record_nothing_is_fetched() {
        let never = domain(Some(ENFORCE), None);
        assert_eq!(never.entry(Some(&[])), None);
        let two = [record("1"), record("2")].concat();
        assert_eq!(never.entry(Some(&two)), None);
    }
}
