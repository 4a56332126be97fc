//! A peer's host: its listeners, and the peer's end of each connection.

use std::io;
use std::net::SocketAddr;
use std::rc::Rc;

use super::Net;
use super::hosts::Hosts;
use super::side_channel::SideChannel;
use crate::drive::arrival::PeerEnd;
use crate::drive::server::{Served, pump};

/// The ports of one host, opened also where nobody is at present.
pub(super) struct PeerHost<N> {
    pub(super) hosts: Rc<Hosts<N>>,
    pub(super) addresses: Vec<SocketAddr>,
}

impl<N: Net> PeerHost<N> {
    /// Takes connections. Never ends.
    pub(super) async fn serve(self) {
        for address in self.addresses {
            let hosts = self.hosts.clone();
            self.hosts.net.spawn(async move {
                if let Err(error) = listen(&hosts, address).await {
                    hosts.tasks.trouble(&error.to_string());
                }
            });
        }
        std::future::pending().await
    }
}

async fn listen<N: Net>(hosts: &Rc<Hosts<N>>, address: SocketAddr) -> io::Result<()> {
    let listener = hosts.net.bind(address).await?;
    loop {
        let stream = hosts.net.accept(&listener).await?;
        let side_channel = hosts.expected(address)?;
        if let Some(end) = hosts.request(address, &side_channel) {
            let task = PeerTask {
                hosts: hosts.clone(),
                end,
                side_channel,
            };
            hosts.spawn(task.serve(stream));
        }
    }
}

/// The peer's end of a connection, which shows in the sender's what sockets cannot.
struct PeerTask<N> {
    hosts: Rc<Hosts<N>>,
    end: Box<PeerEnd>,
    side_channel: Rc<SideChannel>,
}

impl<N: Net> PeerTask<N> {
    async fn serve(mut self, stream: N::Stream) -> io::Result<()> {
        let hosts = self.hosts.clone();
        pump(&mut self, &hosts.net, stream).await
    }
}

impl<N: Net> Served for PeerTask<N> {
    fn end(&mut self) -> &mut PeerEnd {
        &mut self.end
    }

    fn moved(&mut self) {
        let (now, connection) = (self.hosts.net.now(), self.side_channel.connection);
        let sender = &mut self.hosts.state().sender;
        sender.overhear(now, connection, &self.end);
        self.side_channel.over.set(self.end.is_cut_off());
    }

    fn reset(&mut self) {
        self.side_channel.reset.set(true);
    }

    fn closed(&mut self) {
        self.hosts.state().arrivals.note(&self.end);
    }
}
