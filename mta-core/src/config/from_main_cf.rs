//! From the text of a main.cf to [`Settings`].

use std::num::NonZeroU32;

use super::compat_level::CompatLevel;
use super::global_level::global_level;
use super::host_name::{Host, default_domain};
use super::inet::{AddressPreference, BadProtocols, InetProtocols, words};
use super::known_names;
use super::log_mask::LogMask;
use super::main_cf::MainCf;
use super::pix::PixWorkarounds;
use super::problem::{ConfigError, Problem, Warning, clip};
use super::reader::Reader;
use super::require_tls::RequireTlsPolicy;
use super::resolving::{dane, resolver};
use super::settings::{
    AskSettings, CipherSettings, CredentialSettings, DialogueSettings, HostSettings, Names,
    ProtocolSettings, QueueSettings, ReportSettings, ReuseSettings, SessionCacheSettings, Settings,
    Timeouts, TlsSettings,
};
use super::value::{Refusal, nearest};
use super::version::PostfixVersion;
use crate::policy::Level;
use crate::smtp::Keywords;

impl Settings {
    /// Reads and checks every parameter that is used. Names that are not known give warnings.
    ///
    /// # Errors
    /// All that is wrong, in the order of the lines, [`MAX_PROBLEMS`](super::MAX_PROBLEMS) at most.
    pub fn from_main_cf(
        main_cf: &MainCf,
        version: PostfixVersion,
        host: &Host,
    ) -> Result<(Settings, Vec<Warning>), Vec<ConfigError>> {
        let mut reader = Reader::of(main_cf, version);
        let settings = read(&mut reader, host);
        known_names::check(main_cf, &mut reader.findings);
        let mut findings = reader.findings;
        findings.sort();
        match findings.errors.is_empty() {
            true => Ok((settings, findings.warnings)),
            false => Err(findings.errors),
        }
    }

    /// What holds with an empty main.cf, on the machine `mail.client.example`.
    pub fn default_for(version: PostfixVersion) -> Settings {
        read(
            &mut Reader::of(&MainCf::parse("main.cf", ""), version),
            &Host::default(),
        )
    }
}

fn read(reader: &mut Reader<'_>, host: &Host) -> Settings {
    let names = names(reader, host);
    let hosts = hosts(reader);
    if hosts
        .relayhost
        .as_deref()
        .is_some_and(|relay| relay.eq_ignore_ascii_case(&names.myhostname))
    {
        let what = "must not be the same as myhostname".to_owned();
        let postfix = format!(
            "fatal: myhostname and relayhost parameter settings must not be identical: {}",
            names.myhostname
        );
        reader.refuse("relayhost", Refusal::new(what, postfix));
    }
    Settings {
        version: reader.version(),
        names,
        tls: tls(reader),
        timeouts: timeouts(reader),
        dialogue: dialogue(reader),
        resolver: resolver(reader),
        hosts,
        reuse: reuse(reader),
        queue: queue(reader),
    }
}

fn names(reader: &mut Reader<'_>, host: &Host) -> Names {
    let compatibility_level =
        reader.parsed("compatibility_level", CompatLevel::default(), |text| {
            text.parse().map_err(|_| {
                Refusal::new(
                    format!("\"{}\" is not a level such as 3.6", clip(text)),
                    format!("fatal: malformed compatibility level syntax: \"{text}\""),
                )
            })
        });
    // In this order: mydomain may follow from myhostname, and before that main.cf's own counts.
    let mydomain = reader.in_file("mydomain");
    let myhostname = reader.host_name("myhostname", host.default_hostname(mydomain.as_deref()));
    let mydomain = reader.host_name("mydomain", default_domain(&myhostname).to_owned());
    Names {
        compatibility_level,
        myhostname,
        mydomain,
        helo_name: reader.text("smtp_helo_name"),
        config_directory: reader.text("config_directory"),
        data_directory: reader.text("data_directory"),
    }
}

fn tls(reader: &mut Reader<'_>) -> TlsSettings {
    const DIGEST: &str = "smtp_tls_fingerprint_digest";
    let fingerprint_digest = reader.text(DIGEST);
    TlsSettings {
        level: global_level(reader),
        log: log_mask(reader),
        ca_file: reader.some_text("smtp_tls_CAfile"),
        ca_path: reader.some_text("smtp_tls_CApath"),
        append_default_ca: reader.yes_or_no("tls_append_default_CA"),
        verify_depth: reader.number("smtp_tls_scert_verifydepth"),
        session_cache: session_cache(reader),
        protocols: ProtocolSettings {
            optional: reader.text("smtp_tls_protocols"),
            mandatory: reader.text("smtp_tls_mandatory_protocols"),
        },
        ciphers: ciphers(reader),
        wrappermode: reader.yes_or_no("smtp_tls_wrappermode"),
        note_starttls_offer: reader.yes_or_no("smtp_tls_note_starttls_offer"),
        credentials: credentials(reader),
        curves: curves(reader),
        no_ticket: library_options(reader),
        library_config: reader.text("tls_config_file"),
        policy_maps: reader.text("smtp_tls_policy_maps"),
        per_site: reader.text("smtp_tls_per_site"),
        servername: reader.text("smtp_tls_servername"),
        verify_match: reader.text("smtp_tls_verify_cert_match"),
        secure_match: reader.text("smtp_tls_secure_cert_match"),
        fingerprint_digest_is_outdated: reader.is_unset(DIGEST) && fingerprint_digest == "md5",
        fingerprint_digest,
        fingerprint_match: reader.text("smtp_tls_fingerprint_cert_match"),
        trust_anchor_files: words(&reader.text("smtp_tls_trust_anchor_file"))
            .map(str::to_owned)
            .collect(),
        dane: dane(reader),
        asks: asks(reader),
        reports: reports(reader),
        enforce_sts_mx_patterns: reader.yes_or_no("smtp_tls_enforce_sts_mx_patterns")
            && reader.version() >= PostfixVersion::V3_12,
        log_feature_status: reader.yes_or_no("smtp_log_tls_feature_status"),
    }
}

/// Nothing of this exists in 3.7, whatever its main.cf says.
fn asks(reader: &mut Reader<'_>) -> AskSettings {
    const POLICY: &str = "smtp_requiretls_policy";
    let is_new = reader.version() >= PostfixVersion::V3_12;
    let require_tls = reader.yes_or_no("requiretls_enable") && is_new;
    let text = reader.text(POLICY);
    let policy = RequireTlsPolicy::parse(&text).unwrap_or_else(|what| {
        if require_tls {
            reader.not_simulated(POLICY, &what);
        }
        RequireTlsPolicy::default()
    });
    AskSettings {
        tls_optional: reader.yes_or_no("tls_required_enable") && is_new,
        require_tls,
        header: reader.yes_or_no("requiretls_esmtp_header"),
        policy,
    }
}

/// Nor does this (src/smtp/smtp_tlsrpt.c, src/smtp/smtp_connect.c `smtp_connect_inet`).
fn reports(reader: &mut Reader<'_>) -> Option<ReportSettings> {
    const SOCKET: &str = "smtp_tlsrpt_socket_name";
    const SKIP: &str = "smtp_tlsrpt_skip_reused_handshakes";
    let is_on = reader.yes_or_no("smtp_tlsrpt_enable");
    let socket = reader.some_text(SOCKET);
    let skip = reader.yes_or_no(SKIP);
    let has_level = reader
        .some_text("smtp_tls_security_level")
        .is_some_and(|level| !level.eq_ignore_ascii_case(Level::None.name()));
    if reader.version() < PostfixVersion::V3_12 || !is_on {
        return None;
    }
    if socket.is_none() {
        let what = "empty, so nothing is reported";
        let postfix = format!(
            "warning: TLSRPT support: parameter {SOCKET} has empty value -- TLSRPT support will be disabled"
        );
        reader.remark(SOCKET, what, postfix);
    }
    // The default is another one for a main.cf that was written before 3.11.
    let is_old = reader.is_unset(SKIP) && !reader.compat_level_reaches("3.11");
    socket.filter(|_| has_level).map(|socket| ReportSettings {
        socket,
        skip_resumed: skip || is_old,
    })
}

/// Which groups the engine has is its business; here a name counts that OpenSSL knows. 3.7 warns of the others.
fn curves(reader: &mut Reader<'_>) -> Vec<String> {
    const NAME: &str = "tls_eecdh_auto_curves";
    const KNOWN: [&str; 9] = [
        "X25519",
        "X448",
        "prime256v1",
        "secp256r1",
        "P-256",
        "secp384r1",
        "P-384",
        "secp521r1",
        "P-521",
    ];
    let text = reader.text(NAME);
    let is_known = |word: &str| KNOWN.iter().any(|known| known.eq_ignore_ascii_case(word));
    let (known, unknown): (Vec<&str>, Vec<&str>) = words(&text).partition(|word| is_known(word));
    for word in unknown {
        if reader.version() < PostfixVersion::V3_12 {
            let what = format!("unknown group \"{}\"; it is left out", clip(word));
            let postfix = format!("warning: ignoring unknown ECDHE curve \"{word}\"");
            reader.remark(NAME, &what, postfix);
        }
    }
    known.into_iter().map(str::to_owned).collect()
}

/// Words of OpenSSL's for what it does about old mistakes; an unknown one is told, and but for `NO_TICKET` they change
/// nothing here. Whether that is among them.
fn library_options(reader: &mut Reader<'_>) -> bool {
    const NO_TICKET: &str = "NO_TICKET";
    let mut no_ticket = false;
    const OPTIONS: [&str; 8] = [
        "ENABLE_MIDDLEBOX_COMPAT",
        "LEGACY_SERVER_CONNECT",
        "NO_COMPRESSION",
        "NO_ENCRYPT_THEN_MAC",
        "NO_RENEGOTIATION",
        "NO_SESSION_RESUMPTION_ON_RENEGOTIATION",
        "NO_TICKET",
        "PRIORITIZE_CHACHA",
    ];
    const WORKAROUNDS: [&str; 14] = [
        "CRYPTOPRO_TLSEXT_BUG",
        "DONT_INSERT_EMPTY_FRAGMENTS",
        "LEGACY_SERVER_CONNECT",
        "MICROSOFT_BIG_SSLV3_BUFFER",
        "MICROSOFT_SESS_ID_BUG",
        "MSIE_SSLV2_RSA_PADDING",
        "NETSCAPE_CHALLENGE_BUG",
        "NETSCAPE_REUSE_CIPHER_CHANGE_BUG",
        "SSLEAY_080_CLIENT_DH_BUG",
        "SSLREF2_REUSE_CERT_TYPE_BUG",
        "TLSEXT_PADDING",
        "TLS_BLOCK_PADDING_BUG",
        "TLS_D5_BUG",
        "TLS_ROLLBACK_BUG",
    ];
    for (name, known) in [
        ("tls_ssl_options", &OPTIONS[..]),
        ("tls_disable_workarounds", &WORKAROUNDS[..]),
    ] {
        let text = reader.text(name);
        let is_known = |word: &str| {
            word.starts_with("0x") || known.iter().any(|known| known.eq_ignore_ascii_case(word))
        };
        if let Some(word) = words(&text).find(|word| !is_known(word)) {
            let what = format!("unknown word \"{}\"; nothing of it is heeded", clip(word));
            let postfix = format!("warning: unknown {name} value \"{word}\" in \"{text}\"");
            reader.remark(name, &what, postfix);
        } else {
            no_ticket |= words(&text).any(|word| word.eq_ignore_ascii_case(NO_TICKET));
            let without = |word: &&str| !word.eq_ignore_ascii_case(NO_TICKET);
            if let Some(word) = words(&text).find(without) {
                reader.ignored(name, &format!("{word} changes nothing here"));
            }
        }
    }
    no_ticket
}

fn pix_workarounds(reader: &mut Reader<'_>) -> PixWorkarounds {
    reader.parsed("smtp_pix_workarounds", PixWorkarounds::default(), |text| {
        PixWorkarounds::parse(text).map_err(|word| Refusal {
            what: format!("unknown word \"{}\"", clip(&word)),
            nearest: nearest(&word.to_ascii_lowercase(), PixWorkarounds::WORDS),
            postfix: format!("fatal: unknown smtp_pix_workarounds value \"{word}\" in \"{text}\""),
        })
    })
}

/// Credentials count for the fallback to clear text; AUTH itself is never sent.
fn sasl_passwords(reader: &mut Reader<'_>) -> String {
    const NAME: &str = "smtp_sasl_auth_enable";
    let maps = reader.text("smtp_sasl_password_maps");
    for name in [
        "smtp_sasl_security_options",
        "smtp_sasl_tls_security_options",
    ] {
        reader.text(name);
    }
    if !reader.yes_or_no(NAME) {
        return String::new();
    }
    reader.ignored(
        NAME,
        "AUTH is never sent here; credentials only keep mail from clear text",
    );
    maps
}

fn credentials(reader: &mut Reader<'_>) -> CredentialSettings {
    let pairs = [
        ("RSA", "smtp_tls_cert_file", "smtp_tls_key_file"),
        ("ECDSA", "smtp_tls_eccert_file", "smtp_tls_eckey_file"),
        ("DSA", "smtp_tls_dcert_file", "smtp_tls_dkey_file"),
    ];
    CredentialSettings {
        chain_files: words(&reader.text("smtp_tls_chain_files"))
            .map(str::to_owned)
            .collect(),
        pairs: pairs
            .into_iter()
            .filter_map(|(kind, cert, key)| {
                let (cert, key) = (reader.text(cert), reader.text(key));
                (!cert.is_empty()).then_some((kind, cert, key))
            })
            .collect(),
    }
}

/// An unknown word is no error in Postfix: it warns, and logs nothing optional.
fn log_mask(reader: &mut Reader<'_>) -> LogMask {
    const NAME: &str = "smtp_tls_loglevel";
    let text = reader.text(NAME);
    LogMask::parse(&text, reader.version()).unwrap_or_else(|unknown| {
        let word = unknown.0;
        let what = format!(
            "unknown word \"{}\"; nothing optional is logged",
            clip(&word)
        );
        let postfix = format!("warning: unknown {NAME} value \"{word}\" in \"{text}\"");
        let near = nearest(&word.to_ascii_lowercase(), LogMask::WORDS);
        let problem = Problem::with(&reader.place(NAME), NAME, what).nearest(near);
        reader.findings.warn(problem.in_postfix(postfix));
        LogMask::NONE
    })
}

fn session_cache(reader: &mut Reader<'_>) -> Option<SessionCacheSettings> {
    let timeout = reader.time("smtp_tls_session_cache_timeout");
    let database = reader.some_text("smtp_tls_session_cache_database")?;
    if timeout.is_zero() {
        return None;
    }
    Some(SessionCacheSettings {
        database,
        timeout: timeout.max(SessionCacheSettings::MIN_TIMEOUT),
    })
}

fn ciphers(reader: &mut Reader<'_>) -> CipherSettings {
    CipherSettings {
        grade: reader.text("smtp_tls_ciphers"),
        mandatory_grade: reader.text("smtp_tls_mandatory_ciphers"),
        excluded: reader.text("smtp_tls_exclude_ciphers"),
        mandatory_excluded: reader.text("smtp_tls_mandatory_exclude_ciphers"),
        high: reader.text("tls_high_cipherlist"),
        medium: reader.text("tls_medium_cipherlist"),
        low: reader.text("tls_low_cipherlist"),
        export: reader.text("tls_export_cipherlist"),
        null: reader.text("tls_null_cipherlist"),
    }
}

fn timeouts(reader: &mut Reader<'_>) -> Timeouts {
    Timeouts {
        connect: Some(reader.time("smtp_connect_timeout")).filter(|limit| !limit.is_zero()),
        helo: reader.time("smtp_helo_timeout"),
        starttls: reader.time("smtp_starttls_timeout"),
        mail: reader.time("smtp_mail_timeout"),
        rcpt: reader.time("smtp_rcpt_timeout"),
        data_init: reader.time("smtp_data_init_timeout"),
        data_xfer: reader.time("smtp_data_xfer_timeout"),
        data_done: reader.time("smtp_data_done_timeout"),
        rset: reader.time("smtp_rset_timeout"),
        quit: reader.time("smtp_quit_timeout"),
    }
}

fn dialogue(reader: &mut Reader<'_>) -> DialogueSettings {
    DialogueSettings {
        skip_5xx_greeting: reader.yes_or_no("smtp_skip_5xx_greeting"),
        skip_quit_response: reader.yes_or_no("smtp_skip_quit_response"),
        always_send_ehlo: reader.yes_or_no("smtp_always_send_ehlo"),
        never_send_ehlo: reader.yes_or_no("smtp_never_send_ehlo"),
        discard_ehlo_keywords: Keywords::parse(&reader.text("smtp_discard_ehlo_keywords")),
        discard_ehlo_keyword_maps: reader.text("smtp_discard_ehlo_keyword_address_maps"),
        pix_workarounds: pix_workarounds(reader),
        per_record_deadline: reader.yes_or_no("smtp_per_record_deadline"),
        sasl_passwords: sasl_passwords(reader),
        line_length_limit: limit(reader.number("smtp_line_length_limit")),
        reply_length_limit: reader.number("line_length_limit").unsigned_abs(),
    }
}

fn hosts(reader: &mut Reader<'_>) -> HostSettings {
    HostSettings {
        relayhost: reader.some_text("relayhost"),
        fallback_relays: words(&reader.text("smtp_fallback_relay"))
            .map(str::to_owned)
            .collect(),
        inet_protocols: reader.parsed("inet_protocols", InetProtocols::All, inet_protocols),
        address_preference: reader.parsed(
            "smtp_address_preference",
            AddressPreference::Any,
            address_preference,
        ),
        balance_inet_protocols: reader.yes_or_no("smtp_balance_inet_protocols"),
        randomize_addresses: reader.yes_or_no("smtp_randomize_addresses"),
        mx_address_limit: limit(reader.number("smtp_mx_address_limit")),
        mx_session_limit: limit(reader.number("smtp_mx_session_limit")),
        ignore_mx_lookup_error: reader.yes_or_no("ignore_mx_lookup_error"),
        defer_if_no_mx_address_found: reader.yes_or_no("smtp_defer_if_no_mx_address_found"),
    }
}

fn reuse(reader: &mut Reader<'_>) -> ReuseSettings {
    let time_limit = reader.time("smtp_connection_cache_time_limit");
    let ttl_limit = reader.time("connection_cache_ttl_limit");
    ReuseSettings {
        destinations: words(&reader.text("smtp_connection_cache_destinations"))
            .map(str::to_owned)
            .collect(),
        idle_limit: time_limit.min(ttl_limit),
        time_limit: reader.time("smtp_connection_reuse_time_limit"),
        count_limit: limit(reader.number("smtp_connection_reuse_count_limit")),
        with_tls: reader.yes_or_no("smtp_tls_connection_reuse"),
        proxy: reader.text("tlsproxy_service_name"),
    }
}

fn queue(reader: &mut Reader<'_>) -> QueueSettings {
    QueueSettings {
        run_delay: reader.time("queue_run_delay"),
        minimal_backoff: reader.time("minimal_backoff_time"),
        maximal_backoff: reader.time("maximal_backoff_time"),
        maximal_lifetime: reader.time("maximal_queue_lifetime"),
        bounce_lifetime: reader.time("bounce_queue_lifetime"),
        soft_bounce: reader.yes_or_no("soft_bounce"),
    }
}

/// Postfix counts up until it meets the limit, so nothing below 1 is ever met.
fn limit(number: i32) -> Option<NonZeroU32> {
    u32::try_from(number).ok().and_then(NonZeroU32::new)
}

fn inet_protocols(text: &str) -> Result<InetProtocols, Refusal> {
    InetProtocols::parse(text).map_err(|bad| match bad {
        BadProtocols::Empty => Refusal::new(
            "names no IP version".to_owned(),
            "panic: inet_proto_init: bad inet_proto_mask 0x0".to_owned(),
        ),
        BadProtocols::Unknown(word) => Refusal {
            what: format!("unknown word \"{}\"", clip(&word)),
            nearest: nearest(&word.to_ascii_lowercase(), InetProtocols::WORDS),
            postfix: format!("fatal: unknown inet_protocols value \"{word}\" in \"{text}\""),
        },
    })
}

fn address_preference(word: &str) -> Result<AddressPreference, Refusal> {
    if words(word).next().is_none() {
        let postfix = "fatal: bad string length 0 < 1: smtp_address_preference = ";
        return Err(Refusal::new(
            "must not be empty".to_owned(),
            postfix.to_owned(),
        ));
    }
    word.parse().map_err(|_| Refusal {
        what: format!("unknown word \"{}\"", clip(word)),
        nearest: nearest(&word.to_ascii_lowercase(), AddressPreference::WORDS),
        postfix: format!("fatal: bad smtp_address_preference value: {word}"),
    })
}

#[cfg(test)]
mod tests;
