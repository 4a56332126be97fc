//! The start of the TLS engine, once per smtp(8) process (src/tls/tls_client.c `tls_client_init`).

use super::LogStyle;
use super::line::{LogLine, Page};
use crate::config::LogMask;
use crate::tls::EngineFault;

/// The lines of a process that sets up its TLS engine, and why it has none. Postfix does this once per process,
/// before anything is delivered, where the global level is not `none`; so it is no event.
pub fn engine_lines(style: &LogStyle, fault: Option<&EngineFault>) -> Vec<LogLine> {
    let mut page = Page::of(*style);
    page.smtp_if(
        LogMask::VERBOSE,
        format_args!("initializing the client-side TLS engine"),
    );
    match fault {
        None => {}
        Some(fault @ EngineFault::CaFileUnreadable { path }) => {
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
        Some(fault @ EngineFault::CaFileUnusable { .. }) => {
            page.smtp(format_args!("{fault}"));
            // Observed with a file that holds no PEM (ver-cafile-garbage).
            page.smtp(format_args!(
                "warning: TLS library problem: error:05800088:x509 certificate routines::\
                 no certificate or crl found:<SRC>:"
            ));
        }
        Some(fault @ EngineFault::UnknownDigest { .. }) => {
            page.smtp(format_args!("warning: {fault}"));
            page.smtp(format_args!("warning: disabling TLS support"));
        }
        Some(fault @ EngineFault::Provider(_)) => page.smtp(format_args!("warning: {fault}")),
    }
    page.lines
}
