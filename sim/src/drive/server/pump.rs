//! Carries bytes between a stream and the peer's end of a connection, until everything is said and heard.

use std::collections::VecDeque;
use std::future::Future;
use std::io;
use std::time::Duration;

use mta_core::time::Time;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, split};

use crate::drive::arrival::{Departure, PeerEnd};
use crate::peer::PeerInput;

/// Bytes read at once: a TLS record (RFC 8446 §5.1) and a little.
pub(in crate::drive) const READ_BYTES: usize = 16 << 10;

/// A clock that can be waited for.
pub(in crate::drive) trait Timer {
    /// The present instant, on the host that asks.
    fn now(&self) -> Time;

    /// Lets a span pass.
    fn sleep(&self, span: Duration) -> impl Future<Output = ()> + Send {
        tokio::time::sleep(span)
    }
}

/// The peer's end of a connection, and who wants to know what becomes of it.
pub(in crate::drive) trait Served {
    fn end(&mut self) -> &mut PeerEnd;

    /// The peer may have done something.
    fn moved(&mut self) {}

    /// A reset leaves, which a stream cannot show: it ends.
    fn reset(&mut self) {}

    /// The client has closed its side, and the peer knows.
    fn closed(&mut self) {}
}

/// What the path lets through, and when it leaves.
type Leaving = VecDeque<(Time, Departure)>;

/// Carries bytes until the client has closed its side and everything has left.
pub(in crate::drive) async fn pump(
    served: &mut impl Served,
    timer: &impl Timer,
    stream: impl AsyncRead + AsyncWrite,
) -> io::Result<()> {
    let (mut reader, mut writer) = split(stream);
    let mut buffer = vec![0; READ_BYTES];
    let mut leaving = Leaving::new();
    let mut reads = true;
    loop {
        take_departures(served, timer, &mut leaving);
        send_due(served, timer, &mut leaving, &mut writer).await?;
        if !reads && leaving.is_empty() {
            return Ok(());
        }
        let (leaves, wakes) = (leaving.front().map(|(at, _)| *at), served.end().wake_at());
        tokio::select! {
            biased;
            () = until(timer, leaves), if leaves.is_some() => {}
            count = reader.read(&mut buffer), if reads => match buffer.get(..count?) {
                None | Some([]) => {
                    reads = false;
                    served.end().tell(timer.now(), PeerInput::Closed);
                    take_departures(served, timer, &mut leaving);
                    served.closed();
                }
                Some(bytes) => served.end().tell(timer.now(), PeerInput::Received(bytes)),
            },
            () = until(timer, wakes), if reads && wakes.is_some() => {
                served.end().wake(timer.now());
            }
        }
    }
}

/// Waits for a time; for ever, if there is none.
pub(in crate::drive) async fn until(timer: &impl Timer, at: Option<Time>) {
    match at {
        Some(at) => timer.sleep(at.since(timer.now())).await,
        None => std::future::pending().await,
    }
}

fn take_departures(served: &mut impl Served, timer: &impl Timer, leaving: &mut Leaving) {
    served.end().depart(timer.now(), |at, departure| {
        leaving.push_back((at, departure));
    });
    served.moved();
}

async fn send_due(
    served: &mut impl Served,
    timer: &impl Timer,
    leaving: &mut Leaving,
    writer: &mut (impl AsyncWrite + Unpin),
) -> io::Result<()> {
    let now = timer.now();
    while let Some((_, departure)) = leaving.pop_front_if(|(at, _)| *at <= now) {
        match departure {
            Departure::Bytes(bytes, range) => {
                let bytes = bytes.get(range).unwrap_or_default();
                writer.write_all(bytes).await?;
            }
            Departure::Close => writer.shutdown().await?,
            Departure::Reset => {
                served.reset();
                writer.shutdown().await?;
            }
        }
    }
    Ok(())
}
