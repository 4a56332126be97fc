//! How a command ends, and with which status.

/// What the command ends with.
pub(crate) enum Verdict {
    /// Nothing to worry about: 0.
    Fine,
    /// Something to think about: 1.
    Finding,
    /// Nothing to worry about in what was looked at, and something was not: 3.
    NotKnown,
    /// What was asked makes no sense, and that was said: 2.
    Refused,
}

/// What was asked makes no sense: 2. The message is all that is printed.
pub(crate) struct Usage(pub(crate) String);
