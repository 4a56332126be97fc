//! The sender's end of one connection.

use std::io;
use std::net::SocketAddr;
use std::rc::Rc;

use mta_core::Input;
use mta_core::fault::NetworkFault;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc::UnboundedReceiver;
use turmoil::net::TcpStream;

use super::sender::Sender;
use super::side_channel::{SideChannel, Verdict};

/// Octets read at once: a TLS record (RFC 8446 §5.1) and a little.
const READ_OCTETS: usize = 16 << 10;

/// Opens a connection, and carries octets until both ends have closed it. `sent` ends when the sender closes it.
pub(super) async fn hold(
    sender: Rc<Sender>,
    address: SocketAddr,
    side_channel: Rc<SideChannel>,
    mut sent: UnboundedReceiver<Vec<u8>>,
) -> io::Result<()> {
    let connection = side_channel.connection;
    let Some(peer) = sender.peers.get(&address) else {
        // Nobody has this address: the request is lost, where turmoil would refuse it at once.
        return given_up(&mut sent).await;
    };
    // The answer has its way back before it, which turmoil leaves out.
    let answered = sender.tasks.now() + peer.latency() + peer.latency();
    peer.expect(side_channel.clone());
    let opened = TcpStream::connect(address).await;
    if side_channel.verdict.get() == Verdict::Dropped {
        return given_up(&mut sent).await;
    }
    sender.tasks.until(Some(answered)).await;
    match opened {
        Ok(stream) if side_channel.verdict.get() == Verdict::Served => {
            sender.tell(Some(connection), Input::Connected { connection });
            carry(&sender, &side_channel, stream, sent).await
        }
        Ok(_) | Err(_) => {
            let fault = NetworkFault::Refused;
            sender.tell(None, Input::ConnectFailed { connection, fault });
            Ok(())
        }
    }
}

/// Waits until the sender has lost its patience.
async fn given_up(sent: &mut UnboundedReceiver<Vec<u8>>) -> io::Result<()> {
    while sent.recv().await.is_some() {}
    Ok(())
}

/// What the peer still says when the sender has closed its side is read, though nobody wants it: it was on the wire.
async fn carry(
    sender: &Rc<Sender>,
    side_channel: &SideChannel,
    stream: TcpStream,
    mut sent: UnboundedReceiver<Vec<u8>>,
) -> io::Result<()> {
    let connection = side_channel.connection;
    let (mut reader, mut writer) = stream.into_split();
    let mut buffer = vec![0; READ_OCTETS];
    let (mut reads, mut writes) = (true, true);
    while reads || writes {
        tokio::select! {
            biased;
            count = reader.read(&mut buffer), if reads => match buffer.get(..count?) {
                None | Some([]) => {
                    reads = false;
                    sender.tell(Some(connection), if side_channel.reset.get() {
                        Input::Reset { connection }
                    } else {
                        Input::Closed { connection }
                    });
                }
                Some(bytes) => sender.received(connection, bytes),
            },
            bytes = sent.recv(), if writes => match bytes {
                Some(bytes) => writer.write_all(&bytes).await?,
                None => {
                    writes = false;
                    writer.shutdown().await?;
                }
            },
        }
    }
    Ok(())
}
