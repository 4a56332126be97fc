//! What is due happens: sender and peers take their inputs, and what they ask for is done.

use std::net::SocketAddr;
use std::time::Duration;

use mta_core::dns::Answer;
use mta_core::fault::NetworkFault;
use mta_core::{Input, Output};

use super::agenda::Scheduled;
use super::link::Link;
use super::{Memory, client_of, clocks};
use crate::crypto::scope;
use crate::peer::{Accept, PeerInput};
use crate::run::Stream;
use crate::world::Absent;

impl Memory {
    pub(super) fn dispatch(&mut self, due: Scheduled) {
        match due {
            Scheduled::Submit(message) => {
                self.submits = self.submits.saturating_sub(1);
                self.tell(None, Input::Submit(*message));
            }
            Scheduled::Change => self.change(),
            Scheduled::Answer(query, answer) => self.tell(
                None,
                Input::Answer {
                    query,
                    answer: *answer,
                },
            ),
            Scheduled::Arrives(connection, address) => self.connection_arrives(connection, address),
            Scheduled::Connected(connection) => {
                self.tell(Some(connection), Input::Connected { connection })
            }
            Scheduled::Refused(connection, fault) => {
                self.links.remove(&connection);
                self.tell(None, Input::ConnectFailed { connection, fault });
            }
            Scheduled::ToPeer(connection, octets) => {
                self.tell_peer(connection, PeerInput::Received(&octets))
            }
            Scheduled::ClosedToPeer(connection) => {
                self.tell_peer(connection, PeerInput::Closed);
                self.end_at_peer(connection);
            }
            Scheduled::PeerWakes(connection) => self.tell_peer(connection, PeerInput::Timeout),
            Scheduled::ToSender(connection, octets, range) => {
                let bytes = octets.get(range).unwrap_or_default();
                if let Some(wire) = &mut self.wire {
                    wire.add(Stream::ToSender, connection, bytes);
                }
                self.tell(Some(connection), Input::Received { connection, bytes });
            }
            Scheduled::ClosedToSender(connection) => {
                self.tell(Some(connection), Input::Closed { connection })
            }
            Scheduled::ResetToSender(connection) => {
                self.tell(Some(connection), Input::Reset { connection })
            }
        }
    }

    fn change(&mut self) {
        let Some(change) = self.timeline.apply_next(&mut self.world, &mut self.mta) else {
            return;
        };
        if let Some(zones) = change.zones {
            self.world.resolver.replace(zones);
        }
        self.world.hosts.extend(change.hosts);
        if change.crash {
            self.tell(None, Input::Crash);
        }
    }

    /// Tells the sender something, with the connection's own randomness in scope, and does what follows.
    pub(super) fn tell(&mut self, connection: Option<u32>, input: Input<'_>) {
        let now = clocks(self.timeline.sender_start(self.world.start), self.now);
        let Memory {
            mta,
            links,
            outputs,
            ..
        } = self;
        let mut none = None;
        let stream = match connection.and_then(|connection| links.get_mut(&connection)) {
            Some(link) => &mut link.sender_stream,
            None => &mut none,
        };
        scope(stream, || outputs.extend(mta.handle(now, input)));
        let mut outputs = std::mem::take(&mut self.outputs);
        for output in outputs.drain(..) {
            self.perform(output);
        }
        self.outputs = outputs;
    }

    fn perform(&mut self, output: Output) {
        match output {
            Output::Resolve { query, question } => {
                let exchange = self.world.resolver.lookup(&question);
                if let Some(wire) = &mut self.wire {
                    wire.add(Stream::Dns, query, &exchange.query);
                    wire.add(
                        Stream::Dns,
                        query,
                        exchange.reply.as_deref().unwrap_or_default(),
                    );
                }
                let answer: Answer = exchange.answer.clone();
                self.agenda.add(
                    self.now + exchange.delay,
                    Scheduled::Answer(query, Box::new(answer)),
                );
            }
            Output::Connect {
                connection,
                address,
            } => {
                self.opened = connection.saturating_add(1);
                let latency = self
                    .world
                    .hosts
                    .get(&address)
                    .map_or(Duration::ZERO, |host| host.network.latency);
                self.agenda
                    .add(self.now + latency, Scheduled::Arrives(connection, address));
            }
            Output::Send { connection, bytes } => {
                if let Some(wire) = &mut self.wire {
                    wire.add(Stream::ToPeer, connection, &bytes);
                }
                if let Some(link) = self
                    .links
                    .get(&connection)
                    .filter(|link| !link.path.is_over())
                {
                    self.agenda.add(
                        self.now + link.path.latency(),
                        Scheduled::ToPeer(connection, bytes),
                    );
                }
            }
            Output::Close { connection } => {
                if let Some(link) = self.links.get(&connection) {
                    self.agenda.add(
                        self.now + link.path.latency(),
                        Scheduled::ClosedToPeer(connection),
                    );
                }
            }
            Output::WakeAt(at) => self.wake = at,
            Output::Event(event) => self.events.push(event),
        }
    }

    /// A connection request reaches an address.
    fn connection_arrives(&mut self, connection: u32, address: SocketAddr) {
        let now = self.both_clocks();
        let Some(host) = self.world.hosts.get_mut(&address) else {
            if self.world.absent == Absent::Refuses {
                let refused = Scheduled::Refused(connection, NetworkFault::Refused);
                self.agenda.add(self.now, refused);
            }
            return;
        };
        let back = self.now + host.network.latency;
        let Some(peer) = &mut host.peer else {
            if host.absent == Absent::Refuses {
                let refused = Scheduled::Refused(connection, NetworkFault::Refused);
                self.agenda.add(back, refused);
            }
            return;
        };
        match peer.accept(now, client_of(address)) {
            Accept::Refuse => self
                .agenda
                .add(back, Scheduled::Refused(connection, NetworkFault::Refused)),
            Accept::Drop => {}
            Accept::Serve(served) => {
                let link = Link::new(served, &host.network, &self.streams, connection);
                self.links.insert(connection, link);
                self.served.insert(connection, address);
                self.agenda.add(back, Scheduled::Connected(connection));
                self.peer_outputs(connection);
            }
        }
    }

    fn tell_peer(&mut self, connection: u32, input: PeerInput<'_>) {
        let now = self.both_clocks();
        if let Some(link) = self.links.get_mut(&connection) {
            link.peer.handle(now, input);
            self.peer_outputs(connection);
        }
    }

    fn peer_outputs(&mut self, connection: u32) {
        let now = self.now;
        if let Some(link) = self.links.get_mut(&connection) {
            link.carry(now, connection, &mut self.agenda);
        }
    }

    /// The sender is gone; what the peer still says is lost.
    fn end_at_peer(&mut self, connection: u32) {
        if let Some(link) = self.links.remove(&connection)
            && let Some(seen) = link.peer.seen()
        {
            self.seen.push((connection, seen));
        }
    }
}
