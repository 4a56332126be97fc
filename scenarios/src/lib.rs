//! What can happen to a mail: peers, worlds and cases as data files.

pub mod behaviour;
mod case;
mod catalogue;
pub mod check;
mod own;
pub mod preview;
mod schema;
mod world;

pub use case::{
    Case, CaseError, ChannelWord, Delivery, Expect, Failure, StatusWord, TrustWord, Words,
};
pub use catalogue::{Catalogue, Unknown};
pub use own::{FileKind, Hidden, Shelf};
pub use schema::schema;
pub use world::World;
