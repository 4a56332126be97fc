//! Whether a domain wants reports of TLS: its policy record (RFC 8460 §3; src/smtp/smtp_tlsrpt.c).

use std::net::IpAddr;
use std::sync::Arc;

use super::destination::Destination;
use super::notices::notice;
use crate::config::ReportSettings;
use crate::connection::{Env, Mail, ReportTo};
use crate::dns::{Answer, Data, Kind, LookupFault, Question, ascii_name};
use crate::event::DestinationNotice;

/// What a record must begin with.
const VERSION: &str = "v=TLSRPTv1";

/// What is asked before anything else is looked up; nothing where no reports are made. `TLS-Required: no` turns off
/// what the recipient's side asks for, and this with it.
pub(super) fn question(destination: &Destination, mail: &Mail, env: &Env<'_>) -> Option<Question> {
    let tls = &env.settings.tls;
    tls.reports.as_ref()?;
    let is_address = destination.domain.parse::<IpAddr>().is_ok();
    if is_address || tls.asks.makes_optional(mail.asks) {
        return None;
    }
    let name = format!("_smtp._tls.{}", ascii_name(&destination.domain));
    Some(Question {
        name: name.into(),
        kind: Kind::Txt,
    })
}

/// Who wants reports: a domain with exactly one record that can be used.
pub(super) fn read(
    answer: &Answer,
    question: &Question,
    destination: &Destination,
    settings: &ReportSettings,
    env: &mut Env<'_>,
) -> Option<Arc<ReportTo>> {
    let domain = ascii_name(&destination.domain);
    let records = match &answer.found {
        Ok(records) => records,
        Err(LookupFault::NoSuchName | LookupFault::NoData) => return None,
        Err(fault) => {
            let failed = DestinationNotice::ReportLookupFailed {
                domain,
                question: question.clone(),
                fault: *fault,
            };
            notice(failed, env);
            return None;
        }
    };
    let mut found: Option<Arc<str>> = None;
    for data in records.data.iter() {
        let Data::Txt(bytes) = data else { continue };
        let text = String::from_utf8_lossy(bytes);
        let Some(rest) = text.strip_prefix(VERSION) else {
            continue;
        };
        if !rest.trim_start_matches([' ', '\t']).starts_with(';') {
            let (domain, record) = (domain.clone(), text.as_ref().into());
            notice(DestinationNotice::BadReportPolicy { domain, record }, env);
        } else if found.is_some() {
            notice(DestinationNotice::TooManyReportPolicies { domain }, env);
            return None;
        } else {
            found = Some(text.as_ref().into());
        }
    }
    found.map(|record| {
        Arc::new(ReportTo {
            domain,
            record,
            skip_resumed: settings.skip_resumed,
        })
    })
}
