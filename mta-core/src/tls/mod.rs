//! rustls over buffers, and the TLS session cache. Only this module names rustls' connection types.

mod cache;
mod cipher_list;
mod client_configs;
mod clock;
mod credentials;
mod engine;
mod failure;
mod key;
mod material;
mod names;
mod offer;
mod protocols;
mod secrets;
mod signatures;
mod stream;
mod suites;
mod terms;
mod witness;

pub use cache::{CACHED_TICKETS_MAX, Found, Row, SESSIONS_DEFAULT_MAX, SessionCache, SessionStore};
pub use cipher_list::{CipherList, NoCiphers};
pub use credentials::BadCredentials;
pub use engine::Engine;
pub use key::{KeyParts, Proof};
pub use material::{EngineFault, Material, SYSTEM_BUNDLES};
pub use offer::{Saved, Ticket};
pub use protocols::{NoProtocols, Offered};
pub use secrets::{Secret, SecretLog};
pub use stream::{Handshake, Progress, TlsStream};
pub use terms::Terms;
pub(crate) use terms::TermsKnown;
