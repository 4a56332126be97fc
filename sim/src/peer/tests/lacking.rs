//! Servers that are too old for an extension of TLS 1.2: it is not in the ServerHello, and the handshake holds.

use super::client::Client;
use super::*;

const EXTENDED_MASTER_SECRET: [u8; 4] = [0x00, 0x17, 0, 0];
const RENEGOTIATION_INFO: [u8; 5] = [0xff, 0x01, 0, 1, 0];

/// Two connections to a server with such a `[tls]`, the second with the session of the first: how they go, and what
/// the ServerHello has.
fn met(client: Client, tls: &str) -> Vec<String> {
    let mut peer = peer(&format!("[tls]\nversions = ['1.2']\n{tls}"));
    let mut client = client;
    let mut line = || {
        let mut met = client.meet(&mut peer, usize::MAX);
        assert_eq!(met.error, None, "{tls}");
        assert_eq!(met.say(b"NOOP\r\n"), "250 2.0.0 Ok\n", "{tls}");
        // Record and message headers, version, random, session id, suite and compression: extensions end the message.
        let length = usize::from(met.wire[3]) << 8 | usize::from(met.wire[4]);
        let length = length.min(4 + (usize::from(met.wire[7]) << 8 | usize::from(met.wire[8])));
        let hello = &met.wire[5..5 + length];
        let has = |extension: &[u8]| hello.windows(extension.len()).any(|part| part == extension);
        format!(
            "resumed {:?}, master secret {}, renegotiation {}",
            met.talk.seen().tls.and_then(|tls| tls.resumed),
            has(&EXTENDED_MASTER_SECRET),
            has(&RENEGOTIATION_INFO)
        )
    };
    vec![line(), line()]
}

#[test]
fn what_is_lacking_is_not_said() {
    let told = |full: &str| {
        let line = |resumed| format!("resumed Some({resumed}), {full}");
        vec![line(false), line(true)]
    };
    for (tls, hello) in [
        ("", "master secret true, renegotiation true"),
        (
            "lacks = ['extended-master-secret']",
            "master secret false, renegotiation true",
        ),
        (
            "lacks = ['renegotiation-info']",
            "master secret true, renegotiation false",
        ),
        (
            "lacks = ['renegotiation-info', 'extended-master-secret']",
            "master secret false, renegotiation false",
        ),
    ] {
        assert_eq!(met(Client::new(), tls), told(hello), "{tls}");
        // The client signs the transcript as it has it.
        let asks = format!("client-certificate = 'required'\n{tls}");
        let client = Client::new().with_certificate();
        assert_eq!(met(client, &asks), told(hello), "{asks}");
    }
}

#[test]
fn only_tls_12_can_lack_them() {
    let error = load("p.toml", "[tls]\nlacks = ['renegotiation-info']").unwrap_err();
    assert_eq!(
        error.to_string(),
        "p.toml:2:1: what lacks these extensions speaks TLS 1.2: `versions = [\"1.2\"]`"
    );
}
