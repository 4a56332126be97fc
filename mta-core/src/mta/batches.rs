//! Who goes where: recipients by service and next hop (Postfix src/qmgr/qmgr_message.c).

use std::num::NonZeroU32;
use std::sync::Arc;

use crate::config::Settings;
use crate::event::Notice;
use crate::fault::OwnFault;
use crate::policy_table::Tables;
use crate::routing::{NoRoute, RETRY, Route, route, without_extension};

/// The recipients of a message that go the same way.
pub(super) struct Batch {
    pub(super) route: Route,
    /// The queue manager's name for the destination.
    pub(super) destination: Arc<str>,
    pub(super) recipients: Vec<Arc<str>>,
    /// Who has to change something, if the service delivers no mail.
    pub(super) fault: OwnFault,
}

/// The recipients in batches, and what trivial-rewrite(8) remarks on meanwhile. The queue manager sorts them
/// (`qmgr_message_sort`): by service, next hop, domain, address.
pub(super) fn batches(
    sender: &str,
    recipients: Vec<Arc<str>>,
    settings: &Settings,
    tables: &Tables,
) -> (Vec<Batch>, Vec<Notice>) {
    let mut notices = Vec::new();
    let mut routed: Vec<Batch> = Vec::with_capacity(recipients.len());
    for recipient in recipients {
        let mut fault = OwnFault::Routed;
        let found = route(sender, &recipient, settings, tables, &mut notices);
        let route = found.unwrap_or_else(|NoRoute| {
            fault = OwnFault::NoRoute;
            Route {
                transport: RETRY.into(),
                nexthop: "4.3.0".into(),
            }
        });
        let mut destination = in_lower_case(&route.nexthop);
        let limits = settings.queue.destination_limits_of(&route.transport);
        if limits.recipients == Some(NonZeroU32::MIN) {
            // Each recipient is a destination, whatever the extension of its address.
            let bare = without_extension(&recipient, &settings.routing.recipient_delimiter);
            let address = bare.as_deref().unwrap_or(&recipient);
            let local = address.rsplit_once('@').map_or(address, |(local, _)| local);
            destination = format!("{}@{destination}", local.to_lowercase()).into();
        }
        routed.push(Batch {
            route,
            destination,
            recipients: vec![recipient],
            fault,
        });
    }
    routed.sort_by(|a, b| a.way().cmp(&b.way()));
    routed.dedup_by(|later, batch| {
        let same = later.way() == batch.way();
        if same {
            batch.recipients.append(&mut later.recipients);
        }
        same
    });
    let mut batches = Vec::with_capacity(routed.len());
    for mut batch in routed {
        batch.recipients.sort_by_cached_key(|recipient| {
            let domain = recipient.rsplit_once('@').map_or("", |(_, domain)| domain);
            (domain.to_ascii_lowercase(), recipient.clone())
        });
        let limit = settings
            .queue
            .destination_limits_of(&batch.route.transport)
            .recipients;
        let most = limit.and_then(|limit| usize::try_from(limit.get()).ok());
        match most {
            Some(most) if batch.recipients.len() > most => {
                batches.extend(batch.recipients.chunks(most).map(|recipients| Batch {
                    route: batch.route.clone(),
                    destination: batch.destination.clone(),
                    recipients: recipients.to_vec(),
                    fault: batch.fault,
                }));
            }
            _ => batches.push(batch),
        }
    }
    (batches, notices)
}

impl Batch {
    /// What two recipients have in common that go the same way.
    fn way(&self) -> (&str, &str) {
        (&self.route.transport, &self.destination)
    }
}

/// Next hops that differ in the case of letters are one destination.
fn in_lower_case(nexthop: &Arc<str>) -> Arc<str> {
    let is_lower = |byte: u8| byte.is_ascii() && !byte.is_ascii_uppercase();
    if nexthop.bytes().all(is_lower) {
        nexthop.clone()
    } else {
        nexthop.to_lowercase().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Host, MainCf, Release};

    fn divided(main_cf: &str, recipients: &[&str]) -> Vec<String> {
        let main_cf = MainCf::parse("main.cf", main_cf);
        let (settings, _) =
            Settings::from_main_cf(&main_cf, Release::V3_7, &Host::default()).unwrap();
        let recipients = recipients.iter().map(|&recipient| recipient.into());
        let (batches, _) = batches(
            "s@client.test",
            recipients.collect(),
            &settings,
            &Tables::default(),
        );
        let text =
            |Batch {
                 destination,
                 recipients,
                 ..
             }: &Batch| format!("{destination}: {}", recipients.join(" "));
        batches.iter().map(text).collect()
    }

    #[test]
    fn destinations_and_recipients_are_sorted() {
        assert_eq!(
            divided("", &["b@b.test", "x@A.test", "a@b.test", "c@a.test"]),
            ["a.test: c@a.test x@A.test", "b.test: a@b.test b@b.test"]
        );
    }

    #[test]
    fn a_delivery_has_so_many_recipients_and_no_more() {
        let three = ["a@a.test", "b@a.test", "c@a.test"];
        let limit = "smtp_destination_recipient_limit = 2\n";
        assert_eq!(
            divided(limit, &three),
            ["a.test: a@a.test b@a.test", "a.test: c@a.test"]
        );
        let limit = "default_destination_recipient_limit = 0\n";
        assert_eq!(
            divided(limit, &three),
            ["a.test: a@a.test b@a.test c@a.test"]
        );
    }

    #[test]
    fn with_one_recipient_in_each_every_recipient_is_a_destination() {
        let main_cf = "smtp_destination_recipient_limit = 1\nrecipient_delimiter = +\n";
        assert_eq!(
            divided(main_cf, &["B+x@a.test", "b@a.test", "a@a.test"]),
            [
                "a@a.test: a@a.test",
                "b@a.test: B+x@a.test",
                "b@a.test: b@a.test"
            ]
        );
    }
}
