//! Simulated peers for clients of one's own: on any stream of bytes, simulated sockets and real ones among them.
//!
//! [`serve`] moves one [`PeerConnection`]; a [`Server`] is a peer of a [`World`](crate::world::World) behind a [`Listener`], with what a
//! connection leaves to the next.

mod listen;
mod pump;

use std::io;

use mta_core::time::{Now, Time, Wall};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;

use super::arrival::PeerEnd;
use super::clocks::clocks;
use crate::network::{NetworkSpec, Path};
use crate::peer::{PeerConnection, PeerInput};
use crate::seed::{Purpose, Seed};

pub use listen::{Listener, Server};
pub(super) use pump::{READ_BYTES, Served, Timer, pump, until};

/// What time it is at a peer: a wall clock that began to go when it was made. It goes by tokio's time, so it stands still
/// where that is paused, and is simulated where that is.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    began: Instant,
    start: Wall,
}

impl Clock {
    /// A clock that shows this now.
    pub fn starting_at(wall: Wall) -> Clock {
        Clock {
            began: Instant::now(),
            start: wall,
        }
    }

    /// The present instant, and what the clock shows.
    pub fn now(&self) -> Now {
        clocks(self.start, Timer::now(self))
    }

    /// Waits until this instant; for ever, if there is none.
    pub async fn until(&self, at: Option<Time>) {
        until(self, at).await;
    }
}

impl Timer for Clock {
    fn now(&self) -> Time {
        Time::after_start(self.began.elapsed())
    }
}

/// Serves one connection on a stream, until the client has closed its side and everything is sent; gives the connection
/// back, for [`PeerConnection::seen`]. A stream cannot show a reset: it ends instead.
///
/// The connection has to come from [`Peer::accept`](crate::peer::Peer::accept) at this clock's time.
///
/// # Errors
/// What reading and writing may come to, but for a client that has gone away: that is part of the conversation.
///
/// ```
/// use mta_core::time::Wall;
/// use mta_sim::drive::server::{Clock, serve};
/// use mta_sim::peer::{Accept, Host, Peer, PeerSpec};
/// use mta_sim::seed::Seed;
/// use tokio::io::{AsyncReadExt, AsyncWriteExt};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// let mut spec = PeerSpec::default();
/// spec.ehlo.keywords.retain(|keyword| keyword != "STARTTLS");
/// let host = Host { name: "mx1.example.test".to_owned(), address: [192, 0, 2, 1].into() };
/// let mut peer = Peer::new(&spec, &host, None, Seed(1))?;
///
/// let clock = Clock::starting_at(Wall(1_780_272_000));
/// let (mut client, stream) = tokio::io::duplex(4096);
/// let Accept::Serve(connection) = peer.accept(clock.now(), ([192, 0, 2, 9], 40_000).into()) else {
///     panic!("not accepted");
/// };
/// let served = serve(stream, connection, clock);
/// let asked = async {
///     client.write_all(b"NOOP\r\nQUIT\r\n").await?;
///     let mut said = String::new();
///     client.read_to_string(&mut said).await?;
///     drop(client);
///     std::io::Result::Ok(said)
/// };
/// let (served, said) = tokio::join!(served, asked);
/// assert_eq!(said?, "220 mx1.example.test ESMTP\r\n250 2.0.0 Ok\r\n221 2.0.0 Bye\r\n");
/// assert!(served?.is_over());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub async fn serve(
    stream: impl AsyncRead + AsyncWrite,
    connection: Box<PeerConnection>,
    clock: Clock,
) -> io::Result<Box<PeerConnection>> {
    let path = Path::new(&NetworkSpec::default(), Seed(0).stream(Purpose::Slices, 0));
    let mut alone = Alone(PeerEnd::new(connection, path, clock.start));
    carry(&mut alone, stream, clock).await?;
    Ok(alone.0.into_connection())
}

/// Carries bytes to the end; a client that has gone away is one.
async fn carry(
    served: &mut impl Served,
    stream: impl AsyncRead + AsyncWrite,
    clock: Clock,
) -> io::Result<()> {
    match pump(served, &clock, stream).await {
        Err(error) if is_gone(&error) => {
            served.end().tell(Timer::now(&clock), PeerInput::Reset);
            served.moved();
            Ok(())
        }
        other => other,
    }
}

fn is_gone(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
    )
}

/// The peer's end of a connection that nobody else asks about.
struct Alone(PeerEnd);

impl Served for Alone {
    fn end(&mut self) -> &mut PeerEnd {
        &mut self.0
    }
}
