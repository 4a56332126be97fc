//! What a sender may ask of TLS for one message (RFC 8689), and how far a destination's policy heeds it.

/// What the sender asks, whatever the policy of a destination says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asks {
    /// `TLS-Required: no` in the header: rather in cleartext than not at all (RFC 8689 §5).
    pub tls_optional: bool,
    /// The REQUIRETLS parameter of MAIL, or what stands in for it: rather not at all than to a server that does not
    /// promise the same (RFC 8689 §2).
    pub require_tls: bool,
}

/// How far REQUIRETLS is heeded (`smtp_requiretls_policy`; src/smtp/smtp_reqtls_policy.h).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RequireTls {
    /// The sender did not ask, or nobody listens.
    #[default]
    Ignored,
    /// Passed on to servers that know it; otherwise only logged.
    Opportunistic,
    /// And nothing is said in cleartext.
    StartTls,
    /// As RFC 8689 has it: TLS, a certificate that matches, and a server that knows REQUIRETLS.
    Enforced,
    /// The policy cannot be read.
    Misconfigured,
}

impl RequireTls {
    /// Whether it is asked for and heeded.
    pub const fn is_heeded(self) -> bool {
        match self {
            RequireTls::Ignored | RequireTls::Misconfigured => false,
            RequireTls::Opportunistic | RequireTls::StartTls | RequireTls::Enforced => true,
        }
    }

    /// Whether mail waits rather than travel in cleartext.
    pub const fn needs_tls(self) -> bool {
        matches!(self, RequireTls::StartTls | RequireTls::Enforced)
    }
}
