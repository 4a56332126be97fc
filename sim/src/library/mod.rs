//! Peers, worlds and scenarios by kind and name: the catalogue that is built in, and files of one's own over it.

mod catalogue;
pub mod check;
mod extends;
mod kind;
mod local;
mod lookup;
mod merge_rules;
mod named;
mod overridden;
mod peer;
mod references;
mod scenario;
mod schema;
mod verify;
mod world;
mod world_file;

#[cfg(test)]
mod tests;

pub use catalogue::Catalogue;
pub use kind::FileKind;
pub use local::LocalFiles;
pub use lookup::{LookupError, Unknown};
pub use overridden::Overridden;
pub use schema::{plan_schema, schema};
pub use verify::VerifyError;
pub use world_file::World;
