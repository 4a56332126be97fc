//! The TLS session cache (src/tls/tls_client.c).

use super::line::Page;
use super::steps::states;
use crate::config::LogMask;
use crate::event::{Miss, Server, SessionEvent};

const FINISHED: &str = "SSL negotiation finished successfully";

/// What OpenSSL says of bytes that are not a session (src/tls/tls_session.c `tls_session_activate`). Not observed.
const NO_SESSION: [&str; 2] = [
    "error:068000A8:asn1 encoding routines::wrong tag:<SRC>:",
    "error:0688010A:asn1 encoding routines::nested asn1 error:<SRC>:Type=SSL_SESSION_ASN1",
];

/// Kind `cache` for all but a TLS 1.3 ticket, which shows in OpenSSL's states. Postfix logs
/// an expired session like a missing one, and does not log that the server refused one.
pub(super) fn event(server: &Server, event: &SessionEvent, page: &mut Page) {
    match event {
        SessionEvent::Wanted { key, found } => {
            page.smtp_if(
                LogMask::CACHE,
                format_args!("looking for session {key} in smtp cache"),
            );
            match found {
                Ok(_) => page.smtp_if(
                    LogMask::CACHE,
                    format_args!("reloaded session {key} from smtp cache"),
                ),
                Err(Miss::Unreadable) => {
                    for error in NO_SESSION {
                        page.smtp(format_args!("warning: TLS library problem: {error}"));
                    }
                }
                Err(Miss::Absent | Miss::Expired { .. } | Miss::InUse) => {}
            }
        }
        SessionEvent::Resumed => {
            page.smtp_if(
                LogMask::CACHE,
                format_args!("{server}: Reusing old session"),
            );
        }
        SessionEvent::Refused => {}
        // OpenSSL hands the session over before it leaves the state (seen with s_client 3.0).
        SessionEvent::TicketRead { saved } => {
            states(&[FINISHED, FINISHED], page);
            if let Some(key) = saved {
                save(key, page);
            }
            states(&["SSLv3/TLS read server session ticket"], page);
        }
        SessionEvent::Saved { key } => save(key, page),
        SessionEvent::Removed { key } => {
            page.smtp_if(
                LogMask::CACHE,
                format_args!("remove session {key} from client cache"),
            );
        }
    }
}

fn save(key: &str, page: &mut Page) {
    page.smtp_if(
        LogMask::CACHE,
        format_args!("save session {key} to smtp cache"),
    );
}
