//! What became of REQUIRETLS, and what was missing.

/// What became of REQUIRETLS (RFC 8689; src/global/pol_stats.c).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Promise {
    /// The attempt ended before this was decided.
    Undecided,
    /// The message went on its way, with this gap.
    Passed(Gap),
    /// It did not, because of this gap.
    Blocked(Gap),
}

/// What REQUIRETLS asks for and was not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gap {
    /// Nothing is missing.
    None,
    /// The server does not know it.
    Keyword,
    /// A certificate that matches.
    Certificate,
    /// STARTTLS.
    StartTls,
    /// The level leaves TLS out.
    Encryption,
}
