//! An event loop of one's own: the core over tokio's sockets, with TLS. At the other end, on a loopback socket, stands the
//! simulated Gmail.
//!
//! `cargo run -p mta-sim --example event_loop`

#![allow(clippy::print_stdout, reason = "an example shows what it found")]

use std::collections::BTreeMap;
use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::SystemTime;

use mta_sim::crypto::{Tier, provider};
use mta_sim::date::Moment;
use mta_sim::mta_core::config::{Host, MainCf, Settings};
use mta_sim::mta_core::dns::{Answer, Data, Kind, Question};
use mta_sim::mta_core::event::Detail;
use mta_sim::mta_core::fault::NetworkFault;
use mta_sim::mta_core::process::Service;
use mta_sim::mta_core::queue::Message;
use mta_sim::mta_core::time::{Now, Time, Wall};
use mta_sim::mta_core::tls::SessionCache;
use mta_sim::mta_core::{Input, Mta, Output};
use mta_sim::peer::Observe;
use mta_sim::prelude::*;
use mta_sim::view::{Times, conversation};
use mta_sim::world::World;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{Instant, sleep_until};

/// Delivers messages, and tells what happened.
async fn deliver(mut mta: Mta, messages: Vec<Message>) -> Vec<Event> {
    let started = Instant::now();
    let (tell, mut told) = unbounded_channel();
    for message in messages {
        tell.send(Input::Submit(message)).ok();
    }
    let (mut connections, mut wake, mut events) = (BTreeMap::new(), None, Vec::new());
    while !told.is_empty() || !mta.queue_is_empty() {
        let due = started + wake.unwrap_or(Time::START).since_start();
        let input = tokio::select! {
            Some(input) = told.recv() => input,
            () = sleep_until(due), if wake.is_some() => Input::Timeout,
        };
        for output in mta.handle(now(started), input) {
            match output {
                Output::Resolve { query, question } => {
                    let answer = resolve(&question);
                    tell.send(Input::Answer { query, answer }).ok();
                }
                Output::Connect {
                    connection: id,
                    address,
                } => {
                    let (bytes, to_send) = unbounded_channel();
                    connections.insert(id, bytes);
                    tokio::spawn(carry(id, address, to_send, tell.clone()));
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

/// Carries the bytes of a connection, until either side closes it.
async fn carry(
    connection: u32,
    address: SocketAddr,
    mut to_send: UnboundedReceiver<Vec<u8>>,
    tell: UnboundedSender<Input<'static>>,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let Ok(mut stream) = TcpStream::connect(address).await else {
        let fault = NetworkFault::Refused;
        return Ok(tell.send(Input::ConnectFailed { connection, fault })?);
    };
    tell.send(Input::Connected { connection })?;
    let mut buffer = vec![0; 16 << 10];
    loop {
        tokio::select! {
            read = stream.read(&mut buffer) => match read {
                Ok(0) => return Ok(tell.send(Input::Closed { connection })?),
                Ok(count) => {
                    let bytes = buffer[..count].to_vec().into();
                    tell.send(Input::Received { connection, bytes })?;
                }
                Err(_) => return Ok(tell.send(Input::Reset { connection })?),
            },
            bytes = to_send.recv() => match bytes {
                Some(bytes) => stream.write_all(&bytes).await?,
                None => return Ok(stream.shutdown().await?),
            },
        }
    }
}

fn now(started: Instant) -> Now {
    Now {
        time: Time::after_start(started.elapsed()),
        wall: Wall(seconds()),
    }
}

fn seconds() -> u64 {
    let since = SystemTime::UNIX_EPOCH.elapsed();
    since.unwrap_or_default().as_secs()
}

/// A DNS in which everything is on this machine.
fn resolve(question: &Question) -> Answer {
    let address = (question.kind == Kind::A).then(|| Data::A([127, 0, 0, 1].into()));
    Answer::unsigned(60, address)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    // A world whose clock shows the time of day.
    let plan = Lab::main_cf("").peer("gmail").plan()?;
    let mut spec = plan.world;
    spec.start = Moment(seconds());
    let mut world = World::build(&spec, &plan.peers, plan.seed, Observe::Nothing)?;
    let host = "gmail-smtp-in.l.google.com";

    // Postfix looks for itself at port 25 only: at any other, mail for 127.0.0.1 does not loop back.
    let main_cf = format!(
        "relayhost = [{host}]:{port}\n\
         smtp_tls_security_level = verify\n\
         smtp_tls_CAfile = /etc/ssl/certs/ca-certificates.crt\n\
         smtp_tls_session_cache_database = btree:${{data_directory}}/smtp_scache\n"
    );
    let main_cf = MainCf::parse("main.cf", &main_cf);
    let machine = Host::named("mail.client.example");
    let (settings, warnings) =
        Settings::from_main_cf(&main_cf, Release::default(), &machine).expect("a good main.cf");
    assert!(warnings.is_empty());
    // Here the files are the world's; elsewhere `std::fs::read(path).ok()`.
    let read = |path: &str| Some(world.file(path)?.to_vec());
    let provider = provider(Tier::System);
    let service = Service::load(Arc::new(settings), provider, &read, &|_| Vec::new())?;
    let gmail = world.server(host)?;
    // One connection after the other, so that the second finds the session of the first.
    tokio::spawn(async move {
        while let Ok((stream, client)) = listener.accept().await {
            gmail.serve(stream, client).await.ok();
        }
    });

    let (sessions, first) = (Arc::new(SessionCache::new()), Box::new(|_| 0));
    let mta = Mta::new(service.into(), sessions, first, Detail::Conversation);
    let text = b"Subject: hello\n\nThe disk is full.\n";
    let message = |id| Message::new(id, "alerts@client.example", "user@gmail.com", text);
    let events = deliver(mta, vec![message("4F1"), message("4F2")]).await;

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
