//! Reports of TLS (src/tls/tlsrpt_wrapper.c).

use super::line::Page;
use crate::event::TlsReport;

/// One line, at every loglevel. Postfix writes underscores where RFC 8460 has hyphens.
pub(super) fn report(report: &TlsReport, page: &mut Page) {
    let TlsReport {
        domain,
        server,
        failure,
        record: _,
    } = report;
    let server = server.without_port();
    match failure {
        None => page.smtp(format_args!(
            "TLSRPT: status=success, domain={domain}, receiving_mx={server}"
        )),
        Some(failure) => {
            let kind = failure.kind.to_string().replace('-', "_");
            let reason = failure.reason.as_ref();
            let reason =
                reason.map_or_else(String::new, |reason| format!(", failure_reason={reason}"));
            page.smtp(format_args!(
                "TLSRPT: status=failure, domain={domain}, receiving_mx={server}, failure_type={kind}{reason}"
            ));
        }
    }
}
