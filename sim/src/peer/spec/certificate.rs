//! The certificate that a peer shows, as data: a word, several words, or a table of what is unusual about it.

use std::fmt;
use std::net::IpAddr;

use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::certificate_words::{CertificateWord, Link, Offset};
use crate::pki::{KeyKind, SignatureHash, Usage};

/// What is right or wrong with a certificate. The default, and the word `valid`: issued to the host by an authority of
/// the world, thirty days old, good for sixty more, sent with its intermediate.
///
/// In a file: `"expired"`, or `["expired", "wrong-host"]`, or a table in which each key says one thing, and `is` holds
/// words: `{ is = "expired", names = ["{host}", "{domain}"], chain = ["leaf"] }`. What a key says counts more than what
/// a word says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = super::schema_parts::or_words)]
#[serde(
    remote = "Self",
    default,
    deny_unknown_fields,
    rename_all = "kebab-case"
)]
pub struct Certificate {
    /// What is wrong with it, in words.
    #[serde(skip_serializing_if = "Words::is_empty")]
    pub is: Words,
    /// Its DNS names (subjectAltName), octet by octet; `{host}` is the host, `{domain}` every domain that it serves.
    /// Absent: what the world says, else the host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub names: Option<Vec<String>>,
    /// This many further names below `.names.invalid`: a long certificate. At most 20,000.
    #[serde(skip_serializing_if = "is_zero")]
    pub more_names: u32,
    /// Its addresses (subjectAltName, iPAddress).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<IpAddr>,
    /// The subject's common name; `""` for none. Absent: the first name, or the host if there is no name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub common_name: Option<String>,
    /// The subject's organization.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// When its time begins, from the world's start: `"-30d"`, `"+1d"`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Offset>,
    /// When its time ends, from the world's start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_after: Option<Offset>,
    /// The kind of its key. Absent: `key` of `[tls]`; for an issuer, ECDSA over P-256.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<KeyKind>,
    /// Tells its key from the host's usual one: another word, another key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_name: Option<String>,
    /// Who issued it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<IssuedBy>,
    /// How many intermediates stand between it and the root. Absent: one. At most 90.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intermediates: Option<u8>,
    /// The names to which its issuer is bound (RFC 5280 §4.2.1.10); of an issuer: to which it is bound itself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub name_constraints: Vec<String>,
    /// What is sent, in this order. Absent: `["leaf", "intermediates"]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chain: Option<Vec<Link>>,
    /// What it is for (RFC 5280 §4.2.1.12). Absent: servers; of an issuer: everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// Whether it may issue certificates (RFC 5280 §4.2.1.9). Absent: an issuer may, a server's may not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca: Option<bool>,
    /// Whether it says that an OCSP response goes with it (RFC 7633). None ever does.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub must_staple: bool,
    /// The digest under its signature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature: Option<SignatureHash>,
    /// CRL distribution point. It is never fetched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revocation_list: Option<String>,
}

/// A list of words that is written without brackets if it is one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words(pub Vec<CertificateWord>);

/// Who issued a certificate: in a file `"self"`, `"untrusted-root"`, the name of an authority that every world has,
/// such as `"sim-ca-e2"`, or a table as for the certificate itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IssuedBy {
    /// An authority, by name, or `self`.
    Named(String),
    /// An authority of its own, by default below a root that systems trust.
    Own(Box<Certificate>),
}

/// More names than the longest certificate known has.
pub(crate) const MORE_NAMES_MAX: u32 = 20_000;
/// As deep as authorities of a world may stack.
pub(crate) const INTERMEDIATES_MAX: u8 = 90;

fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl From<CertificateWord> for Certificate {
    fn from(word: CertificateWord) -> Self {
        Certificate {
            is: Words::of(vec![word]),
            ..Certificate::default()
        }
    }
}

impl Certificate {
    /// Says what makes no sense about it, and under which key: what types cannot rule out.
    pub(super) fn check(&self) -> Result<(), (&'static str, String)> {
        if self.more_names > MORE_NAMES_MAX {
            let most = format!("a certificate has at most {MORE_NAMES_MAX} more names");
            return Err(("more-names", most));
        }
        if self
            .intermediates
            .is_some_and(|count| count > INTERMEDIATES_MAX)
        {
            let most =
                format!("at most {INTERMEDIATES_MAX} intermediates stand above a certificate");
            return Err(("intermediates", most));
        }
        if self.chain.as_ref().is_some_and(|chain| chain.is_empty()) {
            return Err((
                "chain",
                "a server sends at least one certificate".to_owned(),
            ));
        }
        if !self.name_constraints.iter().all(|name| name.is_ascii()) {
            return Err(("name-constraints", "a constraint is ASCII".to_owned()));
        }
        if !self.revocation_list.iter().all(|uri| uri.is_ascii()) {
            return Err(("revocation-list", "a URI is ASCII".to_owned()));
        }
        let mut texts = self.names.iter().flatten().chain(&self.common_name);
        texts
            .try_for_each(|text| placeholders(text))
            .map_err(|message| ("names", message))?;
        match &self.issuer {
            Some(IssuedBy::Own(issuer)) => issuer.check(),
            Some(IssuedBy::Named(name)) => {
                known_issuer(name).map_err(|message| ("issuer", message))
            }
            None => Ok(()),
        }
    }
}

/// Refuses a word in braces that stands for nothing.
fn placeholders(text: &str) -> Result<(), String> {
    for after in text.split('{').skip(1) {
        let Some((word, _)) = after.split_once('}') else {
            continue;
        };
        if !matches!(word, "host" | "domain") {
            return Err(format!(
                "unknown placeholder `{word}`, expected one of `host`, `domain`"
            ));
        }
    }
    Ok(())
}

fn known_issuer(name: &str) -> Result<(), String> {
    let words = ["self", UNTRUSTED_ROOT];
    let mut known = words.into_iter().chain(crate::pki::authority_names());
    if known.any(|known| known == name) {
        return Ok(());
    }
    let known: Vec<String> = words
        .into_iter()
        .chain(crate::pki::authority_names())
        .map(|name| format!("`{name}`"))
        .collect();
    Err(format!(
        "unknown issuer `{name}`, expected one of {}",
        known.join(", ")
    ))
}

/// The issuer whose root nobody trusts.
pub(crate) const UNTRUSTED_ROOT: &str = "untrusted-root";

impl<'de> Deserialize<'de> for Certificate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;
        impl<'de> Visitor<'de> for Form {
            type Value = Certificate;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a word, a list of words or a table")
            }

            fn visit_str<E: de::Error>(self, word: &str) -> Result<Certificate, E> {
                CertificateWord::deserialize(word.into_deserializer()).map(Certificate::from)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Certificate, A::Error> {
                let mut words = Vec::new();
                while let Some(word) = seq.next_element()? {
                    words.push(word);
                }
                Ok(Certificate {
                    is: Words::of(words),
                    ..Certificate::default()
                })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Certificate, A::Error> {
                // The derived one: only the table.
                Certificate::deserialize(MapAccessDeserializer::new(map))
            }
        }
        deserializer.deserialize_any(Form)
    }
}

impl Serialize for Certificate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let words = Certificate {
            is: self.is.clone(),
            ..Certificate::default()
        };
        if *self == words {
            self.is.serialize(serializer)
        } else {
            Certificate::serialize(self, serializer)
        }
    }
}

impl Words {
    /// These words; `valid` says nothing.
    fn of(mut words: Vec<CertificateWord>) -> Words {
        words.retain(|word| *word != CertificateWord::Valid);
        Words(words)
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;
        impl<'de> Visitor<'de> for Form {
            type Value = Words;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a word or a list of words")
            }

            fn visit_str<E: de::Error>(self, word: &str) -> Result<Words, E> {
                let word = CertificateWord::deserialize(word.into_deserializer())?;
                Ok(Words::of(vec![word]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Words, A::Error> {
                let mut words = Vec::new();
                while let Some(word) = seq.next_element()? {
                    words.push(word);
                }
                Ok(Words::of(words))
            }
        }
        deserializer.deserialize_any(Form)
    }
}

impl Serialize for Words {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.as_slice() {
            [] => CertificateWord::Valid.serialize(serializer),
            [word] => word.serialize(serializer),
            words => words.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for IssuedBy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;
        impl<'de> Visitor<'de> for Form {
            type Value = IssuedBy;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of an authority or a table")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<IssuedBy, E> {
                known_issuer(name).map_err(E::custom)?;
                Ok(IssuedBy::Named(name.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<IssuedBy, A::Error> {
                Certificate::deserialize(MapAccessDeserializer::new(map))
                    .map(|own| IssuedBy::Own(Box::new(own)))
            }
        }
        deserializer.deserialize_any(Form)
    }
}

impl Serialize for IssuedBy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            IssuedBy::Named(name) => serializer.serialize_str(name),
            IssuedBy::Own(own) => Certificate::serialize(own, serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Page {
        certificate: Certificate,
    }

    #[test]
    fn words_lists_and_tables_are_written_back_as_they_were_read() {
        for text in [
            "certificate = \"valid\"",
            "certificate = \"expired\"",
            "certificate = [\"expired\", \"wrong-host\"]",
            "certificate = { is = \"expired\", names = [\"{host}\", \"mx\\u0000.evil.test\"], not-after = \"-1d\" }",
            "certificate = { common-name = \"\", names = [], usage = \"client\", ca = true, intermediates = 12 }",
            "certificate = { issuer = { signature = \"sha1\", issuer = \"untrusted-root\" }, chain = [\"leaf\", \"root\"] }",
            "certificate = { is = [\"expired\", \"self-signed\"], more-names = 1000, key = \"rsa-8192\", must-staple = true }",
        ] {
            let page: Page = toml::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            page.certificate.check().expect("it makes sense");
            let written = toml::to_string(&page).expect("written");
            assert_eq!(toml::from_str(&written), Ok(page), "{written}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_the_nearest_word() {
        let error = |text: &str| crate::peer::load("p.toml", text).unwrap_err().to_string();
        for (text, expected) in [
            (
                "certificate = ['expired', 'wrong-hst']",
                "did you mean `wrong-host`?",
            ),
            (
                "certificate = { nmes = [] }",
                "unknown key `nmes`; did you mean `names`?",
            ),
            ("certificate = { issuer = 'slef' }", "did you mean `self`?"),
            (
                "certificate = { issuer = { key = 'rsa' } }",
                "unknown word `rsa`",
            ),
            (
                "certificate = { not-after = '1 fortnight' }",
                "no unit of time",
            ),
            (
                "certificate = { chain = ['leave'] }",
                "did you mean `leaf`?",
            ),
            ("certificate = { chain = [] }", "at least one certificate"),
            (
                "certificate = { names = ['{hots}'] }",
                "did you mean `host`?",
            ),
            ("certificate = { intermediates = 91 }", "at most 90"),
            ("certificate = { more-names = 20001 }", "at most 20000"),
            (
                "certificate = { issuer = { name-constraints = ['ü'] } }",
                "is ASCII",
            ),
            (
                "by-name = { 'a.test' = { more-names = 20001 } }",
                "at most 20000",
            ),
        ] {
            let error = error(&format!("[tls]\n{text}"));
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
