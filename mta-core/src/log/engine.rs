//! The start of the TLS engine, once per smtp(8) process (src/tls/tls_client.c `tls_client_init`).

use super::LogStyle;
use super::line::{LogLine, Page};
use super::notice;
use crate::config::{LogMask, Settings};
use crate::event::{Program, TableNotice};
use crate::tls::EngineFault;
use crate::trust::OddDigest;

/// The lines of a process that sets up its TLS engine: what is odd about it, or why it has none. Postfix does this once per process,
/// before anything is delivered, where the global level is not `none`; so it is no event.
pub fn engine_lines(style: &LogStyle, engine: Result<&[OddDigest], &EngineFault>) -> Vec<LogLine> {
    let mut page = Page::of(style);
    page.smtp_if(
        LogMask::VERBOSE,
        format_args!("initializing the client-side TLS engine"),
    );
    match engine {
        Ok(odd_digests) => {
            for odd in odd_digests {
                page.smtp(format_args!("warning: {odd}"));
            }
        }
        Err(fault @ EngineFault::CaFileUnreadable { path }) => {
            page.smtp(format_args!("{fault}"));
            // Observed with a file that is not there (ver-cafile-missing); a file that may not be read has another
            // errno text, which is not known here.
            for error in [
                format!(
                    "error:80000002:system library::No such file or directory:<SRC>:calling fopen({path}, r):"
                ),
                "error:10000080:BIO routines::no such file:<SRC>:".to_owned(),
                "error:05880002:x509 certificate routines::system lib:<SRC>:".to_owned(),
            ] {
                page.smtp(format_args!("warning: TLS library problem: {error}"));
            }
        }
        Err(fault @ EngineFault::CaFileUnusable { .. }) => {
            page.smtp(format_args!("{fault}"));
            // Observed with a file that holds no PEM (ver-cafile-garbage).
            page.smtp(format_args!(
                "warning: TLS library problem: error:05800088:x509 certificate routines::\
                 no certificate or crl found:<SRC>:"
            ));
        }
        Err(fault @ EngineFault::UnknownDigest { .. }) => {
            page.smtp(format_args!("warning: {fault}"));
            page.smtp(format_args!("warning: disabling TLS support"));
        }
        Err(EngineFault::Credentials(bad)) => {
            for line in &bad.0 {
                page.smtp(format_args!("warning: {line}"));
            }
        }
        Err(fault @ EngineFault::LibraryConfig { path }) => {
            page.smtp(format_args!("warning: {fault}"));
            // Observed with a file that is not there (cfg-noconf-tls-lib).
            for error in [
                format!(
                    "error:80000002:system library::No such file or directory:<SRC>:calling fopen({path}, rb):"
                ),
                "error:10000080:BIO routines::no such file:<SRC>:".to_owned(),
                "error:07000072:configuration file routines::no such file:<SRC>:".to_owned(),
            ] {
                page.smtp(format_args!("warning: TLS library problem: {error}"));
            }
        }
        Err(fault @ (EngineFault::Provider(_) | EngineFault::DigestNotSimulated { .. })) => {
            page.smtp(format_args!("warning: {fault}"))
        }
    }
    page.lines
}

/// What tlsmgr(8) logs when it starts, as the first TLS engine after a reload has it do: it opens the database of TLS
/// sessions, and looks through it (src/tlsmgr/tlsmgr.c `tlsmgr_post_init`).
pub fn session_database_lines(settings: &Settings) -> Vec<LogLine> {
    let mut page = Page::of(&LogStyle::default());
    if let Some(cache) = &settings.tls.session_cache {
        let not_opened = cache.unusable.clone().map(TableNotice::NotOpened);
        for notice in not_opened.into_iter().chain(cache.is_unavailable()) {
            notice::lines(Program::Tlsmgr, &notice.into(), None, &mut page);
        }
    }
    page.lines
}
