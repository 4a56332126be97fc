//! The examples that the standards give, and what else a server may say.

use super::*;

fn answered(exchange: Exchange, challenge: &str) -> (Exchange, String) {
    let (exchange, response) = exchange.answer(challenge.as_bytes()).unwrap();
    (exchange, String::from_utf8(response).unwrap())
}

fn begun(mechanism: Mechanism, entry: &str, nonce: &str) -> (Exchange, String) {
    let (exchange, first) = Exchange::begin(mechanism, &Credentials::split(entry, ':'), nonce);
    (exchange, String::from_utf8(first).unwrap())
}

/// As a real Postfix sent it (observed: dlg-xforward-auth).
#[test]
fn plain_as_it_was_observed() {
    let (exchange, first) = begun(Mechanism::Plain, "user:pw", "");
    assert_eq!(base64::encode(first.as_bytes()), "AHVzZXIAcHc=");
    assert_eq!(exchange.answer(b"").unwrap_err(), SaslFault::AskedOn);
}

/// RFC 2195 §3.
#[test]
fn cram_md5_as_in_its_rfc() {
    let (exchange, first) = begun(Mechanism::CramMd5, "tim:tanstaaftanstaaf", "");
    assert_eq!(first, "");
    let challenge = "<1896.697170952@postoffice.reston.mci.net>";
    let (exchange, response) = answered(exchange, challenge);
    assert_eq!(response, "tim b913a602c7eda7a495b4e6e7334d3890");
    assert_eq!(exchange.answer(b"more").unwrap_err(), SaslFault::AskedOn);
}

/// RFC 5802 §5.
#[test]
fn scram_sha_1_as_in_its_rfc() {
    let nonce = "fyko+d2lbbFgONRv9qkxdawL";
    let (exchange, first) = begun(Mechanism::ScramSha1, "user:pencil", nonce);
    assert_eq!(first, "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL");
    let challenge = "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096";
    let (exchange, response) = answered(exchange, challenge);
    let proof =
        "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=";
    assert_eq!(response, proof);
    let (exchange, response) = answered(exchange, "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=");
    assert_eq!(response, "");
    assert_eq!(exchange.answer(b"").unwrap_err(), SaslFault::AskedOn);
}

/// RFC 7677 §3.
#[test]
fn scram_sha_256_as_in_its_rfc() {
    let nonce = "rOprNGfwEbeRWgbNEkqO";
    let (exchange, _) = begun(Mechanism::ScramSha256, "user:pencil", nonce);
    let challenge =
        "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
    let (exchange, response) = answered(exchange, challenge);
    let proof = response.split_once(",p=").unwrap().1;
    assert_eq!(proof, "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
    answered(exchange, "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
}

#[test]
fn a_server_that_does_not_know_the_password_is_found_out() {
    let nonce = "fyko+d2lbbFgONRv9qkxdawL";
    let signed = |last: &str| {
        let (exchange, _) = begun(Mechanism::ScramSha1, "user:pencil", nonce);
        let challenge = format!("r={nonce}3rfc,s=QSXCR+Q6sek8bf92,i=4096");
        let (exchange, _) = answered(exchange, &challenge);
        exchange.answer(last.as_bytes()).unwrap_err()
    };
    for (last, fault) in [
        ("v=rmF9pqV8S7suAoZWja4dJRkFsKQ=", ScramFault::OtherSignature),
        ("v=rmF9pqV8S7suAoZWja?=", ScramFault::BadSignature),
        ("v=rmF9pqV8S7suAoZW", ScramFault::OddSignature),
        ("e=invalid-proof", ScramFault::NoSignature),
        ("", ScramFault::Invalid),
    ] {
        assert_eq!(signed(last), SaslFault::Scram(fault), "{last}");
    }
}

#[test]
fn what_a_server_says_first_in_scram_is_checked() {
    let first = |challenge: &str| {
        let (exchange, _) = begun(Mechanism::ScramSha256, "user:pencil", "abc");
        exchange.answer(challenge.as_bytes()).unwrap_err()
    };
    for (challenge, fault) in [
        ("", ScramFault::Missing),
        ("x", ScramFault::Invalid),
        ("m=1,r=abcd,s=AA==,i=4096", ScramFault::Extension),
        ("s=AA==", ScramFault::NoNonce),
        ("r=abcd", ScramFault::NoSalt),
        ("r=abcd,s=AA==", ScramFault::NoIterations),
        ("r=abcd,s=AA==,i=many", ScramFault::BadIterations),
        ("r=abcd,s=AA==,i=4095", ScramFault::FewIterations),
        ("r=abcd,s=AA==,i=65537", ScramFault::ManyIterations),
        ("r=abc,s=AA==,i=4096", ScramFault::OtherNonce),
        ("r=xabcd,s=AA==,i=4096", ScramFault::OtherNonce),
        ("r=abcd,s=,i=4096", ScramFault::EmptySalt),
        ("r=abcd,s=A,i=4096", ScramFault::BadSalt),
    ] {
        assert_eq!(first(challenge), SaslFault::Scram(fault), "{challenge}");
    }
}

#[test]
fn names_are_written_for_scram() {
    let (_, first) = begun(Mechanism::ScramSha1, "a=b,c:pencil", "r");
    assert_eq!(first, "n,,n=a=3Db=2Cc,r=r");
}

#[test]
fn login_answers_whatever_is_asked() {
    let (exchange, first) = begun(Mechanism::Login, "user:secret", "");
    assert_eq!(first, "");
    let (exchange, user) = answered(exchange, "What?");
    let (exchange, password) = answered(exchange, "");
    assert_eq!((user.as_str(), password.as_str()), ("user", "secret"));
    assert_eq!(exchange.answer(b"").unwrap_err(), SaslFault::AskedOn);
}

#[test]
fn a_token_is_shown_and_trouble_answered_with_nothing() {
    let (exchange, first) = begun(Mechanism::Xoauth2, "me@example.test:ya29.x", "");
    assert_eq!(first, "user=me@example.test\x01auth=Bearer ya29.x\x01\x01");
    let (_, response) = answered(exchange, "{\"status\":\"401\"}");
    assert_eq!(response, "");
}

#[test]
fn the_strongest_that_is_permitted_is_taken() {
    let all = "LOGIN PLAIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256 XOAUTH2 GSSAPI";
    for (offered, options, chosen) in [
        (all, "", Some(Mechanism::ScramSha256)),
        (all, "mutual_auth", Some(Mechanism::ScramSha256)),
        ("PLAIN CRAM-MD5", "noanonymous", Some(Mechanism::CramMd5)),
        ("LOGIN PLAIN", "noanonymous", Some(Mechanism::Plain)),
        ("login", "", Some(Mechanism::Login)),
        ("LOGIN XOAUTH2", "", Some(Mechanism::Login)),
        ("LOGIN PLAIN", "noplaintext, noanonymous", None),
        ("CRAM-MD5", "noactive", None),
        (all, "nodictionary", None),
        (all, "forward_secrecy", None),
        ("SCRAM-SHA-1-PLUS", "", None),
        ("", "", None),
    ] {
        let options = SecurityOptions::parse(options).unwrap();
        assert_eq!(
            Mechanism::choose(offered, options, false),
            chosen,
            "{offered}"
        );
    }
    let none = SecurityOptions::default();
    let chosen = Mechanism::choose("LOGIN XOAUTH2", none, true);
    assert_eq!(chosen, Some(Mechanism::Xoauth2));
    for mechanism in Mechanism::ALL {
        assert_eq!(Mechanism::by_name(mechanism.name()), Some(mechanism));
    }
}

#[test]
fn an_exchange_is_not_printed() {
    let (exchange, _) = begun(Mechanism::Login, "user:secret", "");
    assert_eq!(format!("{exchange:?}"), "Exchange(…)");
}
