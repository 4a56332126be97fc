//! A connection of the core on any stream of bytes: for a driver of one's own.

use std::future::Future;
use std::io;

use mta_core::Input;
use mta_core::fault::NetworkFault;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, split};
use tokio::sync::mpsc::UnboundedReceiver;

use super::server::READ_BYTES;

/// Opens a connection that the core asks for ([`Output::Connect`](mta_core::Output::Connect)), and carries its bytes until
/// both ends have closed it. `sent` is what the core sends on it, and ends when the core closes it; `tell` takes what the
/// core is to be told, in order. What goes wrong is told too, as the core's inputs.
///
/// ```
/// use mta_sim::drive::client::carry;
/// use mta_sim::mta_core::Input;
/// use tokio::io::{AsyncReadExt, AsyncWriteExt};
/// use tokio::sync::mpsc::unbounded_channel;
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let (mut server, stream) = tokio::io::duplex(4096);
/// let (send, sent) = unbounded_channel();
/// let mut told = Vec::new();
/// send.send(b"QUIT\r\n".to_vec())?;
/// drop(send);
/// server.write_all(b"220 ready\r\n").await?;
/// let serves = async {
///     let mut heard = String::new();
///     server.read_to_string(&mut heard).await?;
///     drop(server);
///     std::io::Result::Ok(heard)
/// };
/// let carried = carry(0, async { Ok(stream) }, sent, |input| told.push(input));
/// let (_, heard) = tokio::join!(carried, serves);
/// assert_eq!(heard?, "QUIT\r\n");
/// assert!(matches!(&told[0], Input::Connected { connection: 0 }));
/// assert!(matches!(&told[1], Input::Received { bytes, .. } if bytes[..] == *b"220 ready\r\n"));
/// assert!(matches!(&told[2], Input::Closed { .. }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub async fn carry<S: AsyncRead + AsyncWrite>(
    connection: u32,
    opening: impl Future<Output = io::Result<S>>,
    mut sent: UnboundedReceiver<Vec<u8>>,
    mut tell: impl FnMut(Input<'static>),
) {
    // Nothing is sent before the connection is open: what comes at `sent` is its end.
    let opened = tokio::select! {
        biased;
        opened = opening => opened,
        _ = sent.recv() => return,
    };
    match opened {
        Ok(stream) => {
            tell(Input::Connected { connection });
            if pump(stream, sent, |bytes| tell(heard(connection, bytes)))
                .await
                .is_err()
            {
                tell(Input::Reset { connection });
            }
        }
        Err(error) => {
            let fault = fault(&error);
            tell(Input::ConnectFailed { connection, fault });
        }
    }
}

fn fault(error: &io::Error) -> NetworkFault {
    let kind = error.kind();
    if kind == io::ErrorKind::TimedOut {
        NetworkFault::TimedOut
    } else if [
        io::ErrorKind::HostUnreachable,
        io::ErrorKind::NetworkUnreachable,
    ]
    .contains(&kind)
    {
        NetworkFault::Unreachable
    } else if kind == io::ErrorKind::ConnectionReset {
        NetworkFault::Reset
    } else {
        NetworkFault::Refused
    }
}

/// What the peer said, as the core is told; nothing, if it says nothing more.
fn heard(connection: u32, bytes: &[u8]) -> Input<'static> {
    if bytes.is_empty() {
        return Input::Closed { connection };
    }
    let bytes = bytes.to_vec().into();
    Input::Received { connection, bytes }
}

/// Carries bytes until both ends have closed the connection; `heard` takes what the peer says, and nothing in the end.
///
/// What the peer still says when the sender has closed its side is read, though nobody wants it: it was on the wire.
pub(super) async fn pump(
    stream: impl AsyncRead + AsyncWrite,
    mut sent: UnboundedReceiver<Vec<u8>>,
    mut heard: impl FnMut(&[u8]),
) -> io::Result<()> {
    let (mut reader, mut writer) = split(stream);
    let mut buffer = vec![0; READ_BYTES];
    let (mut reads, mut writes) = (true, true);
    while reads || writes {
        tokio::select! {
            biased;
            count = reader.read(&mut buffer), if reads => {
                let bytes = buffer.get(..count?).unwrap_or_default();
                reads = !bytes.is_empty();
                heard(bytes);
            }
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
