//! Peers, worlds and scenarios by name: the catalogue that is built in, and files of one's own.

mod catalogue;
pub mod check;
mod own;
mod schema;
mod world;

pub use catalogue::{Catalogue, Unknown};
pub use own::{FileKind, Hidden, Shelf};
pub use schema::schema;
pub use world::World;
pub(crate) use world::{built_on, read, ten_ms};
