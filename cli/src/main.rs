//! The command `mta-sim`.

fn main() {}
