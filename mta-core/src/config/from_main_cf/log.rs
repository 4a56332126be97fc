//! Which TLS lines are logged.

use crate::config::inet::words;
use crate::config::log_mask::LogMask;
use crate::config::problem::{Problem, clip};
use crate::config::reader::Reader;
use crate::config::settings::LogSettings;
use crate::config::value::nearest;
use crate::event::{Assignment, ConfigNotice, WordWeight};

const MAPS: &str = "smtp_tls_loglevel_maps";

pub(super) fn log(reader: &mut Reader<'_>) -> LogSettings {
    let parents = reader.text("parent_domain_matches_subdomains");
    LogSettings {
        mask: mask(reader),
        words: reader.text("smtp_tls_loglevel"),
        maps: reader.tables(MAPS),
        parents_match: words(&parents).any(|word| word.eq_ignore_ascii_case(MAPS)),
    }
}

/// An unknown word is not an error in Postfix: it warns, and logs nothing optional.
fn mask(reader: &mut Reader<'_>) -> LogMask {
    const NAME: &str = "smtp_tls_loglevel";
    let text = reader.text(NAME);
    LogMask::parse(&text, reader.release()).unwrap_or_else(|unknown| {
        let word = &unknown.0;
        let what = format!(
            "unknown word \"{}\"; nothing optional is logged",
            clip(word)
        );
        let near = nearest(&word.to_ascii_lowercase(), LogMask::WORDS);
        let problem = Problem::with(&reader.place(NAME), NAME, what).nearest(near);
        let notice = ConfigNotice::UnknownWord {
            set: Assignment::of(NAME, &text),
            word: word.as_str().into(),
            weight: WordWeight::OddTwice,
        };
        reader.findings.warn(problem.noticed(notice));
        LogMask::NONE
    })
}
