//! A peer of one's own: it greylists, its TLS breaks at every second handshake, and it takes no mail from Mars.
//!
//! `cargo run -p mta-sim --example own_peer`

#![allow(clippy::print_stdout, reason = "an example shows what it found")]

use mta_sim::prelude::*;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let peer = PeerSpec {
        on: vec![
            Rule::command(Command::Rcpt)
                .sender("*@mars.example")
                .send("550 5.7.1 too far away"),
            Rule::command(Command::Rcpt)
                .greylist(Duration::from_secs(120))
                .send("450 4.2.0 greylisted"),
            Rule::fail("alert:handshake_failure".parse()?).every(2),
        ],
        ..PeerSpec::default()
    };
    let run = Lab::main_cf("smtp_tls_security_level = encrypt\n")
        .domain("example.test", peer)
        .mail("user@example.test")
        .with(|plan| {
            let mut far = plan.messages[0].clone();
            far.from = "rover@mars.example".to_owned();
            plan.messages.push(far);
        })
        .run()?;
    println!("{run}");

    let deliveries = run.deliveries();
    let sent: Vec<_> = deliveries
        .iter()
        .filter(|delivery| delivery.is_sent())
        .collect();
    assert_eq!(sent.len(), 1, "the mail from Earth, once");
    assert!(sent[0].at.since_start() >= Duration::from_secs(120));
    assert_eq!(sent[0].protocol(), Some(Protocol::Tls13));
    assert_eq!(run.returned().len(), 1, "the mail from Mars");
    Ok(())
}

#[test]
fn the_peer_does_as_it_says() {
    main().expect("a good peer");
}
