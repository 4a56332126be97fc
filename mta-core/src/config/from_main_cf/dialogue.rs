//! How SMTP is spoken, and how long is waited.

use super::limit::limit;
use super::sasl::sasl;
use crate::config::pix::PixWorkarounds;
use crate::config::problem::clip;
use crate::config::reader::Reader;
use crate::config::settings::{DialogueSettings, Timeouts};
use crate::config::value::{Refusal, nearest};
use crate::event::{Assignment, ConfigNotice, WordWeight};
use crate::smtp::Keywords;

pub(super) fn dialogue(reader: &mut Reader<'_>) -> DialogueSettings {
    DialogueSettings {
        skip_5xx_greeting: reader.yes_or_no("smtp_skip_5xx_greeting"),
        skip_quit_response: reader.yes_or_no("smtp_skip_quit_response"),
        always_send_ehlo: reader.yes_or_no("smtp_always_send_ehlo"),
        never_send_ehlo: reader.yes_or_no("smtp_never_send_ehlo"),
        discard_ehlo_keywords: Keywords::parse(&reader.text("smtp_discard_ehlo_keywords")),
        discard_ehlo_keyword_maps: reader.tables("smtp_discard_ehlo_keyword_address_maps"),
        pix_workarounds: pix_workarounds(reader),
        per_request_deadline: reader
            .with_default_of("smtp_per_record_deadline")
            .yes_or_no("smtp_per_request_deadline"),
        sasl: sasl(reader),
        line_length_limit: limit(reader.number("smtp_line_length_limit")),
        reply_length_limit: reader.number("line_length_limit").unsigned_abs(),
    }
}

fn pix_workarounds(reader: &mut Reader<'_>) -> PixWorkarounds {
    reader.parsed("smtp_pix_workarounds", PixWorkarounds::default(), |text| {
        PixWorkarounds::parse(text).map_err(|word| Refusal {
            what: format!("unknown word \"{}\"", clip(&word)),
            nearest: nearest(&word.to_ascii_lowercase(), PixWorkarounds::WORDS),
            notice: ConfigNotice::UnknownWord {
                set: Assignment::of("smtp_pix_workarounds", text),
                word: word.into(),
                weight: WordWeight::Fatal,
            },
        })
    })
}

pub(super) fn timeouts(reader: &mut Reader<'_>) -> Timeouts {
    Timeouts {
        connect: Some(reader.time("smtp_connect_timeout")).filter(|limit| !limit.is_zero()),
        helo: reader.time("smtp_helo_timeout"),
        starttls: reader.time("smtp_starttls_timeout"),
        mail: reader.time("smtp_mail_timeout"),
        rcpt: reader.time("smtp_rcpt_timeout"),
        data_init: reader.time("smtp_data_init_timeout"),
        data_xfer: reader.time("smtp_data_xfer_timeout"),
        data_done: reader.time("smtp_data_done_timeout"),
        rset: reader.time("smtp_rset_timeout"),
        quit: reader.time("smtp_quit_timeout"),
    }
}
