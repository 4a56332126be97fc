//! Why a delivery went as it did, in the words of delivery lines and bounces (src/smtp/smtp_trouble.c, smtp_proto.c,
//! smtp_connect.c, smtp_addr.c, smtp_tls_policy.c; src/dns/dns_lookup.c).

use super::sasl;
use crate::dns::{LookupFault, Question};
use crate::event::{Gap, Phase, Reason, RepliedTo, RequireTlsReason};

/// A reason in Postfix's words.
pub fn reason(reason: &Reason) -> String {
    match reason {
        Reason::Taken(text) | Reason::Given(text) => text.to_string(),
        Reason::Refused {
            server,
            reply,
            to,
            is_refusal,
        } => {
            let prefix = if *is_refusal { "" } else { "Protocol error: " };
            let to = match to {
                RepliedTo::Mail => "MAIL FROM",
                RepliedTo::Rcpt => "RCPT TO",
                RepliedTo::Data => "DATA",
                RepliedTo::EndOfData => "end of DATA",
            };
            let server = server.without_port();
            format!("{prefix}host {server} said: {reply} (in reply to {to} command)")
        }
        Reason::RefusedToTalk { server, reply } => format!(
            "host {} refused to talk to me: {reply}",
            server.without_port()
        ),
        Reason::TimedOut { server, phase } => format!(
            "conversation with {} timed out while {}",
            server.without_port(),
            under_way(*phase)
        ),
        Reason::Lost { server, phase } => format!(
            "lost connection with {} while {}",
            server.without_port(),
            under_way(*phase)
        ),
        Reason::NotConnected { server, fault } => format!("connect to {server}: {fault}"),
        // It is never logged.
        Reason::Stale => "cached connection is no longer good".to_owned(),
        Reason::TlsNotOffered { server } => format!(
            "TLS is required, but was not offered by host {}",
            server.without_port()
        ),
        Reason::TlsRefused { server, reply } => format!(
            "TLS is required, but host {} refused to start TLS: {reply}",
            server.without_port()
        ),
        Reason::TlsRequired => "TLS is required".to_owned(),
        Reason::NoEngine => "TLS is required, but our TLS engine is unavailable".to_owned(),
        Reason::Handshake => "Cannot start TLS: handshake failure".to_owned(),
        Reason::NotVerified => "Server certificate not verified".to_owned(),
        Reason::NoSmtputf8 {
            server,
            is_last: false,
        } => format!(
            "SMTPUTF8 is required, but was not offered by host {}",
            server.without_port()
        ),
        Reason::NoSmtputf8 {
            server,
            is_last: true,
        } => format!(
            "message requires SMTPUTF8, but no server was found that supports SMTPUTF8. \
             The last attempted server was {}",
            server.without_port()
        ),
        Reason::TooLarge {
            server,
            size,
            limit,
        } => format!(
            "message size {size} exceeds size limit {limit} of server {}",
            server.without_port()
        ),
        Reason::LoopsBack { destination } => {
            format!("mail for {destination} loops back to myself")
        }
        Reason::NoPrimaryRelay { domain } => {
            format!("unable to find primary relay for {domain}")
        }
        Reason::NameNotFound { question, fault } => name_not_found(question, *fault),
        Reason::NullMx { domain } => format!("Domain {domain} does not accept mail (nullMX)"),
        Reason::NoServer => "server unavailable or unable to receive mail".to_owned(),
        Reason::BadDestination(text) => format!("bad destination: {text}"),
        Reason::TlsPolicy => "client TLS configuration problem".to_owned(),
        Reason::NoAnswer => "Temporary lookup error".to_owned(),
        Reason::NotSigned => "non DNSSEC destination".to_owned(),
        Reason::NoTlsaRecords => "no TLSA records found".to_owned(),
        Reason::UnusableTlsaRecords => "TLSA records unusable".to_owned(),
        Reason::TlsaLookupFailed { host, port } => {
            format!("TLSA lookup error for {host}:{port}")
        }
        Reason::RequireTls(why) => require_tls(why),
        Reason::Login(why) => sasl::reason(why),
        Reason::LocalDataError { server } => {
            format!(
                "local data error while talking to {}",
                server.without_port()
            )
        }
        Reason::NoRoute => "address resolver failure".to_owned(),
        Reason::NoService => "mail transport unavailable".to_owned(),
        Reason::AgentDied => "unknown mail transport error".to_owned(),
    }
}

/// A look-up that found nothing.
pub(super) fn name_not_found(question: &Question, fault: LookupFault) -> String {
    let words = match fault {
        LookupFault::NoSuchName => "Host not found",
        LookupFault::NoData => "Host found but no data record of requested type",
        LookupFault::ServerFailure | LookupFault::Timeout | LookupFault::Malformed => {
            "Host not found, try again"
        }
        LookupFault::Refused => "Non-recoverable error",
    };
    let Question { name, kind } = question;
    format!(
        "Host or domain name not found. Name service error for name={name} type={kind}: {words}"
    )
}

const fn under_way(phase: Phase) -> &'static str {
    match phase {
        Phase::Greeting => "receiving the initial server greeting",
        Phase::Ehlo => "performing the EHLO handshake",
        Phase::Helo => "performing the HELO handshake",
        Phase::StartTls => "receiving the STARTTLS response",
        Phase::Handshake => "performing the TLS handshake",
        Phase::Mail => "sending MAIL FROM",
        Phase::Rcpt => "sending RCPT TO",
        Phase::Data => "sending DATA command",
        Phase::EndOfData => "sending end of data -- message may be sent more than once",
        Phase::Rset => "sending final RSET",
        Phase::Quit => "sending QUIT command",
    }
}

fn require_tls(why: &RequireTlsReason) -> String {
    match why {
        RequireTlsReason::BadPolicy { host } => {
            format!("REQUIRETLS policy configuration error. The last attempted server was {host}")
        }
        RequireTlsReason::Level { level, gap, host } => {
            let what = match gap {
                Gap::Encryption => "encryption",
                Gap::None | Gap::Keyword | Gap::Certificate | Gap::StartTls => {
                    "certificate matching"
                }
            };
            format!(
                "Sender requested REQUIRETLS, but my configured TLS security level '{level}' disables {what}. \
                 The last attempted server was {host}"
            )
        }
        RequireTlsReason::NotOffered { server } => format!(
            "Sender requested REQUIRETLS, but no server was found that supports REQUIRETLS. \
             The last attempted server was {}",
            server.without_port()
        ),
        RequireTlsReason::NoTls { server } => format!(
            "Sender requested REQUIRETLS, but TLS service was not offered by host {}",
            server.without_port()
        ),
        RequireTlsReason::TlsRefused { server, reply } => format!(
            "Sender requested REQUIRETLS, but host {} refused to start TLS: {reply}",
            server.without_port()
        ),
        RequireTlsReason::NotVerified { server, is_trusted } => {
            let what = if *is_trusted { "matching" } else { "trusted" };
            format!(
                "Sender requested REQUIRETLS, but no {what} server certificate was found. \
                 The last attempted server was {}",
                server.without_port()
            )
        }
    }
}
