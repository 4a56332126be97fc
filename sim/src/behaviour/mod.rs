//! Behaviours: what each peer and world of the catalogue comes to at each level, as a table says and as it comes out.
//!
//! A row says it in a few letters. `P`: sent in clear text; `E`: in TLS, with nothing proved; `A`: in TLS with the server
//! that the policy asks for; `@2`: through the second MX. `D:4.7.5`: deferred; `Q`: before any connection was opened; `DP`:
//! and a later attempt, with an older message, fell back to clear text; `+dup`: the server may hold the message already.
//! `B:5.7.1`: bounced; `QB`: before any connection.

mod code;
mod correction;
mod level;
mod plan;
mod row;
mod rows;
mod seen;
mod table;

pub use code::{Cell, Code, Proof};
pub use correction::Correction;
pub use level::{Kept, main_cf};
pub use plan::{CellError, prepare};
pub use row::{Capability, LEVELS, Out, Row, SessionWord};
pub use rows::Behaviours;
pub use seen::{Seen, deliveries};
pub use table::{Judged, Options, Table, Verdict};
