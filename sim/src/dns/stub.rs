//! The stub resolver on the sender's host: one question, from the first datagram to the answer.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use hickory_proto::op::{Edns, Message, MessageType, OpCode, Query};
use mta_core::dns::{Answer, LookupFault, Question};
use mta_core::time::Time;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::{EDNS_BYTES, Transport};
use super::decode::{decode, fault, peek, query_for};

/// How long an attempt waits for its reply: `timeout` in resolv.conf(5), `RES_TIMEOUT`. For the
/// attempt over TCP too, where glibc leaves connecting to the kernel's patience.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(5);

/// How often a question is asked: `attempts` in resolv.conf(5), `RES_DFLRETRY`.
pub(crate) const ATTEMPTS: u32 = 2;

/// The longest wait, and the most attempts, that resolv.conf(5) takes; more is cut to this (`RES_MAXRETRANS`,
/// `RES_MAXRETRY`).
const LIMITS: (Duration, u32) = (Duration::from_secs(30), 5);

/// How the stub asks, in the words of resolv.conf(5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct StubSpec {
    /// How long an attempt waits for its reply, at most 30 s. Default: 5 s.
    #[schemars(with = "crate::span::Text")]
    #[serde(with = "crate::span")]
    pub timeout: Duration,
    /// How often a question is asked, at most five times. Default: twice.
    pub attempts: u32,
    /// Whether the resolver's word for what is secure, the AD bit, is passed on.
    pub trust_ad: bool,
}

impl Default for StubSpec {
    fn default() -> Self {
        StubSpec {
            timeout: TIMEOUT,
            attempts: ATTEMPTS,
            trust_ad: true,
        }
    }
}

impl StubSpec {
    /// Whether it asks as most do.
    pub fn is_usual(&self) -> bool {
        *self == StubSpec::default()
    }

    fn limited(self) -> StubSpec {
        StubSpec {
            timeout: self.timeout.clamp(Duration::from_secs(1), LIMITS.0),
            attempts: self.attempts.clamp(1, LIMITS.1),
            ..self
        }
    }
}

/// One question on its way, as a machine without sockets.
///
/// Feed it with [`handle`](Self::handle), and drain [`output`](Self::output) after the start and after
/// every input. The last output is [`Output::Answer`].
///
/// A query asks for DNSSEC (DO and AD bit) and is the same in every attempt, id included, so a late
/// reply to the first attempt still counts. Whatever is not a reply with this id and question is passed
/// over. An RCODE is an answer: only silence is asked again.
#[derive(Debug)]
pub(crate) struct Stub {
    question: Question,
    id: u16,
    spec: StubSpec,
    /// Absent if the name cannot be asked for, so there is nothing to do.
    asked: Option<Asked>,
    outputs: VecDeque<Output>,
}

#[derive(Debug)]
struct Asked {
    query: Query,
    message: Arc<[u8]>,
    transport: Transport,
    attempts: u32,
    until: Time,
    done: bool,
}

/// What the driver tells the stub.
#[derive(Clone, Copy, Debug)]
pub enum Input<'a> {
    /// A whole message, without the length that TCP puts in front.
    Received(Transport, &'a [u8]),
    /// The connection could not be made, or ended before the reply was whole.
    TcpFailed,
    /// The time of the last [`Output::WakeAt`] has come.
    Timeout,
}

/// What the stub tells the driver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Send this query to the resolver; over TCP on a new connection.
    Send(Transport, Arc<[u8]>),
    /// Feed [`Input::Timeout`] at this time; replaces earlier ones.
    WakeAt(Time),
    /// The end.
    Answer(Answer),
}

impl Stub {
    /// Asks `question` with this message `id`. A name that fits in no message (a label over 63 octets,
    /// say) is answered at once, as a name that does not exist, and nothing is sent: libresolv fails
    /// before it sends, and Postfix takes an invalid name for a missing host.
    #[cfg(test)]
    pub(crate) fn ask(now: Time, question: Question, id: u16) -> Self {
        Stub::ask_as(now, question, id, StubSpec::default())
    }

    /// Asks in this way.
    pub(crate) fn ask_as(now: Time, question: Question, id: u16, spec: StubSpec) -> Self {
        let asked = query_for(&question).and_then(|query| {
            Some(Asked {
                message: message(&query, id)?.into(),
                query,
                transport: Transport::Udp,
                attempts: 0,
                until: now,
                done: false,
            })
        });
        let mut outputs = VecDeque::new();
        if asked.is_none() {
            outputs.push_back(Output::Answer(fault(LookupFault::NoSuchName)));
        }
        let mut stub = Stub {
            question,
            id,
            spec: spec.limited(),
            asked,
            outputs,
        };
        stub.attempt(now);
        stub
    }

    /// Takes one input. Inputs after the answer change nothing.
    pub(crate) fn handle(&mut self, now: Time, input: Input<'_>) {
        let Some(asked) = self.asked.as_mut().filter(|asked| !asked.done) else {
            return;
        };
        match input {
            Input::Received(transport, message) if transport == asked.transport => {
                match peek(&asked.query, message) {
                    Some(head) if head.id == self.id => {
                        if head.truncated && transport == Transport::Udp {
                            asked.transport = Transport::Tcp;
                            self.send(now);
                        } else {
                            self.finish(decode(&self.question, message));
                        }
                    }
                    Some(_) | None => {}
                }
            }
            // A datagram that comes after TC: the stream has the word now.
            Input::Received(..) => {}
            Input::TcpFailed if asked.transport == Transport::Tcp => self.attempt(now),
            Input::TcpFailed => {}
            Input::Timeout if now >= asked.until => self.attempt(now),
            Input::Timeout => self.outputs.push_back(Output::WakeAt(asked.until)),
        }
    }

    /// The next thing to do, if any.
    pub(crate) fn output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// The query's octets; empty if the name fits in no message.
    pub(crate) fn query(&self) -> Arc<[u8]> {
        let message = self.asked.as_ref().map(|asked| Arc::clone(&asked.message));
        message.unwrap_or_default()
    }

    /// The attempts made. Going over to TCP is not another one.
    pub(crate) fn attempts(&self) -> u32 {
        self.asked.as_ref().map_or(0, |asked| asked.attempts)
    }

    /// Begins the next attempt, or gives up. Once on TCP it stays there, like glibc.
    fn attempt(&mut self, now: Time) {
        let Some(asked) = &mut self.asked else { return };
        if asked.attempts == self.spec.attempts {
            return self.finish(fault(LookupFault::Timeout));
        }
        asked.attempts += 1;
        self.send(now);
    }

    fn send(&mut self, now: Time) {
        let Some(asked) = &mut self.asked else { return };
        asked.until = now + self.spec.timeout;
        let message = Arc::clone(&asked.message);
        self.outputs
            .push_back(Output::Send(asked.transport, message));
        self.outputs.push_back(Output::WakeAt(asked.until));
    }

    fn finish(&mut self, mut answer: Answer) {
        answer.secure &= self.spec.trust_ad;
        if let Some(asked) = &mut self.asked {
            asked.done = true;
        }
        self.outputs.push_back(Output::Answer(answer));
    }
}

fn message(query: &Query, id: u16) -> Option<Vec<u8>> {
    let mut message = Message::new(id, MessageType::Query, OpCode::Query);
    message.metadata.recursion_desired = true;
    // RFC 6840 §5.7; glibc with `trust-ad`.
    message.metadata.authentic_data = true;
    message.add_query(query.clone());
    let mut edns = Edns::new();
    edns.set_max_payload(EDNS_BYTES);
    edns.set_dnssec_ok(true);
    message.set_edns(edns);
    message.to_vec().ok()
}
