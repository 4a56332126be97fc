//! About what servers said (src/smtp/smtp_proto.c).

use super::super::sasl;
use super::sentence::{Sentence, info, warning};
use crate::event::{DialogueNotice, OwnName};

pub(super) fn sentences(notice: &DialogueNotice) -> Vec<Sentence> {
    vec![match notice {
        DialogueNotice::LoginFailed { fault, mechanism } => {
            return sasl::sentences(*fault, *mechanism);
        }
        DialogueNotice::NoMechanisms { server } => {
            warning(format!("{server} offered null AUTH mechanism list"))
        }
        DialogueNotice::MechanismsFiltered { server, mechanisms } => warning(format!(
            "{server} offered no supported AUTH mechanisms: '{mechanisms}'"
        )),
        DialogueNotice::PasswordLookupFailed { queue_id } => {
            warning(format!("{queue_id}: smtp_sasl_password_maps lookup error"))
        }
        DialogueNotice::PixWorkarounds {
            workarounds,
            server,
        } => info(format!(
            "enabling PIX workarounds: {workarounds} for {server}"
        )),
        DialogueNotice::OwnName { server, said, name } => {
            let did = match said {
                OwnName::Greeting => "greeted me",
                OwnName::Hello => "replied to HELO/EHLO",
            };
            warning(format!("host {server} {did} with my own hostname {name}"))
        }
        DialogueNotice::StartTlsOffered { host } => {
            info(format!("Host offered STARTTLS: [{host}]"))
        }
        DialogueNotice::KeywordsDiscarded { keywords } => {
            info(format!("discarding EHLO keywords: {keywords}"))
        }
        DialogueNotice::OddSize { word, server } => {
            warning(format!("bad EHLO SIZE limit \"{word}\" from {server}"))
        }
        DialogueNotice::Utf8WithoutEightBit { server } => info(format!(
            "host {} offers SMTPUTF8 support, but not 8BITMIME",
            server.without_port()
        )),
        DialogueNotice::RequireTlsNotOffered { server } => info(format!(
            "Sender requested REQUIRETLS, but REQUIRETLS support was not offered by host {}",
            server.without_port()
        )),
    }]
}
