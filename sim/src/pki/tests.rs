//! What verifiers say of the certificates, and that nothing but the seed decides their bytes.

use std::sync::Arc;
use std::time::Duration;

use mta_core::time::Wall;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, Error, RootCertStore};

use super::*;
use crate::crypto::{Tier, provider};
use crate::seed::Seed;

const START: Wall = Wall(1_780_000_000);
const HOST: &str = "mx1.sim.example";

fn pki(seed: u64) -> Pki {
    Pki::new(Seed(seed), START)
}

/// What a sender says that trusts the system bundle.
fn verify(pki: &mut Pki, chain: &Chain) -> Result<(), CertificateError> {
    let mut roots = RootCertStore::empty();
    for root in pki.system_bundle().expect("bundle") {
        roots.add(root).expect("a root");
    }
    let verifier =
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider(Tier::Seeded))
            .build()
            .expect("a verifier");
    let host = ServerName::try_from(HOST).expect("a name");
    let now = UnixTime::since_unix_epoch(Duration::from_secs(START.0));
    let (leaf, above) = chain.certs.split_first().expect("a leaf");
    match verifier.verify_server_cert(leaf, above, &host, &[], now) {
        Ok(_) => Ok(()),
        Err(Error::InvalidCertificate(why)) => Err(why),
        Err(other) => panic!("{other}"),
    }
}

fn verdict(spec: CertSpec) -> Result<(), CertificateError> {
    let mut pki = pki(1);
    let chain = pki.chain(HOST, &spec).expect("minted");
    verify(&mut pki, &chain)
}

#[test]
fn a_good_certificate_is_good_with_every_kind_of_key() {
    for kind in KeyKind::ALL {
        assert_eq!(verdict(CertSpec::server(HOST).with_key(kind)), Ok(()));
    }
    assert_eq!(verdict(CertSpec::server("*.sim.example")), Ok(()));
    assert_eq!(
        verdict(CertSpec::server(HOST).issued_by("sim-ca-e3")),
        Ok(())
    );
}

#[test]
fn what_is_wrong_with_a_certificate_is_found() {
    use CertificateError::*;
    let why = |spec| verdict(spec).expect_err("refused");
    let good = || CertSpec::server(HOST);
    assert!(matches!(why(good().expired()), ExpiredContext { .. }));
    assert!(matches!(
        why(good().not_yet_valid()),
        NotValidYetContext { .. }
    ));
    assert!(matches!(
        why(good().named("www.example")),
        NotValidForNameContext { .. }
    ));
    assert_eq!(why(good().self_signed()), UnknownIssuer);
    assert_eq!(why(good().unknown_issuer()), UnknownIssuer);
    assert!(matches!(
        why(CertSpec {
            usage: Usage::ClientAuth,
            ..good()
        }),
        InvalidPurposeContext { .. }
    ));
}

#[test]
fn an_incomplete_chain_leads_nowhere() {
    let mut pki = pki(1);
    let whole = pki.chain(HOST, &CertSpec::server(HOST)).expect("minted");
    assert_eq!(whole.certs.len(), 2);
    assert_eq!(verify(&mut pki, &whole), Ok(()));
    let chain = whole.leaf_only();
    assert_eq!(
        verify(&mut pki, &chain),
        Err(CertificateError::UnknownIssuer)
    );
}

#[test]
fn a_chain_goes_up_through_every_added_authority() {
    let mut pki = pki(1);
    let middle = CertSpec::intermediate("Middle", SYSTEM_CA).with_key(KeyKind::Rsa2048);
    pki.add_authority("middle", &middle).expect("added");
    let low = CertSpec::intermediate("Low", "middle").with_key(KeyKind::Ed25519);
    pki.add_authority("low", &low).expect("added");
    let spec = CertSpec::server(HOST).issued_by("low");
    let chain = pki.chain(HOST, &spec).expect("minted");
    assert_eq!(chain.certs.len(), 4);
    assert_eq!(verify(&mut pki, &chain), Ok(()));
}

#[test]
fn rustls_finds_that_key_and_certificate_belong_together() {
    for kind in KeyKind::ALL {
        let spec = CertSpec::server(HOST).with_key(kind);
        let mut chain = pki(1).chain(HOST, &spec).expect("minted");
        assert_eq!(chain.certified_key().keys_match(), Ok(()));
        chain.key = KeyPair::generate(Seed(1), KeyKind::Ed25519, "other").expect("a key");
        assert!(chain.certified_key().keys_match().is_err());
    }
}

#[test]
fn another_certificate_changes_no_other() {
    let spec = CertSpec::server(HOST);
    let alone = pki(1).chain(HOST, &spec).expect("minted");

    let mut busy = pki(1);
    busy.add_authority("mine", &CertSpec::root("Mine"))
        .expect("added");
    busy.chain("mx2.example", &CertSpec::server("mx2.example"))
        .expect("minted");
    assert_eq!(busy.chain(HOST, &spec).expect("minted").certs, alone.certs);
    assert_eq!(
        busy.system_bundle_pem().expect("bundle"),
        pki(1).system_bundle_pem().expect("bundle")
    );

    let other_seed = pki(2).chain(HOST, &spec).expect("minted");
    assert_ne!(other_seed.certs, alone.certs);
    let later = Pki::new(Seed(1), Wall(START.0 + 1)).chain(HOST, &spec);
    assert_ne!(later.expect("minted").certs, alone.certs);
}

#[test]
fn the_bundle_is_read_back_from_pem() {
    let mut pki = pki(1);
    let pem = pki.system_bundle_pem().expect("bundle");
    let read: Vec<_> = CertificateDer::pem_slice_iter(pem.as_bytes())
        .map(|cert| cert.expect("a certificate"))
        .collect();
    assert_eq!(read.len(), 3);
    assert_eq!(read, pki.system_bundle().expect("bundle"));
}

#[test]
fn what_cannot_be_minted_says_why() {
    let mut pki = pki(1);
    let name = |name: &str| name.to_owned();
    let mut why = |spec: CertSpec| pki.chain(HOST, &spec).expect_err("not to be minted");
    assert_eq!(
        why(CertSpec::server(HOST).issued_by("nobody")),
        PkiError::UnknownAuthority {
            name: name("nobody")
        }
    );
    assert_eq!(
        why(CertSpec {
            signature: SignatureHash::Sha1,
            key: KeyKind::Ed25519,
            ..CertSpec::server(HOST).self_signed()
        }),
        PkiError::NoSha1 { name: name(HOST) }
    );
    for not_after_secs in [
        i64::MIN,
        -1_780_000_001,
        253_402_300_800 - 1_780_000_000,
        i64::MAX,
    ] {
        let spec = CertSpec {
            not_after_secs,
            ..CertSpec::server(HOST)
        };
        assert_eq!(why(spec), PkiError::DateOutOfRange { name: name(HOST) });
    }
    assert!(
        pki.chain(
            HOST,
            &CertSpec {
                not_before_secs: -1_780_000_000,
                ..CertSpec::default()
            }
        )
        .is_ok()
    );
    for taken in [SYSTEM_CA, "sim-root-r1"] {
        assert_eq!(
            pki.add_authority(taken, &CertSpec::root("Other")),
            Err(PkiError::NameTaken { name: name(taken) })
        );
    }
}

#[test]
fn authorities_do_not_stack_without_end() {
    let mut pki = pki(1);
    let mut above = name_of(0);
    pki.add_authority(&above, &CertSpec::root("0"))
        .expect("a root");
    for depth in 1..=100 {
        let spec = CertSpec::intermediate(depth.to_string(), above.as_str());
        above = name_of(depth);
        pki.add_authority(&above, &spec).expect("added");
    }
    let spec = CertSpec::intermediate("101", above.as_str());
    assert_eq!(
        pki.add_authority(&name_of(101), &spec),
        Err(PkiError::TooDeep { name: name_of(101) })
    );
}

fn name_of(depth: u32) -> String {
    format!("deep-{depth}")
}

#[test]
fn a_name_too_long_for_a_common_name_stands_in_the_alternative_names_only() {
    let long = format!("{}.example", "a".repeat(60));
    let contains = |spec: &CertSpec| {
        let chain = pki(1).chain("x", spec).expect("minted");
        let der = chain.certs[0].to_vec();
        der.windows(long.len())
            .filter(|w| *w == long.as_bytes())
            .count()
    };
    let spec = CertSpec::server(&long);
    assert_eq!(contains(&spec), 1);
    let spec = CertSpec {
        common_name: Some(long.clone()),
        ..spec
    };
    assert_eq!(contains(&spec), 2);
}

#[test]
fn a_renewal_may_keep_the_key() {
    let mut pki = pki(1);
    let old = pki.chain("old", &CertSpec::server(HOST)).expect("minted");
    let renewal = CertSpec {
        same_key_as: Some("old".to_owned()),
        ..CertSpec::server(HOST)
    };
    let new = pki.chain("new", &renewal).expect("minted");
    assert_eq!(new.key.spki_der(), old.key.spki_der());
    assert_ne!(new.certs[0], old.certs[0]);
    assert_eq!(verify(&mut pki, &new), Ok(()));
}

#[test]
fn a_certificate_may_have_an_address_and_no_common_name() {
    let spec = CertSpec {
        common_name: Some(String::new()),
        organization: Some("Example Org".to_owned()),
        ip_addresses: vec!["192.0.2.7".parse().expect("an address")],
        dns_names: Vec::new(),
        ..CertSpec::default()
    };
    let chain = pki(1).chain("x", &spec).expect("minted");
    let der = chain.certs[0].as_ref();
    let has = |octets: &[u8]| der.windows(octets.len()).any(|window| window == octets);
    // iPAddress is [7] of GeneralName (RFC 5280 §4.2.1.6); 2.5.4.3 is the common name.
    assert!(has(&[0x87, 4, 192, 0, 2, 7]) && has(b"Example Org"));
    let names = der
        .windows(3)
        .filter(|window| *window == [0x55, 4, 3])
        .count();
    assert_eq!(
        names, 1,
        "the issuer has a common name, the subject has none"
    );
}

/// How often these bytes stand in the first certificate of the chain that a spec asks for.
fn found(spec: &CertSpec, octets: &[u8]) -> usize {
    let chain = pki(1).chain("x", spec).expect("minted");
    let der = chain.certs[0].to_vec();
    der.windows(octets.len())
        .filter(|window| *window == octets)
        .count()
}

#[test]
fn names_stand_in_a_certificate_byte_by_byte() {
    for name in [
        "mx1.sim.example\0.evil.example",
        "mx.müller.example",
        "mx1.sim.example.",
        "MX1.*.example",
    ] {
        let spec = CertSpec {
            common_name: Some(String::new()),
            ..CertSpec::server(name)
        };
        assert_eq!(found(&spec, name.as_bytes()), 1, "{name}");
        let der = pki(1).chain("x", &spec).expect("minted").certs[0].to_vec();
        assert!(mta_core::trust::Certificate::read(&der).is_ok(), "{name}");
    }
}

#[test]
fn what_is_unusual_about_a_certificate_stands_in_it() {
    const TLS_FEATURE: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 1, 24];
    const SHA1_ECDSA: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 1];
    let good = CertSpec::server(HOST);
    let stapled = CertSpec {
        must_staple: true,
        ..good.clone()
    };
    let revoked = CertSpec {
        revocation_list: Some("http://crl.example/e1.crl".to_owned()),
        ..good.clone()
    };
    let sha1 = CertSpec {
        signature: SignatureHash::Sha1,
        ..good.clone()
    };
    for (spec, octets, count) in [
        (stapled, TLS_FEATURE, 1),
        (revoked, b"http://crl.example/e1.crl".as_slice(), 1),
        (sha1.clone(), SHA1_ECDSA, 2),
    ] {
        assert_eq!((found(&spec, octets), found(&good, octets)), (count, 0));
    }
    assert!(verdict(sha1).is_err(), "nobody ought to trust SHA-1");
}

#[test]
fn an_authority_may_be_bound_to_names() {
    let mut pki = pki(1);
    let bound = |name: &str| CertSpec {
        permitted_names: vec![name.to_owned()],
        ..CertSpec::intermediate("Bound", "sim-root-r1")
    };
    for (name, good) in [("sim.example", true), ("other.example", false)] {
        let issuer = pki.authority_like("bound", &bound(name)).expect("added");
        assert_eq!(
            pki.authority_like("bound", &bound(name)),
            Ok(issuer.clone())
        );
        let spec = CertSpec::server(HOST).issued_by(issuer.as_str());
        let chain = pki.chain(HOST, &spec).expect("minted");
        assert_eq!(verify(&mut pki, &chain).is_ok(), good, "{name}");
    }
}
