//! What can happen to a mail, as data: peers, worlds, scenarios and the table of behaviours.
//!
//! Each list has the name of a file, without `.toml`, and its text, in the order of names. They are read by the
//! library of `mta-sim`.

// The contents of `peers/`, `worlds/`, `cases/` and `rows/`, as the build found them.
include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// Where rows of the table are settled otherwise.
pub const CORRECTIONS: &str = include_str!("../corrections.toml");
