//! What an MTA-STS resolver says of a policy besides the policy (3.10 and later).

use super::written::{attribute, not_set};
use crate::config::host_name_fault;
use crate::event::{EntryFault, HostNameFault, Notice, PolicyNotice};

/// Facts about a policy that was found elsewhere; it is named in TLSRPT reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct External {
    /// `policy_type`.
    pub kind: ExternalKind,
    /// `policy_domain`.
    pub domain: Option<String>,
    /// `policy_ttl`, in seconds.
    pub ttl: Option<u32>,
    /// `policy_failure`: why the policy could not be had, and why no certificate is good enough.
    pub failure: Option<String>,
    /// `policy_string`, each.
    pub strings: Vec<String>,
    /// `mx_host_pattern`, each.
    pub mx_host_patterns: Vec<String>,
}

/// What kind of policy was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExternalKind {
    /// An MTA-STS policy (RFC 8461).
    Sts,
    /// None.
    NoPolicyFound,
}

impl External {
    /// Whether the policy says which MX hosts may be used.
    pub fn limits_mx_hosts(&self) -> bool {
        self.kind == ExternalKind::Sts && !self.mx_host_patterns.is_empty()
    }

    /// Whether `host`, in A-labels, is one of the MX hosts of the policy. `*.` stands for one label (RFC 8461 §4.1).
    pub fn allows_mx(&self, host: &str) -> bool {
        let parent = host.split_once('.').filter(|(label, _)| !label.is_empty());
        let allows = |pattern: &String| {
            let any_label = pattern.strip_prefix("*.").filter(|rest| !rest.is_empty());
            host.eq_ignore_ascii_case(pattern)
                || any_label
                    .zip(parent)
                    .is_some_and(|(rest, (_, parent))| parent.eq_ignore_ascii_case(rest))
        };
        self.mx_host_patterns.iter().any(allows)
    }
}

/// The facts that can be given, as they come.
#[derive(Default)]
pub(super) struct Facts {
    kind: Option<ExternalKind>,
    domain: Option<String>,
    ttl: Option<u32>,
    failure: Option<String>,
    strings: Vec<String>,
    mx_host_patterns: Vec<String>,
}

/// The failures that TLSRPT can report of a policy (src/tls/tlsrpt_wrapper.c).
const FAILURES: [&str; 4] = [
    "sts-policy-fetch-error",
    "sts-policy-invalid",
    "sts-webpki-invalid",
    "validation-failure",
];

impl Facts {
    /// Sets the attribute whose name is `folded` in lower case and was written as `name`; whether there is one.
    ///
    /// # Errors
    /// What is wrong.
    pub(super) fn set(
        &mut self,
        folded: &str,
        name: &str,
        value: &str,
        log: &mut Vec<Notice>,
    ) -> Result<bool, EntryFault> {
        let malformed = || EntryFault::BadValue(attribute(name, value));
        let unexpected = || EntryFault::Unexpected(attribute(name, value));
        match folded {
            "policy_type" => {
                not_set(&self.kind, name)?;
                self.kind = Some(kind(value).ok_or_else(unexpected)?);
            }
            "policy_domain" => {
                not_set(&self.domain, name)?;
                if let Some(fault) = host_name_fault(value) {
                    log.push(no_host_name(fault, value).into());
                    return Err(malformed());
                }
                self.domain = Some(value.to_owned());
            }
            "policy_ttl" => {
                not_set(&self.ttl, name)?;
                self.ttl = Some(seconds(value).ok_or_else(malformed)?);
            }
            "policy_failure" => {
                not_set(&self.failure, name)?;
                let known = FAILURES
                    .iter()
                    .any(|known| known.eq_ignore_ascii_case(value));
                self.failure = Some(known.then(|| value.to_owned()).ok_or_else(unexpected)?);
            }
            "policy_string" => self.strings.push(value.to_owned()),
            "mx_host_pattern" => self.mx_host_patterns.push(value.to_owned()),
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Whether the type is given, if anything is.
    ///
    /// # Errors
    /// That it is not.
    pub(super) fn check(&self) -> Result<(), EntryFault> {
        let is_silent = self.domain.is_none()
            && self.ttl.is_none()
            && self.failure.is_none()
            && self.strings.is_empty()
            && self.mx_host_patterns.is_empty();
        if self.kind.is_some() || is_silent {
            return Ok(());
        }
        Err(EntryFault::NoPolicyType)
    }

    /// All of them, if the type is given.
    pub(super) fn into_external(self) -> Option<External> {
        Some(External {
            kind: self.kind?,
            domain: self.domain,
            ttl: self.ttl,
            failure: self.failure,
            strings: self.strings,
            mx_host_patterns: self.mx_host_patterns,
        })
    }
}

/// Digits alone; Postfix keeps the number in an `int`.
fn seconds(digits: &str) -> Option<u32> {
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    let seconds: i32 = digits.parse().ok().filter(|_| is_number)?;
    seconds.try_into().ok()
}

fn kind(word: &str) -> Option<ExternalKind> {
    match word.to_ascii_lowercase().as_str() {
        "sts" => Some(ExternalKind::Sts),
        "no-policy-found" => Some(ExternalKind::NoPolicyFound),
        _ => None,
    }
}

/// A domain that is not a host name; not all of a long one is repeated.
fn no_host_name(fault: HostNameFault, name: &str) -> PolicyNotice {
    let shown: String = name.chars().take(100).collect();
    let name = shown.into();
    PolicyNotice::BadHostName { name, fault }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_one_label() {
        let policy = External {
            kind: ExternalKind::Sts,
            domain: Some("example.test".to_owned()),
            ttl: None,
            failure: None,
            strings: Vec::new(),
            mx_host_patterns: vec!["*.Example.test".to_owned(), "mx.other.test".to_owned()],
        };
        assert!(policy.limits_mx_hosts());
        for host in ["mx1.example.TEST", "MX.other.test"] {
            assert!(policy.allows_mx(host), "{host}");
        }
        for host in [
            "a.mx1.example.test",
            "example.test",
            ".example.test",
            "mx2.other.test",
        ] {
            assert!(!policy.allows_mx(host), "{host}");
        }
    }
}
