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
    let enforce = reader.yes_or_no("smtp_enforce_tls");
    let by_name = reader.yes_or_no("smtp_tls_enforce_peername");
    let in_use = reader.yes_or_no("smtp_use_tls");
    let (level, whence) = match configured {
        Some(level) => return level,
        None if enforce && by_name => (Level::Verify, "by smtp_enforce_tls"),
        None if enforce => (Level::Encrypt, "by smtp_enforce_tls"),
        None if in_use => (Level::May, "by smtp_use_tls"),
        None => (Level::None, "by default"),
    };
    if reader.is_unset(NAME) && reader.has(Feature::LevelMayByDefault) {
        // The default depends on compatibility_level, and here it is the old one (src/smtp/smtp.c `pre_init`).
        let what =
            format!("not set, and compatibility_level is below 3.11: level {level} {whence}");
        reader.remark(NAME, &what, ConfigNotice::LevelByDefault);
    }
    level
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
