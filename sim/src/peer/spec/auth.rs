//! Logins that a peer takes (RFC 4954).

use std::collections::BTreeMap;

use mta_core::sasl;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The logins that a peer takes.
///
/// ```
/// let peer = mta_sim::peer::load("relay.toml", r#"
///     auth = { mechanisms = ["SCRAM-SHA-256"], users = { alerts = "secret" }, required = true }
/// "#)?;
/// let auth = peer.auth.unwrap();
/// assert!(auth.takes("alerts", "secret") && !auth.takes("alerts", "other"));
/// # Ok::<(), mta_sim::file::FileError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct AuthSpec {
    /// The mechanisms that are offered, in this order.
    pub mechanisms: Vec<Mechanism>,
    /// Passwords by name; for XOAUTH2 they are tokens. Without any, whoever logs in is welcome.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub users: BTreeMap<String, String>,
    /// Whether MAIL is refused before a login, with `530 5.7.0`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// Where AUTH is offered, and taken.
    pub offered: Offered,
}

impl Default for AuthSpec {
    fn default() -> Self {
        AuthSpec {
            mechanisms: vec![Mechanism::Plain, Mechanism::Login],
            users: BTreeMap::new(),
            required: false,
            offered: Offered::InTls,
        }
    }
}

/// A way to log in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Mechanism {
    /// RFC 5802, with SHA-512.
    #[serde(rename = "SCRAM-SHA-512")]
    ScramSha512,
    /// RFC 7677.
    #[serde(rename = "SCRAM-SHA-256")]
    ScramSha256,
    /// RFC 5802.
    #[serde(rename = "SCRAM-SHA-1")]
    ScramSha1,
    /// RFC 2195.
    #[serde(rename = "CRAM-MD5")]
    CramMd5,
    /// Google's and Microsoft's OAuth 2.0 bearer tokens.
    #[serde(rename = "XOAUTH2")]
    Xoauth2,
    /// RFC 4616.
    #[serde(rename = "PLAIN")]
    Plain,
    /// draft-murchison-sasl-login.
    #[serde(rename = "LOGIN")]
    Login,
}

impl Mechanism {
    /// The same in the core.
    pub const fn of_core(self) -> sasl::Mechanism {
        match self {
            Mechanism::ScramSha512 => sasl::Mechanism::ScramSha512,
            Mechanism::ScramSha256 => sasl::Mechanism::ScramSha256,
            Mechanism::ScramSha1 => sasl::Mechanism::ScramSha1,
            Mechanism::CramMd5 => sasl::Mechanism::CramMd5,
            Mechanism::Xoauth2 => sasl::Mechanism::Xoauth2,
            Mechanism::Plain => sasl::Mechanism::Plain,
            Mechanism::Login => sasl::Mechanism::Login,
        }
    }

    /// Whether the server has to know the password to answer.
    const fn is_mutual(self) -> bool {
        matches!(
            self,
            Mechanism::ScramSha512 | Mechanism::ScramSha256 | Mechanism::ScramSha1
        )
    }
}

/// Where AUTH is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Offered {
    /// Inside TLS, as good servers do (RFC 4954 §14).
    InTls,
    /// In clear text, and no longer inside TLS.
    InClearText,
    /// Everywhere.
    Everywhere,
}

impl AuthSpec {
    /// Whether AUTH is offered inside TLS, or outside.
    pub fn is_offered(&self, in_tls: bool) -> bool {
        match self.offered {
            Offered::InTls => in_tls,
            Offered::InClearText => !in_tls,
            Offered::Everywhere => true,
        }
    }

    /// Whether somebody may come in with this password.
    pub fn takes(&self, user: &str, password: &str) -> bool {
        let known = self.users.get(user).map(String::as_str);
        self.users.is_empty() || known == Some(password)
    }

    /// The line in the answer to EHLO.
    pub(super) fn keyword(&self) -> String {
        let mut line = String::from("AUTH");
        for mechanism in &self.mechanisms {
            line.push(' ');
            line.push_str(mechanism.of_core().name());
        }
        line
    }

    /// What makes no sense about it.
    pub(super) fn check(&self) -> Result<(), (&'static str, String)> {
        if self.mechanisms.is_empty() {
            let none = "a peer that takes logins offers at least one mechanism";
            return Err(("mechanisms", none.to_owned()));
        }
        let mutual = self.mechanisms.iter().find(|it| it.is_mutual());
        if let Some(mechanism) = mutual.filter(|_| self.users.is_empty()) {
            let name = mechanism.of_core().name();
            let needs =
                format!("{name} needs `users`: the server shows that it knows the password");
            return Err(("mechanisms", needs));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::load;

    #[test]
    fn what_makes_no_sense_is_said_with_its_place() {
        for (text, told) in [
            (
                "auth.mechanisms = []",
                "1:6: a peer that takes logins offers at least one mechanism",
            ),
            (
                "[auth]\nmechanisms = ['SCRAM-SHA-1']",
                "2:1: SCRAM-SHA-1 needs `users`: the server shows that it knows the password",
            ),
            (
                "auth.mechanisms = ['PLAIN', 'LOGINS']",
                "1:29: unknown word `LOGINS`; did you mean `LOGIN`?",
            ),
            (
                "relay = ['smtp.isp.example']",
                "1:1: invalid relay `smtp.isp.example`; expected a host and a port, as `smtp.isp.example:587`",
            ),
        ] {
            let error = load("p.toml", text).unwrap_err().to_string();
            assert_eq!(error, format!("p.toml:{told}"));
        }
    }
}
