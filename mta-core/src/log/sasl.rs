//! About logins, in Postfix's words (src/smtp/smtp_sasl_glue.c, smtp_sasl_proto.c) and in those of Cyrus SASL (lib/common.c
//! `sasl_errstring`, lib/client.c, plugins/).

use super::notice::{Sentence, warning};
use crate::event::LoginReason;
use crate::sasl::{Mechanism, SaslFault, ScramFault};

/// Why a client cannot log in.
pub(super) fn reason(why: &LoginReason) -> String {
    match why {
        LoginReason::NoMechanism { server } => format!(
            "SASL authentication failed: server {} offered no compatible authentication mechanisms for this type of \
             connection security",
            server.without_port()
        ),
        LoginReason::GaveUp { server, fault } => format!(
            "SASL authentication failed; cannot authenticate to server {}: {}",
            server.without_port(),
            in_short(*fault)
        ),
        // Postfix quotes what it was about to send: the password. That is not printed here.
        LoginReason::AskedFirst { server, mechanism } => format!(
            "SASL authentication failed; non-empty initial {} challenge from server {}: <credentials>",
            mechanism.name(),
            server.without_port()
        ),
        LoginReason::Endless { server } => format!(
            "SASL authentication failed; authentication protocol loop with server {}",
            server.without_port()
        ),
        LoginReason::Refused { server, reply } => format!(
            "SASL authentication failed; server {} said: {}",
            server.without_port(),
            on_one_line(reply)
        ),
        LoginReason::RefusedBefore { host, reply } => {
            format!("SASL [CACHED] authentication failed; server {host} said: {reply}")
        }
    }
}

/// Elsewhere Postfix puts blanks between the lines of a reply; here its log does what it does with all that cannot be printed
/// (src/util/msg.c).
fn on_one_line(reply: &str) -> String {
    reply.replace('\n', "?")
}

/// What a fault is called behind a colon.
const fn in_short(fault: SaslFault) -> &'static str {
    match fault {
        SaslFault::NoMechanism => "no mechanism available",
        SaslFault::AskedOn => "generic failure",
        SaslFault::Scram(ScramFault::OtherSignature) => "authentication failure",
        SaslFault::NotBase64 | SaslFault::LongChallenge | SaslFault::Scram(_) => {
            "bad protocol / cancel"
        }
    }
}

/// What Cyrus SASL itself says of it; nothing where it is Postfix that found out.
pub(super) fn sentences(fault: SaslFault, mechanism: Option<Mechanism>) -> Vec<Sentence> {
    let failure = |text: &str| vec![warning(format!("SASL authentication failure: {text}"))];
    let name = mechanism.map_or("", Mechanism::name);
    match fault {
        SaslFault::NoMechanism => failure("No worthy mechs found"),
        SaslFault::NotBase64 => Vec::new(),
        SaslFault::AskedOn => vec![warning(
            "SASL authentication problem: attempting client step after doneflag",
        )],
        SaslFault::LongChallenge => failure("CRAM-MD5 input longer than 1024 bytes"),
        SaslFault::Scram(fault) => failure(&match fault {
            ScramFault::Missing => format!("{name} input expected"),
            ScramFault::Invalid => format!("Invalid {name} input"),
            ScramFault::Extension => format!("Unsupported mandatory extension to {name}"),
            ScramFault::NoNonce => format!("Nonce (r=) expected in {name} input"),
            ScramFault::NoSalt => format!("Salt expected after the nonce in {name} input"),
            ScramFault::NoIterations => {
                format!("iteration-count expected after the salt in {name} input")
            }
            ScramFault::BadIterations => format!("Invalid iteration-count in {name} input"),
            ScramFault::FewIterations => {
                "iteration-count is too small, refusing to compute".to_owned()
            }
            ScramFault::ManyIterations => {
                "iteration-count is too big, refusing to compute".to_owned()
            }
            ScramFault::OtherNonce => {
                "The nonce received from the server doesn't start from the nonce sent by the client"
                    .to_owned()
            }
            ScramFault::EmptySalt => "The salt can't be empty".to_owned(),
            ScramFault::BadSalt => "Invalid base64 encoding of the salt".to_owned(),
            ScramFault::NoSignature => format!("ServerSignature expected in {name} input"),
            ScramFault::BadSignature => {
                format!("Invalid base64 encoding of the server proof in {name} input")
            }
            ScramFault::OddSignature => {
                format!("Invalid server proof (truncated) in {name} input")
            }
            ScramFault::OtherSignature => "ServerSignature mismatch".to_owned(),
        }),
    }
}
