//! Zones with a memo: what a look-up would send, get and learn, without doing it anew each time.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use mta_core::dns::{Answer, LookupFault, Question};
use mta_core::time::Time;

use super::answer::Transport;
use super::decode::fault;
use super::stub::{Input, Output, Stub, StubSpec};
use super::zones::Zones;

/// The most exchanges kept of a small world, and of a large one; in between, three for each of its names: MX of a domain,
/// A, AAAA and TLSA of a host. At the next one all are dropped, so what is kept never depends on an order.
/// Ours: some hundred bytes each, so the memo of a large world stays below the rest of it.
pub(crate) const MEMO_EXCHANGES: (usize, usize) = (4096, 524_288);

/// The exchanges kept for a name.
const EXCHANGES_OF_A_NAME: usize = 3;

/// The stub resolver and [`Zones`] put together, for a driver without sockets.
///
/// A look-up is the stub driven to its end in a time of its own; its result is kept and shared. The
/// memo is no cache in the sense of DNS: it knows no TTL, since the zones stay as they are until
/// [`replace`](Self::replace).
#[derive(Debug, Default)]
pub struct Resolver {
    zones: Zones,
    stub: StubSpec,
    /// By the hash of the question: a search in a large memo fetches numbers on its way, and no names. Of two questions
    /// with one hash the first is kept.
    memo: BTreeMap<u64, (Question, Arc<Exchange>)>,
}

/// One question from the first datagram to the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// The query's bytes, with an id that follows from the question; empty if the name fits in no message.
    pub query: Arc<[u8]>,
    /// The reply that was decided on, if one came.
    pub reply: Option<Arc<[u8]>>,
    /// How that reply travelled, or how the last attempt did.
    pub transport: Transport,
    /// What the core gets.
    pub answer: Answer,
    /// From the question to the answer.
    pub delay: Duration,
    /// The attempts made; 0 if there was nothing to send.
    pub attempts: u32,
    /// Whether the same question may get another answer the next time; then it is not kept.
    pub passing: bool,
}

impl Resolver {
    /// A resolver with these zones and an empty memo.
    pub fn new(zones: Zones) -> Self {
        Resolver {
            zones,
            stub: StubSpec::default(),
            memo: BTreeMap::new(),
        }
    }

    /// The same zones, asked by this stub.
    #[must_use]
    pub fn asked_by(self, stub: StubSpec) -> Self {
        Resolver {
            stub,
            memo: BTreeMap::new(),
            ..self
        }
    }

    /// The exchange that `question` leads to. One that is in the memo costs no allocation.
    pub fn lookup(&mut self, question: &Question) -> Arc<Exchange> {
        let key = hash(question);
        let known = self.memo.get(&key);
        if let Some((_, known)) = known.filter(|(known, _)| known == question) {
            return Arc::clone(known);
        }
        let taken = known.is_some();
        let exchange = Arc::new(exchange(&self.zones, self.stub, question));
        if exchange.passing || taken {
            return exchange;
        }
        if self.memo.len() >= self.memo_max() {
            self.memo.clear();
        }
        self.memo
            .insert(key, (question.clone(), Arc::clone(&exchange)));
        exchange
    }

    /// From now on answers from `zones`; the memo is dropped.
    pub fn replace(&mut self, zones: Zones) {
        self.zones = zones;
        self.memo.clear();
    }

    /// The most exchanges that the memo keeps with these zones.
    pub(crate) fn memo_max(&self) -> usize {
        let (least, most) = MEMO_EXCHANGES;
        let of_names = self.zones.len().saturating_mul(EXCHANGES_OF_A_NAME);
        of_names.clamp(least, most)
    }

    #[cfg(test)]
    pub(crate) fn memo_len(&self) -> usize {
        self.memo.len()
    }

    /// How its stub asks.
    pub const fn stub(&self) -> StubSpec {
        self.stub
    }

    /// The zones that it answers from.
    pub fn zones(&self) -> &Zones {
        &self.zones
    }
}

/// The message id for `question`: FNV-1a (32 bits) over name and type as text, the halves combined with
/// XOR. So the same question has the same bytes in every run, and no memo is needed to know them.
pub(crate) fn query_id(question: &Question) -> u16 {
    let hash = octets(question).fold(0x811c_9dc5_u32, |hash, octet| {
        (hash ^ u32::from(octet)).wrapping_mul(0x0100_0193)
    });
    let [a, b, c, d] = hash.to_be_bytes();
    u16::from_be_bytes([a ^ c, b ^ d])
}

/// FNV-1a (64 bits) over the same, for the memo.
fn hash(question: &Question) -> u64 {
    octets(question).fold(0xcbf2_9ce4_8422_2325, |hash, octet| {
        (hash ^ u64::from(octet)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Name and type as text.
fn octets(question: &Question) -> impl Iterator<Item = u8> {
    let name = question.name.bytes().chain([b' ']);
    name.chain(question.kind.name().bytes())
}

/// Drives a stub against `zones`, in a time that starts at zero.
fn exchange(zones: &Zones, spec: StubSpec, question: &Question) -> Exchange {
    let mut now = Time::START;
    let mut stub = Stub::ask_as(now, question.clone(), query_id(question), spec);
    let mut passing = false;
    let mut wake = None;
    let mut transport = Transport::Udp;
    // By time and order of sending. At most two messages an attempt, so few.
    let mut coming: BTreeMap<(Time, usize), (Transport, Vec<u8>)> = BTreeMap::new();
    let mut sent = 0;
    let mut last: Option<Vec<u8>> = None;
    loop {
        while let Some(output) = stub.output() {
            match output {
                Output::Send(over, query) => {
                    transport = over;
                    sent += 1;
                    let reply = zones.answer(&query, over);
                    passing |= reply.passing;
                    if let Some(message) = reply.message {
                        coming.insert((now + reply.delay, sent), (over, message));
                    }
                }
                Output::WakeAt(time) => wake = Some(time),
                Output::Answer(answer) => {
                    return Exchange {
                        query: stub.query(),
                        reply: last.map(Arc::from),
                        transport,
                        answer,
                        delay: now.since_start(),
                        attempts: stub.attempts(),
                        passing,
                    };
                }
            }
        }
        // A reply at the very moment of the time-out is in time.
        let next = coming.first_entry();
        match (next, wake) {
            (Some(next), wake) if wake.is_none_or(|wake| next.key().0 <= wake) => {
                let ((time, _), (over, message)) = next.remove_entry();
                now = time;
                stub.handle(now, Input::Received(over, &message));
                last = Some(message);
            }
            (_, Some(time)) => {
                now = time;
                wake = None;
                last = None;
                stub.handle(now, Input::Timeout);
            }
            // The stub always waits for something; this keeps the loop from being the place to learn
            // otherwise.
            (_, None) => {
                return Exchange {
                    query: stub.query(),
                    reply: None,
                    transport,
                    answer: fault(LookupFault::Timeout),
                    delay: now.since_start(),
                    attempts: stub.attempts(),
                    passing,
                };
            }
        }
    }
}
