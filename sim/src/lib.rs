//! The simulated world around the sender: everything but the sender, as data and machines.

pub mod bytes;
pub mod date;
pub mod file;
pub mod pattern;
mod schema;
pub mod seed;
pub mod span;

pub mod crypto;
pub mod pki;

pub mod dns;
pub mod network;
pub mod peer;
pub mod sts;

pub mod world;

pub mod plan;

pub mod drive;
pub mod run;
pub mod tap;
pub mod view;

pub mod behaviour;
pub mod lab;
pub mod library;
pub mod prelude;
pub mod preview;
pub mod scenario;

#[cfg(feature = "proptest")]
pub mod strategy;

mod word;

pub use word::nearest;

/// The crate of the sender, whose types appear in plans and runs.
pub use mta_core;

/// The examples of docs/in-your-own-tests.md, compiled and run where all features are on.
#[cfg(all(doctest, feature = "proptest", feature = "turmoil"))]
#[doc = include_str!("../../docs/in-your-own-tests.md")]
pub struct InYourOwnTests;

/// The examples of README.md, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
