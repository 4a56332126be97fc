//! What main.cf says of TLS.

use super::asks::asks;
use super::groups::groups;
use super::library::{library_options, read_only};
use super::log::log;
use super::reports::reports;
use crate::config::feature::Feature;
use crate::config::global_level::global_level;
use crate::config::inet::words;
use crate::config::reader::Reader;
use crate::config::resolving::dane;
use crate::config::settings::{
    CipherSettings, CredentialSettings, ProtocolSettings, SessionCacheSettings, TlsSettings,
};

pub(super) fn tls(reader: &mut Reader<'_>) -> TlsSettings {
    const DIGEST: &str = "smtp_tls_fingerprint_digest";
    let fingerprint_digest = reader.text(DIGEST);
    read_only(reader);
    TlsSettings {
        level: global_level(reader),
        log: log(reader),
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
        groups: groups(reader),
        no_ticket: library_options(reader),
        library_config: reader.text("tls_config_file"),
        policy_maps: reader.tables("smtp_tls_policy_maps"),
        per_site: reader.tables("smtp_tls_per_site"),
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
            && reader.has(Feature::StsMxPatterns),
        log_feature_status: reader.yes_or_no("smtp_log_tls_feature_status"),
    }
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

fn session_cache(reader: &mut Reader<'_>) -> Option<SessionCacheSettings> {
    let timeout = reader.time("smtp_tls_session_cache_timeout");
    let database = reader.some_text("smtp_tls_session_cache_database")?;
    if timeout.is_zero() {
        return None;
    }
    let unusable = super::session_database::fault_of(&database);
    Some(SessionCacheSettings {
        database,
        unusable,
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
