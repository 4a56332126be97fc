//! rustls over buffers, and the TLS session cache. Only this module names rustls' connection types.

mod bad_credentials;
mod cache;
mod certified;
mod chain_files;
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
mod pem;
mod protocols;
mod secrets;
mod signatures;
mod stream;
mod suites;
mod terms;
mod witness;

pub use bad_credentials::{BadChain, BadCredentials, BadKey, BadPair, CredentialNotice, Misfit};
pub use cache::{CACHED_TICKETS_MAX, Found, Row, SESSIONS_DEFAULT_MAX, SessionCache, SessionStore};
pub use cipher_list::{CipherList, NoCiphers};
pub use engine::{Engine, EngineRemarks};
pub use key::{KeyParts, Proof};
pub use material::{EngineFault, Material, SYSTEM_BUNDLES, is_hash_named};
pub use offer::{Saved, Ticket};
pub use pem::BrokenBlock;
pub use protocols::{NoProtocols, Offered};
pub use secrets::{Secret, SecretLog};
pub use stream::{Handshake, Progress, TlsStream};
pub use terms::Terms;
pub(crate) use terms::TermsKnown;
