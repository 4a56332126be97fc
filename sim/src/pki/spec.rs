//! What a certificate says, as data: everything has the default of a well-kept mail server.

use std::net::IpAddr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::KeyKind;

/// The authority that signs by default: an intermediate below a root of the system bundle.
pub const SYSTEM_CA: &str = "sim-ca-e1";
/// An intermediate whose root no system bundle holds.
pub const PRIVATE_CA: &str = "private-ca";

/// A certificate to be minted.
///
/// The default is a server certificate under [`SYSTEM_CA`], thirty days old and good for sixty
/// more; only its names are missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct CertSpec {
    /// The subject's common name. If absent: the first of `dns_names`, else the name the
    /// certificate is minted under; neither if longer than X.509 allows, 64 characters. If empty: none.
    pub common_name: Option<String>,
    /// The subject's organization.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// Subject alternative names of type `dNSName` (RFC 5280 §4.2.1.6), wildcards included. They stand in the
    /// certificate octet by octet, whatever IA5String allows.
    pub dns_names: Vec<String>,
    /// Subject alternative names of type `iPAddress`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ip_addresses: Vec<IpAddr>,
    /// Start of validity, in seconds from the world's start; mostly negative.
    pub not_before_secs: i64,
    /// Last second of validity, in seconds from the world's start.
    pub not_after_secs: i64,
    /// The kind of key that is certified.
    pub key: KeyKind,
    /// The certificate whose key this one shares: a renewal that kept the key. The kind must be the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub same_key_as: Option<String>,
    /// Whether it may sign certificates (RFC 5280 §4.2.1.9).
    pub is_ca: bool,
    /// Extended key usage (RFC 5280 §4.2.1.12).
    pub usage: Usage,
    /// Who signs it.
    pub issuer: Issuer,
    /// The digest under the signature.
    #[serde(skip_serializing_if = "SignatureHash::is_usual")]
    pub signature: SignatureHash,
    /// Of an authority: the DNS names, with all below them, to which its certificates are bound
    /// (RFC 5280 §4.2.1.10). If empty: any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub permitted_names: Vec<String>,
    /// Whether it says that an OCSP response goes with it (RFC 7633).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub must_staple: bool,
    /// Where the list of its issuer's revoked certificates is, as a URI (RFC 5280 §4.2.1.13).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revocation_list: Option<String>,
}

/// The digest under a certificate's signature.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum SignatureHash {
    /// What goes with the issuer's key: SHA-256, with P-384 SHA-384, with P-521 SHA-512.
    #[default]
    Usual,
    /// SHA-1, which nobody ought to trust (RFC 9155). The issuer's key is RSA or P-256.
    Sha1,
}

impl SignatureHash {
    fn is_usual(&self) -> bool {
        *self == SignatureHash::Usual
    }
}

/// What extended key usage a certificate names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Usage {
    /// TLS servers only.
    #[default]
    #[serde(rename = "server")]
    ServerAuth,
    /// TLS clients only.
    #[serde(rename = "client")]
    ClientAuth,
    /// No such extension: good for everything.
    None,
}

/// Who signs a certificate. In files: `"self"`, or the authority's name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Issuer {
    /// The certified key itself.
    Itself,
    /// The authority of this name.
    Authority(String),
}

const DAY: i64 = 86_400;
const YEAR: i64 = 365 * DAY;

impl Default for CertSpec {
    fn default() -> Self {
        CertSpec {
            common_name: None,
            organization: None,
            dns_names: Vec::new(),
            ip_addresses: Vec::new(),
            not_before_secs: -30 * DAY,
            not_after_secs: 60 * DAY,
            key: KeyKind::default(),
            same_key_as: None,
            is_ca: false,
            usage: Usage::default(),
            issuer: Issuer::default(),
            signature: SignatureHash::default(),
            permitted_names: Vec::new(),
            must_staple: false,
            revocation_list: None,
        }
    }
}

impl CertSpec {
    /// A good certificate for the server `name`.
    pub fn server(name: impl Into<String>) -> Self {
        CertSpec {
            dns_names: vec![name.into()],
            ..CertSpec::default()
        }
    }

    /// A root: an authority that signs itself, from ten years ago to ten years ahead.
    pub fn root(common_name: impl Into<String>) -> Self {
        CertSpec {
            not_before_secs: -10 * YEAR,
            not_after_secs: 10 * YEAR,
            ..CertSpec::intermediate(common_name, Issuer::Itself)
        }
    }

    /// An authority below another, from two years ago to three years ahead.
    pub fn intermediate(common_name: impl Into<String>, issuer: impl Into<Issuer>) -> Self {
        CertSpec {
            common_name: Some(common_name.into()),
            not_before_secs: -2 * YEAR,
            not_after_secs: 3 * YEAR,
            is_ca: true,
            usage: Usage::None,
            issuer: issuer.into(),
            ..CertSpec::default()
        }
    }

    /// The same, run out a day before the world's start.
    pub fn expired(self) -> Self {
        CertSpec {
            not_before_secs: -91 * DAY,
            not_after_secs: -DAY,
            ..self
        }
    }

    /// The same, valid only from a day after the world's start.
    pub fn not_yet_valid(self) -> Self {
        CertSpec {
            not_before_secs: DAY,
            not_after_secs: 91 * DAY,
            ..self
        }
    }

    /// The same, for `name` alone: the wrong name on a server that is called otherwise.
    pub fn named(self, name: impl Into<String>) -> Self {
        CertSpec {
            dns_names: vec![name.into()],
            ..self
        }
    }

    /// The same, with a key of this kind.
    pub fn with_key(self, key: KeyKind) -> Self {
        CertSpec { key, ..self }
    }

    /// The same, signed by its own key.
    pub fn self_signed(self) -> Self {
        self.issued_by(Issuer::Itself)
    }

    /// The same, signed by an authority below no root of the system bundle.
    pub fn unknown_issuer(self) -> Self {
        self.issued_by(PRIVATE_CA)
    }

    /// The same, signed by `issuer`.
    pub fn issued_by(self, issuer: impl Into<Issuer>) -> Self {
        CertSpec {
            issuer: issuer.into(),
            ..self
        }
    }
}

impl Default for Issuer {
    fn default() -> Self {
        Issuer::Authority(SYSTEM_CA.to_owned())
    }
}

const ITSELF: &str = "self";

impl From<&str> for Issuer {
    fn from(name: &str) -> Self {
        Issuer::from(name.to_owned())
    }
}

impl From<String> for Issuer {
    fn from(name: String) -> Self {
        if name == ITSELF {
            Issuer::Itself
        } else {
            Issuer::Authority(name)
        }
    }
}

impl From<Issuer> for String {
    fn from(issuer: Issuer) -> Self {
        match issuer {
            Issuer::Itself => ITSELF.to_owned(),
            Issuer::Authority(name) => name,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_holds_only_what_differs() {
        let spec: CertSpec = toml::from_str(
            "dns-names = ['mx1.example']
             not-after-secs = -1
             key = 'rsa-2048'
             usage = 'client'
             issuer = 'self'",
        )
        .expect("a certificate");
        let expected = CertSpec {
            not_after_secs: -1,
            usage: Usage::ClientAuth,
            ..CertSpec::server("mx1.example")
                .with_key(KeyKind::Rsa2048)
                .self_signed()
        };
        assert_eq!(spec, expected);
        let written = toml::to_string(&spec).expect("written");
        assert_eq!(toml::from_str(&written), Ok(expected));
    }

    #[test]
    fn a_word_that_means_nothing_is_refused() {
        for text in ["dns-name = 'mx1.example'", "key = 'rsa'", "usage = 'email'"] {
            assert!(toml::from_str::<CertSpec>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn key_kinds_are_called_the_same_everywhere() {
        for kind in KeyKind::ALL {
            let spec = CertSpec::default().with_key(kind);
            let written = toml::to_string(&spec).expect("written");
            assert!(written.contains(&format!("key = \"{}\"", kind.label())));
        }
    }
}
