//! Every wait has a name, a limit and a source.

use std::time::Duration;

use crate::config::Timeouts;
use crate::event::Phase;

/// What is waited for. As in Postfix, the limit counts from the last time the server said anything
/// (`smtp_per_request_deadline = no`, the default).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Wait {
    /// For the greeting.
    Greeting,
    /// For the reply to EHLO.
    Ehlo,
    /// For the reply to HELO.
    Helo,
    /// For the reply to STARTTLS.
    StartTls,
    /// For the TLS handshake.
    Handshake,
    /// For a reply in a login.
    Auth,
    /// The same where STARTTLS was refused before.
    AuthWithoutTls,
    /// For the reply to MAIL.
    Mail,
    /// For a reply to RCPT.
    Rcpt,
    /// For the reply to DATA.
    Data,
    /// For the reply to the final dot.
    Dot,
    /// For the reply to RSET.
    Rset,
    /// For the reply to QUIT.
    Quit,
}

impl Wait {
    /// The limit, from the parameter that sets it.
    pub(crate) const fn limit(self, timeouts: &Timeouts) -> Duration {
        match self {
            // smtp_helo_timeout, 300 s; RFC 5321 §4.5.3.2.1 asks for at least 300 s for the greeting.
            // A login has the limit of what came before it (Postfix src/smtp/smtp_proto.c `smtp_helo`).
            Wait::Greeting | Wait::Ehlo | Wait::Helo | Wait::Auth => timeouts.helo,
            // smtp_starttls_timeout, 300 s; no RFC sets it.
            Wait::StartTls | Wait::Handshake | Wait::AuthWithoutTls => timeouts.starttls,
            // smtp_mail_timeout, 300 s; RFC 5321 §4.5.3.2.2.
            Wait::Mail => timeouts.mail,
            // smtp_rcpt_timeout, 300 s; RFC 5321 §4.5.3.2.3.
            Wait::Rcpt => timeouts.rcpt,
            // smtp_data_init_timeout, 120 s; RFC 5321 §4.5.3.2.4.
            Wait::Data => timeouts.data_init,
            // smtp_data_done_timeout, 600 s; RFC 5321 §4.5.3.2.6.
            Wait::Dot => timeouts.data_done,
            // smtp_rset_timeout, 20 s; no RFC sets it.
            Wait::Rset => timeouts.rset,
            // smtp_quit_timeout, 300 s; no RFC sets it.
            Wait::Quit => timeouts.quit,
        }
    }

    /// What is under way; a login goes by the name of what came before it.
    pub(crate) const fn phase(self) -> Phase {
        match self {
            Wait::Greeting => Phase::Greeting,
            Wait::Ehlo | Wait::Auth => Phase::Ehlo,
            Wait::Helo => Phase::Helo,
            Wait::StartTls | Wait::AuthWithoutTls => Phase::StartTls,
            Wait::Handshake => Phase::Handshake,
            Wait::Mail => Phase::Mail,
            Wait::Rcpt => Phase::Rcpt,
            Wait::Data => Phase::Data,
            Wait::Dot => Phase::EndOfData,
            Wait::Rset => Phase::Rset,
            Wait::Quit => Phase::Quit,
        }
    }
}
