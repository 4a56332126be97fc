//! Settings as the text of a main.cf.

use std::num::NonZeroU32;
use std::time::Duration;

use super::release::Release;
use super::settings::{DestinationLimits, SaslSettings, Settings};
use super::table::parameter;
use crate::dns::Question;

impl Settings {
    /// Every parameter with its value, as main.cf text. Read again for the same release it gives the same
    /// settings, except that blanks at either end of a value, which only `${...}` can put there, are lost.
    pub fn to_main_cf(&self) -> String {
        let Settings {
            release,
            names,
            tls,
            timeouts,
            dialogue,
            resolver,
            routing,
            hosts,
            reuse,
            process,
            queue,
        } = self;
        let (database, cache_timeout) = match &tls.session_cache {
            Some(cache) => (cache.database.as_str(), cache.timeout),
            None => ("", Duration::ZERO),
        };
        let credential = |kind: &str| {
            let pair = tls
                .credentials
                .pairs
                .iter()
                .find(|(known, ..)| *known == kind);
            pair.map_or(("", ""), |(_, cert, key)| (cert.as_str(), key.as_str()))
        };
        let own_domains = &routing.own_domains;
        let entries = [
            ("compatibility_level", names.compatibility_level.to_string()),
            ("myhostname", text(&names.myhostname)),
            ("mydomain", text(&names.mydomain)),
            ("smtp_helo_name", text(&names.helo_name)),
            ("config_directory", text(&names.config_directory)),
            ("data_directory", text(&names.data_directory)),
            ("syslog_name", text(&names.syslog_name)),
            ("smtp_tls_security_level", tls.level.to_string()),
            ("smtp_tls_loglevel", text(&tls.log.words)),
            ("smtp_tls_loglevel_maps", text(&tls.log.maps)),
            (
                "parent_domain_matches_subdomains",
                match (tls.log.parents_match, routing.parents_match) {
                    (true, true) => "smtp_tls_loglevel_maps, transport_maps",
                    (true, false) => "smtp_tls_loglevel_maps",
                    (false, true) => "transport_maps",
                    (false, false) => "",
                }
                .to_owned(),
            ),
            (
                "smtp_tls_CAfile",
                text(tls.ca_file.as_deref().unwrap_or_default()),
            ),
            (
                "smtp_tls_CApath",
                text(tls.ca_path.as_deref().unwrap_or_default()),
            ),
            ("tls_append_default_CA", yes_or_no(tls.append_default_ca)),
            ("smtp_tls_scert_verifydepth", tls.verify_depth.to_string()),
            ("smtp_tls_session_cache_database", text(database)),
            ("smtp_tls_session_cache_timeout", time(cache_timeout)),
            ("smtp_tls_protocols", text(&tls.protocols.optional)),
            (
                "smtp_tls_mandatory_protocols",
                text(&tls.protocols.mandatory),
            ),
            ("smtp_tls_ciphers", text(&tls.ciphers.grade)),
            (
                "smtp_tls_mandatory_ciphers",
                text(&tls.ciphers.mandatory_grade),
            ),
            ("smtp_tls_exclude_ciphers", text(&tls.ciphers.excluded)),
            (
                "smtp_tls_mandatory_exclude_ciphers",
                text(&tls.ciphers.mandatory_excluded),
            ),
            ("tls_high_cipherlist", text(&tls.ciphers.high)),
            ("tls_medium_cipherlist", text(&tls.ciphers.medium)),
            ("tls_low_cipherlist", text(&tls.ciphers.low)),
            ("tls_export_cipherlist", text(&tls.ciphers.export)),
            ("tls_null_cipherlist", text(&tls.ciphers.null)),
            ("smtp_tls_wrappermode", yes_or_no(tls.wrappermode)),
            (
                "smtp_tls_note_starttls_offer",
                yes_or_no(tls.note_starttls_offer),
            ),
            (
                "smtp_tls_chain_files",
                text(&tls.credentials.chain_files.join(" ")),
            ),
            ("smtp_tls_cert_file", text(credential("RSA").0)),
            ("smtp_tls_key_file", text(credential("RSA").1)),
            ("smtp_tls_eccert_file", text(credential("ECDSA").0)),
            ("smtp_tls_eckey_file", text(credential("ECDSA").1)),
            ("smtp_tls_dcert_file", text(credential("DSA").0)),
            ("smtp_tls_dkey_file", text(credential("DSA").1)),
            ("tls_eecdh_auto_curves", text(&tls.groups.curves)),
            ("tls_ffdhe_auto_groups", text(&tls.groups.finite)),
            (
                "tls_ssl_options",
                if tls.no_ticket { "NO_TICKET" } else { "" }.to_owned(),
            ),
            ("tls_config_file", text(&tls.library_config)),
            ("smtp_tls_policy_maps", text(&tls.policy_maps)),
            ("smtp_tls_per_site", text(&tls.per_site)),
            ("smtp_tls_servername", text(&tls.servername)),
            ("smtp_tls_verify_cert_match", text(&tls.verify_match)),
            ("smtp_tls_secure_cert_match", text(&tls.secure_match)),
            (FINGERPRINT_DIGEST, text(&tls.fingerprint_digest)),
            (
                "smtp_tls_fingerprint_cert_match",
                text(&tls.fingerprint_match),
            ),
            (
                "smtp_tls_trust_anchor_file",
                text(&tls.trust_anchor_files.join(" ")),
            ),
            (
                "smtp_tls_dane_insecure_mx_policy",
                tls.dane.insecure_mx.to_string(),
            ),
            (
                "smtp_tls_force_insecure_host_tlsa_lookup",
                yes_or_no(tls.dane.asks_for_insecure_hosts),
            ),
            ("tls_dane_digests", text(&tls.dane.digests)),
            (
                "smtp_tls_enforce_sts_mx_patterns",
                yes_or_no(tls.enforce_sts_mx_patterns),
            ),
            (
                "smtp_log_tls_feature_status",
                yes_or_no(tls.log_feature_status),
            ),
            ("smtp_tlsrpt_enable", yes_or_no(tls.reports.is_some())),
            (
                "smtp_tlsrpt_socket_name",
                text(tls.reports.as_ref().map_or("", |to| to.socket.as_str())),
            ),
            (
                "smtp_tlsrpt_skip_reused_handshakes",
                yes_or_no(tls.reports.as_ref().is_some_and(|to| to.skip_resumed)),
            ),
            ("tls_required_enable", yes_or_no(tls.asks.tls_optional)),
            ("requiretls_enable", yes_or_no(tls.asks.require_tls)),
            ("requiretls_esmtp_header", yes_or_no(tls.asks.header)),
            ("smtp_requiretls_policy", text(&tls.asks.policy)),
            (
                "smtp_connect_timeout",
                time(timeouts.connect.unwrap_or_default()),
            ),
            ("smtp_helo_timeout", time(timeouts.helo)),
            ("smtp_starttls_timeout", time(timeouts.starttls)),
            ("smtp_mail_timeout", time(timeouts.mail)),
            ("smtp_rcpt_timeout", time(timeouts.rcpt)),
            ("smtp_data_init_timeout", time(timeouts.data_init)),
            ("smtp_data_xfer_timeout", time(timeouts.data_xfer)),
            ("smtp_data_done_timeout", time(timeouts.data_done)),
            ("smtp_rset_timeout", time(timeouts.rset)),
            ("smtp_quit_timeout", time(timeouts.quit)),
            (
                "smtp_skip_5xx_greeting",
                yes_or_no(dialogue.skip_5xx_greeting),
            ),
            (
                "smtp_skip_quit_response",
                yes_or_no(dialogue.skip_quit_response),
            ),
            (
                "smtp_always_send_ehlo",
                yes_or_no(dialogue.always_send_ehlo),
            ),
            ("smtp_never_send_ehlo", yes_or_no(dialogue.never_send_ehlo)),
            (
                "smtp_discard_ehlo_keywords",
                dialogue.discard_ehlo_keywords.to_string(),
            ),
            (
                "smtp_discard_ehlo_keyword_address_maps",
                text(&dialogue.discard_ehlo_keyword_maps),
            ),
            ("smtp_pix_workarounds", dialogue.pix_workarounds.to_string()),
            (
                "smtp_per_request_deadline",
                yes_or_no(dialogue.per_request_deadline),
            ),
            ("smtp_sasl_auth_enable", yes_or_no(dialogue.sasl.is_some())),
            ("smtp_line_length_limit", limit(dialogue.line_length_limit)),
            ("line_length_limit", dialogue.reply_length_limit.to_string()),
            ("smtp_dns_support_level", resolver.support.to_string()),
            (
                "smtp_host_lookup",
                if resolver.hosts_from_dns {
                    "dns"
                } else {
                    "native"
                }
                .to_owned(),
            ),
            (
                "smtp_dns_resolver_options",
                if resolver.completes_names {
                    "res_defnames"
                } else {
                    ""
                }
                .to_owned(),
            ),
            (
                "dnssec_probe",
                text(&resolver.probe.as_ref().map(probe).unwrap_or_default()),
            ),
            (
                "smtp_cname_overrides_servername",
                yes_or_no(resolver.cname_overrides_host),
            ),
            (own_domains[0].0, text(&own_domains[0].1)),
            (own_domains[1].0, text(&own_domains[1].1)),
            (own_domains[2].0, text(&own_domains[2].1)),
            ("transport_maps", text(&routing.transport_maps)),
            (
                "sender_dependent_relayhost_maps",
                text(&routing.sender_relayhost_maps),
            ),
            (
                "sender_dependent_default_transport_maps",
                text(&routing.sender_transport_maps),
            ),
            ("default_transport", text(&routing.default_transport)),
            ("recipient_delimiter", text(&routing.recipient_delimiter)),
            (
                "relayhost",
                text(hosts.relayhost.as_deref().unwrap_or_default()),
            ),
            (
                "smtp_fallback_relay",
                text(&hosts.fallback_relays.join(" ")),
            ),
            (
                "inet_interfaces",
                hosts
                    .own_addresses
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
                    .join(", "),
            ),
            ("proxy_interfaces", String::new()),
            ("inet_protocols", hosts.inet_protocols.to_string()),
            (
                "smtp_address_preference",
                hosts.address_preference.to_string(),
            ),
            (
                "smtp_balance_inet_protocols",
                yes_or_no(hosts.balance_inet_protocols),
            ),
            (
                "smtp_randomize_addresses",
                yes_or_no(hosts.randomize_addresses),
            ),
            ("smtp_mx_address_limit", limit(hosts.mx_address_limit)),
            ("smtp_mx_session_limit", limit(hosts.mx_session_limit)),
            (
                "ignore_mx_lookup_error",
                yes_or_no(hosts.ignore_mx_lookup_error),
            ),
            (
                "smtp_defer_if_no_mx_address_found",
                yes_or_no(hosts.defer_if_no_mx_address_found),
            ),
            (
                "smtp_connection_cache_destinations",
                text(&reuse.destinations.join(" ")),
            ),
            (
                "smtp_connection_cache_on_demand",
                yes_or_no(reuse.on_demand),
            ),
            ("smtp_connection_cache_time_limit", time(reuse.idle_limit)),
            ("connection_cache_ttl_limit", time(reuse.idle_limit)),
            ("smtp_connection_reuse_time_limit", time(reuse.time_limit)),
            (
                "smtp_connection_reuse_count_limit",
                limit(reuse.count_limit),
            ),
            ("smtp_tls_connection_reuse", yes_or_no(reuse.with_tls)),
            ("tlsproxy_service_name", text(&reuse.proxy)),
            (
                "tlsproxy_tls_security_level",
                if reuse.proxy_serves_clients {
                    "may"
                } else {
                    "none"
                }
                .to_owned(),
            ),
            ("max_idle", time(process.max_idle)),
            ("max_use", process.max_use.to_string()),
            ("service_throttle_time", time(process.throttle_time)),
            ("queue_run_delay", time(queue.run_delay)),
            ("minimal_backoff_time", time(queue.minimal_backoff)),
            ("maximal_backoff_time", time(queue.maximal_backoff)),
            ("maximal_queue_lifetime", time(queue.maximal_lifetime)),
            ("bounce_queue_lifetime", time(queue.bounce_lifetime)),
            (
                "initial_destination_concurrency",
                queue.destination_limits.initial.to_string(),
            ),
            (
                "default_destination_concurrency_limit",
                limit(queue.destination_limits.concurrency),
            ),
            (
                "default_destination_recipient_limit",
                limit(queue.destination_limits.recipients),
            ),
            ("soft_bounce", yes_or_no(queue.soft_bounce)),
        ];
        // A default that Postfix remarks on is no longer one once it is written down.
        let said = |name| name != FINGERPRINT_DIGEST || !tls.fingerprint_digest_is_outdated;
        entries
            .iter()
            .filter(|(name, _)| said(*name))
            .filter(|(name, _)| parameter(name).is_some_and(|row| row.is_known_to(*release)))
            .map(|(name, value)| format!("{name} = {value}\n"))
            .chain(dialogue.sasl.iter().map(|it| sasl(it, *release)))
            .chain(
                queue
                    .destination_limits_by_service
                    .iter()
                    .map(destination_limits),
            )
            .collect()
    }
}

const FINGERPRINT_DIGEST: &str = "smtp_tls_fingerprint_digest";

fn text(text: &str) -> String {
    text.replace('$', "$$")
}

/// How to log in.
fn sasl(sasl: &SaslSettings, release: Release) -> String {
    let (cache, lifetime) = sasl.cache.clone().unwrap_or_default();
    let entries = [
        ("smtp_sasl_password_maps", text(&sasl.password_maps)),
        (
            "smtp_sasl_password_result_delimiter",
            text(&sasl.delimiter.to_string()),
        ),
        (
            "smtp_sender_dependent_authentication",
            yes_or_no(sasl.by_sender),
        ),
        ("smtp_sasl_mechanism_filter", text(&sasl.filter.to_string())),
        ("smtp_sasl_security_options", sasl.in_cleartext.to_string()),
        ("smtp_sasl_tls_security_options", sasl.in_tls.to_string()),
        (
            "smtp_sasl_tls_verified_security_options",
            sasl.in_verified_tls.to_string(),
        ),
        ("smtp_sasl_auth_soft_bounce", yes_or_no(sasl.soft_bounce)),
        ("smtp_sasl_auth_cache_name", text(&cache)),
        ("smtp_sasl_auth_cache_time", time(lifetime)),
    ];
    let known = |name: &str| parameter(name).is_some_and(|row| row.is_known_to(release));
    let entries = entries.iter().filter(|(name, _)| known(name));
    entries
        .map(|(name, value)| format!("{name} = {value}\n"))
        .collect()
}

/// What holds for a service's destinations.
fn destination_limits((service, limits): (&String, &DestinationLimits)) -> String {
    let DestinationLimits {
        initial,
        concurrency,
        recipients,
    } = limits;
    let (concurrency, recipients) = (limit(*concurrency), limit(*recipients));
    format!(
        "{service}_initial_destination_concurrency = {initial}\n\
         {service}_destination_concurrency_limit = {concurrency}\n\
         {service}_destination_recipient_limit = {recipients}\n"
    )
}

fn probe(question: &Question) -> String {
    let kind = question.kind.name().to_ascii_lowercase();
    format!("{kind}:{}", question.name)
}

fn yes_or_no(yes: bool) -> String {
    if yes { "yes" } else { "no" }.to_owned()
}

fn time(span: Duration) -> String {
    format!("{}s", span.as_secs())
}

fn limit(limit: Option<NonZeroU32>) -> String {
    limit.map_or(0, NonZeroU32::get).to_string()
}
