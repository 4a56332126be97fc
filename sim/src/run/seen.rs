//! What the peers of a run saw, by host and by recipient.

use super::Run;
use crate::peer::{Seen, SeenMessage};

impl Run {
    /// What the peer at this host saw of each connection, in the order in which they ended.
    pub fn seen_at(&self, host: &str) -> impl Iterator<Item = &Seen> {
        let seen = self.seen.iter().map(|(_, seen)| seen);
        seen.filter(move |seen| seen.host().eq_ignore_ascii_case(host))
    }

    /// The messages to this recipient that peers accepted, with their texts: those are kept unless the plan's detail is
    /// less than [`Detail::Conversation`](mta_core::event::Detail::Conversation).
    ///
    /// ```
    /// use mta_sim::prelude::*;
    ///
    /// let run = Lab::main_cf("smtp_tls_security_level = may\n")
    ///     .domain("example.test", PeerSpec::default())
    ///     .mail("user@example.test")
    ///     .with(|plan| plan.messages[0].text = Some("Subject: disk full\n\nOn /var.\n".to_owned()))
    ///     .run()?;
    /// let received = run.received_by("user@example.test");
    /// assert!(received[0].text().is_some_and(|text| text.contains("Subject: disk full\r\n")));
    /// # Ok::<(), LabError>(())
    /// ```
    pub fn received_by(&self, recipient: &str) -> Vec<&SeenMessage> {
        let messages = self.seen.iter().flat_map(|(_, seen)| &seen.messages);
        messages
            .filter(|message| message.rcpts.iter().any(|rcpt| address(rcpt) == recipient))
            .collect()
    }
}

/// The address of RCPT's argument, which parameters may follow.
fn address(rcpt: &str) -> &str {
    let path = rcpt.strip_prefix('<').unwrap_or(rcpt);
    path.split(['>', ' ']).next().unwrap_or_default()
}
