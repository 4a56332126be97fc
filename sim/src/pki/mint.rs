//! From what a certificate says to its DER.

use mta_core::time::Wall;
use rcgen::{
    BasicConstraints, CertificateParams, CrlDistributionPoint, CustomExtension, DistinguishedName,
    DnType, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, KeyIdMethod, KeyUsagePurpose,
    NameConstraints, PublicKeyData, SanType, SerialNumber,
};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use super::{CertSpec, Issuer, KeyKind, KeyPair, PkiError, Usage, der};
use crate::seed::{Purpose, Seed};

/// RFC 5280 appendix A.1, `ub-common-name`.
const COMMON_NAME_MAX: usize = 64;
/// RFC 5280 §4.1.2.2 allows 20 bytes; 16 is what authorities commonly use.
const SERIAL_LEN: usize = 16;
/// RFC 5280 §4.2.1.6.
const SUBJECT_ALT_NAME: &[u64] = &[2, 5, 29, 17];
/// RFC 7633 §4.1.
const TLS_FEATURE: &[u64] = &[1, 3, 6, 1, 5, 5, 7, 1, 24];
/// A sequence of one number: the extension status_request, 5 (RFC 7633 §6).
const STATUS_REQUEST: [u8; 5] = [0x30, 3, 2, 1, 5];
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
    match ia5_names(spec) {
        Some(names) => params.subject_alt_names = names,
        None => {
            let names = der::alternative_names(&spec.dns_names, &spec.ip_addresses);
            let mut extension = CustomExtension::from_oid_content(SUBJECT_ALT_NAME, names);
            extension.set_criticality(params.distinguished_name.iter().next().is_none());
            params.custom_extensions.push(extension);
        }
    }
    if !spec.permitted_names.is_empty() {
        let permitted = spec.permitted_names.iter().cloned();
        params.name_constraints = Some(NameConstraints {
            permitted_subtrees: permitted.map(GeneralSubtree::DnsName).collect(),
            excluded_subtrees: Vec::new(),
        });
    }
    if spec.must_staple {
        let feature = CustomExtension::from_oid_content(TLS_FEATURE, STATUS_REQUEST.to_vec());
        params.custom_extensions.push(feature);
    }
    if let Some(uri) = &spec.revocation_list {
        let uris = vec![uri.clone()];
        params.crl_distribution_points = vec![CrlDistributionPoint { uris }];
    }
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

/// The alternative names as rcgen writes them; none if one of them is no IA5String.
fn ia5_names(spec: &CertSpec) -> Option<Vec<SanType>> {
    let names = spec.dns_names.iter();
    let names = names.map(|name| Some(SanType::DnsName(name.as_str().try_into().ok()?)));
    let addresses = spec.ip_addresses.iter().copied().map(SanType::IpAddress);
    names.chain(addresses.map(Some)).collect()
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
        KeyKind::Rsa2048 | KeyKind::Rsa4096 | KeyKind::Rsa8192 => {
            usages.push(KeyUsagePurpose::KeyEncipherment);
        }
        KeyKind::Ed25519 | KeyKind::EcdsaP256 | KeyKind::EcdsaP384 | KeyKind::EcdsaP521 => {}
    }
    usages
}
