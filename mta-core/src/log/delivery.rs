//! What became of recipients and messages (src/global/log_adhoc.c, src/smtp/smtp_trouble.c, src/qmgr).

use std::fmt;

use super::delay::Delay;
use super::line::{Page, Prefix};
use crate::config::PostfixVersion;
use crate::event::{Channel, RecipientOutcome};
use crate::policy::Level;

/// The delivery line.
pub(super) fn recipient(queue_id: Option<&str>, outcome: &RecipientOutcome, page: &mut Page) {
    let RecipientOutcome {
        recipient,
        relay,
        status,
        dsn,
        text,
        delays,
        level,
        uses,
        channel,
    } = outcome;
    let relay = relay
        .as_ref()
        .map_or_else(|| "none".to_owned(), |server| server.to_string());
    // Of a connection that is used again it is not known (observed: reuse-plain-may-notls).
    let channel = if *uses > 1 {
        Channel::Undecided
    } else {
        *channel
    };
    let tls = Tls {
        level: *level,
        channel,
        version: page.style.version,
    };
    page.smtp(format_args!(
        "{}to=<{recipient}>, relay={relay}, {}delay={}, delays={}/{}/{}/{}, {tls}dsn={dsn}, status={status} ({text})",
        Prefix(queue_id),
        Uses(*uses),
        Delay(delays.total()),
        Delay(delays.before_active),
        Delay(delays.in_active),
        Delay(delays.setup),
        Delay(delays.transmission),
    ));
}

/// A server was given up, and the recipients are kept for another.
pub(super) fn server_failed(queue_id: Option<&str>, text: &str, page: &mut Page) {
    page.smtp(format_args!("{}{text}", Prefix(queue_id)));
}

/// A message was given up.
pub(super) fn expired(queue_id: Option<&str>, sender: &str, page: &mut Page) {
    page.qmgr(format_args!(
        "{}from=<{sender}>, status=expired, returned to sender",
        Prefix(queue_id)
    ));
}

/// `conn_use=N, `, where a connection was used again.
struct Uses(u32);

impl fmt::Display for Uses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 | 1 => Ok(()),
            uses => write!(f, "conn_use={uses}, "),
        }
    }
}

/// `tls=LEVEL:FINAL, ` of 3.11 and later (src/global/pol_stats.c); nothing where no policy was looked at.
struct Tls {
    level: Option<Level>,
    channel: Channel,
    version: PostfixVersion,
}

impl fmt::Display for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.version < PostfixVersion::V3_12 {
            return Ok(());
        }
        if self.channel == Channel::NoPolicy {
            return f.write_str("tls=unknown?, ");
        }
        let Some(level) = self.level else {
            return Ok(());
        };
        match self.channel {
            Channel::Clear if level == Level::None => write!(f, "tls=none, "),
            Channel::Clear => write!(f, "tls={level}:none, "),
            Channel::Tls => write!(f, "tls={level}, "),
            Channel::WeakerTls(weaker) => write!(f, "tls={level}:{weaker}, "),
            Channel::Undecided | Channel::NoPolicy => write!(f, "tls={level}?, "),
            Channel::Blocked => write!(f, "tls=!{level}, "),
        }
    }
}
