//! How to log in (src/smtp/smtp_sasl_glue.c `smtp_sasl_initialize`).

use crate::config::problem::clip;
use crate::config::reader::Reader;
use crate::config::settings::SaslSettings;
use crate::config::value::{Refusal, nearest};
use crate::event::{Assignment, ConfigNotice, SaslTrouble};
use crate::sasl::{MechanismFilter, SecurityOptions};

const PASSWORDS: &str = "smtp_sasl_password_maps";

/// Nothing where `smtp_sasl_auth_enable` is not set; what is wrong with the rest is of no interest to Postfix then.
pub(super) fn sasl(reader: &mut Reader<'_>) -> Option<SaslSettings> {
    let is_enabled = reader.yes_or_no("smtp_sasl_auth_enable");
    let sasl = SaslSettings {
        password_maps: reader.tables(PASSWORDS),
        delimiter: delimiter(reader),
        by_sender: reader.yes_or_no("smtp_sender_dependent_authentication"),
        filter: filter(reader, is_enabled),
        in_cleartext: options("smtp_sasl_security_options", reader, is_enabled),
        in_tls: options("smtp_sasl_tls_security_options", reader, is_enabled),
        in_verified_tls: options(
            "smtp_sasl_tls_verified_security_options",
            reader,
            is_enabled,
        ),
        soft_bounce: reader.yes_or_no("smtp_sasl_auth_soft_bounce"),
        cache: cache(reader, is_enabled),
    };
    library(reader, is_enabled);
    reader.text("smtp_sasl_path");
    if is_enabled && sasl.password_maps.is_empty() {
        let what = "must not be empty where smtp_sasl_auth_enable = yes";
        let notice = ConfigNotice::Sasl(SaslTrouble::NoPasswords);
        reader.refuse(PASSWORDS, Refusal::new(what.to_owned(), notice));
    }
    is_enabled.then_some(sasl)
}

/// The first character counts; older releases have a colon.
fn delimiter(reader: &mut Reader<'_>) -> char {
    const NAME: &str = "smtp_sasl_password_result_delimiter";
    reader.text(NAME).chars().next().unwrap_or(':')
}

/// What a mechanism must promise. Postfix minds a word that it does not know when it is about to log in; the process dies then,
/// over every message. Here it does not start.
fn options(name: &'static str, reader: &mut Reader<'_>, is_enabled: bool) -> SecurityOptions {
    reader.parsed(name, SecurityOptions::default(), |text| {
        let options = SecurityOptions::parse(text);
        let refused = |word: String| Refusal {
            what: format!("unknown word \"{}\"", clip(&word)),
            nearest: nearest(&word.to_ascii_lowercase(), SecurityOptions::WORDS),
            notice: ConfigNotice::Sasl(SaslTrouble::UnknownOption {
                value: text.into(),
                word: word.into(),
            }),
        };
        if is_enabled {
            options.map_err(refused)
        } else {
            Ok(options.unwrap_or_default())
        }
    })
}

fn filter(reader: &mut Reader<'_>, is_enabled: bool) -> MechanismFilter {
    const NAME: &str = "smtp_sasl_mechanism_filter";
    let text = reader.text(NAME);
    MechanismFilter::parse(&text).unwrap_or_else(|word| {
        if is_enabled {
            let what = format!(
                "\"{}\" is not looked into here; every mechanism passes",
                clip(&word)
            );
            reader.ignored(NAME, &what);
        }
        MechanismFilter::default()
    })
}

/// The table of refused logins, which only proxymap(8) can write (src/smtp/smtp_sasl_auth_cache.c).
fn cache(reader: &mut Reader<'_>, is_enabled: bool) -> Option<(String, std::time::Duration)> {
    const NAME: &str = "smtp_sasl_auth_cache_name";
    let table = reader.text(NAME);
    let lifetime = reader.time("smtp_sasl_auth_cache_time");
    if !is_enabled || table.is_empty() {
        return None;
    }
    let trouble = if table.contains([',', ' ', '\t', '\r', '\n']) {
        Some((
            SaslTrouble::ManyCaches(table.as_str().into()),
            "expected one table",
        ))
    } else if !table.starts_with("proxy:") {
        let expected = "expected proxy:TYPE:NAME";
        Some((
            SaslTrouble::CacheWithoutProxy(table.as_str().into()),
            expected,
        ))
    } else {
        None
    };
    if let Some((trouble, expected)) = trouble {
        let what = format!("invalid table \"{}\"; {expected}", clip(&table));
        reader.refuse(NAME, Refusal::new(what, ConfigNotice::Sasl(trouble)));
    }
    Some((table, lifetime))
}

/// Postfix's SMTP client logs in with Cyrus SASL or not at all (src/xsasl/xsasl_client.c).
fn library(reader: &mut Reader<'_>, is_enabled: bool) {
    const NAME: &str = "smtp_sasl_type";
    let library = reader.text(NAME);
    if is_enabled && library.is_empty() {
        let too_short = ConfigNotice::TooShort {
            set: Assignment::of(NAME, ""),
            min: 1,
        };
        reader.refuse(
            NAME,
            Refusal::new("must not be empty".to_owned(), too_short),
        );
    } else if is_enabled && library != "cyrus" {
        let what = format!("unknown library \"{}\"; expected cyrus", clip(&library));
        let trouble = SaslTrouble::UnknownLibrary(library.as_str().into());
        reader.refuse(NAME, Refusal::new(what, ConfigNotice::Sasl(trouble)));
    }
}
