//! What became of recipients and messages (src/global/log_adhoc.c, src/smtp/smtp_trouble.c, src/qmgr).

use std::fmt;

use super::delay::Delay;
use super::line::{Page, Prefix};
use super::reason::reason as worded;
use crate::config::Feature;
use crate::event::{Channel, Gap, Promise, Reason, RecipientOutcome};
use crate::policy::Level;

/// The delivery line.
pub(super) fn recipient(queue_id: Option<&str>, outcome: &RecipientOutcome, page: &mut Page) {
    let RecipientOutcome {
        recipient,
        relay,
        agent,
        status,
        dsn,
        reason,
        fault: _,
        delays,
        level,
        uses,
        channel,
        require_tls,
    } = outcome;
    let text = worded(reason);
    let relay = relay
        .as_ref()
        .map_or_else(|| "none".to_owned(), |server| server.to_string());
    // Of a connection that is used again it is not known (observed: reuse-plain-may-notls).
    let channel = if *uses > 1 {
        Channel::Undecided
    } else {
        *channel
    };
    let is_told = page.release.has(Feature::TlsFeatureStatus) && !page.omits_tls;
    let tls = is_told.then_some(Tls(*level, channel, *require_tls));
    let tls = tls.map_or_else(String::new, |tls| tls.to_string());
    page.daemon(agent.name(), format_args!(
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
pub(super) fn server_failed(queue_id: Option<&str>, reason: &Reason, page: &mut Page) {
    page.smtp(format_args!("{}{}", Prefix(queue_id), worded(reason)));
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

/// `tls=LEVEL:FINAL/requiretls:FINAL, ` of 3.11 and later (src/global/pol_stats.c); nothing where no policy was looked
/// for.
struct Tls(Option<Level>, Channel, Option<Promise>);

impl fmt::Display for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0, self.1) {
            (_, Channel::Unknown) => write!(f, "tls=unknown?")?,
            (None, _) => return Ok(()),
            (Some(Level::None), Channel::Cleartext) => write!(f, "tls=none")?,
            (Some(level), Channel::Cleartext) => write!(f, "tls={level}:none")?,
            (Some(level), Channel::Tls) => write!(f, "tls={level}")?,
            (Some(level), Channel::WeakerTls(weaker)) => write!(f, "tls={level}:{weaker}")?,
            (Some(level), Channel::Undecided) => write!(f, "tls={level}?")?,
            (Some(level), Channel::Blocked) => write!(f, "tls=!{level}")?,
        }
        match self.2 {
            None => {}
            Some(Promise::Undecided) => write!(f, "/requiretls?")?,
            Some(Promise::Passed(gap)) => write!(f, "/requiretls{}", behind(gap))?,
            Some(Promise::Blocked(gap)) => write!(f, "/!requiretls{}", behind(gap))?,
        }
        f.write_str(", ")
    }
}

/// What stands behind the name of the feature.
const fn behind(gap: Gap) -> &'static str {
    match gap {
        Gap::None => "",
        Gap::Keyword => ":none",
        Gap::Certificate => ":nocertmatch",
        Gap::StartTls => ":nostarttls",
        Gap::Encryption => ":noencryption",
    }
}
