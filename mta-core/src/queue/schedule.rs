//! When a deferred message is tried again, and when it is given up.

use std::time::Duration;

use super::Message;
use crate::config::QueueSettings;
use crate::time::Time;

/// How long a message waits: as long as it has been in the queue, but not less than `minimal_backoff_time` and not
/// more than `maximal_backoff_time` (src/qmgr/qmgr_active.c; R-SMTP-12). Whole seconds.
pub(crate) fn backoff(age: Duration, settings: &QueueSettings) -> Duration {
    Duration::from_secs(age.as_secs())
        .min(settings.maximal_backoff)
        .max(settings.minimal_backoff)
}

/// The first scan of the deferred queue at `due` or later: scans come every `queue_run_delay` from the start on.
pub(crate) fn next_scan(due: Time, run_delay: Duration) -> Time {
    let step = u64::try_from(run_delay.as_nanos())
        .unwrap_or(u64::MAX)
        .max(1);
    let due = due.as_nanos();
    Time::from_nanos(due.div_ceil(step).saturating_mul(step))
}

/// `maximal_queue_lifetime`, or `bounce_queue_lifetime` for a bounce.
pub(super) fn lifetime(message: &Message, settings: &QueueSettings) -> Duration {
    if message.sender.is_empty() {
        settings.bounce_lifetime
    } else {
        settings.maximal_lifetime
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Release, Settings};

    #[test]
    fn the_wait_grows_with_the_age_within_its_limits() {
        let queue = Settings::default_for(Release::V3_7).queue;
        let secs = |age| backoff(Duration::from_secs(age), &queue).as_secs();
        assert_eq!(
            [secs(0), secs(300), secs(1000), secs(4000), secs(90_000)],
            [300, 300, 1000, 4000, 4000]
        );
    }

    #[test]
    fn attempts_come_with_the_scans_of_the_queue() {
        let delay = Duration::from_secs(300);
        let scan = |secs| next_scan(Time::after_start(Duration::from_secs(secs)), delay).as_secs();
        assert_eq!([scan(0), scan(1), scan(300), scan(301)], [0, 300, 300, 600]);
    }
}
