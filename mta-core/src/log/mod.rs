//! Events as Postfix's log lines, for a release and a `smtp_tls_loglevel`.
//!
//! A view: nothing here decides anything. A [`Log`] keeps in mind with which configuration processes started; but for
//! that, one event gives its lines whatever came before it. The lines of smtp(8) are all here, those of qmgr(8) only
//! where a message ends.
//!
//! What a simulator cannot know or does not have:
//! * OpenSSL's source positions: they are printed as `<SRC>`.
//! * Process ids and the place of Postfix's programs: they are printed as `<P>` and `$daemon_directory`.
//! * The hex dumps of `ssl-handshake-packet-dump` and `ssl-session-packet-dump`, and `trace`: no lines.
//! * Where exactly a handshake broke, beyond whether the server had chosen a version: OpenSSL's states end there.

mod by_server;
mod certificate;
mod credentials;
mod delay;
mod delivery;
mod engine;
mod failure;
mod line;
mod notice;
mod openssl;
mod process;
mod reason;
mod record;
mod reply;
mod report;
mod sasl;
mod session;
mod steps;
mod style;
mod summary;
#[cfg(test)]
mod tests;

use crate::event::{Event, ProxyEvent, What};

pub use by_server::ByServer;
pub use engine::engine_reason;
pub use line::LogLine;
use line::Page;
#[cfg(test)]
pub(crate) use notice::said;
pub use notice::{Sentence, Severity, sentences};
pub use process::Log;
pub use reason::reason;
pub use style::LogStyle;

/// The lines that Postfix logs for an event, in order; none for most events.
pub fn lines(event: &Event, style: &LogStyle) -> Vec<LogLine> {
    let mut page = Page::of(style);
    page.service.clone_from(&event.service);
    if let Some(server) = by_server::in_handshake(&event.what) {
        page.mask = style.mask_for(server);
    }
    write(&event.what, event.queue_id.as_deref(), &mut page);
    page.lines
}

fn write(what: &What, queue_id: Option<&str>, page: &mut Page) {
    match what {
        What::Recipient(outcome) => delivery::recipient(queue_id, outcome, page),
        What::ServerFailed { reason, .. } => delivery::server_failed(queue_id, reason, page),
        What::Expired { sender, .. } => delivery::expired(queue_id, sender, page),
        What::ConnectFailed { server, fault } => {
            page.smtp(format_args!("connect to {server}: {fault}"));
        }
        What::TlsaRecord { name, record } => record::seen(name.as_deref(), record, page),
        What::Noticed { by, notice } => notice::lines(*by, notice, queue_id, page),
        What::Report(about) => report::report(about, page),
        What::OddReply {
            server,
            note,
            pipelining,
        } => reply::odd(queue_id, server, note, *pipelining, page),
        What::HandshakeStarted {
            server,
            sni,
            cipher_list,
        } => steps::started(&server.folded(), sni.as_deref(), cipher_list, page),
        What::HandshakeWalk {
            server,
            protocol,
            resumed,
            steps,
        } => steps::walk(&server.folded(), *protocol, *resumed, steps, page),
        What::HandshakeFailed {
            server,
            fault,
            protocol,
        } => failure::failed(&server.folded(), fault, *protocol, page),
        What::TlsBroken { fault, .. } => failure::broke(fault, page),
        What::Session { server, event } => session::event(&server.folded(), event, page),
        What::Unverified {
            server,
            level,
            reason,
            resumed,
        } => certificate::unverified(&server.folded(), *level, reason.as_ref(), *resumed, page),
        What::CertificateSeen { server, names } => certificate::seen(&server.folded(), names, page),
        What::TlsEstablished { server, summary } => {
            summary::established(&server.folded(), summary, page);
        }
        What::TlsReused { server, summary } => {
            summary::reused(&server.folded(), summary, page);
        }
        What::Proxied(what) => {
            page.proxied = true;
            write(what, queue_id, page);
            page.proxied = false;
        }
        What::Proxy { server, event } => {
            let what = match event {
                ProxyEvent::Connected => "CONNECT to ",
                ProxyEvent::Disconnected => "DISCONNECT ",
            };
            page.daemon("tlsproxy", format_args!("{what}{}", server.endpoint()));
        }
        // A log as a whole knows what they found: see `Log`.
        What::Started { .. }
        | What::CannotStart { .. }
        | What::Queued { .. }
        | What::Elsewhere { .. }
        | What::Activated { .. }
        | What::RetryAt { .. }
        | What::Asked(_)
        | What::Answered { .. }
        | What::Servers(_)
        | What::Policy { .. }
        | What::Connecting(_)
        | What::Connected(_)
        | What::Command { .. }
        | What::Reply { .. }
        | What::Decided { .. }
        | What::Closed { .. } => {}
    }
}
