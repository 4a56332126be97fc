//! What can happen to a mail: peers and cases as data files.

mod case;
mod catalogue;
pub mod preview;

pub use case::{
    Case, CaseError, ChannelWord, Delivery, Expect, Failure, StatusWord, TrustWord, Words,
};
pub use catalogue::{Catalogue, Unknown};
