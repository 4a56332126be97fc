//! One look-up at the sender's host: the stub resolver over UDP, and over TCP when it asks for it.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::hosts::Hosts;
use super::{Datagrams, Net};
use crate::dns::{EDNS_BYTES, Input, Output, Stub, Transport};

/// A reply on its way over TCP.
type TcpReply = Pin<Box<dyn Future<Output = io::Result<Vec<u8>>>>>;

/// Asks until the stub has its answer.
pub(super) async fn look_up<N: Net>(
    hosts: Rc<Hosts<N>>,
    query: u32,
    mut stub: Stub,
) -> io::Result<()> {
    let socket = hosts.net.datagrams(None).await?;
    let mut datagram = vec![0; usize::from(EDNS_BYTES)];
    let mut stream: Option<TcpReply> = None;
    let mut wake = None;
    // The reply that was decided on, if one came.
    let mut last: Vec<u8> = Vec::new();
    loop {
        while let Some(output) = stub.output() {
            match output {
                Output::Send(Transport::Udp, message) => {
                    socket.send_to(&message, hosts.resolver).await?;
                }
                Output::Send(Transport::Tcp, message) => {
                    stream = Some(Box::pin(over_tcp(hosts.clone(), message)));
                }
                Output::WakeAt(at) => wake = Some(at),
                Output::Answer(answer) => {
                    hosts.at_sender(|sender, now, sockets| {
                        sender.answered(now, query, &last, answer, sockets);
                    });
                    return Ok(());
                }
            }
        }
        tokio::select! {
            biased;
            received = socket.receive(&mut datagram) => {
                let (count, _) = received?;
                last = datagram.get(..count).unwrap_or_default().to_vec();
                stub.handle(hosts.net.now(), Input::Received(Transport::Udp, &last));
            }
            reply = async {
                match &mut stream {
                    Some(stream) => stream.await,
                    None => std::future::pending().await,
                }
            } => {
                stream = None;
                match reply {
                    Ok(message) => {
                        last = message;
                        stub.handle(hosts.net.now(), Input::Received(Transport::Tcp, &last));
                    }
                    Err(_) => stub.handle(hosts.net.now(), Input::TcpFailed),
                }
            }
            () = hosts.until(wake) => {
                wake = None;
                last.clear();
                stub.handle(hosts.net.now(), Input::Timeout);
            }
        }
    }
}

/// One query on a connection of its own, each message behind its length (RFC 1035 §4.2.2).
async fn over_tcp<N: Net>(hosts: Rc<Hosts<N>>, message: Arc<[u8]>) -> io::Result<Vec<u8>> {
    let mut stream = hosts.net.connect(hosts.resolver).await?;
    stream.write_all(&behind_its_length(&message)?).await?;
    let mut reply = vec![0; usize::from(stream.read_u16().await?)];
    stream.read_exact(&mut reply).await?;
    Ok(reply)
}

/// A message as TCP carries it.
///
/// # Errors
/// If it is longer than a message can be.
pub(super) fn behind_its_length(message: &[u8]) -> io::Result<Vec<u8>> {
    let length = u16::try_from(message.len()).map_err(io::Error::other)?;
    Ok([&length.to_be_bytes(), message].concat())
}
