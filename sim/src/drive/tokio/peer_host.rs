//! A peer's host: its listeners, and the peer's end of each connection.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;

use mta_core::time::Time;
use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt, split};

use super::hosts::Hosts;
use super::side_channel::SideChannel;
use super::{Net, READ_BYTES};
use crate::drive::arrival::{Departure, PeerEnd};
use crate::peer::PeerInput;

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
                leaving: VecDeque::new(),
            };
            hosts.spawn(task.serve(stream));
        }
    }
}

/// The peer's end of a connection.
struct PeerTask<N> {
    hosts: Rc<Hosts<N>>,
    end: Box<PeerEnd>,
    side_channel: Rc<SideChannel>,
    /// What the path lets through, and when it leaves.
    leaving: VecDeque<(Time, Departure)>,
}

impl<N: Net> PeerTask<N> {
    /// Carries bytes until the sender has closed its side, and everything has left.
    async fn serve(mut self, stream: N::Stream) -> io::Result<()> {
        let hosts = self.hosts.clone();
        let (mut reader, mut writer) = split(stream);
        let mut buffer = vec![0; READ_BYTES];
        let mut reads = true;
        loop {
            self.take_departures();
            self.send_due(&mut writer).await?;
            if !reads && self.leaving.is_empty() {
                return Ok(());
            }
            let (leaves, wakes) = (self.leaving.front().map(|(at, _)| *at), self.end.wake_at());
            tokio::select! {
                biased;
                () = hosts.until(leaves), if leaves.is_some() => {}
                count = reader.read(&mut buffer), if reads => match buffer.get(..count?) {
                    None | Some([]) => {
                        reads = false;
                        self.closed();
                    }
                    Some(bytes) => self.end.tell(hosts.net.now(), PeerInput::Received(bytes)),
                },
                () = hosts.until(wakes), if reads && wakes.is_some() => {
                    self.end.wake(hosts.net.now());
                }
            }
        }
    }

    fn closed(&mut self) {
        self.end.tell(self.hosts.net.now(), PeerInput::Closed);
        self.take_departures();
        self.hosts.state().arrivals.note(&self.end);
    }

    fn take_departures(&mut self) {
        let PeerTask { end, leaving, .. } = self;
        self.hosts
            .state()
            .sender
            .overhear(self.hosts.net.now(), end);
        end.depart(self.hosts.net.now(), |at, departure| {
            leaving.push_back((at, departure));
        });
        self.side_channel.over.set(end.is_cut_off());
    }

    async fn send_due(&mut self, writer: &mut (impl AsyncWrite + Unpin)) -> io::Result<()> {
        let now = self.hosts.net.now();
        while let Some((_, departure)) = self.leaving.pop_front_if(|(at, _)| *at <= now) {
            match departure {
                Departure::Bytes(bytes, range) => {
                    writer
                        .write_all(bytes.get(range).unwrap_or_default())
                        .await?;
                }
                Departure::Close => writer.shutdown().await?,
                Departure::Reset => {
                    self.side_channel.reset.set(true);
                    writer.shutdown().await?;
                }
            }
        }
        Ok(())
    }
}
