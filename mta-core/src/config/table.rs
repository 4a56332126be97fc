//! The parameters that are used, one a row.
//!
//! Defaults and limits are those of src/global/mail_params.h, src/smtp/smtp_params.c, src/qmgr/qmgr.c and
//! src/tlsmgr/tlsmgr.c, in 3.7.11 and in the 3.12 snapshot of 2026-08-21.

use super::feature::{Since, since};
use super::inet::{AddressPreference, InetProtocols};
use super::log_mask::LogMask;
use super::parameter::{Kind, Parameter};
use super::pix::PixWorkarounds;
use super::resolver_words::{INSECURE_MX_WORDS, LOOKUP_WORDS, OPTION_WORDS, SUPPORT_WORDS};
use crate::policy::Level;
use crate::sasl::SecurityOptions;

/// Algorithms that are excluded from 3.8 on (`TLS_EXCL` in src/global/mail_params.h).
macro_rules! excluded {
    () => {
        "!SEED:!IDEA:!3DES:!RC2:!RC4:!RC5:!kDH:!kECDH:!aDSS:!MD5"
    };
}
/// Every parameter that has an effect, in the order of [`Settings`](super::Settings).
#[rustfmt::skip]
pub const PARAMETERS: &[Parameter] = &[
    // Names and places.
    row("compatibility_level",               TEXT,            "0",                "whose defaults the admin has agreed to"),
    row("myhostname",                        Kind::HostName,  "",                 "our name; by default the machine's"),
    row("mydomain",                          Kind::HostName,  "",                 "our domain; by default myhostname without its first label"),
    row("smtp_helo_name",                    FILLED,          "$myhostname",      "what we call ourselves in EHLO and HELO"),
    row("config_directory",                  TEXT,            "/etc/postfix",     "where main.cf is"),
    row("data_directory",                    FILLED,          "/var/lib/postfix", "where Postfix may write"),
    row("syslog_name",                       TEXT,            SYSLOG_NAME,        "what stands before a program's name in the log"),
    // TLS.
    row("smtp_tls_security_level",           Kind::Word(&LEVELS), "",             "what is asked of TLS; empty: see the next three")
        .changed_in(since![(3, 11, 0)], "${{$compatibility_level} <level {3.11} ? {} : {may}}"),
    row("smtp_use_tls",                      Kind::YesNo,     "no",               "old word for level may"),
    row("smtp_enforce_tls",                  Kind::YesNo,     "no",               "old word for level verify or encrypt"),
    row("smtp_tls_enforce_peername",         Kind::YesNo,     "yes",              "whether smtp_enforce_tls means verify"),
    row("smtp_tls_loglevel",                 Kind::Words(LogMask::WORDS), "0",    "which TLS lines are logged"),
    row("smtp_tls_loglevel_maps",            Kind::Tables,     "",                 "tables with such words for a server, by its name or address")
        .new_in(since![(3, 12, 0)]),
    row("parent_domain_matches_subdomains",  TEXT,            PARENTS_MATCH,      "which tables by name take a domain for all below it; here smtp_tls_loglevel_maps and transport_maps matter"),
    row("smtp_tls_trace_size_limit",         NUMBER,          "102400",           "longest protocol trace, in bytes; of no effect here")
        .new_in(since![(3, 12, 0)]),
    row("tls_trace_rate_limit",              NUMBER,          "1",                "most protocol traces in a minute; of no effect here")
        .new_in(since![(3, 12, 0)]),
    row("smtp_tls_CAfile",                   TEXT,            "",                 "file of trusted authorities"),
    row("smtp_tls_CApath",                   TEXT,            "",                 "directory of trusted authorities"),
    row("tls_append_default_CA",             Kind::YesNo,     "no",               "whether to trust the system's authorities too"),
    row("smtp_tls_scert_verifydepth",        NUMBER,          "9",                "how many authorities a chain may have above the issuer"),
    row("smtp_tls_session_cache_database",   TEXT,            "",                 "where TLS sessions are kept; empty: nowhere"),
    row("smtp_tls_session_cache_timeout",    Kind::Time { min: 0, max: MAX_TLS_SESSION_AGE }, "3600s", "how long a TLS session may be resumed; 0: never"),
    row("smtp_tls_protocols",                TEXT,            ">=TLSv1",          "protocols at level may"),
    row("smtp_tls_mandatory_protocols",      TEXT,            ">=TLSv1",          "protocols above level may"),
    row("smtp_tls_ciphers",                  FILLED,          "medium",           "cipher grade at level may"),
    row("smtp_tls_mandatory_ciphers",        FILLED,          "medium",           "cipher grade above level may"),
    row("smtp_tls_exclude_ciphers",          TEXT,            "",                 "ciphers that are not used"),
    row("smtp_tls_mandatory_exclude_ciphers", TEXT,           "",                 "ciphers that are not used above level may either"),
    row("tls_high_cipherlist",               FILLED,          "aNULL:-aNULL:HIGH:@STRENGTH", "what grade high means to OpenSSL")
        .changed_in(since![(3, 8, 0)], concat!("aNULL:-aNULL:HIGH:", excluded!(), ":@STRENGTH")),
    row("tls_medium_cipherlist",             FILLED,          "aNULL:-aNULL:HIGH:MEDIUM:+RC4:@STRENGTH", "what grade medium means to OpenSSL")
        .changed_in(since![(3, 8, 0)], concat!("aNULL:-aNULL:HIGH:MEDIUM:", excluded!(), ":+RC4:@STRENGTH")),
    row("tls_low_cipherlist",                FILLED,          "aNULL:-aNULL:HIGH:MEDIUM:LOW:+RC4:@STRENGTH", "what grade low means to OpenSSL")
        .changed_in(since![(3, 8, 0)], ""),
    row("tls_export_cipherlist",             FILLED,          "aNULL:-aNULL:HIGH:MEDIUM:LOW:EXPORT:+RC4:@STRENGTH", "what grade export means to OpenSSL")
        .changed_in(since![(3, 8, 0)], ""),
    row("tls_null_cipherlist",               FILLED,          "eNULL:!aNULL",     "what grade null means to OpenSSL")
        .changed_in(since![(3, 8, 0)], "eNULL:!kDH:!kECDH:!aDSS:!MD5:!aNULL"),
    row("smtp_tls_wrappermode",              Kind::YesNo,     "no",               "whether TLS begins before SMTP (port 465)"),
    row("smtp_tls_note_starttls_offer",      Kind::YesNo,     "no",               "whether level none logs a STARTTLS offer"),
    row("smtp_tls_chain_files",              TEXT,            "",                 "files with the client's keys and certificates"),
    row("smtp_tls_cert_file",                TEXT,            "",                 "file with the client's certificate"),
    row("smtp_tls_key_file",                 TEXT,            "$smtp_tls_cert_file", "file with its key"),
    row("smtp_tls_eccert_file",              TEXT,            "",                 "file with the client's ECDSA certificate"),
    row("smtp_tls_eckey_file",               TEXT,            "$smtp_tls_eccert_file", "file with its key"),
    row("smtp_tls_dcert_file",               TEXT,            "",                 "file with the client's DSA certificate"),
    row("smtp_tls_dkey_file",                TEXT,            "$smtp_tls_dcert_file", "file with its key"),
    row("tls_eecdh_auto_curves",             TEXT,            "X25519 X448 prime256v1 secp521r1 secp384r1", "groups for key exchange, best first; in 3.7 not empty")
        .changed_in(since![(3, 10, 0)], DEFAULT_CURVES),
    row("tls_ffdhe_auto_groups",             TEXT,            DEFAULT_FINITE,     "more groups for key exchange, behind those")
        .new_in(since![(3, 8, 0)]),
    row("tls_ssl_options",                   TEXT,            "",                 "options of OpenSSL; of no effect here"),
    row("tls_disable_workarounds",           TEXT,            "",                 "mistakes of others that OpenSSL puts up with; of no effect here"),
    row("tls_config_file",                   TEXT,            "default",          "OpenSSL's configuration; default or none: no file of one's own"),
    row("tls_config_name",                   TEXT,            "",                 "whose settings in it count; of no effect here"),
    row("tls_fast_shutdown_enable",          Kind::YesNo,     "yes",              "whether to leave TLS without waiting for the peer"),
    row("tls_daemon_random_bytes",           Kind::Number { min: 1, max: 0 }, "32", "random bytes that a process asks of tlsmgr; of no effect here"),
    row("tlsmgr_service_name",               FILLED,          "tlsmgr",           "the service that keeps TLS sessions"),
    row("smtp_tls_enable_rpk",               Kind::YesNo,     "no",               "whether servers may show raw public keys; of no effect here")
        .new_in(since![(3, 9, 0)]),
    row("smtp_tls_block_early_mail_reply",   Kind::YesNo,     "no",               "a guard against CVE-2009-3555; of no effect, in Postfix too"),
    row("smtp_tls_policy_maps",              Kind::Tables,     "",                 "tables with a level, and more, for a destination"),
    row("smtp_tls_per_site",                 Kind::Tables,     "",                 "older tables with a level for a destination or host"),
    row("smtp_tls_servername",               TEXT,            "",                 "name said in SNI: a host name, hostname or nexthop; empty: none"),
    row("smtp_tls_verify_cert_match",        FILLED,          "hostname",         "names accepted at level verify"),
    row("smtp_tls_secure_cert_match",        FILLED,          "nexthop, dot-nexthop", "names accepted at level secure"),
    row("smtp_tls_fingerprint_digest",       FILLED,          FINGERPRINT_DIGEST, "digest of certificates at level fingerprint and in log lines"),
    row("smtp_tls_fingerprint_cert_match",   TEXT,            "",                 "digests accepted at level fingerprint"),
    row("smtp_tls_trust_anchor_file",        TEXT,            "",                 "file of the only authorities trusted at levels verify and secure"),
    row("smtp_tls_dane_insecure_mx_policy",  Kind::Word(&INSECURE_MX_WORDS), "${{$smtp_tls_security_level} == {dane} ? {dane} : {may}}", "what TLSA records count for behind MX records that nobody vouches for")
        .changed_in(since![(3, 6, 17), (3, 7, 13), (3, 8, 8), (3, 9, 2), (3, 10, 0)], "dane"),
    row("smtp_tls_force_insecure_host_tlsa_lookup", Kind::YesNo, "no",            "whether to look for TLSA records of hosts whose addresses nobody vouches for"),
    row("tls_dane_digests",                  FILLED,            "sha512 sha256",    "digests that TLSA records may use, strongest first"),
    row("smtp_tls_enforce_sts_mx_patterns",  Kind::YesNo,     "yes",              "whether an MTA-STS policy says which MX hosts may be used")
        .new_in(since![(3, 10, 5)]),
    row("smtp_log_tls_feature_status",       Kind::YesNo,     "yes",              "whether delivery lines tell how mail travelled")
        .new_in(since![(3, 11, 0)]),
    row("smtp_tlsrpt_enable",                Kind::YesNo,     "no",               "whether handshakes are reported (TLSRPT)")
        .new_in(since![(3, 10, 0)]),
    row("smtp_tlsrpt_socket_name",           TEXT,            "",                 "where handshakes are reported to")
        .new_in(since![(3, 10, 0)]),
    row("smtp_tlsrpt_skip_reused_handshakes", Kind::YesNo,    "no",               "whether resumed TLS sessions are not reported")
        .new_in(since![(3, 10, 0)]),
    // What a sender may ask for.
    row("tls_required_enable",               Kind::YesNo,     "yes",               "whether TLS-Required: no in a message is heeded")
        .new_in(since![(3, 10, 0)]),
    row("requiretls_enable",                 Kind::YesNo,     "yes",               "whether a sender may ask for REQUIRETLS")
        .new_in(since![(3, 11, 0)]),
    row("requiretls_esmtp_header",           Kind::YesNo,     "yes",               "whether Require-TLS-ESMTP: yes in a message asks for it")
        .new_in(since![(3, 11, 0)]),
    row("smtp_requiretls_policy",            TEXT,            REQUIRETLS_POLICY, "how far REQUIRETLS is heeded, by destination")
        .new_in(since![(3, 11, 0)]),
    // How long to wait.
    row("smtp_connect_timeout",              TIME,            "30s",              "for the connection; 0: as long as the system does"),
    row("smtp_helo_timeout",                 TIME_FROM_1,     "300s",             "for the greeting, and for the reply to EHLO or HELO"),
    row("smtp_starttls_timeout",             TIME_FROM_1,     "300s",             "for the reply to STARTTLS, and for the handshake"),
    row("smtp_mail_timeout",                 TIME_FROM_1,     "300s",             "for the reply to MAIL"),
    row("smtp_rcpt_timeout",                 TIME_FROM_1,     "300s",             "for the reply to RCPT"),
    row("smtp_data_init_timeout",            TIME_FROM_1,     "120s",             "for the reply to DATA"),
    row("smtp_data_xfer_timeout",            TIME_FROM_1,     "180s",             "for the peer to take some of the message"),
    row("smtp_data_done_timeout",            TIME_FROM_1,     "600s",             "for the reply to the end of the message"),
    row("smtp_rset_timeout",                 TIME_FROM_1,     "20s",              "for the reply to RSET"),
    row("smtp_quit_timeout",                 TIME_FROM_1,     "300s",             "for the reply to QUIT"),
    // The dialogue.
    row("smtp_skip_5xx_greeting",            Kind::YesNo,     "yes",              "whether a 5xx greeting means: try the next host"),
    row("smtp_skip_quit_response",           Kind::YesNo,     "yes",              "whether to leave without the reply to QUIT"),
    row("smtp_always_send_ehlo",             Kind::YesNo,     "yes",              "EHLO even if the greeting lacks ESMTP"),
    row("smtp_never_send_ehlo",              Kind::YesNo,     "no",               "HELO always"),
    row("smtp_discard_ehlo_keywords",        TEXT,            "",                 "EHLO keywords that are ignored"),
    row("smtp_discard_ehlo_keyword_address_maps", Kind::Tables,       "",                 "tables with such keywords by address"),
    row("smtp_pix_workarounds",              Kind::Words(PixWorkarounds::WORDS), "disable_esmtp,delay_dotcrlf", "what is done about firewalls that hide the greeting"),
    row("smtp_per_request_deadline",         Kind::YesNo,     PER_REQUEST,        "whether limits are for a whole reply"),
    row("smtp_per_record_deadline",          TEXT,            "",                 "old name of smtp_per_request_deadline"),
    row("smtp_sasl_auth_enable",             Kind::YesNo,     "no",               "whether to log in where AUTH is offered"),
    row("smtp_sasl_password_maps",           Kind::Tables,     "",                 "tables with user:password by server or destination"),
    row("smtp_sasl_password_result_delimiter", FILLED,        ":",                "what stands between user and password there")
        .new_in(since![(3, 9, 0)]),
    row("smtp_sender_dependent_authentication", Kind::YesNo,  "no",               "whether those tables are asked for the sender first"),
    row("smtp_sasl_mechanism_filter",        TEXT,            "",                 "which of the mechanisms offered are looked at; empty: all"),
    row("smtp_sasl_security_options",        Kind::Words(SecurityOptions::WORDS), "noplaintext, noanonymous", "what a mechanism must promise"),
    row("smtp_sasl_tls_security_options",    Kind::Words(SecurityOptions::WORDS), "$smtp_sasl_security_options", "the same inside TLS"),
    row("smtp_sasl_tls_verified_security_options", Kind::Words(SecurityOptions::WORDS), "$smtp_sasl_tls_security_options", "the same where the certificate is the right one"),
    row("smtp_sasl_auth_soft_bounce",        Kind::YesNo,     "yes",              "whether mail waits when a login is refused for good"),
    row("smtp_sasl_auth_cache_name",         TEXT,            "",                 "table of refused logins, which are not tried again"),
    row("smtp_sasl_auth_cache_time",         TIME,            "90d",              "for so long"),
    row("smtp_sasl_type",                    Kind::Word(&["cyrus"]), "cyrus",     "the library that logs in"),
    row("smtp_sasl_path",                    TEXT,            "",                 "where its configuration is; of no effect here"),
    row("smtp_line_length_limit",            NUMBER,          "998",              "longest line sent, in bytes; 0: no limit"),
    row("line_length_limit",                 Kind::Number { min: 512, max: 0 }, "2048", "longest reply kept, in bytes"),
    // Names.
    row("smtp_dns_support_level",            Kind::Word(&SUPPORT_WORDS), "",      "whether to use DNS, and DNSSEC; empty: enabled"),
    row("smtp_host_lookup",                  Kind::Words(&LOOKUP_WORDS), "dns",   "where addresses are looked up"),
    row("smtp_dns_resolver_options",         Kind::Words(&OPTION_WORDS), "",      "whether the resolver may complete names"),
    row("dnssec_probe",                      TEXT,            "ns:.",             "what is asked to find out whether anybody validates; empty: nothing"),
    row("smtp_cname_overrides_servername",   Kind::YesNo,     "no",               "whether a host goes by the name that its CNAME leads to"),
    // Where mail goes next.
    row("mydestination",                     TEXT,            "$myhostname, localhost.$mydomain, localhost", "domains whose mail stays on this machine"),
    row("virtual_mailbox_domains",           TEXT,            "$virtual_mailbox_maps", "the same, for mailboxes without an account"),
    row("virtual_mailbox_maps",              TEXT,            "",                 "tables of such mailboxes; here the default of the domains"),
    row("virtual_alias_domains",             TEXT,            "$virtual_alias_maps", "domains all of whose addresses stand for others"),
    row("virtual_alias_maps",                TEXT,            "$virtual_maps",    "tables of such addresses; here the default of the domains"),
    row("virtual_maps",                      TEXT,            "",                 "old name of virtual_alias_maps"),
    row("transport_maps",                    TEXT,            "",                 "tables with a service of master.cf and a next hop by recipient"),
    row("sender_dependent_relayhost_maps",   Kind::Tables,     "",                 "tables with a next hop by sender"),
    row("sender_dependent_default_transport_maps", Kind::Tables, "",               "tables with a service by sender"),
    row("default_transport",                 TEXT,            "smtp",             "service, and next hop behind a colon, where no table says otherwise"),
    row("recipient_delimiter",               TEXT,            "",                 "characters that begin the extension of an address"),
    // Hosts and addresses.
    row("relayhost",                         TEXT,            "",                 "next hop of all mail; empty: the domain's MX"),
    row("smtp_fallback_relay",               TEXT,            "$fallback_relay",  "destinations that are tried where all others failed"),
    row("fallback_relay",                    TEXT,            "",                 "old name of smtp_fallback_relay"),
    row("inet_interfaces",                   TEXT,            "all",              "addresses at which this machine takes mail: all, loopback-only, or a list"),
    row("proxy_interfaces",                  TEXT,            "",                 "addresses of others who pass mail on to this machine"),
    row("inet_protocols",                    Kind::Words(InetProtocols::WORDS), "all", "IP versions in use"),
    row("smtp_address_preference",           Kind::Word(AddressPreference::WORDS), "any", "IP version tried first"),
    row("smtp_balance_inet_protocols",       Kind::YesNo,     "yes",              "whether the address limit leaves room for both IP versions"),
    row("smtp_randomize_addresses",          Kind::YesNo,     "yes",              "whether hosts of one preference are shuffled"),
    row("smtp_mx_address_limit",             NUMBER,          "5",                "most addresses tried; 0: no limit"),
    row("smtp_mx_session_limit",             NUMBER,          "2",                "most SMTP sessions tried; 0: no limit"),
    row("ignore_mx_lookup_error",            Kind::YesNo,     "no",               "whether a failed MX lookup means: no MX"),
    row("smtp_defer_if_no_mx_address_found", Kind::YesNo,     "no",               "whether MX hosts without address are a passing trouble"),
    // Connections that stay open.
    row("smtp_connection_cache_destinations", TEXT,           "",                 "domains to which connections stay open between deliveries"),
    row("smtp_connection_cache_on_demand",   Kind::YesNo,     "yes",              "whether connections stay open where much mail goes"),
    row("smtp_connection_cache_time_limit",  TIME_FROM_1,     "2s",               "how long a connection waits for another message"),
    row("connection_cache_ttl_limit",        TIME_FROM_1,     "2s",               "how long a connection waits at most"),
    row("smtp_connection_reuse_time_limit",  TIME_FROM_1,     "300s",             "how old a connection may become"),
    row("smtp_connection_reuse_count_limit", NUMBER,          "0",                "how often a connection is used again; 0: no limit"),
    row("smtp_tls_connection_reuse",         Kind::YesNo,     "no",               "whether connections with TLS stay open too"),
    row("tlsproxy_service_name",             FILLED,          "tlsproxy",         "the service that holds such connections"),
    row("tlsproxy_tls_security_level",       TEXT,            "$smtpd_tls_security_level", "whether that service serves clients too; empty: see the next two"),
    row("tlsproxy_use_tls",                  TEXT,            "$smtpd_use_tls",   "old word for level may there"),
    row("tlsproxy_enforce_tls",              TEXT,            "$smtpd_enforce_tls", "old word for level encrypt there"),
    row("smtpd_tls_security_level",          TEXT,            "",                 "what is asked of TLS where mail comes in; of effect here as a default alone"),
    row("smtpd_use_tls",                     TEXT,            "no",               "the same"),
    row("smtpd_enforce_tls",                 TEXT,            "no",               "the same"),
    // Processes.
    row("max_idle",                          TIME_FROM_1,     "100s",             "how long a process waits for work before it ends"),
    row("max_use",                           NUMBER_FROM_1,   "100",              "how often a process works before it ends"),
    row("service_throttle_time",             TIME_FROM_1,     "60s",              "how long nothing is started where a process could not start"),
    // The queue.
    row("queue_run_delay",                   TIME_FROM_1,     "300s",             "between two looks at the deferred queue"),
    row("minimal_backoff_time",              TIME_FROM_1,     "300s",             "least wait before the next try"),
    row("maximal_backoff_time",              TIME_FROM_1,     "4000s",            "longest wait before the next try"),
    row("maximal_queue_lifetime",            QUEUE_LIFETIME,  "5d",               "when mail is returned; 0: after one try"),
    row("bounce_queue_lifetime",             QUEUE_LIFETIME,  "5d",               "when a bounce is given up; 0: after one try"),
    row("initial_destination_concurrency",   NUMBER_FROM_1,   "5",                "deliveries to one destination at first"),
    row("default_destination_concurrency_limit", NUMBER,      "20",               "most deliveries to one destination at a time; 0: no limit"),
    row("default_destination_recipient_limit", NUMBER,        "50",               "most recipients of one delivery; 0: no limit"),
    row("smtp_destination_concurrency_limit", NUMBER,         "$default_destination_concurrency_limit", "the same for the service smtp"),
    row("smtp_destination_recipient_limit",  NUMBER,          "$default_destination_recipient_limit", "the same for the service smtp"),
    row("soft_bounce",                       Kind::YesNo,     "no",               "whether to defer what would bounce"),
];

/// The groups of 3.10 and later with OpenSSL 3.0 (`DEF_TLS_EECDH_AUTO`, `DEF_TLS_FFDHE_AUTO`).
pub(super) const DEFAULT_CURVES: &str = "X25519 X448 prime256v1 secp384r1 secp521r1";
pub(super) const DEFAULT_FINITE: &str = "ffdhe2048 ffdhe3072";
/// `DEF_PAR_DOM_MATCH`
const PARENTS_MATCH: &str = "debug_peer_list,fast_flush_domains,mynetworks,permit_mx_backup_networks,\
     qmqpd_authorized_clients,relay_domains,smtpd_access_maps";
/// 100 days (`MAX_SMTP_TLS_SCACHETIME` in src/global/mail_params.h).
const MAX_TLS_SESSION_AGE: i32 = 8_640_000;
const FINGERPRINT_DIGEST: &str = "${{$compatibility_level} <level {3.6} ? {md5} : {sha256}}";
/// To others than ourselves (`DEF_SMTP_REQTLS_POLICY`).
const REQUIRETLS_POLICY: &str = "inline:{{${domain_to_ascii{$mydomain}}=opportunistic}, \
     {.${domain_to_ascii{$mydomain}}=opportunistic}, {localhost=opportunistic}}, \
     cidr:{{0.0.0.0/0 opportunistic}, {::/0 opportunistic}}, enforce";
/// `DEF_SMTP_REQ_DEADLINE`
const PER_REQUEST: &str = "${smtp_per_record_deadline?{$smtp_per_record_deadline}:{no}}";
/// `DEF_SYSLOG_NAME`
const SYSLOG_NAME: &str = "${multi_instance_name?{$multi_instance_name}:{postfix}}";
const TEXT: Kind = Kind::Text { min: 0 };
const FILLED: Kind = Kind::Text { min: 1 };
const NUMBER: Kind = Kind::Number { min: 0, max: 0 };
const NUMBER_FROM_1: Kind = Kind::Number { min: 1, max: 0 };
const TIME: Kind = Kind::Time { min: 0, max: 0 };
const TIME_FROM_1: Kind = Kind::Time { min: 1, max: 0 };
/// At most 100 days (src/qmgr/qmgr.c).
const QUEUE_LIFETIME: Kind = Kind::Time {
    min: 0,
    max: 8_640_000,
};

const LEVELS: [&str; Level::CONFIGURABLE.len()] = {
    let mut words = [""; Level::CONFIGURABLE.len()];
    let mut at = 0;
    while at < words.len() {
        words[at] = Level::CONFIGURABLE[at].name();
        at += 1;
    }
    words
};

/// The row for `name`; case matters.
pub fn parameter(name: &str) -> Option<&'static Parameter> {
    PARAMETERS.iter().find(|row| row.name == name)
}

const fn row(
    name: &'static str,
    kind: Kind,
    default: &'static str,
    meaning: &'static str,
) -> Parameter {
    Parameter {
        name,
        kind,
        first_default: default,
        later_default: None,
        since: None,
        meaning,
    }
}

impl Parameter {
    /// A parameter whose default changed.
    const fn changed_in(self, since: Since, default: &'static str) -> Self {
        Parameter {
            later_default: Some((since, default)),
            ..self
        }
    }

    /// A parameter that came with these releases.
    const fn new_in(self, since: Since) -> Self {
        Parameter {
            since: Some(since),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_table_reads_as_a_list() {
        let rows: Vec<String> = PARAMETERS
            .iter()
            .map(|row| {
                let shown = |text: &'static str| if text.is_empty() { "(empty)" } else { text };
                let since = |since| format!("; not before {since}");
                let then = |(since, default)| format!("; since {since}: {}", shown(default));
                format!(
                    "{}\n  {}\n  {}{}{}\n  {}",
                    row.name,
                    row.meaning,
                    shown(row.first_default),
                    row.later_default.map_or_else(String::new, then),
                    row.since.map_or_else(String::new, since),
                    row.kind
                )
            })
            .collect();
        insta::assert_snapshot!(rows.join("\n"));
    }

    #[test]
    fn no_name_stands_twice() {
        let names: BTreeSet<_> = PARAMETERS.iter().map(|row| row.name).collect();
        assert_eq!(names.len(), PARAMETERS.len());
    }
}
