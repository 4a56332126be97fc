//! From what a certificate says to its DER.

use mta_core::time::Wall;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyIdMethod, KeyUsagePurpose, PublicKeyData, SanType, SerialNumber,
};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use super::{CertSpec, Issuer, KeyKind, KeyPair, PkiError, Usage};
use crate::seed::{Purpose, Seed};

/// RFC 5280 appendix A.1, `ub-common-name`.
const COMMON_NAME_MAX: usize = 64;
/// RFC 5280 §4.1.2.2 allows 20 octets; 16 is what authorities commonly use.
const SERIAL_LEN: usize = 16;
/// RFC 7093 §2, method 1: the leftmost 160 bits of SHA-256 over the public key.
const KEY_ID_LEN: usize = 20;

/// The certificate `name` of a world that starts at `start`, yet unsigned.
pub(super) fn params(
    seed: Seed,
    start: Wall,
    name: &str,
    spec: &CertSpec,
    key: &KeyPair,
) -> Result<CertificateParams, PkiError> {
    let date = |secs| {
        date(start, secs).ok_or_else(|| PkiError::DateOutOfRange {
            name: name.to_owned(),
        })
    };
    let mut params = CertificateParams::default();
    params.not_before = date(spec.not_before_secs)?;
    params.not_after = date(spec.not_after_secs)?;
    params.serial_number = Some(serial(seed, name));
    params.distinguished_name = subject(name, spec);
    params.subject_alt_names = spec
        .dns_names
        .iter()
        .map(|name| dns_name(name))
        .collect::<Result<_, _>>()?;
    let addresses = spec.ip_addresses.iter().copied().map(SanType::IpAddress);
    params.subject_alt_names.extend(addresses);
    params.key_identifier_method = KeyIdMethod::PreSpecified(key_id(key));
    params.use_authority_key_identifier_extension = spec.issuer != Issuer::Itself;
    params.is_ca = if spec.is_ca {
        IsCa::Ca(BasicConstraints::Unconstrained)
    } else {
        IsCa::ExplicitNoCa
    };
    params.key_usages = key_usages(spec);
    params.extended_key_usages = match spec.usage {
        Usage::ServerAuth => vec![ExtendedKeyUsagePurpose::ServerAuth],
        Usage::ClientAuth => vec![ExtendedKeyUsagePurpose::ClientAuth],
        Usage::None => Vec::new(),
    };
    Ok(params)
}

fn date(start: Wall, secs: i64) -> Option<OffsetDateTime> {
    let unix_secs = i64::try_from(start.0).ok()?.checked_add(secs)?;
    if unix_secs < 0 {
        return None;
    }
    // Fails from the year 10000 on, which X.509 cannot write either.
    OffsetDateTime::from_unix_timestamp(unix_secs).ok()
}

fn serial(seed: Seed, name: &str) -> SerialNumber {
    let mut stream = seed.named_stream(Purpose::Pki, &format!("serial {name}"), 0);
    let mut serial = stream.bytes::<SERIAL_LEN>();
    // Positive, and of the same length for every certificate.
    serial[0] = serial[0] & 0x7f | 0x40;
    SerialNumber::from_slice(&serial)
}

fn subject(name: &str, spec: &CertSpec) -> DistinguishedName {
    let mut subject = DistinguishedName::new();
    let fits = |name: &&str| name.chars().count() <= COMMON_NAME_MAX;
    let common_name = spec.common_name.as_deref().or_else(|| {
        let first = spec.dns_names.first().map_or(name, String::as_str);
        Some(first).filter(fits)
    });
    if let Some(organization) = &spec.organization {
        subject.push(DnType::OrganizationName, organization.as_str());
    }
    if let Some(common_name) = common_name.filter(|common_name| !common_name.is_empty()) {
        subject.push(DnType::CommonName, common_name);
    }
    subject
}

fn dns_name(name: &str) -> Result<SanType, PkiError> {
    let not_ascii = |_| PkiError::DnsNameNotAscii {
        name: name.to_owned(),
    };
    Ok(SanType::DnsName(name.try_into().map_err(not_ascii)?))
}

fn key_id(key: &KeyPair) -> Vec<u8> {
    let mut id = Sha256::digest(key.der_bytes()).to_vec();
    id.truncate(KEY_ID_LEN);
    id
}

fn key_usages(spec: &CertSpec) -> Vec<KeyUsagePurpose> {
    if spec.is_ca {
        return vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    }
    let mut usages = vec![KeyUsagePurpose::DigitalSignature];
    match spec.key {
        // For the static RSA key exchange of TLS 1.2 and before (RFC 5246 §7.4.2).
        KeyKind::Rsa2048 => usages.push(KeyUsagePurpose::KeyEncipherment),
        KeyKind::Ed25519 | KeyKind::EcdsaP256 => {}
    }
    usages
}
