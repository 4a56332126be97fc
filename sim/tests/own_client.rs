//! Simulated peers for a client of one's own: over turmoil, over real sockets, over a pipe.

#![cfg(feature = "turmoil")]

use std::io;
use std::time::Duration;

use mta_core::time::Time;
use mta_sim::drive::server::{Listener, Server};
use mta_sim::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::runtime::Builder;

fn plan(peer: &str) -> Plan {
    let peer = mta_sim::peer::load("peer.toml", peer).expect("a peer");
    let lab = Lab::main_cf("").domain("example.test", peer);
    lab.plan().expect("a plan")
}

fn server(peer: &str) -> Server {
    plan(peer).server("mx1.example.test").expect("a server")
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build();
    runtime.expect("a runtime").block_on(work)
}

/// What a client hears that says this at once, and then waits for the end.
async fn hears(mut client: DuplexStream, said: &str) -> String {
    // Fails if the connection was refused.
    let _ = client.write_all(said.as_bytes()).await;
    let mut heard = String::new();
    client.read_to_string(&mut heard).await.expect("a peer");
    heard
}

const CLIENT: ([u8; 4], u16) = ([192, 0, 2, 9], 40_000);

#[test]
fn nothing_is_lost_when_the_peer_is_done_first() {
    // 1,000 bytes a second: the end is still on its way long after the peer has said it.
    let server = server("network = { slice = 3, bandwidth = '1 KB/s' }");
    block_on(async {
        let (client, stream) = duplex(8);
        let served = server.serve(stream, CLIENT.into());
        let (served, heard) = tokio::join!(served, hears(client, "EHLO c\r\nQUIT\r\n"));
        served.expect("no error");
        assert!(heard.starts_with("220 "), "{heard}");
        assert!(heard.ends_with("221 2.0.0 Bye\r\n"), "{heard}");
        let span = server.clock().now().time.since_start();
        assert!(span > Duration::from_millis(150), "{span:?}");
    });
    let seen = server.take_seen();
    assert_eq!(seen[0].plain, ["EHLO c", "QUIT"]);
    assert_eq!(server.take_seen(), []);
}

#[test]
fn a_peer_is_woken_when_it_wants_to_be() {
    let server = server("greeting = { delay = '250s', text = '220 late' }");
    block_on(async {
        let (client, stream) = duplex(4096);
        let served = server.serve(stream, CLIENT.into());
        let (served, heard) = tokio::join!(served, hears(client, "QUIT\r\n"));
        served.expect("no error");
        assert_eq!(heard, "220 late\r\n221 2.0.0 Bye\r\n");
        let now = server.clock().now();
        assert_eq!(now.time, Time::START + Duration::from_secs(250));
        assert_eq!(now.wall.0, 1_780_272_000 + 250);
    });
}

#[test]
fn connections_of_one_server_know_of_each_other() {
    let server = server(
        "[[on]]\nmoment = 'connect'\nconnection = 2\nthen = 'refuse'
         [[on]]\nmoment = 'greeting'\nconnection = 3\nsend = '421 busy'\nthen = 'close'",
    );
    block_on(async {
        for expected in [
            "220 mx1.example.test ESMTP\r\n221 2.0.0 Bye\r\n",
            "",
            "421 busy\r\n",
        ] {
            let (client, stream) = duplex(4096);
            let other = server.clone();
            let served = other.serve(stream, CLIENT.into());
            let (served, heard) = tokio::join!(served, hears(client, "QUIT\r\n"));
            served.expect("no error");
            assert_eq!(heard, expected);
        }
    });
    assert_eq!(server.rule_hits(), [1, 1]);
}

#[test]
fn a_client_that_goes_away_is_no_error() {
    let server = server("");
    block_on(async {
        let (mut client, stream) = duplex(4);
        let served = server.serve(stream, CLIENT.into());
        let gone = async {
            client.write_all(b"EHLO").await.expect("a peer");
            drop(client);
        };
        tokio::join!(served, gone).0.expect("no error");
    });
    assert_eq!(server.take_seen().len(), 1);
}

#[test]
fn a_host_that_nobody_has_is_named() {
    let error = plan("").server("mx1.exmaple.test").unwrap_err();
    assert_eq!(
        error.to_string(),
        "no MX host is called \"mx1.exmaple.test\"; did you mean \"mx1.example.test\"?"
    );
}

/// Says a few commands at port 25 of a host, and reads to the end.
async fn ask(mut stream: impl AsyncReadExt + AsyncWriteExt + Unpin) -> io::Result<String> {
    stream
        .write_all(b"EHLO c\r\nMAIL FROM:<a@c>\r\nQUIT\r\n")
        .await?;
    let mut heard = String::new();
    stream.read_to_string(&mut heard).await?;
    Ok(heard)
}

const BUSY: &str = "[[on]]\ncommand = 'MAIL'\nsend = '451 4.3.0 later'";

#[test]
fn under_turmoil() {
    let server = server(BUSY);
    let mut sim = turmoil::Builder::new().build();
    let peer = server.clone();
    sim.host("mx1.example.test", move || {
        let peer = peer.clone();
        async move {
            let listener = turmoil::net::TcpListener::bind(("0.0.0.0", 25)).await?;
            Ok(peer.serve_on(listener).await?)
        }
    });
    for client in ["one", "two"] {
        sim.client(client, async {
            let stream = turmoil::net::TcpStream::connect(("mx1.example.test", 25)).await?;
            assert!(ask(stream).await?.contains("451 4.3.0 later"));
            Ok(())
        });
    }
    sim.run().expect("both are served");
    assert_eq!(server.rule_hits(), [2]);
    assert_eq!(server.take_seen().len(), 2);
}

#[test]
fn over_real_sockets() {
    fn is_send<T: Send>(work: T) -> T {
        work
    }
    let server = server(BUSY);
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
            .await
            .expect("a port");
        let address = listener.local_addr().expect("an address");
        let peer = server.clone();
        let serving = tokio::spawn(is_send(async move { peer.serve_on(listener).await }));
        let stream = tokio::net::TcpStream::connect(address)
            .await
            .expect("a peer");
        assert!(
            ask(stream)
                .await
                .expect("no error")
                .contains("451 4.3.0 later")
        );
        serving.abort();
    });
    assert_eq!(server.rule_hits(), [1]);
}

/// A listener of one's own is one method.
#[test]
fn a_listener_of_ones_own() {
    struct Once(std::sync::Mutex<Option<DuplexStream>>);
    impl Listener for Once {
        type Stream = DuplexStream;
        async fn accept(&self) -> io::Result<(DuplexStream, std::net::SocketAddr)> {
            let stream = self.0.lock().expect("nobody panicked").take();
            match stream {
                Some(stream) => Ok((stream, CLIENT.into())),
                None => std::future::pending().await,
            }
        }
    }
    let server = server(BUSY);
    block_on(async {
        let (client, stream) = duplex(4096);
        let serving = server.serve_on(Once(Some(stream).into()));
        tokio::select! {
            ended = serving => panic!("{ended:?}"),
            heard = ask(client) => assert!(heard.expect("no error").contains("451")),
        }
    });
}
