//! Placeholder until the first scenario stands.
