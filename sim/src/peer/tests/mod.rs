//! Conversations with peers, held by hand: what is said, and what they answer.

mod client;
mod forged;
mod handshakes;
mod hits;
mod lacking;
mod limits;
mod moves;
mod rules;
mod talks;

use std::sync::Arc;
use std::time::Duration;

use mta_core::time::{Now, Time, Wall};

use super::*;
use crate::crypto::{SimClock, Tier, provider};
use crate::pki::Pki;
use crate::seed::Seed;

const START: Wall = Wall(1_780_000_000);
const HOST: &str = "mx1.example.test";

fn at(millis: u64) -> Now {
    Now {
        time: Time::START + Duration::from_millis(millis),
        wall: Wall(START.0 + millis / 1000),
    }
}

fn spec(text: &str) -> PeerSpec {
    load("peer.toml", text).unwrap_or_else(|error| panic!("{error}"))
}

fn peer(text: &str) -> Peer {
    peer_of(&spec(text))
}

fn peer_of(spec: &PeerSpec) -> Peer {
    let host = Host {
        name: HOST.to_owned(),
        address: [192, 0, 2, 1].into(),
    };
    let chain = spec
        .tls
        .mint(&mut Pki::new(Seed(1), START), &Owner::host(HOST))
        .expect("minted")
        .shown;
    let by_name = spec
        .tls
        .mint_by_name(&mut Pki::new(Seed(1), START))
        .expect("minted");
    let by_name = by_name
        .into_iter()
        .map(|(name, chain)| (name, Arc::new(chain.certified_key())));
    let tls = TlsMaterial {
        provider: provider(Tier::Seeded),
        clock: Arc::new(SimClock::new(START)),
        certificate: Arc::new(chain.certified_key()),
        by_name: by_name.collect(),
    };
    let mut peer = Peer::new(spec, &host, Some(tls), Seed(1)).expect("a peer");
    peer.observe(Observe::Texts);
    peer
}

/// A connection, and what it has said since it was last asked.
struct Talk {
    connection: Box<PeerConnection>,
    said: Vec<u8>,
    ends: Vec<PeerOutput>,
    sends: Vec<usize>,
    wakes: Vec<Time>,
}

impl Talk {
    fn with(peer: &mut Peer) -> Talk {
        Talk::begun(peer, at(0))
    }

    fn begun(peer: &mut Peer, now: Now) -> Talk {
        match peer.accept(now, ([192, 0, 2, 99], 40000).into()) {
            Accept::Serve(connection) => {
                let mut talk = Talk {
                    connection,
                    said: Vec::new(),
                    ends: Vec::new(),
                    sends: Vec::new(),
                    wakes: Vec::new(),
                };
                talk.drain();
                talk
            }
            Accept::Refuse | Accept::Drop => panic!("not served"),
        }
    }

    fn hand(&mut self, now: Now, input: PeerInput<'_>) {
        self.connection.handle(now, input);
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(output) = self.connection.poll() {
            match output {
                PeerOutput::Send(bytes) => {
                    assert!(self.ends.is_empty(), "something sent behind the end");
                    self.sends.push(bytes.len());
                    self.said.extend_from_slice(&bytes);
                }
                PeerOutput::WakeAt(time) => self.wakes.push(time),
                PeerOutput::Close | PeerOutput::Reset => self.ends.push(output),
            }
        }
    }

    fn say(&mut self, bytes: &[u8]) -> String {
        self.hand(at(10), PeerInput::Received(bytes));
        self.heard()
    }

    fn heard(&mut self) -> String {
        String::from_utf8_lossy(&std::mem::take(&mut self.said)).replace("\r\n", "\n")
    }

    fn seen(&self) -> Seen {
        self.connection.seen().expect("observed")
    }
}

/// A whole conversation as text, every input in one slice. `>` is the client; a line `...` waits for the
/// wake-up time.
fn talk(peer: &mut Peer, script: &[&str]) -> String {
    let mut talk = Talk::with(peer);
    let mut text = String::new();
    let note = |talk: &mut Talk, text: &mut String| {
        for line in talk.heard().lines() {
            text.push_str(&format!("{line}\n"));
        }
        for end in talk.ends.drain(..) {
            text.push_str(&format!("[{end:?}]\n"));
        }
    };
    note(&mut talk, &mut text);
    for said in script {
        if *said == "..." {
            let due = *talk.wakes.last().expect("something to wait for");
            text.push_str(&format!("... {due}\n"));
            let now = Now {
                time: due,
                wall: START,
            };
            talk.hand(now, PeerInput::Timeout);
        } else {
            for line in said.lines() {
                text.push_str(&format!("> {line}\n"));
            }
            talk.hand(
                at(10),
                PeerInput::Received(said.replace('\n', "\r\n").as_bytes()),
            );
        }
        note(&mut talk, &mut text);
    }
    text
}
