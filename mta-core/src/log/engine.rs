//! The start of the TLS engine, once per smtp(8) process (src/tls/tls_client.c `tls_client_init`).

use super::credentials;
use super::line::{LogLine, Page};
use super::notice::{self, LIBRARY, Sentence, info, library, warning};
use super::style::LogStyle;
use crate::config::{LogMask, Settings};
use crate::event::{Program, TableNotice};
use crate::tls::{EngineFault, EngineRemarks};
use crate::trust::OddDigest;

/// The lines of a process that sets up its TLS engine: what is odd about it, or why it has none. Postfix does this once per process,
/// before anything is delivered, where the global level is not `none`.
pub(super) fn engine_lines(
    style: &LogStyle,
    engine: Result<&EngineRemarks, &EngineFault>,
) -> Vec<LogLine> {
    let mut page = Page::of(style);
    page.smtp_if(
        LogMask::VERBOSE,
        format_args!("initializing the client-side TLS engine"),
    );
    match engine {
        Ok(remarks) => {
            for odd in &remarks.digests {
                page.smtp(format_args!(
                    "warning: tls_dane_digests: {}",
                    odd_digest(odd)
                ));
            }
            for notice in &remarks.credentials {
                page.smtp(format_args!("{}", credentials::notice(notice)));
            }
        }
        Err(fault) => {
            for sentence in engine_sentences(fault) {
                page.smtp(format_args!("{sentence}"));
            }
        }
    }
    page.lines
}

/// Why a process has no TLS engine, in one line: without the errors of the library behind it, and with what they mean.
pub fn engine_reason(fault: &EngineFault) -> String {
    let is_own = |sentence: &Sentence| !sentence.text.starts_with(LIBRARY);
    let told = match fault {
        EngineFault::Credentials(_) => usize::MAX,
        EngineFault::CaFileUnreadable { .. }
        | EngineFault::CaFileUnusable { .. }
        | EngineFault::UnknownDigest { .. }
        | EngineFault::DigestNotSimulated { .. }
        | EngineFault::LibraryConfig { .. }
        | EngineFault::Provider(_) => 1,
    };
    let sentences = engine_sentences(fault).into_iter().take(told);
    let own = sentences.filter(is_own);
    let texts: Vec<String> = own.map(|sentence| sentence.text).collect();
    let mut reason = texts.join("; ");
    if let EngineFault::Credentials(bad) = fault
        && let Some(cause) = credentials::cause(bad)
    {
        reason.push_str(&format!(" ({cause})"));
    }
    reason
}

fn engine_sentences(fault: &EngineFault) -> Vec<Sentence> {
    match fault {
        // Observed with a file that is not there (ver-cafile-missing); a file that may not be read has another errno
        // text, which is not known here.
        EngineFault::CaFileUnreadable { path } => vec![
            no_authorities(path),
            library(
                "error:80000002:system library::No such file or directory",
                &format!("calling fopen({path}, r)"),
            ),
            library("error:10000080:BIO routines::no such file", ""),
            library("error:05880002:x509 certificate routines::system lib", ""),
        ],
        // Observed with a file that holds no PEM (ver-cafile-garbage).
        EngineFault::CaFileUnusable { path, .. } => vec![
            no_authorities(path),
            library(
                "error:05800088:x509 certificate routines::no certificate or crl found",
                "",
            ),
        ],
        EngineFault::UnknownDigest { name } => vec![
            warning(format!("Digest algorithm \"{name}\" not found")),
            warning("disabling TLS support"),
        ],
        EngineFault::DigestNotSimulated { name } => {
            vec![warning(format!(
                "Digest algorithm \"{name}\" is not simulated"
            ))]
        }
        EngineFault::Credentials(bad) => credentials::sentences(bad),
        // Observed with a file that is not there (cfg-noconf-tls-lib).
        EngineFault::LibraryConfig { path } => vec![
            warning(format!(
                "error loading the 'global' settings from the {path} OpenSSL configuration file, disabling TLS support"
            )),
            library(
                "error:80000002:system library::No such file or directory",
                &format!("calling fopen({path}, rb)"),
            ),
            library("error:10000080:BIO routines::no such file", ""),
            library(
                "error:07000072:configuration file routines::no such file",
                "",
            ),
        ],
        EngineFault::Provider(reason) => vec![warning(format!("{LIBRARY}{reason}"))],
    }
}

fn no_authorities(path: &str) -> Sentence {
    info(format!(
        "cannot load Certification Authority data, CAfile=\"{path}\": disabling TLS support"
    ))
}

/// In Postfix's words where they were observed (dane-agility-bad); the others are ours.
fn odd_digest(odd: &OddDigest) -> String {
    match odd {
        OddDigest::NeedsNumber(name) => {
            format!("digest algorithm {name} needs an explicit number")
        }
        OddDigest::BadNumber(word) => format!("malformed or out-of-range number in {word}"),
        OddDigest::Twice(word) => format!("{word} was specified before"),
        OddDigest::Unknown(name) => format!("unknown digest algorithm {name}"),
    }
}

/// What tlsmgr(8) logs when it starts, as the first TLS engine after a reload has it do: it opens the database of TLS
/// sessions, and looks through it (src/tlsmgr/tlsmgr.c `tlsmgr_post_init`).
pub(super) fn session_database_lines(settings: &Settings) -> Vec<LogLine> {
    let mut page = Page::of(&LogStyle::default());
    if let Some(cache) = &settings.tls.session_cache {
        let not_opened = cache.unusable.clone().map(TableNotice::NotOpened);
        for notice in not_opened.into_iter().chain(cache.is_unavailable()) {
            notice::lines(Program::Tlsmgr, &notice.into(), None, &mut page);
        }
    }
    page.lines
}
