//! What a peer says when its file does not say otherwise. The words are those of Postfix's smtpd(8).

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use super::script::Script;
use crate::peer::spec::{Command, EhloSpec, Reply, Rule};

/// Replies that depend on the state of the dialogue, not on the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fixed {
    NeedMail,
    NestedMail,
    NoRecipients,
    TlsActive,
    NotImplemented,
    NoParameters,
    LineTooLong,
    TooManyErrors,
    TooManyRecipients,
    TooBig,
    LoginNeeded,
    LoggedIn,
    LoginRefused,
    LoginAborted,
    LoginMalformed,
    LoginTooLong,
    NoSuchMechanism,
    LoggedInBefore,
}

/// In the order of [`Fixed`].
const FIXED: [&str; 18] = [
    "503 5.5.1 Error: need MAIL command",
    "503 5.5.1 Error: nested MAIL command",
    "554 5.5.1 Error: no valid recipients",
    "554 5.5.1 Error: TLS already active",
    "502 5.5.2 Error: command not recognized",
    "501 5.5.4 Syntax error in parameters",
    "500 5.5.2 Error: line too long",
    "421 4.7.0 {host} Error: too many errors",
    "452 4.5.3 Error: too many recipients",
    "552 5.3.4 Error: message file too big",
    "530 5.7.0 Authentication required",
    "235 2.7.0 Authentication successful",
    "535 5.7.8 Error: authentication failed: authentication failure",
    "501 5.7.0 Authentication aborted",
    "501 5.5.2 Error: malformed authentication response",
    "500 5.5.6 Error: authentication response too long",
    "535 5.7.8 Error: authentication failed: Invalid authentication mechanism",
    "503 5.5.1 Error: already authenticated",
];

/// The usual reply to a command; that to EHLO is put together from its keywords.
fn reply(command: Command) -> &'static str {
    match command {
        Command::Ehlo | Command::Helo => "250 {host}",
        Command::Mail => "250 2.1.0 Ok",
        Command::Rcpt => "250 2.1.5 Ok",
        Command::Data => "354 End data with <CR><LF>.<CR><LF>",
        Command::Dot => "250 2.0.0 Ok: queued",
        Command::Bdat | Command::Rset | Command::Noop => "250 2.0.0 Ok",
        Command::Vrfy => "252 2.0.0 Cannot VRFY user, but will accept message and attempt delivery",
        Command::Quit => "221 2.0.0 Bye",
        Command::Starttls => "220 2.0.0 Ready to start TLS",
        Command::Auth => "503 5.5.1 Error: authentication not enabled",
        Command::Other => "502 5.5.2 Error: command not recognized",
    }
}

/// The reply to each command, in the order of [`Command::ALL`].
pub(super) fn replies(own: &BTreeMap<Command, Reply>) -> Vec<Arc<Script>> {
    let script = |(command, usual): (Command, &Arc<Script>)| match own.get(&command) {
        Some(reply) => Arc::new(Script::of(reply)),
        None => Arc::clone(usual),
    };
    Command::ALL
        .into_iter()
        .zip(&*REPLIES)
        .map(script)
        .collect()
}

pub(super) fn fixed(fixed: Fixed) -> Option<&'static Script> {
    FIXED_REPLIES.get(fixed as usize)
}

static REPLIES: LazyLock<Vec<Arc<Script>>> = LazyLock::new(|| {
    let scripts = Command::ALL.map(|command| Arc::new(Script::of(&Reply::from(reply(command)))));
    scripts.into()
});
static FIXED_REPLIES: LazyLock<Vec<Script>> =
    LazyLock::new(|| FIXED.map(|text| Script::of(&Reply::from(text))).into());

/// The answer to EHLO: a name and text, then a keyword a line (RFC 5321 §4.1.1.1).
pub(super) fn ehlo(spec: &EhloSpec, in_tls: bool) -> Script {
    Script::of(&ehlo_reply(spec, in_tls))
}

fn ehlo_reply(spec: &EhloSpec, in_tls: bool) -> Reply {
    let blank = if spec.text.is_empty() { "" } else { " " };
    let name = spec.name.as_deref().unwrap_or("{host}");
    let mut lines = vec![format!("{name}{blank}{}", spec.text)];
    lines.extend(spec.announced(in_tls).into_iter().map(str::to_owned));
    let last = lines.len() - 1;
    let text: String = lines
        .iter()
        .enumerate()
        .map(|(number, line)| format!("250{}{line}\r\n", if number == last { ' ' } else { '-' }))
        .collect();
    Reply::from(text.as_str())
}

/// What a rule sends; none if it only delays the usual reply.
pub(super) fn of_rule(rule: &Rule, spec: &EhloSpec, in_tls: bool) -> Option<Script> {
    if rule.changes_keywords() {
        let usual = ehlo_reply(&spec.changed(rule), in_tls);
        let reply = match rule.then {
            Some(then) => usual.then(then),
            None => usual,
        };
        return Some(Script::of(&reply));
    }
    let reply = match (&rule.send, rule.then) {
        (None, None) => return None,
        (None, Some(then)) => Reply::silent(then),
        (Some(reply), None) => reply.clone(),
        (Some(reply), Some(then)) => reply.clone().then(then),
    };
    Some(Script::of(&reply))
}
