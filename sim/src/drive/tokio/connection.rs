//! The sender's end of one connection.

use std::io;
use std::net::SocketAddr;
use std::rc::Rc;

use mta_core::Input;
use mta_core::fault::NetworkFault;
use tokio::sync::mpsc::UnboundedReceiver;

use super::Net;
use super::hosts::Hosts;
use super::side_channel::{Answer, SideChannel};
use crate::drive::client::pump;

/// Opens a connection, and carries bytes until both ends have closed it. `sent` ends when the sender closes it.
pub(super) async fn hold<N: Net>(
    hosts: Rc<Hosts<N>>,
    address: SocketAddr,
    side_channel: Rc<SideChannel>,
    mut sent: UnboundedReceiver<Vec<u8>>,
) -> io::Result<()> {
    let connection = side_channel.connection;
    let stream = match hosts.latency_to(address) {
        Some(latency) => {
            // The answer has its way back before it, which a listener leaves out.
            let answered = hosts.net.now() + latency + latency;
            hosts.expect(address, side_channel.clone());
            let opened = hosts.net.connect(address).await;
            if side_channel.answer.get() != Answer::Lost {
                hosts.until(Some(answered)).await;
            }
            opened.ok()
        }
        None => {
            // Nobody listens there, and a socket would refuse the request at once.
            hosts.request(address, &side_channel);
            None
        }
    };
    match (side_channel.answer.get(), stream) {
        (Answer::Lost, _) => given_up(&mut sent).await,
        (Answer::Accepted, Some(stream)) => {
            hosts.at_sender(|sender, now, sockets| sender.connected(now, connection, sockets));
            carry(&hosts, &side_channel, stream, sent).await
        }
        (Answer::Accepted | Answer::Refused, _) => {
            let fault = NetworkFault::Refused;
            hosts.tell(Input::ConnectFailed { connection, fault });
            Ok(())
        }
    }
}

/// Waits until the sender has lost its patience.
async fn given_up(sent: &mut UnboundedReceiver<Vec<u8>>) -> io::Result<()> {
    while sent.recv().await.is_some() {}
    Ok(())
}

async fn carry<N: Net>(
    hosts: &Rc<Hosts<N>>,
    side_channel: &SideChannel,
    stream: N::Stream,
    sent: UnboundedReceiver<Vec<u8>>,
) -> io::Result<()> {
    let connection = side_channel.connection;
    let heard = |bytes: &[u8]| match bytes {
        [] => hosts.tell(if side_channel.reset.get() {
            Input::Reset { connection }
        } else {
            Input::Closed { connection }
        }),
        bytes => hosts.at_sender(|sender, now, sockets| {
            sender.received(now, connection, bytes, sockets);
        }),
    };
    pump(stream, sent, heard).await
}
