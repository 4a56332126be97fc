//! Replies that are odd without being errors (src/smtp/smtp_chat.c).

use super::line::{Page, Prefix};
use crate::event::Server;
use crate::smtp::{LINE_KEPT_MAX, ReplyNote};

/// Garbage is worth a warning only where pipelining lets it pass for the reply to another command.
pub(super) fn odd(
    queue_id: Option<&str>,
    server: &Server,
    note: &ReplyNote,
    pipelining: bool,
    page: &mut Page,
) {
    match note {
        ReplyNote::Garbage(text) if pipelining => {
            page.smtp(format_args!(
                "warning: {}non-ESMTP response from {server}: {text}",
                Prefix(queue_id)
            ));
            page.smtp(format_args!(
                "warning: to prevent loss of mail, turn off command pipelining for {} with the \
                 smtp_discard_ehlo_keyword_address_maps parameter",
                server.address.ip()
            ));
        }
        ReplyNote::Garbage(_) => {}
        ReplyNote::TooLong => {
            page.smtp(format_args!("warning: disabling input from unknown_stream"));
        }
        ReplyNote::LongLine(head) => page.smtp(format_args!(
            "warning: {server}: response longer than {LINE_KEPT_MAX}: {head}..."
        )),
        ReplyNote::LongReply(head) => page.smtp(format_args!(
            "warning: {server}: multi-line response longer than {LINE_KEPT_MAX} {head}..."
        )),
    }
}
