//! The resolver's host: the present [`Zones`] behind port 53, UDP and TCP.

use std::cell::RefCell;
use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use turmoil::net::{TcpListener, TcpStream, UdpSocket};

use super::lookup::behind_its_length;
use super::{RESOLVER, TICK};
use crate::dns::{EDNS_OCTETS, Transport, Zones};

/// Answers from the zones, for ever.
pub(super) async fn serve(zones: Rc<RefCell<Zones>>) -> turmoil::Result {
    let here = SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), RESOLVER.port());
    let listener = TcpListener::bind(here).await?;
    let socket = Rc::new(UdpSocket::bind(here).await?);
    let mut query = vec![0; usize::from(EDNS_OCTETS)];
    loop {
        tokio::select! {
            biased;
            received = socket.recv_from(&mut query) => {
                let (count, from) = received?;
                let query = query.get(..count).unwrap_or_default();
                let reply = zones.borrow().answer(query, Transport::Udp);
                if let Some(message) = reply.message {
                    let socket = socket.clone();
                    spawn(async move {
                        take_time(reply.delay).await;
                        socket.send_to(&message, from).await.map(drop)
                    });
                }
            }
            accepted = listener.accept() => {
                let (stream, _) = accepted?;
                spawn(answer_stream(zones.clone(), stream));
            }
        }
    }
}

async fn answer_stream(zones: Rc<RefCell<Zones>>, mut stream: TcpStream) -> io::Result<()> {
    loop {
        let mut query = vec![0; usize::from(stream.read_u16().await?)];
        stream.read_exact(&mut query).await?;
        let reply = zones.borrow().answer(&query, Transport::Tcp);
        if let Some(message) = reply.message {
            take_time(reply.delay).await;
            stream.write_all(&behind_its_length(&message)?).await?;
        }
    }
}

/// Takes the time of a reply, less the tick that the query took on its way.
async fn take_time(delay: Duration) {
    tokio::time::sleep(delay.saturating_sub(TICK)).await;
}

/// An error here is a client that went away.
fn spawn(work: impl Future<Output = io::Result<()>> + 'static) {
    tokio::task::spawn_local(async move {
        let _ = work.await;
    });
}
