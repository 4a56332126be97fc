//! The rules that decisions rest on, each with its source.
//!
//! `R-…` are the project's rule ids: one id names the rule in code, scenarios and documents.

/// A rule that decided something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// The level comes from `smtp_tls_security_level` (or what stands in for it).
    GlobalLevel,
    /// The policy comes from `smtp_tls_policy_maps` or `smtp_tls_per_site`.
    PolicyTable,
    /// DANE is asked for, and the settings make it impossible: no TLSA record is looked for.
    DaneImpossible,
    /// Nobody vouches for the MX records, so TLSA records count for less.
    InsecureMx,
    /// There are no TLSA records that anybody vouches for.
    NoTlsaRecords,
    /// There are TLSA records: the server must match.
    TlsaRecords,
    /// The second try of a server goes without TLS, whatever the policy.
    PlaintextRetry,
    /// Level `none`: STARTTLS is not sent.
    LevelNone,
    /// STARTTLS is not offered and not required.
    StartTlsNotOffered,
    /// STARTTLS is not offered and TLS is required.
    StartTlsMissing,
    /// STARTTLS was refused and TLS is not required.
    StartTlsRefused,
    /// STARTTLS was refused and TLS is required.
    StartTlsDenied,
    /// The TLS engine could not be set up, and TLS is not required.
    NoEngine,
    /// The TLS engine could not be set up, and TLS is required.
    EngineRequired,
    /// Bytes came behind the reply to STARTTLS, outside TLS.
    BytesBehindStartTls,
    /// EHLO was refused: HELO on the same connection, and no extensions.
    EhloRefused,
    /// The connection failed while the reply to STARTTLS was owed.
    StartTlsReplyLost,
    /// TLS failed for an old message: the same address again, in cleartext.
    OldMessageFallsBack,
    /// TLS failed for a young message: no cleartext yet.
    YoungMessageWaits,
    /// TLS failed where TLS is required: no cleartext ever.
    NoFallbackWhereRequired,
    /// A temporary failure, and another server is left.
    NextServer,
    /// A temporary failure at the last server.
    LastServer,
    /// A permanent failure ends the matter, whatever servers are left.
    PermanentFailure,
    /// The chain leads to a trusted root.
    ChainTrusted,
    /// The chain does not lead to a trusted root.
    ChainUntrusted,
    /// The chain leads to a trusted root, and the certificate is for a name that the policy accepts.
    NameMatches,
    /// The certificate is for other names than the policy accepts.
    OtherName,
    /// A TLSA record or a fingerprint means the certificate.
    RecordMatches,
    /// No TLSA record, fingerprint or trust anchor means the certificate.
    NoRecordMatches,
    /// No TLSA record can be used: TLS, and any certificate will do.
    RecordsUnusable,
    /// A resumed session keeps the verdict of its full handshake.
    VerdictKept,
    /// There are MX records.
    MxFound,
    /// No MX record: the domain's own address.
    ImplicitMx,
    /// The domain takes no mail.
    NullMx,
    /// The server goes by our own name.
    LoopsBack,
    /// The message says `TLS-Required: no`.
    TlsOptional,
    /// The sender asks for REQUIRETLS, and something that it takes is missing.
    RequireTlsUnmet,
    /// Credentials are known and AUTH is not offered: no login.
    AuthNotOffered,
    /// AUTH is offered and no credentials are known: no login.
    NoCredentials,
    /// No mechanism is both offered and permitted.
    NoMechanism,
    /// The server took the login.
    LoggedIn,
    /// The server refused the login, or the client gave it up.
    LoginFailed,
    /// The server refused the login before, and is not asked again.
    LoginRefusedBefore,
    /// The message stayed too long.
    QueueLifetime,
}

impl Rule {
    /// All of them, in the order of their numbers.
    pub const ALL: [Rule; 44] = [
        Rule::GlobalLevel,
        Rule::PolicyTable,
        Rule::DaneImpossible,
        Rule::InsecureMx,
        Rule::NoTlsaRecords,
        Rule::TlsaRecords,
        Rule::PlaintextRetry,
        Rule::LevelNone,
        Rule::StartTlsNotOffered,
        Rule::StartTlsMissing,
        Rule::StartTlsRefused,
        Rule::StartTlsDenied,
        Rule::NoEngine,
        Rule::EngineRequired,
        Rule::BytesBehindStartTls,
        Rule::EhloRefused,
        Rule::StartTlsReplyLost,
        Rule::OldMessageFallsBack,
        Rule::YoungMessageWaits,
        Rule::NoFallbackWhereRequired,
        Rule::NextServer,
        Rule::LastServer,
        Rule::PermanentFailure,
        Rule::ChainTrusted,
        Rule::ChainUntrusted,
        Rule::NameMatches,
        Rule::OtherName,
        Rule::RecordMatches,
        Rule::NoRecordMatches,
        Rule::RecordsUnusable,
        Rule::VerdictKept,
        Rule::MxFound,
        Rule::ImplicitMx,
        Rule::NullMx,
        Rule::LoopsBack,
        Rule::TlsOptional,
        Rule::RequireTlsUnmet,
        Rule::AuthNotOffered,
        Rule::NoCredentials,
        Rule::NoMechanism,
        Rule::LoggedIn,
        Rule::LoginFailed,
        Rule::LoginRefusedBefore,
        Rule::QueueLifetime,
    ];

    /// A short name, for reports.
    pub const fn name(self) -> &'static str {
        self.row().0
    }

    /// The rule in a sentence.
    pub const fn says(self) -> &'static str {
        self.row().1
    }

    /// Where it is written or observed.
    pub const fn source(self) -> &'static str {
        self.row().2
    }

    const fn row(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Rule::GlobalLevel => (
                "global-level",
                "the level is that of smtp_tls_security_level",
                "Postfix smtp_tls_policy.c global_tls_level",
            ),
            Rule::PolicyTable => (
                "policy-table",
                "the policy is that of the administrator's table for the destination",
                "Postfix smtp_tls_policy_maps, smtp_tls_per_site; smtp_tls_policy.c",
            ),
            Rule::DaneImpossible => (
                "dane-impossible",
                "DANE is asked for, and the settings leave no trust in DNS",
                "Postfix smtp_tls_policy.c dane_init",
            ),
            Rule::InsecureMx => (
                "insecure-mx",
                "nobody vouches for the MX records, so TLSA records count for less",
                "RFC 7672 §2.2.1; Postfix smtp_tls_dane_insecure_mx_policy",
            ),
            Rule::NoTlsaRecords => (
                "no-tlsa-records",
                "there are no TLSA records that anybody vouches for: no more than opportunistic TLS",
                "RFC 7672 §2.2; Postfix smtp_tls_policy.c dane_init",
            ),
            Rule::TlsaRecords => (
                "tlsa-records",
                "there are TLSA records: TLS is required, and the server must match",
                "RFC 7672 §2.2; Postfix smtp_tls_policy.c dane_init",
            ),
            Rule::PlaintextRetry => (
                "plaintext-retry",
                "the second connection to this address goes without TLS",
                "R-PFX-01; Postfix smtp_connect.c retry_plain",
            ),
            Rule::LevelNone => (
                "level-none",
                "level none never sends STARTTLS",
                "R-STLS-01; Postfix smtp_tls_security_level",
            ),
            Rule::StartTlsNotOffered => (
                "starttls-not-offered",
                "the server offers no STARTTLS and the level does not ask for it: clear text",
                "R-STLS-01; RFC 3207 §4; Postfix smtp_proto.c",
            ),
            Rule::StartTlsMissing => (
                "starttls-missing",
                "the server offers no STARTTLS and the level requires TLS",
                "R-STLS-01; Postfix smtp_proto.c (4.7.4)",
            ),
            Rule::StartTlsRefused => (
                "starttls-refused",
                "the server refused STARTTLS: clear text on the same connection",
                "R-STLS-04; RFC 3207 §4.1; Postfix smtp_proto.c",
            ),
            Rule::StartTlsDenied => (
                "starttls-denied",
                "the server refused STARTTLS and the level requires TLS; its reply's class decides",
                "R-STLS-04; R-DEC-02; Postfix smtp_proto.c",
            ),
            Rule::NoEngine => (
                "no-engine",
                "TLS could not be set up here and is not required: clear text",
                "R-PFX-10; Postfix smtp.c pre_init",
            ),
            Rule::EngineRequired => (
                "engine-required",
                "TLS could not be set up here and is required",
                "R-PFX-10; Postfix smtp_proto.c (4.7.5)",
            ),
            Rule::BytesBehindStartTls => (
                "bytes-behind-starttls",
                "what came behind the reply to STARTTLS was dropped unread",
                "R-STLS-07; RFC 3207 §4.2; Postfix vstream_fpurge",
            ),
            Rule::EhloRefused => (
                "ehlo-refused",
                "EHLO was refused: HELO, and with it no extension",
                "R-SMTP-03; RFC 5321 §3.2; Postfix smtp_proto.c",
            ),
            Rule::StartTlsReplyLost => (
                "starttls-reply-lost",
                "the reply to STARTTLS never came: not a failed handshake, so never clear text",
                "R-STLS-13; Postfix smtp_proto.c",
            ),
            Rule::OldMessageFallsBack => (
                "old-message-falls-back",
                "TLS failed, level may, message older than minimal_backoff_time: same address in clear text",
                "R-PFX-01; Postfix smtp.h PLAINTEXT_FALLBACK_OK",
            ),
            Rule::YoungMessageWaits => (
                "young-message-waits",
                "TLS failed, level may, message younger than minimal_backoff_time: no clear text yet",
                "R-PFX-01; Postfix smtp.h PLAINTEXT_FALLBACK_OK",
            ),
            Rule::NoFallbackWhereRequired => (
                "no-fallback-where-required",
                "TLS failed and the level requires it: never clear text",
                "R-STLS-10; R-PFX-01",
            ),
            Rule::NextServer => (
                "next-server",
                "a temporary failure, and another address is left",
                "R-SMTP-18; Postfix smtp_trouble.c",
            ),
            Rule::LastServer => (
                "last-server",
                "a temporary failure at the last address: deferred",
                "R-SMTP-18; Postfix smtp_trouble.c",
            ),
            Rule::PermanentFailure => (
                "permanent-failure",
                "a permanent failure bounces at once",
                "RFC 5321 §4.2.1; Postfix smtp_trouble.c",
            ),
            Rule::ChainTrusted => (
                "chain-trusted",
                "the chain leads to a root of smtp_tls_CAfile, and every date holds",
                "R-PFX-06; Postfix tls_client.c",
            ),
            Rule::ChainUntrusted => (
                "chain-untrusted",
                "the chain does not lead to a root of smtp_tls_CAfile; at this level that only colours the log",
                "R-PFX-06; R-TLS-13; RFC 7435",
            ),
            Rule::NameMatches => (
                "name-matches",
                "a trusted authority vouches for a name that the policy accepts",
                "RFC 6125 §6.4; Postfix smtp_tls_verify_cert_match, smtp_tls_secure_cert_match",
            ),
            Rule::OtherName => (
                "other-name",
                "the certificate is for other names than the policy accepts",
                "RFC 6125 §6.4; Postfix tls_verify.c; OpenSSL X509_check_host",
            ),
            Rule::RecordMatches => (
                "record-matches",
                "a TLSA record, or a fingerprint, means the certificate",
                "RFC 7671 §5; RFC 7672 §3.1; Postfix tls_dane.c; OpenSSL x509_vfy.c dane_verify",
            ),
            Rule::NoRecordMatches => (
                "no-record-matches",
                "no TLSA record, fingerprint or trust anchor means the certificate",
                "RFC 7672 §2.2; Postfix tls_verify.c (num=65)",
            ),
            Rule::RecordsUnusable => (
                "records-unusable",
                "there are TLSA records, and none can be used: TLS with anybody",
                "RFC 7672 §2.2; Postfix tls_client.c tls_client_start",
            ),
            Rule::VerdictKept => (
                "verdict-kept",
                "a resumed session keeps the verdict of the handshake that made it",
                "R-RES-06; Postfix tls_client.c (observed: cache-key-cafile)",
            ),
            Rule::MxFound => (
                "mx-found",
                "hosts come from MX records, by preference",
                "R-SMTP-15; RFC 5321 §5.1",
            ),
            Rule::ImplicitMx => (
                "implicit-mx",
                "no MX record: the domain's own address counts",
                "R-SMTP-15; RFC 5321 §5.1",
            ),
            Rule::NullMx => (
                "null-mx",
                "the domain says that it takes no mail",
                "R-NULL-01; RFC 7505 §3",
            ),
            Rule::LoopsBack => (
                "loops-back",
                "the server goes by our own name: mail would come back",
                "RFC 5321 §6.3; Postfix smtp_proto.c (observed: dlg-greet-own-name)",
            ),
            Rule::TlsOptional => (
                "tls-optional",
                "the message says TLS-Required: no, so nothing above may is asked for",
                "RFC 8689 §5; Postfix smtp_tls_policy.c STATE_TLS_NOT_REQUIRED",
            ),
            Rule::RequireTlsUnmet => (
                "requiretls-unmet",
                "the sender asks for REQUIRETLS, and it cannot be promised here",
                "RFC 8689 §4.2; Postfix smtp_requiretls_policy",
            ),
            Rule::AuthNotOffered => (
                "auth-not-offered",
                "the server does not offer AUTH: on without a login, though credentials are known",
                "R-SASL-01; Postfix smtp_proto.c smtp_helo",
            ),
            Rule::NoCredentials => (
                "no-credentials",
                "smtp_sasl_password_maps knows neither server nor destination: on without a login",
                "R-SASL-02; Postfix smtp_sasl_proto.c smtp_sasl_helo_login",
            ),
            Rule::NoMechanism => (
                "no-mechanism",
                "no mechanism is both offered and permitted on such a connection",
                "R-SASL-03; Postfix smtp_sasl_security_options, smtp_sasl_mechanism_filter; Cyrus SASL lib/client.c",
            ),
            Rule::LoggedIn => (
                "logged-in",
                "the server took the login, with the strongest mechanism that is offered and permitted",
                "R-SASL-04; RFC 4954 §4; Postfix smtp_sasl_glue.c smtp_sasl_authenticate",
            ),
            Rule::LoginFailed => (
                "login-failed",
                "the login failed: mail waits, unless smtp_sasl_auth_soft_bounce = no",
                "R-SASL-05; RFC 4954 §6; Postfix smtp_sasl_glue.c smtp_sasl_authenticate",
            ),
            Rule::LoginRefusedBefore => (
                "login-refused-before",
                "the server refused this login before: it is not tried again yet",
                "R-SASL-06; Postfix smtp_sasl_auth_cache.c",
            ),
            Rule::QueueLifetime => (
                "queue-lifetime",
                "the message was deferred for longer than maximal_queue_lifetime",
                "R-SMTP-12; Postfix qmgr_active.c",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_whole_and_no_two_rules_share_a_name() {
        for (number, rule) in Rule::ALL.into_iter().enumerate() {
            assert_eq!(rule as usize, number);
            let same = Rule::ALL.iter().filter(|other| other.name() == rule.name());
            assert_eq!(same.count(), 1, "{}", rule.name());
        }
        assert_eq!(Rule::QueueLifetime as usize + 1, Rule::ALL.len());
    }
}
