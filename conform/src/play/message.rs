//! A step's message, as sendmail(1) and cleanup(8) make it.

use std::sync::Arc;
use std::time::Duration;

use mta_core::config::Feature;
use mta_core::event::Purpose;
use mta_core::policy::Asks;
use mta_core::process::Services;
use mta_core::queue::{HeaderAsks, Message};
use mta_core::smtp::Body;

use super::Play;
use crate::case::Step;
use crate::normal;
use crate::reach::NotYet;

/// Whom a step's message is for.
pub(super) fn recipients(step: &Step) -> Vec<Arc<str>> {
    match step.rcpt.as_slice() {
        [] => vec!["user@example.test".into()],
        named => named.iter().map(|rcpt| rcpt.as_str().into()).collect(),
    }
}

impl Play<'_> {
    pub(super) fn message(&mut self, step: &Step) -> Result<Message, NotYet> {
        self.sent += 1;
        let from = step.from.as_deref().unwrap_or("sender@client.test");
        // As sendmail(1) and cleanup(8) begin a message.
        let id = normal::queue_id(self.sent);
        let mut content = format!(
            "Received: by mail.client.test (Postfix, from userid 0)\n\tid {id}; \
             Mon,  1 Jun 2026 00:00:00 +0000 (UTC)\n"
        );
        for header in &step.headers {
            content.push_str(header);
            content.push('\n');
        }
        content.push_str(&format!(
            "Message-Id: <20260601000000.{id}@mail.client.test>\n\
             Date: Mon,  1 Jun 2026 00:00:00 +0000 (UTC)\nFrom: {from}\nSubject: test\n"
        ));
        let asks = self.asks(step)?;
        let header = self
            .installed()
            .map_or_else(HeaderAsks::default, |services| {
                HeaderAsks::read(content.as_bytes(), asks, &services.settings().tls.asks)
            });
        for warning in &header.warnings {
            self.warnings.push(format!("cleanup: warning: {warning}"));
        }
        if let Some(added) = header.added {
            content.push_str(added);
            content.push('\n');
        }
        content.push('\n');
        content.push_str(step.body.as_deref().unwrap_or("Hello.\n"));
        Ok(Message {
            queue_id: id.into(),
            sender: from.into(),
            recipients: recipients(step),
            body: Body::new(content.as_bytes(), None),
            age: Duration::ZERO,
            asks: header.asks,
            purpose: if step.probe {
                Purpose::Probe
            } else {
                Purpose::Delivery
            },
        })
    }

    /// What the options of sendmail(1) ask for (src/sendmail/sendmail.c).
    fn asks(&mut self, step: &Step) -> Result<Asks, NotYet> {
        let mut asks = Asks::default();
        for option in step.args.chunks(2) {
            let [name, value] = option else {
                return Err(NotYet::new("options of sendmail"));
            };
            let requires = match (name.as_str(), value.to_ascii_lowercase().as_str()) {
                ("-O", "requiretls=yes") => true,
                ("-O", "requiretls=no") => false,
                _ => return Err(NotYet::new(format!("option of sendmail {name} {value}"))),
            };
            let settings = self.installed().map(Services::settings);
            let Some(settings) = settings.filter(|at| at.release.has(Feature::RequireTls)) else {
                continue;
            };
            if settings.tls.asks.require_tls {
                asks.require_tls = requires;
            } else {
                self.warnings.push(format!(
                    "sendmail: warning: Ignoring option '{name} {value}, because the configuration is \
                     'requiretls_enable = no'"
                ));
            }
        }
        Ok(asks)
    }
}
