//! rustls over buffers, and the TLS session cache. Only this room names rustls' connection types.

mod cache;
mod clock;
mod engine;
mod failure;
mod key;
mod names;
mod offer;
mod stream;
mod witness;

pub use cache::{CACHED_TICKETS_MAX, Found, Row, SESSIONS_DEFAULT_MAX, SessionCache, SessionStore};
pub use engine::{CaFile, Engine, EngineFault, Material};
pub use key::{KeyParts, cipher_list};
pub use offer::{Saved, Ticket};
pub use stream::{Handshake, Progress, TlsStream};
