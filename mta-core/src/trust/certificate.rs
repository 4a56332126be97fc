//! The facts of one X.509 certificate that trust rests on.

use std::fmt::Write as _;
use std::sync::Arc;

use x509_cert::der::asn1::{Any, AnyRef};
use x509_cert::der::oid::db::rfc4519;
use x509_cert::der::{Decode as _, Encode as _, Reader as _, SliceReader, Tag, Tagged as _};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectAltName};
use x509_cert::name::Name;
use x509_cert::spki::SubjectPublicKeyInfoOwned;
use x509_cert::{Certificate as X509, Version};

use super::subtrees::Subtrees;
use crate::time::Wall;

/// A certificate that was read, and what matters of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The certificate itself.
    pub der: Arc<[u8]>,
    /// Subject in OpenSSL's one-line form, `/CN=…`.
    pub subject: Arc<str>,
    /// Issuer in the same form.
    pub issuer: Arc<str>,
    /// First second of validity.
    pub not_before: Wall,
    /// Last second of validity.
    pub not_after: Wall,
    /// What it may sign and serve.
    pub(super) usage: Usage,
    pub(super) subject_der: Vec<u8>,
    pub(super) issuer_der: Vec<u8>,
    pub(super) signed: Signed,
    pub(super) key: Key,
    /// The DNS names of subjectAltName (RFC 5280 §4.2.1.6).
    pub(super) dns_names: Vec<Box<str>>,
    /// The names that it may give to those below it.
    pub(super) subtrees: Subtrees,
    nul_in_cn: bool,
    pub(super) subject_cn: Option<String>,
    pub(super) issuer_cn: Option<String>,
}

/// The restrictions on a certificate's use (RFC 5280 §4.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Usage {
    pub(super) version_1: bool,
    /// The CA bit of basicConstraints, if the extension is there.
    pub(super) ca: Option<bool>,
    pub(super) path_length: Option<u8>,
    /// keyUsage: may sign certificates, if the extension is there.
    pub(super) signs_certificates: Option<bool>,
    /// keyUsage: may serve TLS, if the extension is there.
    pub(super) serves_tls: Option<bool>,
    /// extendedKeyUsage: names serverAuth, if the extension is there.
    pub(super) server_auth: Option<bool>,
}

/// What was signed, how, and the signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Signed {
    pub(super) tbs: Vec<u8>,
    /// AlgorithmIdentifier without its outer SEQUENCE, as rustls' verifiers name it.
    pub(super) algorithm: Vec<u8>,
    pub(super) signature: Vec<u8>,
}

/// The public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Key {
    /// AlgorithmIdentifier without its outer SEQUENCE.
    pub(super) algorithm: Vec<u8>,
    pub(super) bits: Vec<u8>,
    pub(super) spki: Vec<u8>,
}

/// The bytes are not an X.509 certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnreadableCertificate;

impl Key {
    /// Reads a SubjectPublicKeyInfo (RFC 5280 §4.1.2.7).
    pub(super) fn read(der: &[u8]) -> Result<Self, UnreadableCertificate> {
        Key::of(&SubjectPublicKeyInfoOwned::from_der(der)?)
    }

    fn of(spki: &SubjectPublicKeyInfoOwned) -> Result<Self, UnreadableCertificate> {
        Ok(Key {
            algorithm: contents(&spki.algorithm.to_der()?)?,
            bits: spki.subject_public_key.raw_bytes().to_vec(),
            spki: spki.to_der()?,
        })
    }
}

impl From<x509_cert::der::Error> for UnreadableCertificate {
    fn from(_: x509_cert::der::Error) -> Self {
        UnreadableCertificate
    }
}

impl Certificate {
    /// Reads a certificate.
    ///
    /// # Errors
    /// [`UnreadableCertificate`] if the bytes are not one X.509 certificate in DER.
    pub fn read(der: &[u8]) -> Result<Self, UnreadableCertificate> {
        let x509 = X509::from_der(der)?;
        let tbs = x509.tbs_certificate();
        let spki = tbs.subject_public_key_info();
        let validity = tbs.validity();
        let nul_in_cn = tbs
            .subject()
            .iter()
            .any(|attribute| attribute.oid == rfc4519::CN && attribute.value.value().contains(&0));
        Ok(Certificate {
            der: der.into(),
            subject: one_line(tbs.subject()).into(),
            issuer: one_line(tbs.issuer()).into(),
            not_before: Wall(validity.not_before.to_unix_duration().as_secs()),
            not_after: Wall(validity.not_after.to_unix_duration().as_secs()),
            usage: Usage::of(&x509),
            subject_der: tbs.subject().to_der()?,
            issuer_der: tbs.issuer().to_der()?,
            signed: Signed {
                tbs: first_inside(der)?,
                algorithm: contents(&x509.signature_algorithm().to_der()?)?,
                signature: x509.signature().raw_bytes().to_vec(),
            },
            key: Key::of(spki)?,
            dns_names: dns_names(&x509),
            subtrees: Subtrees::of(&x509),
            nul_in_cn,
            subject_cn: attribute(tbs.subject(), rfc4519::CN).filter(|_| !nul_in_cn),
            issuer_cn: attribute(tbs.issuer(), rfc4519::CN)
                .or_else(|| attribute(tbs.issuer(), rfc4519::O)),
        })
    }

    /// Whether it names itself as its issuer.
    pub fn is_self_issued(&self) -> bool {
        self.subject_der == self.issuer_der
    }

    /// The subject's common name, the last one if there are several.
    pub(super) fn common_name(&self) -> Option<&str> {
        self.subject_cn.as_deref()
    }

    /// Whether its common name goes on behind a NUL, so that others would read another name.
    pub fn has_nul_in_common_name(&self) -> bool {
        self.nul_in_cn
    }

    /// The public key with its algorithm, in DER.
    pub fn spki(&self) -> &[u8] {
        &self.key.spki
    }

    /// Bits of an RSA key's modulus; `None` for other keys.
    pub fn rsa_bits(&self) -> Option<u16> {
        let sequence = AnyRef::from_der(&self.key.bits)
            .ok()
            .filter(|any| any.tag() == Tag::Sequence)?;
        let mut reader = SliceReader::new(sequence.value()).ok()?;
        let modulus = AnyRef::decode(&mut reader)
            .ok()
            .filter(|any| any.tag() == Tag::Integer)?;
        let bytes = modulus
            .value()
            .iter()
            .skip_while(|&&byte| byte == 0)
            .count();
        let top = modulus.value().iter().find(|&&byte| byte != 0)?;
        u16::try_from(bytes * 8)
            .ok()?
            .checked_sub(u16::try_from(top.leading_zeros()).ok()?)
    }
}

impl Usage {
    fn of(x509: &X509) -> Self {
        let tbs = x509.tbs_certificate();
        let basic = tbs
            .get_extension::<BasicConstraints>()
            .ok()
            .flatten()
            .map(|(_, value)| value);
        let usage = tbs
            .get_extension::<KeyUsage>()
            .ok()
            .flatten()
            .map(|(_, value)| value);
        let extended = tbs
            .get_extension::<ExtendedKeyUsage>()
            .ok()
            .flatten()
            .map(|(_, value)| value);
        Usage {
            version_1: tbs.version() == Version::V1,
            ca: basic.as_ref().map(|basic| basic.ca),
            path_length: basic.and_then(|basic| basic.path_len_constraint),
            signs_certificates: usage.as_ref().map(KeyUsage::key_cert_sign),
            serves_tls: usage.map(|usage| {
                usage.digital_signature() || usage.key_encipherment() || usage.key_agreement()
            }),
            server_auth: extended.map(|extended| {
                extended
                    .0
                    .contains(&x509_cert::der::oid::db::rfc5280::ID_KP_SERVER_AUTH)
            }),
        }
    }
}

fn dns_names(x509: &X509) -> Vec<Box<str>> {
    let extension = x509.tbs_certificate().get_extension::<SubjectAltName>();
    let Ok(Some((_, names))) = extension else {
        return Vec::new();
    };
    let of_name = |name: &GeneralName| match name {
        GeneralName::DnsName(name) => Some(name.as_str().into()),
        GeneralName::OtherName(_)
        | GeneralName::Rfc822Name(_)
        | GeneralName::DirectoryName(_)
        | GeneralName::EdiPartyName(_)
        | GeneralName::UniformResourceIdentifier(_)
        | GeneralName::IpAddress(_)
        | GeneralName::RegisteredId(_) => None,
    };
    names.0.iter().filter_map(of_name).collect()
}

fn contents(der: &[u8]) -> Result<Vec<u8>, UnreadableCertificate> {
    Ok(AnyRef::from_der(der)?.value().to_vec())
}

fn first_inside(der: &[u8]) -> Result<Vec<u8>, UnreadableCertificate> {
    let outer = AnyRef::from_der(der)?;
    let mut reader = SliceReader::new(outer.value())?;
    Ok(reader.tlv_bytes()?.to_vec())
}

fn attribute(name: &Name, oid: x509_cert::der::oid::ObjectIdentifier) -> Option<String> {
    name.iter()
        .filter(|attribute| attribute.oid == oid)
        .last()
        .map(|attribute| text(&attribute.value))
}

/// OpenSSL's `X509_NAME_oneline`.
fn one_line(name: &Name) -> String {
    let mut line = String::new();
    for attribute in name.iter() {
        // Writing to a String cannot fail.
        let _ = match short_name(attribute.oid) {
            Some(short) => write!(line, "/{short}={}", text(&attribute.value)),
            None => write!(line, "/{}={}", attribute.oid, text(&attribute.value)),
        };
    }
    line
}

fn short_name(oid: x509_cert::der::oid::ObjectIdentifier) -> Option<&'static str> {
    [
        (rfc4519::CN, "CN"),
        (rfc4519::O, "O"),
        (rfc4519::OU, "OU"),
        (rfc4519::C, "C"),
        (rfc4519::ST, "ST"),
        (rfc4519::L, "L"),
        (rfc4519::DC, "DC"),
        (rfc4519::SERIAL_NUMBER, "serialNumber"),
    ]
    .into_iter()
    .find_map(|(known, short)| (known == oid).then_some(short))
}

fn text(value: &Any) -> String {
    String::from_utf8_lossy(value.value())
        .chars()
        .map(|c| if c.is_control() { '?' } else { c })
        .collect()
}
