//! Settings: what a main.cf says, typed, and valid by construction.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use super::compat_level::CompatLevel;
use super::inet::{AddressPreference, InetProtocols};
use super::log_mask::LogMask;
use super::pix::PixWorkarounds;
use super::release::Release;
use super::resolving::{DaneSettings, ResolverSettings};
use crate::event::{OpenFault, TableNotice};
use crate::policy::{Asks, Level};
use crate::sasl::{MechanismFilter, SecurityOptions};
use crate::smtp::Keywords;

/// Everything that was configured or left at its default. Each field names its parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The Postfix whose rules hold.
    pub release: Release,
    /// Who we are, and where things are.
    pub names: Names,
    /// TLS as a whole; tables may say otherwise for a destination.
    pub tls: TlsSettings,
    /// How long to wait for what.
    pub timeouts: Timeouts,
    /// How to speak SMTP.
    pub dialogue: DialogueSettings,
    /// How to look names up.
    pub resolver: ResolverSettings,
    /// Where mail goes next.
    pub routing: RouteSettings,
    /// Which hosts to try, and in which order.
    pub hosts: HostSettings,
    /// Which connections stay open between deliveries.
    pub reuse: ReuseSettings,
    /// When a process of Postfix ends, and another one starts.
    pub process: ProcessSettings,
    /// When to try again, and when to give up.
    pub queue: QueueSettings,
}

/// Names, directories, and the compatibility level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// `compatibility_level`
    pub compatibility_level: CompatLevel,
    /// `myhostname`: a valid host name.
    pub myhostname: String,
    /// `mydomain`: a valid host name.
    pub mydomain: String,
    /// `smtp_helo_name`: what EHLO and HELO say; not empty.
    pub helo_name: String,
    /// `config_directory`
    pub config_directory: String,
    /// `data_directory`; not empty.
    pub data_directory: String,
    /// `syslog_name`: what stands before the program's name in the log.
    pub syslog_name: String,
}

/// TLS settings of the SMTP client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsSettings {
    /// `smtp_tls_security_level`, or what `smtp_enforce_tls` and `smtp_use_tls` say in its place.
    pub level: Level,
    /// What is logged of TLS.
    pub log: LogSettings,
    /// `smtp_tls_CAfile`: a file's name.
    pub ca_file: Option<String>,
    /// `smtp_tls_CApath`: a directory's name.
    pub ca_path: Option<String>,
    /// `tls_append_default_CA`
    pub append_default_ca: bool,
    /// `smtp_tls_scert_verifydepth`; below 0 no chain is short enough.
    pub verify_depth: i32,
    /// `smtp_tls_session_cache_database` and its timeout; `None` if TLS sessions are not kept.
    pub session_cache: Option<SessionCacheSettings>,
    /// Which protocols may be spoken.
    pub protocols: ProtocolSettings,
    /// Which cipher suites may be used before TLS 1.3.
    pub ciphers: CipherSettings,
    /// `smtp_tls_wrappermode`
    pub wrappermode: bool,
    /// `smtp_tls_note_starttls_offer`
    pub note_starttls_offer: bool,
    /// The client's own certificates and keys.
    pub credentials: CredentialSettings,
    /// Groups for key exchange.
    pub groups: GroupSettings,
    /// `tls_ssl_options` has NO_TICKET: no TLS 1.2 ticket is asked for.
    pub no_ticket: bool,
    /// `tls_config_file`: OpenSSL's configuration; `default` and `none` are words.
    pub library_config: String,
    /// `smtp_tls_policy_maps`: tables of policies by destination, as written.
    pub policy_maps: String,
    /// `smtp_tls_per_site`: the older tables, as written.
    pub per_site: String,
    /// `smtp_tls_servername`: what SNI says; empty for nothing, `hostname`, `nexthop`, or a name.
    pub servername: String,
    /// `smtp_tls_verify_cert_match`: names accepted at level verify; not empty.
    pub verify_match: String,
    /// `smtp_tls_secure_cert_match`: names accepted at level secure; not empty.
    pub secure_match: String,
    /// `smtp_tls_fingerprint_digest`: the name of a digest; not empty.
    pub fingerprint_digest: String,
    /// That digest is md5, and only because nobody has said otherwise since Postfix 3.6.
    pub fingerprint_digest_is_outdated: bool,
    /// `smtp_tls_fingerprint_cert_match`: digests accepted at level fingerprint.
    pub fingerprint_match: String,
    /// `smtp_tls_trust_anchor_file`: files' names.
    pub trust_anchor_files: Vec<String>,
    /// What is made of TLSA records.
    pub dane: DaneSettings,
    /// What a sender may ask for one message.
    pub asks: AskSettings,
    /// Where the outcomes of TLS handshakes are reported, if anywhere (RFC 8460).
    pub reports: Option<ReportSettings>,
    /// `smtp_tls_enforce_sts_mx_patterns`: whether an MTA-STS policy says which hosts may be used. Not in 3.7.
    pub enforce_sts_mx_patterns: bool,
    /// `smtp_log_tls_feature_status`: whether delivery lines tell how the message travelled.
    pub log_feature_status: bool,
}

impl TlsSettings {
    /// Whether a process sets up a TLS engine: for the level of main.cf, or for what tables may say (src/smtp/smtp.c
    /// `pre_init`).
    pub fn needs_engine(&self) -> bool {
        self.level != Level::None || !self.policy_maps.is_empty() || !self.per_site.is_empty()
    }

    /// The path of `tls_config_file`, if it is one and no word.
    pub fn own_library_config(&self) -> Option<&String> {
        let path = &self.library_config;
        (!matches!(&**path, "default" | "none" | "")).then_some(path)
    }
}

/// Which TLS lines are logged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogSettings {
    /// `smtp_tls_loglevel`; nothing optional if it has an unknown word.
    pub mask: LogMask,
    /// The same as written: Postfix reads it anew for every handshake, and warns anew.
    pub words: String,
    /// `smtp_tls_loglevel_maps`: tables with such words by the name or address of a server, as written. Not in 3.7.
    pub maps: String,
    /// Whether a domain in them stands for what is below it too (`parent_domain_matches_subdomains`); if not, a name
    /// with a dot before it does.
    pub parents_match: bool,
}

/// Groups for key exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupSettings {
    /// `tls_eecdh_auto_curves`, as written.
    pub curves: String,
    /// `tls_ffdhe_auto_groups`, as written. Not in 3.7.
    pub finite: String,
    /// What comes of both: names that OpenSSL knows, best first; empty for OpenSSL's own choice.
    pub offered: Vec<String>,
}

/// What a sender may ask of TLS for one message (RFC 8689). In 3.7 nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskSettings {
    /// `tls_required_enable`: whether `TLS-Required: no` is heeded.
    pub tls_optional: bool,
    /// `requiretls_enable`
    pub require_tls: bool,
    /// `requiretls_esmtp_header`: whether a header field stands in for the REQUIRETLS parameter.
    pub header: bool,
    /// `smtp_requiretls_policy`: actions and tables of actions, as written.
    pub policy: String,
}

impl AskSettings {
    /// Whether REQUIRETLS is asked for.
    pub const fn requires(&self, asks: Asks) -> bool {
        self.require_tls && asks.require_tls
    }

    /// Whether TLS is asked to be optional. Who asks for both gets the stronger (`STATE_TLS_NOT_REQUIRED`).
    pub const fn makes_optional(&self, asks: Asks) -> bool {
        self.tls_optional && asks.tls_optional && !self.requires(asks)
    }
}

/// TLSRPT, for destinations that publish a policy for it. Absent in 3.7, where `smtp_tls_security_level` is not set or
/// `none`, and where there is no socket to report to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportSettings {
    /// `smtp_tlsrpt_socket_name`; not empty.
    pub socket: String,
    /// `smtp_tlsrpt_skip_reused_handshakes`: whether resumed sessions are left out.
    pub skip_resumed: bool,
}

/// Files with the client's own certificates and keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CredentialSettings {
    /// `smtp_tls_chain_files`: if there are any, nothing else counts.
    pub chain_files: Vec<String>,
    /// `smtp_tls_cert_file` and its key file, then the same for `eccert` and `dcert`: the kind of key as Postfix names
    /// it, the file of the certificate, the file of the key.
    pub pairs: Vec<(&'static str, String, String)>,
}

impl Settings {
    /// Whether a server that asks for a certificate is shown one.
    pub(crate) const fn shows_certificate(&self) -> bool {
        !self.tls.credentials.is_empty()
    }
}

impl CredentialSettings {
    /// Whether there are none, so that no certificate is ever shown.
    pub const fn is_empty(&self) -> bool {
        self.chain_files.is_empty() && self.pairs.is_empty()
    }
}

/// Protocol lists, as written; they are read when a handshake begins, as in Postfix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProtocolSettings {
    /// `smtp_tls_protocols`: at level may.
    pub optional: String,
    /// `smtp_tls_mandatory_protocols`: above it.
    pub mandatory: String,
}

/// Cipher grades and lists, as written; they are read when a handshake begins, as in Postfix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CipherSettings {
    /// `smtp_tls_ciphers`: the grade at level may.
    pub grade: String,
    /// `smtp_tls_mandatory_ciphers`: the grade above it.
    pub mandatory_grade: String,
    /// `smtp_tls_exclude_ciphers`
    pub excluded: String,
    /// `smtp_tls_mandatory_exclude_ciphers`: above level may.
    pub mandatory_excluded: String,
    /// `tls_high_cipherlist`
    pub high: String,
    /// `tls_medium_cipherlist`
    pub medium: String,
    /// `tls_low_cipherlist`
    pub low: String,
    /// `tls_export_cipherlist`
    pub export: String,
    /// `tls_null_cipherlist`
    pub null: String,
}

/// The TLS session cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionCacheSettings {
    /// `smtp_tls_session_cache_database`: type and name, such as `btree:/var/lib/postfix/smtp_scache`.
    pub database: String,
    /// Why tlsmgr(8) cannot keep sessions in a database of this type.
    pub unusable: Option<OpenFault>,
    /// `smtp_tls_session_cache_timeout`: the age at which a session is forgotten; 2 min to 100 d.
    pub timeout: Duration,
}

impl SessionCacheSettings {
    /// What tlsmgr(8) remarks on each time when it asks a database that it cannot use (src/util/dict_surrogate.c).
    pub fn is_unavailable(&self) -> Option<TableNotice> {
        let table = self.database.as_str().into();
        let fault = self.unusable.clone()?;
        Some(TableNotice::Unavailable { table, fault })
    }

    /// Shorter timeouts than this one are raised to it.
    pub const MIN_TIMEOUT: Duration = Duration::from_secs(120);
}

/// How long to wait. None is zero but where said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// `smtp_connect_timeout`; `None` (0 in main.cf) is as long as the system waits.
    pub connect: Option<Duration>,
    /// `smtp_helo_timeout`: for the greeting, and for the reply to EHLO or HELO.
    pub helo: Duration,
    /// `smtp_starttls_timeout`: for the reply to STARTTLS, and for the handshake.
    pub starttls: Duration,
    /// `smtp_mail_timeout`
    pub mail: Duration,
    /// `smtp_rcpt_timeout`
    pub rcpt: Duration,
    /// `smtp_data_init_timeout`: for the reply to DATA.
    pub data_init: Duration,
    /// `smtp_data_xfer_timeout`: for the peer to take some of the message.
    pub data_xfer: Duration,
    /// `smtp_data_done_timeout`: for the reply to the end of the message.
    pub data_done: Duration,
    /// `smtp_rset_timeout`
    pub rset: Duration,
    /// `smtp_quit_timeout`
    pub quit: Duration,
}

/// The SMTP dialogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DialogueSettings {
    /// `smtp_skip_5xx_greeting`
    pub skip_5xx_greeting: bool,
    /// `smtp_skip_quit_response`
    pub skip_quit_response: bool,
    /// `smtp_always_send_ehlo`
    pub always_send_ehlo: bool,
    /// `smtp_never_send_ehlo`
    pub never_send_ehlo: bool,
    /// `smtp_discard_ehlo_keywords`
    pub discard_ehlo_keywords: Keywords,
    /// `smtp_discard_ehlo_keyword_address_maps`: tables of keywords by address, as written.
    pub discard_ehlo_keyword_maps: String,
    /// `smtp_pix_workarounds`
    pub pix_workarounds: PixWorkarounds,
    /// `smtp_per_request_deadline`: limits are for a whole reply, and do not begin anew with every part of it.
    pub per_request_deadline: bool,
    /// How to log in, if `smtp_sasl_auth_enable` is set.
    pub sasl: Option<SaslSettings>,
    /// `smtp_line_length_limit`: bytes; `None` (0 or less in main.cf) is no limit.
    pub line_length_limit: Option<NonZeroU32>,
    /// `line_length_limit`: bytes of a reply that are kept; at least 512.
    pub reply_length_limit: u32,
}

/// How to log in at servers that offer AUTH.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaslSettings {
    /// `smtp_sasl_password_maps`: tables with credentials, as written; not empty.
    pub password_maps: String,
    /// `smtp_sasl_password_result_delimiter`: what stands between user and password there.
    pub delimiter: char,
    /// `smtp_sender_dependent_authentication`: the tables are asked for the sender first.
    pub by_sender: bool,
    /// `smtp_sasl_mechanism_filter`
    pub filter: MechanismFilter,
    /// `smtp_sasl_security_options`: what a mechanism must promise in clear text.
    pub in_cleartext: SecurityOptions,
    /// `smtp_sasl_tls_security_options`: inside TLS.
    pub in_tls: SecurityOptions,
    /// `smtp_sasl_tls_verified_security_options`: where the server showed a certificate that the policy asks for.
    pub in_verified_tls: SecurityOptions,
    /// `smtp_sasl_auth_soft_bounce`: mail waits when a login is refused for good.
    pub soft_bounce: bool,
    /// `smtp_sasl_auth_cache_name` and `_time`: the table of refused logins, and how long they are not tried again.
    pub cache: Option<(String, Duration)>,
}

/// Which service of master.cf gets a recipient's mail, and for which next hop (trivial-rewrite(8)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteSettings {
    /// `transport_maps`: tables of services and next hops by recipient, as written.
    pub transport_maps: String,
    /// `sender_dependent_relayhost_maps`: tables of next hops by sender, as written.
    pub sender_relayhost_maps: String,
    /// `sender_dependent_default_transport_maps`: tables that take the place of `default_transport` by sender, as written.
    pub sender_transport_maps: String,
    /// `mydestination`, `virtual_mailbox_domains`, `virtual_alias_domains`: domains whose mail does not go out as it is, by
    /// name, pattern or table, as written.
    pub own_domains: [(&'static str, String); 3],
    /// `default_transport`: a service, and behind a colon a next hop that comes before `relayhost`.
    pub default_transport: String,
    /// `recipient_delimiter`: each of its characters begins the extension of an address.
    pub recipient_delimiter: String,
    /// `parent_domain_matches_subdomains` has `transport_maps` in it: a domain stands for those below it too.
    pub parents_match: bool,
}

/// Hosts and addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostSettings {
    /// `inet_interfaces` and `proxy_interfaces`: the machine's own addresses, and those of others who pass mail on to
    /// it. Mail is not brought to them, it would come back.
    pub own_addresses: Vec<IpAddr>,
    /// `relayhost`: next hop of all mail, as written; `None` if mail goes to the domain's MX.
    pub relayhost: Option<String>,
    /// `smtp_fallback_relay`: destinations, in the order of trial, as written.
    pub fallback_relays: Vec<String>,
    /// `inet_protocols`
    pub inet_protocols: InetProtocols,
    /// `smtp_address_preference`
    pub address_preference: AddressPreference,
    /// `smtp_balance_inet_protocols`
    pub balance_inet_protocols: bool,
    /// `smtp_randomize_addresses`
    pub randomize_addresses: bool,
    /// `smtp_mx_address_limit`; `None` (0 or less in main.cf) is no limit.
    pub mx_address_limit: Option<NonZeroU32>,
    /// `smtp_mx_session_limit`; `None` (0 or less in main.cf) is no limit.
    pub mx_session_limit: Option<NonZeroU32>,
    /// `ignore_mx_lookup_error`
    pub ignore_mx_lookup_error: bool,
    /// `smtp_defer_if_no_mx_address_found`
    pub defer_if_no_mx_address_found: bool,
}

/// Connections that stay open between deliveries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReuseSettings {
    /// `smtp_connection_cache_destinations`: domains, without brackets and port, to which connections stay open.
    pub destinations: Vec<String>,
    /// `smtp_connection_cache_on_demand`: connections stay open too where the queue manager asks for it.
    pub on_demand: bool,
    /// How long a connection waits for another message: the smaller of `smtp_connection_cache_time_limit` and
    /// `connection_cache_ttl_limit`.
    pub idle_limit: Duration,
    /// `smtp_connection_reuse_time_limit`: how old a connection may become.
    pub time_limit: Duration,
    /// `smtp_connection_reuse_count_limit`: how often it is used behind the first time; `None` (0 or less in main.cf)
    /// is no limit.
    pub count_limit: Option<NonZeroU32>,
    /// `smtp_tls_connection_reuse`: connections with TLS stay open too, and TLS is tlsproxy(8)'s business.
    pub with_tls: bool,
    /// `tlsproxy_service_name`; not empty.
    pub proxy: String,
    /// `tlsproxy_tls_security_level`, or what `tlsproxy_use_tls` and `tlsproxy_enforce_tls` say in its place: that
    /// tlsproxy(8) serves clients too.
    pub proxy_serves_clients: bool,
}

/// When a process of Postfix ends, and another one starts (src/master).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProcessSettings {
    /// `max_idle`: a process that has had nothing to do for so long ends; not zero.
    pub max_idle: Duration,
    /// `max_use`: a process that has worked so often ends.
    pub max_use: NonZeroU32,
    /// `service_throttle_time`: where a process cannot start, master(8) tries again after so long; not zero.
    pub throttle_time: Duration,
}

/// The queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueSettings {
    /// `queue_run_delay`; not zero.
    pub run_delay: Duration,
    /// `minimal_backoff_time`; not zero.
    pub minimal_backoff: Duration,
    /// `maximal_backoff_time`; not zero.
    pub maximal_backoff: Duration,
    /// `maximal_queue_lifetime`; zero is one try.
    pub maximal_lifetime: Duration,
    /// `bounce_queue_lifetime`; zero is one try.
    pub bounce_lifetime: Duration,
    /// `soft_bounce`
    pub soft_bounce: bool,
    /// How much goes to one destination, unless main.cf says otherwise for the service.
    pub destination_limits: DestinationLimits,
    /// What it says for single services.
    pub destination_limits_by_service: BTreeMap<String, DestinationLimits>,
}

impl QueueSettings {
    /// How much a service sends to one destination.
    pub fn destination_limits_of(&self, service: &str) -> DestinationLimits {
        self.destination_limits_by_service
            .get(service)
            .copied()
            .unwrap_or(self.destination_limits)
    }
}

/// How much goes to one destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DestinationLimits {
    /// `initial_destination_concurrency`: so many deliveries at first.
    pub initial: NonZeroU32,
    /// `default_destination_concurrency_limit`: so many at a time; `None` (0 or less in main.cf) is no limit.
    pub concurrency: Option<NonZeroU32>,
    /// `default_destination_recipient_limit`: so many recipients in one of them; `None` (0 or less in main.cf) is no
    /// limit.
    pub recipients: Option<NonZeroU32>,
}
