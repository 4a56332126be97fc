//! What the sender asks for, as tasks on sockets.

use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;

use mta_core::dns::Question;
use tokio::sync::mpsc::unbounded_channel;

use super::hosts::{Connection, Sockets};
use super::side_channel::SideChannel;
use super::{Net, connection, lookup};
use crate::dns::{Stub, query_id};
use crate::drive::sender::Carrier;

impl<N: Net> Carrier for Sockets<'_, N> {
    fn resolve(&mut self, query: u32, question: Question) -> Arc<[u8]> {
        let (id, spec) = (query_id(&question), self.world.resolver.stub());
        let stub = Stub::ask_as(self.hosts.net.now(), question, id, spec);
        let asked = stub.query();
        let work = lookup::look_up(self.hosts.clone(), query, stub);
        self.hosts.spawn(work);
        asked
    }

    fn connect(&mut self, connection: u32, address: SocketAddr) {
        let (send, sent) = unbounded_channel();
        let side_channel = Rc::new(SideChannel::new(connection));
        let held = Connection {
            send,
            side_channel: side_channel.clone(),
        };
        self.connections.insert(connection, held);
        let work = connection::hold(self.hosts.clone(), address, side_channel, sent);
        self.hosts.spawn(work);
    }

    fn send(&mut self, connection: u32, bytes: Vec<u8>) {
        let held = self.connections.get(&connection);
        if let Some(held) = held.filter(|held| !held.side_channel.over.get()) {
            // Fails if the connection was refused: then nobody is there to hear it.
            let _ = held.send.send(bytes);
        }
    }

    fn close(&mut self, connection: u32) {
        self.connections.remove(&connection);
    }
}
