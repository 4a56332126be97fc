//! An event loop of one's own: the core over tokio's sockets, with TLS. At the other end, on a loopback socket, stands the
//! simulated Gmail.
//!
//! `cargo run -p mta-sim --example event_loop`

#![allow(clippy::print_stdout, reason = "an example shows what it found")]

use std::collections::BTreeMap;
use std::error::Error;

use mta_sim::crypto::Tier;
use mta_sim::drive::client::carry;
use mta_sim::drive::server::Clock;
use mta_sim::mta_core::dns::{Answer, Data, Kind, Question};
use mta_sim::mta_core::queue::Message;
use mta_sim::mta_core::{Input, Mta, Output};
use mta_sim::prelude::*;
use mta_sim::view::{Times, conversation};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::unbounded_channel;

/// Delivers a message, and tells what happened.
async fn deliver(mta: &mut Mta, clock: Clock, message: Message) -> Vec<Event> {
    let (tell, mut told) = unbounded_channel();
    let (mut connections, mut wake, mut events) = (BTreeMap::new(), None, Vec::new());
    tell.send(Input::Submit(message)).ok();
    while !told.is_empty() || !mta.queue_is_empty() {
        let input = tokio::select! {
            Some(input) = told.recv() => input,
            () = clock.until(wake) => Input::Timeout,
        };
        for output in mta.handle(clock.now(), input) {
            let tell = tell.clone();
            let tell = move |input| drop(tell.send(input));
            match output {
                Output::Resolve { query, question } => {
                    let answer = resolve(&question);
                    tell(Input::Answer { query, answer });
                }
                Output::Connect {
                    connection,
                    address,
                } => {
                    let (send, sent) = unbounded_channel();
                    connections.insert(connection, send);
                    tokio::spawn(carry(connection, TcpStream::connect(address), sent, tell));
                }
                Output::Send { connection, bytes } => drop(connections[&connection].send(bytes)),
                Output::Close { connection } => drop(connections.remove(&connection)),
                Output::WakeAt(at) => wake = at,
                Output::Event(event) => events.push(event),
                Output::Secret { .. } => {}
            }
        }
    }
    events
}

/// A DNS in which everything is on this machine.
fn resolve(question: &Question) -> Answer {
    let address = (question.kind == Kind::A).then(|| Data::A([127, 0, 0, 1].into()));
    Answer::unsigned(60, address)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    // Postfix looks for itself at port 25 only: at any other, mail for 127.0.0.1 does not loop back.
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let main_cf = format!(
        "relayhost = [gmail-smtp-in.l.google.com]:{}\n\
         smtp_tls_security_level = verify\n\
         smtp_tls_CAfile = /etc/ssl/certs/ca-certificates.crt\n\
         smtp_tls_session_cache_database = btree:${{data_directory}}/smtp_scache\n",
        listener.local_addr()?.port()
    );
    let plan = Lab::main_cf(main_cf)
        .peer("gmail")
        .with(|plan| plan.world.crypto = Tier::System)
        .plan()?;
    let (mut world, mut mta) = plan.prepare()?.into_parts();
    let gmail = world.server("gmail-smtp-in.l.google.com")?;
    let clock = gmail.clock();
    tokio::spawn(async move { gmail.serve_on(listener).await });

    let text = b"Subject: hello\n\nThe disk is full.\n";
    let message = |id| Message::new(id, "alerts@client.example", "user@gmail.com", text);
    // One after the other, so that the second finds the session of the first.
    let mut events = deliver(&mut mta, clock, message("4F1")).await;
    events.extend(deliver(&mut mta, clock, message("4F2")).await);

    println!("{}", conversation(&events, Times::Shown));
    let mut tls = events.iter().filter_map(Event::tls);
    let (first, second) = (tls.next().expect("TLS"), tls.next().expect("TLS"));
    assert_eq!(first.status, PeerStatus::Verified);
    assert!(!first.resumed && second.resumed);
    Ok(())
}

#[test]
fn two_mails_are_sent_and_the_second_resumes() {
    main().expect("both are sent");
}
