//! A peer's behaviour on one connection, in the words of the simulator's peers.

use mta_sim::peer::{
    Cipher, ClientCertificate, Command, Fail, Forget, Moment, PeerSpec, PeerStore, Resume, Rule,
    Then, TlsSpec, TlsVersion, UnknownName,
};
use serde_json::Value;

use crate::case::{Behaviour, Tls};
use crate::reply;

/// The greeting's and EHLO's keywords where a case names none.
const KEYWORDS: [&str; 3] = ["PIPELINING", "8BITMIME", "STARTTLS"];

/// The usual replies, as the dataset's README gives them.
const USUAL: [(Command, &str); 10] = [
    (Command::Helo, "250 HOST"),
    (Command::Mail, "250 2.1.0 Ok"),
    (Command::Rcpt, "250 2.1.5 Ok"),
    (Command::Data, "354 End data with <CR><LF>.<CR><LF>"),
    (Command::Dot, "250 2.0.0 Ok: queued"),
    (Command::Rset, "250 2.0.0 Ok"),
    (Command::Noop, "250 2.0.0 Ok"),
    (Command::Quit, "221 2.0.0 Bye"),
    (Command::Starttls, "220 2.0.0 Ready to start TLS"),
    (Command::Auth, "235 2.7.0 Authentication successful"),
];

/// What the simulator's peer does.
///
/// # Errors
/// The word that no peer of the simulator has.
pub(crate) fn spec(behaviour: &Behaviour, host: &str) -> Result<PeerSpec, String> {
    let host = behaviour.host.as_deref().unwrap_or(host);
    let eol = behaviour.eol.as_deref().unwrap_or("\r\n");
    let mut spec = PeerSpec {
        tls: tls(behaviour.tls.as_ref().unwrap_or(&Tls::default()))?,
        ..PeerSpec::default()
    };
    spec.tls.implicit = behaviour.implicit_tls;
    spec.greeting = match &behaviour.greeting {
        Some(greeting) => one(reply::read(greeting, eol)?),
        None => reply::lines(&[&format!("220 {host} ESMTP")], eol),
    };
    for (command, text) in USUAL {
        let text = text.replace("HOST", host);
        spec.replies.insert(command, reply::lines(&[&text], eol));
    }
    spec.on = rules(behaviour, host, eol)?;
    Ok(spec)
}

fn one(replies: Vec<mta_sim::peer::Reply>) -> mta_sim::peer::Reply {
    replies.into_iter().next().unwrap_or_default()
}

fn rules(behaviour: &Behaviour, host: &str, eol: &str) -> Result<Vec<Rule>, String> {
    let mut on = Vec::new();
    match behaviour.accept.as_deref() {
        None => {}
        Some("close") => on.push(Rule::moment(Moment::Greeting).then(Then::Close)),
        Some("rst") => on.push(Rule::moment(Moment::Greeting).then(Then::Reset)),
        Some("stall") => on.push(Rule::moment(Moment::Greeting).then(Then::Stall)),
        Some(word) => return Err(format!("accept \"{word}\"")),
    }
    if let Some(extra) = &behaviour.greeting_after_tls {
        on.push(Rule::moment(Moment::AfterHandshake).send(one(reply::read(extra, eol)?)));
    }
    for (verb, value) in &behaviour.replies_tls {
        on_verb(verb, value, eol, Some(true), &mut on)?;
    }
    for (verb, value) in behaviour.replies.iter().filter(|(verb, _)| *verb != "*") {
        on_verb(verb, value, eol, None, &mut on)?;
    }
    if let Some(starttls) = &behaviour.starttls {
        on.push(Rule::command(Command::Starttls).send(one(reply::read(starttls, eol)?)));
    }
    let name = behaviour.ehlo_name.as_deref().unwrap_or(host);
    let plain = match &behaviour.ehlo {
        Some(value) => ehlo(value, name, eol)?,
        None => announce(&KEYWORDS, name, eol),
    };
    let inside = match (&behaviour.ehlo_tls, &behaviour.ehlo) {
        (Some(value), _) => ehlo(value, name, eol)?,
        (None, Some(Value::Array(list))) => {
            let keywords: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
            announce(&without_starttls(&keywords), name, eol)
        }
        (None, Some(value)) => ehlo(value, name, eol)?,
        (None, None) => announce(&without_starttls(&KEYWORDS), name, eol),
    };
    on.push(Rule::command(Command::Ehlo).in_tls(true).send(inside));
    on.push(Rule::command(Command::Ehlo).in_tls(false).send(plain));
    if let Some(value) = behaviour.replies.get("*") {
        for command in Command::ALL {
            let reply = one(reply::read(value, eol)?);
            on.push(Rule::command(command).send(reply));
        }
    }
    Ok(on)
}

fn without_starttls<'a>(keywords: &[&'a str]) -> Vec<&'a str> {
    let mut keywords = keywords.to_vec();
    keywords.retain(|keyword| *keyword != "STARTTLS");
    keywords
}

fn ehlo(value: &Value, name: &str, eol: &str) -> Result<mta_sim::peer::Reply, String> {
    if let Value::Array(list) = value {
        let keywords: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
        return Ok(announce(&keywords, name, eol));
    }
    Ok(one(reply::read(value, eol)?))
}

/// The answer to EHLO, RFC 5321 §4.1.1.1.
fn announce(keywords: &[&str], name: &str, eol: &str) -> mta_sim::peer::Reply {
    let mut words = vec![name];
    words.extend(keywords);
    let last = words.len() - 1;
    let lines: Vec<String> = words
        .iter()
        .enumerate()
        .map(|(place, word)| format!("250{}{word}", if place == last { ' ' } else { '-' }))
        .collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    reply::lines(&lines, eol)
}

fn on_verb(
    verb: &str,
    value: &Value,
    eol: &str,
    in_tls: Option<bool>,
    on: &mut Vec<Rule>,
) -> Result<(), String> {
    let command = match verb {
        "DOT" => Command::Dot,
        verb => Command::of_line(verb.as_bytes()),
    };
    if command == Command::Other && verb != "*" {
        return Err(format!("a reply to {verb}"));
    }
    let replies = reply::read(value, eol)?;
    let last = replies.len();
    for (place, reply) in (1..).zip(replies) {
        let mut rule = Rule::command(command).send(reply);
        rule.when.in_tls = in_tls;
        if place < last {
            rule.when.nth = u32::try_from(place).ok();
        }
        on.push(rule);
    }
    Ok(())
}

fn tls(tls: &Tls) -> Result<TlsSpec, String> {
    let mut spec = TlsSpec {
        versions: versions(tls)?,
        ciphers: ciphers(tls.ciphers.as_deref()),
        // OpenSSL sends one ticket behind a resumed handshake (SSL_CTX_set_num_tickets(3)).
        tickets_on_resume: Some(1),
        ticket_keys: Some(ticket_keys(tls)),
        // Such a peer hands out session ids, and never resumes by one.
        session_store: PeerStore::FirstTicket,
        ..TlsSpec::default()
    };
    match &tls.tickets {
        None => {}
        Some(Value::Number(number)) => {
            let number = number.as_u64().and_then(|number| u8::try_from(number).ok());
            spec.tickets = number.ok_or("that many tickets")?;
            spec.tickets_on_resume = Some(spec.tickets.min(1));
        }
        Some(Value::String(word)) => match word.as_str() {
            "stable" => {}
            "rotate" => spec.forget_tickets = Forget::EveryConnection,
            "none" => (spec.tickets, spec.resume) = (0, Resume::SessionId),
            "session-id" => spec.resume = Resume::SessionId,
            word => return Err(format!("tickets \"{word}\"")),
        },
        Some(other) => return Err(format!("tickets {other}")),
    }
    spec.client_certificate = match tls.client_cert.as_deref() {
        None => ClientCertificate::Ignored,
        Some("request") => ClientCertificate::Requested,
        Some("require") => ClientCertificate::Required,
        Some(word) => return Err(format!("client_cert \"{word}\"")),
    };
    spec.unknown_name = match tls.sni_unknown.as_deref() {
        None => UnknownName::UsualCertificate,
        Some("alert") => UnknownName::Refused,
        Some(word) => return Err(format!("sni_unknown \"{word}\"")),
    };
    spec.fail = match tls.fail.as_deref() {
        Some(word) => Some(fail(word)?),
        None if is_beyond_the_engine(tls) => Some(fail("alert:handshake_failure")?),
        None if speaks_only_old_versions(tls) => Some(fail("alert:protocol_version")?),
        None => None,
    };
    Ok(spec)
}

/// Handshakes with the same settings have the same keys, whatever else goes wrong with them.
fn ticket_keys(tls: &Tls) -> String {
    match &tls.ctx_key {
        Some(key) => format!("shared {key}"),
        None => {
            let settings = Tls {
                fail: None,
                ..tls.clone()
            };
            format!("{settings:?}")
        }
    }
}

/// A peer has nothing in common with a client that the engine can play: it shows no certificate, or its only suites
/// are others. Such a server answers with handshake_failure (RFC 5246 §7.2.2).
fn is_beyond_the_engine(tls: &Tls) -> bool {
    let foreign =
        |list: &str| !list.starts_with("ALL") && list != "DEFAULT" && ciphers(Some(list)).is_none();
    tls.chain.is_empty() || tls.ciphers.as_deref().is_some_and(foreign)
}

/// RFC 8446 §4.2.1: a server that has none of the versions offered says protocol_version.
fn speaks_only_old_versions(tls: &Tls) -> bool {
    matches!(tls.max.as_deref(), Some("SSLv3" | "TLSv1" | "TLSv1.1"))
}

fn fail(word: &str) -> Result<Fail, String> {
    let word = match word.split_once(':') {
        Some((kind, name)) => format!("{}:{name}", kind.replace('_', "-")),
        None => word.replace('_', "-").replace("rst-", "reset-"),
    };
    word.parse()
}

/// The versions that the engine has of those from `min` to `max`; both, if it has none of them.
fn versions(tls: &Tls) -> Result<Vec<TlsVersion>, String> {
    let number = |name: Option<&str>, default| match name {
        None => Ok(default),
        Some("SSLv3") => Ok(0),
        Some("TLSv1") => Ok(1),
        Some("TLSv1.1") => Ok(2),
        Some("TLSv1.2") => Ok(3),
        Some("TLSv1.3") => Ok(4),
        Some(name) => Err(format!("version \"{name}\"")),
    };
    let (min, max) = (
        number(tls.min.as_deref(), 1)?,
        number(tls.max.as_deref(), 4)?,
    );
    let mut versions = Vec::new();
    if min <= 3 && 3 <= max {
        versions.push(TlsVersion::Tls12);
    }
    if max == 4 {
        versions.push(TlsVersion::Tls13);
    }
    if versions.is_empty() {
        versions = vec![TlsVersion::Tls12, TlsVersion::Tls13];
    }
    Ok(versions)
}

/// The suites of a list of OpenSSL's names, if the engine has any of them.
fn ciphers(list: Option<&str>) -> Option<Vec<Cipher>> {
    let known: Vec<Cipher> = list?
        .split([':', ' ', ','])
        .filter_map(|name| {
            Some(match name {
                "ECDHE-ECDSA-AES128-GCM-SHA256" => Cipher::EcdheEcdsaAes128GcmSha256,
                "ECDHE-ECDSA-AES256-GCM-SHA384" => Cipher::EcdheEcdsaAes256GcmSha384,
                "ECDHE-ECDSA-CHACHA20-POLY1305" => Cipher::EcdheEcdsaChacha20Poly1305Sha256,
                "ECDHE-RSA-AES128-GCM-SHA256" => Cipher::EcdheRsaAes128GcmSha256,
                "ECDHE-RSA-AES256-GCM-SHA384" => Cipher::EcdheRsaAes256GcmSha384,
                "ECDHE-RSA-CHACHA20-POLY1305" => Cipher::EcdheRsaChacha20Poly1305Sha256,
                _ => return None,
            })
        })
        .collect();
    if known.is_empty() {
        return None;
    }
    // A list of OpenSSL's says nothing about TLS 1.3.
    let mut all = vec![
        Cipher::TlsAes256GcmSha384,
        Cipher::TlsChacha20Poly1305Sha256,
        Cipher::TlsAes128GcmSha256,
    ];
    all.extend(known);
    Some(all)
}
