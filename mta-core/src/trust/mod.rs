//! Evidence and policy in, verdict out.
//!
//! Postfix lets every handshake finish and looks at the certificate afterwards (src/tls/tls_client.c), so the
//! verdict is a function of what the handshake left behind ([`Engine::judge`](crate::tls::Engine::judge)).

mod anchors;
mod certificate;
mod chain;
mod dane;
mod digests;
mod names;
mod records;
mod shown;
mod store;
mod subtrees;
mod verdict;

pub use anchors::{BadAnchors, read_anchors};
pub use certificate::{Certificate, UnreadableCertificate};
pub use chain::{Checked, Mismatch, Names, Verifiers, check_chain};
pub use dane::check_records;
pub use digests::{Algorithm, Digests, OddDigest};
pub use records::Records;
pub use store::{BUNDLE_CERTIFICATES_MAX, TrustStore, UnusableBundle};
pub use verdict::Verdict;
pub(crate) use verdict::{Cleared, Evidence, judge};
