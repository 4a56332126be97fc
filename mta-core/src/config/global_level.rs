//! The level that holds where no table says otherwise (src/smtp/smtp.c `pre_init`).

use super::feature::Feature;
use super::problem::clip;
use super::reader::Reader;
use super::value::{Refusal, nearest};
use crate::event::ConfigNotice;
use crate::policy::Level;

/// Reads the level. The old words count only where `smtp_tls_security_level` is empty.
pub(super) fn global_level(reader: &mut Reader<'_>) -> Level {
    const NAME: &str = "smtp_tls_security_level";
    let configured = reader.parsed(NAME, None, level_of);
    if configured.is_none() && reader.is_unset(NAME) && reader.has(Feature::LevelMayByDefault) {
        // The default depends on compatibility_level, and here it is the old one (src/smtp/smtp.c `pre_init`).
        let what = "not set, and compatibility_level is below 3.11: level none by default";
        reader.remark(NAME, what, ConfigNotice::LevelByDefault);
    }
    let enforce = reader.yes_or_no("smtp_enforce_tls");
    let by_name = reader.yes_or_no("smtp_tls_enforce_peername");
    let in_use = reader.yes_or_no("smtp_use_tls");
    match configured {
        Some(level) => level,
        None if enforce && by_name => Level::Verify,
        None if enforce => Level::Encrypt,
        None if in_use => Level::May,
        None => Level::None,
    }
}

fn level_of(word: &str) -> Result<Option<Level>, Refusal> {
    if word.is_empty() {
        return Ok(None);
    }
    word.parse().map(Some).map_err(|_| Refusal {
        what: format!("unknown level \"{}\"", clip(word)),
        nearest: nearest(
            &word.to_ascii_lowercase(),
            &Level::CONFIGURABLE.map(Level::name),
        ),
        notice: ConfigNotice::BadLevel(word.into()),
    })
}
