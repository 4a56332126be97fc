//! About what tables say of TLS and of routes (src/smtp/smtp_tls_policy.c, smtp_reqtls_policy.c; src/util/valid_hostname.c;
//! src/global/yana_policy.c; src/trivial-rewrite/transport.c).

use super::sentence::{Sentence, warning};
use super::table::word_fault;
use crate::event::{Attribute, EntryFault, HostNameFault, PolicyNotice, RequireTlsFault, SiteKey};

/// How Postfix registers a table that it opens with the flags of `smtp_requiretls_policy` (src/util/dict.c).
const FLAGS: &str = "(0,lock|fold_fix|utf8_request)";

pub(super) fn sentence(notice: &PolicyNotice) -> Sentence {
    warning(match notice {
        PolicyNotice::Entry {
            parameter,
            destination,
            fault,
        } => format!(
            "{parameter}, next-hop destination \"{destination}\": {}",
            entry_fault(fault)
        ),
        PolicyNotice::BadHostName { name, fault } => match fault {
            HostNameFault::Empty => format!("valid_hostname: {fault}"),
            HostNameFault::Character(byte) => {
                format!("valid_hostname: {fault} {byte}(decimal): {name}")
            }
            HostNameFault::Length(length) => {
                format!("valid_hostname: {fault} {length} for {name}...")
            }
            HostNameFault::Delimiter
            | HostNameFault::Hyphen
            | HostNameFault::LongLabel
            | HostNameFault::Numeric => format!("valid_hostname: {fault}: {name}"),
        },
        PolicyNotice::UnknownSiteWord {
            parameter,
            of,
            key,
            word,
        } => format!(
            "{parameter}: unknown TLS policy '{word}' for {} {key}",
            whose(*of)
        ),
        PolicyNotice::SiteLookupFailed { parameter, of, key } => format!(
            "{parameter}: {} \"{key}\": per-site table lookup error",
            whose(*of)
        ),
        PolicyNotice::RequireTls(fault) => require_tls_fault(fault),
        PolicyNotice::OddPeerName { host } => {
            format!("yana_policy_lookup: ignoring malformed peer name: '{host}'")
        }
        PolicyNotice::RouteLookupFailed { parameter } => format!("{parameter} lookup failure"),
        PolicyNotice::NullRoute { parameter, key } => {
            format!("{parameter}: ignoring null lookup result for {key}")
        }
        PolicyNotice::NoTransport {
            config_directory,
            parameter,
        } => format!(
            "file {config_directory}/main.cf: parameter {parameter}: null transport is not allowed"
        ),
    })
}

const fn whose(of: SiteKey) -> &'static str {
    match of {
        SiteKey::NextHop => "next-hop destination",
        SiteKey::Host => "server hostname",
    }
}

fn entry_fault(fault: &EntryFault) -> String {
    match fault {
        EntryFault::LookupFailed => "policy table lookup error".to_owned(),
        EntryFault::Empty => "invalid empty policy".to_owned(),
        EntryFault::BadLevel(word) => format!("invalid security level \"{word}\""),
        EntryFault::WithoutTls(word) => {
            format!("ignoring attribute \"{word}\" with TLS disabled")
        }
        EntryFault::Malformed { word, fault } => format!(
            "malformed attribute/value pair \"{word}\": {}",
            word_fault(fault)
        ),
        EntryFault::UnknownName(name) => format!("invalid attribute name: \"{name}\""),
        EntryFault::Twice(name) => format!("attribute \"{name}\" is specified multiple times"),
        EntryFault::NoValue(name) => format!("attribute \"{name}\" has empty value"),
        EntryFault::NotYesOrNo(Attribute { name, value }) => {
            format!("attribute \"{name}\" has bad value: \"{value}\"")
        }
        EntryFault::BadValue(Attribute { name, value }) => {
            format!("attribute \"{name}\" has a malformed value: \"{value}\"")
        }
        EntryFault::Unexpected(Attribute { name, value }) => {
            format!("attribute \"{name}\" has an unexpected value: \"{value}\"")
        }
        EntryFault::NoHostName(Attribute { name, value }) => {
            format!("\"{name}={value}\" specifies an invalid hostname")
        }
        EntryFault::NotAtLevel { name, level } => {
            format!("attribute \"{name}\" invalid at security level \"{level}\"")
        }
        EntryFault::NoPolicyType => {
            "built-in policy has unexpected attribute policy_ttl, policy_domain, policy_string, mx_host_pattern or \
             policy_failure"
                .to_owned()
        }
    }
}

fn require_tls_fault(fault: &RequireTlsFault) -> String {
    const NAME: &str = "smtp_requiretls_policy";
    match fault {
        RequireTlsFault::BadDestination(domain) => format!(
            "{NAME}: malformed next-hop destination: '{domain}' -- using default policy 'enforce'"
        ),
        RequireTlsFault::LookupFailed { table } => {
            format!("{NAME}: {table}: table lookup error -- ignoring the remainder of this policy")
        }
        RequireTlsFault::OddResult {
            table,
            word,
            is_table,
        } => {
            let odd = if *is_table { "nested" } else { "composite" };
            format!(
                "table {table}{FLAGS}: {odd} lookup result \"{word}\" is not allowed -- ignoring remainder of policy"
            )
        }
        RequireTlsFault::UnknownAction { table, word } => {
            let origin = match table {
                Some(table) => format!("{table}{FLAGS}"),
                None => NAME.to_owned(),
            };
            format!(
                "{origin}: unknown policy action: '{word}' -- ignoring the remainder of this policy"
            )
        }
    }
}
