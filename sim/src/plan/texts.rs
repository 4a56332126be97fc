//! Messages of a plan made ready: what many of them have in common is made once, and shared.

use std::collections::BTreeMap;
use std::sync::Arc;

use mta_core::config::Settings;
use mta_core::event::Purpose;
use mta_core::policy::Asks;
use mta_core::queue::{HeaderAsks, Message};
use mta_core::smtp::Body;

use crate::world::MessageSpec;

/// Texts and senders that are made already.
#[derive(Default)]
pub(super) struct Texts<'a> {
    texts: BTreeMap<Source<'a>, (Body, Asks)>,
    senders: BTreeMap<&'a str, Arc<str>>,
}

/// Everything that a message's text follows from.
type Source<'a> = (&'a str, u32, Option<&'a str>, &'a [String]);

impl<'a> Texts<'a> {
    /// The message for the queue.
    pub(super) fn message(
        &mut self,
        spec: &'a MessageSpec,
        queue_id: Arc<str>,
        settings: &Settings,
    ) -> Message {
        let source = (
            spec.from.as_str(),
            spec.octets,
            spec.text.as_deref(),
            spec.headers.as_slice(),
        );
        let made = self.texts.entry(source).or_insert_with(|| {
            let content = spec.content();
            let body = Body::new(&content, settings.dialogue.line_length_limit);
            let asks = HeaderAsks::read(&content, Asks::default(), &settings.tls.asks).asks;
            (body, asks)
        });
        let (body, asks) = made.clone();
        let sender = self.senders.entry(&spec.from);
        Message {
            queue_id,
            sender: Arc::clone(sender.or_insert_with(|| spec.from.as_str().into())),
            recipients: spec.to.iter().map(|to| to.as_str().into()).collect(),
            body,
            age: spec.age,
            asks,
            purpose: Purpose::Delivery,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Plan;
    use mta_core::config::Release;

    #[test]
    fn equal_texts_are_one_and_others_are_not() {
        let plan = Plan::from_main_cf("", Release::V3_12);
        let settings = plan.configuration().expect("good").main_cf().clone();
        let one = MessageSpec::to("a@one.test");
        let other = MessageSpec::to("b@two.test");
        let asking = MessageSpec {
            headers: vec!["TLS-Required: no".to_owned()],
            ..one.clone()
        };
        let mut texts = Texts::default();
        let mut made = |spec| texts.message(spec, "4XtestQid".into(), &settings);
        let (one, other, asking) = (made(&one), made(&other), made(&asking));
        let text = |message: &Message| message.body.wire().as_ptr();
        assert_eq!(text(&one), text(&other));
        assert!(Arc::ptr_eq(&one.sender, &other.sender));
        assert_ne!(one.recipients, other.recipients);
        assert_ne!(one.body, asking.body);
        assert_ne!(one.asks, asking.asks);
    }
}
