//! The resolver's host: the present zones of the world behind port 53, UDP and TCP.

use std::future::Future;
use std::io;
use std::rc::Rc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::hosts::Hosts;
use super::lookup::behind_its_length;
use super::{Datagrams, Net};
use crate::dns::{EDNS_BYTES, Reply, Transport};

/// Answers for ever.
pub(super) async fn serve<N: Net>(hosts: Rc<Hosts<N>>) -> io::Result<()> {
    let listener = hosts.net.bind(hosts.resolver).await?;
    let socket = Rc::new(hosts.net.datagrams(Some(hosts.resolver)).await?);
    let mut query = vec![0; usize::from(EDNS_BYTES)];
    loop {
        tokio::select! {
            biased;
            received = socket.receive(&mut query) => {
                let (count, from) = received?;
                let query = query.get(..count).unwrap_or_default();
                let reply = answer(&hosts, query, Transport::Udp);
                if let Some(message) = reply.message {
                    let (socket, net) = (socket.clone(), hosts.clone());
                    spawn(&hosts, async move {
                        take_time(&net, reply.delay).await;
                        socket.send_to(&message, from).await
                    });
                }
            }
            accepted = hosts.net.accept(&listener) => {
                spawn(&hosts, answer_stream(hosts.clone(), accepted?));
            }
        }
    }
}

async fn answer_stream<N: Net>(hosts: Rc<Hosts<N>>, mut stream: N::Stream) -> io::Result<()> {
    loop {
        let mut query = vec![0; usize::from(stream.read_u16().await?)];
        stream.read_exact(&mut query).await?;
        let reply = answer(&hosts, &query, Transport::Tcp);
        if let Some(message) = reply.message {
            take_time(&hosts, reply.delay).await;
            stream.write_all(&behind_its_length(&message)?).await?;
        }
    }
}

fn answer<N: Net>(hosts: &Hosts<N>, query: &[u8], transport: Transport) -> Reply {
    let state = hosts.state();
    state.world.resolver.zones().answer(query, transport)
}

/// Takes the time of a reply, less what the query took on its way.
async fn take_time<N: Net>(hosts: &Hosts<N>, delay: Duration) {
    hosts.net.sleep(delay.saturating_sub(N::HOP)).await;
}

/// An error here is a client that went away.
fn spawn<N: Net>(hosts: &Hosts<N>, work: impl Future<Output = io::Result<()>> + 'static) {
    hosts.net.spawn(async move {
        let _ = work.await;
    });
}
