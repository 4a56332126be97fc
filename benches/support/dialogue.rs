//! What is said inside TLS during one delivery, taken from a delivery.

use mta_core::event::{Detail, Event, What};
use mta_sim::plan::Plan;
use mta_sim::run::Driver;

use super::delivery::{line_length_limit, message_spec, plan};
use super::{Mode, Tls};

/// What the client says at once, and what the server answers at once: a record each way, unless it is too long.
#[derive(Clone, Debug, Default)]
pub(crate) struct Exchange {
    /// The client's bytes.
    pub(crate) client: Vec<u8>,
    /// The server's bytes.
    pub(crate) server: Vec<u8>,
}

/// The exchanges inside TLS of a delivery, in order.
pub(crate) fn inside_tls(tls: Tls) -> Vec<Exchange> {
    let plan = Plan {
        detail: Detail::Conversation,
        messages: vec![message_spec()],
        ..plan(Mode::Tls(tls))
    };
    let run = plan.run(Driver::Memory).expect("the run can be made");
    let body = plan.messages[0].content();
    let body = mta_core::smtp::Body::new(&body, line_length_limit(&plan));
    let mut exchanges: Vec<Exchange> = Vec::new();
    let mut server_spoke = true;
    for event in &run.events {
        let (by_server, octets) = match said(event, body.wire()) {
            Some(said) => said,
            None => continue,
        };
        if !by_server && std::mem::replace(&mut server_spoke, by_server) {
            exchanges.push(Exchange::default());
        }
        server_spoke = by_server;
        let exchange = exchanges.last_mut().expect("the client speaks first");
        if by_server {
            exchange.server.extend(octets);
        } else {
            exchange.client.extend(octets);
        }
    }
    // The client leaves behind the reply to the final dot; that to QUIT comes in one record with it.
    exchanges
        .last_mut()
        .expect("there was a dialogue")
        .server
        .extend_from_slice(REPLY_TO_QUIT);
    exchanges
}

const REPLY_TO_QUIT: &[u8] = b"221 2.0.0 Bye\r\n";

/// Whether the server said it, and the bytes.
fn said(event: &Event, body: &[u8]) -> Option<(bool, Vec<u8>)> {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "all other events are no part of the dialogue"
    )]
    match &event.what {
        What::Command { text, in_tls: true } if text.starts_with('(') => {
            Some((false, body.to_vec()))
        }
        What::Command { text, in_tls: true } => Some((false, format!("{text}\r\n").into_bytes())),
        What::Reply { text, in_tls: true } => {
            let text = text.replace('\n', "\r\n");
            Some((true, format!("{text}\r\n").into_bytes()))
        }
        _ => None,
    }
}
