//! About TLS with a server (src/tls/tls_client.c, tls_misc.c, tls_proxy_clnt.c).

use super::sentence::{Sentence, warning};
use crate::event::{TlsNotice, TlsObstacle};
use crate::policy::Level;

pub(super) fn sentences(notice: &TlsNotice) -> Vec<Sentence> {
    vec![match notice {
        TlsNotice::CannotBegin { server, obstacle } => {
            let what = match obstacle {
                TlsObstacle::Protocols(list) => {
                    format!("Invalid TLS protocol list \"{list}\": aborting TLS session")
                }
                TlsObstacle::Grade(grade) => format!("invalid cipher grade: \"{grade}\""),
                TlsObstacle::Exclusion(word) => {
                    format!("invalid unary '!+-@' in cipher exclusion: {word}")
                }
                TlsObstacle::NoCipher(grade) => {
                    return vec![
                        warning(format!("{server}: error setting cipher grade: \"{grade}\"")),
                        warning(
                            "TLS library problem: error:0A0000B9:SSL routines::no cipher match:<SRC>:",
                        ),
                    ];
                }
            };
            warning(format!("{server}: {what}"))
        }
        TlsNotice::UnknownLogWord {
            parameter,
            word,
            text,
        } => warning(format!(
            "unknown {parameter} value \"{word}\" in \"{text}\""
        )),
        TlsNotice::NoProxy { service } => warning(format!(
            "connect to private/{service} service: No such file or directory"
        )),
        TlsNotice::NulInSubject { server } => warning(format!(
            "tls_text_name: {server}: NULL character in peer subject CN"
        )),
        TlsNotice::UnusableRecord { server, record } => {
            warning(format!("{server}: unusable TLSA RR: {record}"))
        }
        TlsNotice::NoUsableRecord { server, level } => {
            let what = match level {
                Level::HalfDane | Level::Dane => {
                    "all TLSA records unusable, fallback to unauthenticated TLS"
                }
                Level::DaneOnly => "all TLSA records unusable",
                Level::Fingerprint => "all fingerprints unusable",
                Level::None | Level::May | Level::Encrypt | Level::Verify | Level::Secure => {
                    "all trust anchors unusable"
                }
            };
            warning(format!("{server}: {what}"))
        }
        TlsNotice::BadMatchName { server, word } => {
            warning(format!("{server}: ignoring invalid match name: \"{word}\""))
        }
        TlsNotice::NoMatchNames { server } => {
            warning(format!("{server}: could not configure peer name checks"))
        }
    }]
}
