//! The ways to log in that the client knows, and which of them it takes.

use super::options::{SecurityOption, SecurityOptions};

/// A way to log in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mechanism {
    /// RFC 5802, with SHA-512.
    ScramSha512,
    /// RFC 7677.
    ScramSha256,
    /// RFC 5802.
    ScramSha1,
    /// RFC 2195.
    CramMd5,
    /// Google's and Microsoft's OAuth 2.0 bearer tokens.
    Xoauth2,
    /// RFC 4616.
    Plain,
    /// draft-murchison-sasl-login.
    Login,
}

impl Mechanism {
    /// The strongest first, as Cyrus SASL sorts its plug-ins by what they can promise and by their hash (lib/client.c
    /// `mech_compare`, 2.1.27 and later). PLAIN and LOGIN weigh the same; which comes first is left to the file system there.
    pub const ALL: [Mechanism; 7] = [
        Mechanism::ScramSha512,
        Mechanism::ScramSha256,
        Mechanism::ScramSha1,
        Mechanism::CramMd5,
        Mechanism::Xoauth2,
        Mechanism::Plain,
        Mechanism::Login,
    ];

    /// The name in EHLO replies and behind AUTH.
    pub const fn name(self) -> &'static str {
        match self {
            Mechanism::ScramSha512 => "SCRAM-SHA-512",
            Mechanism::ScramSha256 => "SCRAM-SHA-256",
            Mechanism::ScramSha1 => "SCRAM-SHA-1",
            Mechanism::CramMd5 => "CRAM-MD5",
            Mechanism::Xoauth2 => "XOAUTH2",
            Mechanism::Plain => "PLAIN",
            Mechanism::Login => "LOGIN",
        }
    }

    /// The mechanism of a name, in any case.
    pub fn by_name(name: &str) -> Option<Mechanism> {
        Mechanism::ALL
            .into_iter()
            .find(|mechanism| mechanism.name().eq_ignore_ascii_case(name))
    }

    /// What it can promise (the security flags of the plug-ins).
    const fn properties(self) -> SecurityOptions {
        use SecurityOption::{MutualAuth, NoActive, NoAnonymous, NoPlaintext};
        match self {
            Mechanism::ScramSha512 | Mechanism::ScramSha256 | Mechanism::ScramSha1 => {
                SecurityOptions::of(&[NoPlaintext, NoAnonymous, NoActive, MutualAuth])
            }
            Mechanism::CramMd5 => SecurityOptions::of(&[NoPlaintext, NoAnonymous]),
            Mechanism::Xoauth2 | Mechanism::Plain | Mechanism::Login => {
                SecurityOptions::of(&[NoAnonymous])
            }
        }
    }

    /// Whether the client needs a number that was never used before.
    pub(crate) const fn needs_nonce(self) -> bool {
        matches!(
            self,
            Mechanism::ScramSha512 | Mechanism::ScramSha256 | Mechanism::ScramSha1
        )
    }

    /// Whether the password, or a token that is as good, goes out as it is.
    pub const fn shows_password(self) -> bool {
        matches!(
            self,
            Mechanism::Xoauth2 | Mechanism::Plain | Mechanism::Login
        )
    }

    /// Whether these options permit it.
    pub const fn is_permitted(self, options: SecurityOptions) -> bool {
        options.are_met_by(self.properties())
    }

    /// The one that is taken of those offered, a list of names; nothing if none will do. With `has_xoauth2` there is a plug-in
    /// for XOAUTH2.
    pub fn choose(offered: &str, options: SecurityOptions, has_xoauth2: bool) -> Option<Mechanism> {
        let is_offered = |mechanism: Mechanism| {
            let mut words = offered.split(|c: char| !is_of_a_name(c));
            words.any(|word| word.eq_ignore_ascii_case(mechanism.name()))
        };
        Mechanism::ALL
            .into_iter()
            .filter(|mechanism| *mechanism != Mechanism::Xoauth2 || has_xoauth2)
            .filter(|mechanism| mechanism.is_permitted(options))
            .find(|mechanism| is_offered(*mechanism))
    }
}

/// What a mechanism's name may consist of (lib/client.c `_sasl_client_order_mechs`).
fn is_of_a_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-'
}
