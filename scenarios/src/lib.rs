//! What can happen to a mail: peers and cases as data files.

pub mod preview;
