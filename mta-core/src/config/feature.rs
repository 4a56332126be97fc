//! What changed between releases of Postfix: one row a change, and the only place that compares releases.
//!
//! To simulate another release, add it to [`Release::ALL`]; add a row here for whatever no simulated release has told
//! apart so far, and ask [`Release::has`] where the two differ. Defaults and new parameters of main.cf have their
//! releases in `table.rs`.

use std::fmt;

use super::release::Release;

/// The first releases that have something, oldest first. What was ported back stands in several lines of releases,
/// with the patch level that brought it to each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Since(pub(super) &'static [Release]);

impl Since {
    /// Whether `release` is one of them or came after: a later patch level of the same line, or, where its line is not
    /// listed, a line that is newer than all that are.
    pub fn includes(self, release: Release) -> bool {
        let same_line = self.0.iter().find(|first| first.line() == release.line());
        same_line
            .or(self.0.last())
            .is_some_and(|first| release >= *first)
    }
}

impl fmt::Display for Since {
    /// `3.11` for all of a line, `3.7.13 3.8` for what was ported back.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, release) in self.0.iter().enumerate() {
            let gap = if i > 0 { " " } else { "" };
            write!(f, "{gap}{release}")?;
            if release.patch() > 0 {
                write!(f, ".{}", release.patch())?;
            }
        }
        Ok(())
    }
}

/// A [`Since`] of releases that are written `(3, 7, 13)`.
macro_rules! since {
    ($(($major:literal, $minor:literal, $patch:literal)),+) => {
        $crate::config::feature::Since(
            const { &[$($crate::config::release::Release::new($major, $minor, $patch)),+] },
        )
    };
}
pub(super) use since;

macro_rules! features {
    ($($name:ident: $what:literal, since [$($first:tt),+], from $source:literal;)+) => {
        /// Something that a release of Postfix does and an older one does not.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Feature {
            $(#[doc = $what] $name,)+
        }

        impl Feature {
            /// Every feature, in the order of the table.
            pub const ALL: &[Feature] = &[$(Feature::$name),+];

            /// What it is, in a sentence.
            pub const fn what(self) -> &'static str {
                match self {
                    $(Feature::$name => $what,)+
                }
            }

            /// The releases that brought it.
            pub const fn since(self) -> Since {
                match self {
                    $(Feature::$name => since![$($first),+],)+
                }
            }

            /// Where Postfix says so: a date in HISTORY, or a file of its sources in which it was found.
            pub const fn source(self) -> &'static str {
                match self {
                    $(Feature::$name => $source,)+
                }
            }
        }
    };
}

features! {
    // main.cf.
    UntypedTables: "A table named without its type fails when it is looked up, not when Postfix starts.",
        since [(3, 12, 0)], from "HISTORY 20260402, util/dict_open.c";
    LevelMayByDefault: "Without smtp_tls_security_level the level is may, unless compatibility_level is older; Postfix logs that.",
        since [(3, 11, 0)], from "HISTORY 20250623, smtp/smtp.c";
    EmptyGroupList: "tls_eecdh_auto_curves may be empty.",
        since [(3, 6, 17), (3, 7, 13), (3, 8, 0)], from "HISTORY 20250212, tls/tls_misc.c";
    FiniteFieldGroups: "tls_ffdhe_auto_groups adds groups for key exchange.",
        since [(3, 8, 0)], from "HISTORY 20230104, tls/tls_dh.c";
    GroupsAsOneList: "OpenSSL gets the groups as one list, and ignores unknown ones without a warning.",
        since [(3, 10, 0)], from "tls/tls_dh.c";
    LowGradesMeanMedium: "The cipher grades low and export mean medium.",
        since [(3, 8, 0)], from "HISTORY 20230303, tls/tls_misc.c";
    StsMxPatterns: "Servers that match no MX pattern of an MTA-STS policy are skipped (smtp_tls_enforce_sts_mx_patterns).",
        since [(3, 10, 5), (3, 11, 0)], from "HISTORY 20250906, smtp/smtp_connect.c";
    TlsReports: "Handshakes are reported to a TLSRPT service (RFC 8460).",
        since [(3, 10, 0)], from "RELEASE_NOTES 3.10, smtp/smtp_tlsrpt.c";
    ReportsByCompatLevel: "compatibility_level decides whether resumed sessions are reported by default.",
        since [(3, 11, 0)], from "RELEASE_NOTES 3.11 20250601, global/mail_params.h";

    // Policy tables.
    RawPublicKeys: "The policy attribute enable_rpk allows raw public keys.",
        since [(3, 9, 0)], from "HISTORY 20230807, smtp/smtp_tls_policy.c";
    DigestsReadLast: "A policy's fingerprints are parsed after the rest of it, and never give way to those of main.cf.",
        since [(3, 9, 0)], from "HISTORY 20230807, smtp/smtp_tls_policy.c";
    AttributesInBraces: "A policy attribute may be written in braces, { name = value }.",
        since [(3, 10, 0)], from "RELEASE_NOTES 3.10, util/extpar.c";
    ExternalPolicies: "Policy attributes such as policy_type describe an MTA-STS policy.",
        since [(3, 10, 0)], from "RELEASE_NOTES 3.10, smtp/smtp_tls_policy.c";

    // What a sender may ask for.
    TlsRequiredNo: "The header TLS-Required: no lowers the level to may (RFC 8689).",
        since [(3, 10, 0)], from "HISTORY 20250117, smtp/smtp_connect.c";
    RequireTls: "A sender may request REQUIRETLS (RFC 8689).",
        since [(3, 11, 0)], from "HISTORY 20241111, smtp/smtp_proto.c";
    RequireTlsHeader: "The header Require-TLS-ESMTP: yes requests REQUIRETLS.",
        since [(3, 11, 0)], from "HISTORY 20250916, cleanup/cleanup_message.c";

    // The dialogue.
    BoundedReplyLines: "A reply line of more than twice line_length_limit ends the connection.",
        since [(3, 8, 18), (3, 9, 12), (3, 10, 11), (3, 11, 4)],
        from "HISTORY 20260529, global/smtp_stream.c";
    Smtputf8Elsewhere: "If a server does not offer SMTPUTF8 and the message needs it, the next server is tried.",
        since [(3, 11, 0)], from "RELEASE_NOTES 3.11 20250824, smtp/smtp_proto.c";

    // Trust.
    MismatchLast: "A name mismatch is the last fault to be reported, and the chain still counts as trusted.",
        since [(3, 10, 4), (3, 11, 0)], from "HISTORY 20250728, tls/tls_verify.c";

    // TLS sessions and connections that are kept.
    LevelInSessionKey: "The key of a TLS session contains the level.",
        since [(3, 10, 3), (3, 11, 0)], from "HISTORY 20250619, smtp/smtp_proto.c";
    Smtputf8InKeys: "Keys of TLS sessions and of kept connections have a field for SMTPUTF8.",
        since [(3, 7, 17), (3, 8, 12), (3, 9, 6), (3, 10, 5), (3, 11, 0)],
        from "HISTORY 20250911, smtp/smtp_key.c";
    LevelInDestinationKey: "A kept connection is found by destination and level, not by destination alone.",
        since [(3, 7, 17), (3, 8, 12), (3, 9, 6), (3, 10, 3), (3, 11, 0)],
        from "HISTORY 20250619, smtp/smtp.h `SMTP_KEY_MASK_SCACHE_DEST_LABEL`";
    OneTicketPerConnection: "Only the first session ticket of a connection is stored.",
        since [(3, 11, 0)], from "HISTORY 20250728, tls/tls_client.c";

    // The log.
    ProtocolTraces: "smtp_tls_loglevel knows the word trace.",
        since [(3, 12, 0)], from "HISTORY 20260514, tls/tls_misc.c";
    CredentialWords: "Log lines say peer credential, cert fingerprint and pkey fingerprint.",
        since [(3, 9, 0)], from "HISTORY 20230807, tls/tls_client.c";
    FingerprintOfKeyLogged: "A fingerprint is logged as a TLSA record twice: for the certificate and for its key.",
        since [(3, 9, 0)], from "HISTORY 20230807, tls/tls_dane.c";
    ResumedWithoutSignature: "A resumed TLS 1.3 session is logged without server-signature.",
        since [(3, 6, 17), (3, 7, 13), (3, 8, 8), (3, 9, 2), (3, 10, 0)],
        from "HISTORY 20250212, tls/tls_misc.c";
    GroupNames: "key-exchange is logged with OpenSSL's name of the group.",
        since [(3, 10, 0)], from "HISTORY 20241226, tls/tls_misc.c";
    TlsFeatureStatus: "Delivery lines contain tls= (smtp_log_tls_feature_status).",
        since [(3, 11, 0)], from "RELEASE_NOTES 3.11 20250910, global/log_adhoc.c";
    QuietTlsproxy: "tlsproxy(8) warns that its server role is disabled when that role is requested, not when it starts.",
        since [(3, 11, 0)], from "HISTORY 20251026, tlsproxy/tlsproxy.c";
}

impl Release {
    /// Whether this release has a feature.
    pub fn has(self, feature: Feature) -> bool {
        feature.since().includes(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_table_reads_as_a_list() {
        let rows: Vec<String> = Feature::ALL
            .iter()
            .map(|feature| {
                let of = |release: Release| if release.has(*feature) { "+" } else { "-" };
                let marks: Vec<String> = Release::ALL
                    .iter()
                    .map(|release| format!("{}{release}", of(*release)))
                    .collect();
                format!(
                    "{feature:?}\n  {}\n  since {} ({})\n  {}",
                    feature.what(),
                    feature.since(),
                    feature.source(),
                    marks.join(" ")
                )
            })
            .collect();
        insta::assert_snapshot!(rows.join("\n"));
    }

    #[test]
    fn what_was_ported_back_begins_with_a_patch_level_of_each_line() {
        let since = since![(3, 6, 17), (3, 7, 13), (3, 9, 2)];
        let has = |major, minor, patch| since.includes(Release::new(major, minor, patch));
        assert!(!has(3, 6, 16) && has(3, 6, 17) && has(3, 6, 20));
        assert!(!has(3, 7, 11) && has(3, 7, 13));
        assert!(!has(3, 9, 1) && has(3, 9, 2));
        // Nobody ported it to 3.5 or 3.8; whatever is newer than 3.9 came with it.
        assert!(!has(3, 5, 27) && !has(3, 8, 20));
        assert!(has(3, 10, 0) && has(4, 0, 0));
    }

    #[test]
    fn first_releases_are_in_order_and_one_a_line() {
        for feature in Feature::ALL {
            let since = feature.since();
            let lines: BTreeSet<_> = since.0.iter().map(|first| first.line()).collect();
            assert!(since.0.is_sorted() && !since.0.is_empty(), "{feature:?}");
            assert_eq!(lines.len(), since.0.len(), "{feature:?}");
        }
    }

    #[test]
    fn each_feature_tells_simulated_releases_apart() {
        for feature in Feature::ALL {
            let having: BTreeSet<bool> = Release::ALL.map(|release| release.has(*feature)).into();
            assert_eq!(having.len(), 2, "{feature:?} changes nothing");
        }
    }
}
