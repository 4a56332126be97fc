//! Whether, and where to, TLS handshakes are reported (TLSRPT, RFC 8460).

use crate::config::feature::Feature;
use crate::config::reader::Reader;
use crate::config::settings::ReportSettings;
use crate::event::ConfigNotice;
use crate::policy::Level;

/// Nor does this (src/smtp/smtp_tlsrpt.c, src/smtp/smtp_connect.c `smtp_connect_inet`).
pub(super) fn reports(reader: &mut Reader<'_>) -> Option<ReportSettings> {
    const SOCKET: &str = "smtp_tlsrpt_socket_name";
    const SKIP: &str = "smtp_tlsrpt_skip_reused_handshakes";
    let is_on = reader.yes_or_no("smtp_tlsrpt_enable");
    let socket = reader.some_text(SOCKET);
    let skip = reader.yes_or_no(SKIP);
    let has_level = reader
        .some_text("smtp_tls_security_level")
        .is_some_and(|level| !level.eq_ignore_ascii_case(Level::None.name()));
    if !reader.has(Feature::TlsReports) || !is_on {
        return None;
    }
    if socket.is_none() {
        let what = "empty, so nothing is reported";
        reader.remark(SOCKET, what, ConfigNotice::NoReportSocket);
    }
    // The default is another one for a main.cf that was written before 3.11.
    let is_old = reader.has(Feature::ReportsByCompatLevel)
        && reader.is_unset(SKIP)
        && !reader.compat_level_reaches("3.11");
    socket.filter(|_| has_level).map(|socket| ReportSettings {
        socket,
        skip_resumed: skip || is_old,
    })
}
