//! The table of moves, written out: every state, every kind of input, what is said and decided, what comes next.
//!
//! The snapshot beside this file is the table; a change of behaviour is a changed line in it.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use super::{Attempt, Connection, End, Env, Input, Mail, Proxy, Recipients, Reuse};
use crate::config::{Files, Host, MainCf, Release, Settings};
use crate::event::{Detail, Purpose, Server, What};
use crate::outbox::{Outbox, Output};
use crate::policy::{Asks, Level, Policy, RequireTls};
use crate::policy_table::Tables;
use crate::sasl::Failures;
use crate::smtp::Body;
use crate::time::{Now, Time};
use crate::tls::{Engine, Material, SessionCache, TermsKnown};

/// The way into each state, as replies; and the levels at which it is looked at.
const STATES: [(&str, &[&str], &[Level]); 16] = [
    ("", &[], &[Level::None, Level::May, Level::Encrypt]),
    (
        "",
        &["220 mx ESMTP"],
        &[Level::None, Level::May, Level::Encrypt],
    ),
    (
        "",
        &["220 mx ESMTP", "502 what?"],
        &[Level::May, Level::Encrypt],
    ),
    (
        "",
        &["220 mx ESMTP", OFFERS_TLS],
        &[Level::May, Level::Encrypt],
    ),
    (
        "",
        &["220 mx ESMTP", OFFERS_TLS, "220 go ahead"],
        &[Level::May, Level::Encrypt],
    ),
    ("", &["220 mx ESMTP", "250 mx"], &[Level::May]),
    ("pipelined", &["220 mx ESMTP", PIPELINES], &[Level::May]),
    ("", &["220 mx ESMTP", "250 mx", "250 ok"], &[Level::May]),
    (
        "",
        &["220 mx ESMTP", "250 mx", "250 ok", "250 ok"],
        &[Level::May],
    ),
    (
        "pipelined, no recipient left",
        &["220 mx ESMTP", PIPELINES, "250 ok", "550 no"],
        &[Level::May],
    ),
    (
        "",
        &["220 mx ESMTP", "250 mx", "250 ok", "250 ok", "354 go"],
        &[Level::May],
    ),
    ("", &["220 mx ESMTP", "250 mx", "550 no"], &[Level::May]),
    ("with a password", &["220 mx ESMTP"], &[Level::None]),
    (
        "with a password",
        &["220 mx ESMTP", "250-mx\r\n250 AUTH PLAIN"],
        &[Level::None],
    ),
    (
        "with a password, CRAM-MD5",
        &["220 mx ESMTP", "250-mx\r\n250 AUTH CRAM-MD5"],
        &[Level::None],
    ),
    (
        "with a password, SCRAM",
        &["220 mx ESMTP", "250-mx\r\n250 AUTH SCRAM-SHA-1"],
        &[Level::None],
    ),
];

const OFFERS_TLS: &str = "250-mx\r\n250 STARTTLS";
const PIPELINES: &str = "250-mx\r\n250 PIPELINING";

/// What may come: a reply, or something else that happens.
const INPUTS: [(&str, &str); 14] = [
    ("220", "220 mx ESMTP"),
    ("250", "250 ok"),
    ("250 STARTTLS", OFFERS_TLS),
    ("250 SIZE too small", "250-mx\r\n250 SIZE 10"),
    ("354", "354 go"),
    ("421", "421 4.3.2 closing"),
    ("454", "454 4.7.0 later"),
    ("502", "502 5.5.1 what?"),
    ("550", "550 5.7.1 no"),
    ("600", "600 odd"),
    ("no reply", "garbage"),
    ("closed", ""),
    ("reset", ""),
    ("timeout", ""),
];

/// What may come where the client has a password, besides.
const LOGIN_INPUTS: [(&str, &str); 8] = [
    ("250 AUTH PLAIN", "250-mx\r\n250 AUTH PLAIN"),
    ("250 AUTH LOGIN", "250-mx\r\n250 AUTH LOGIN"),
    ("250 AUTH", "250-mx\r\n250 AUTH"),
    ("235", "235 2.7.0 welcome"),
    ("334", "334 "),
    ("334 a challenge", "334 PDE+"),
    ("334 odd", "334 ???"),
    ("535", "535 5.7.8 no"),
];

struct Stage {
    connection: Connection,
    mail: Mail,
    settings: Settings,
    tables: Tables,
    engine: Arc<Engine>,
    sessions: SessionCache,
}

const PASSWORD: &str = "
smtp_sasl_auth_enable = yes
smtp_sasl_password_maps = static:user:secret
smtp_sasl_mechanism_filter = plain, cram-md5, scram-sha-1
smtp_sasl_security_options = noanonymous
";

impl Stage {
    fn at(level: Level, way: &[&str], has_password: bool) -> Self {
        let main_cf = if has_password { PASSWORD } else { "" };
        let main_cf = MainCf::parse("main.cf", main_cf);
        let (mut settings, _) =
            Settings::from_main_cf(&main_cf, Release::V3_7, &Host::default()).unwrap();
        settings.tls.level = level;
        let tables = Tables::load(&settings, &mut |_| None).unwrap();
        let engine = engine();
        let sessions = SessionCache::new();
        let mut out = Outbox::default();
        let env = Env {
            now: Now::default(),
            service: &"smtp".into(),
            settings: &settings,
            engine: Some(&engine),
            sessions: &sessions,
            tables: &tables,
            proxy: &mut Proxy::new(settings.process),
            files: &Files::default(),
            terms: &mut TermsKnown::default(),
            refused: &mut Failures::default(),
            draw: &mut |_| 0,
            out: &mut out,
        };
        let server = Arc::new(Server {
            host: "mx".into(),
            address: "192.0.2.1:25".parse().unwrap(),
        });
        let connection = Connection::opened(
            0,
            server,
            "example.test".into(),
            Arc::new(Policy::of(level)),
            None,
            &env,
        );
        let mut stage = Stage {
            connection,
            mail: mail(level),
            settings,
            tables,
            engine,
            sessions,
        };
        for reply in way {
            let (end, _) = stage.feed(reply, "reply");
            assert!(end.is_none(), "{way:?}");
        }
        stage
    }

    fn feed(&mut self, reply: &str, kind: &str) -> (Option<End>, Vec<Output>) {
        let mut out = Outbox {
            detail: Detail::Conversation,
            ..Outbox::default()
        };
        let mut env = Env {
            now: Now::default(),
            service: &"smtp".into(),
            settings: &self.settings,
            engine: Some(&self.engine),
            sessions: &self.sessions,
            tables: &self.tables,
            proxy: &mut Proxy::new(self.settings.process),
            files: &Files::default(),
            terms: &mut TermsKnown::default(),
            refused: &mut Failures::default(),
            draw: &mut |_| 0,
            out: &mut out,
        };
        let bytes = format!("{reply}\r\n");
        let input = match kind {
            "closed" => Input::Closed,
            "reset" => Input::Reset,
            "timeout" => Input::Timeout,
            _ => Input::Received(bytes.as_bytes()),
        };
        let end = self.connection.handle(input, &mut self.mail, &mut env);
        (end, out.queue.into())
    }

    fn state(&self) -> String {
        let text = format!("{:?}", self.connection.machine.state().unwrap());
        let inner = text.split_once('(').unwrap().1;
        inner
            .split(|c: char| !c.is_alphanumeric())
            .next()
            .unwrap()
            .to_owned()
    }
}

/// An engine with nothing of its own.
pub(crate) fn engine() -> Arc<Engine> {
    let settings = Settings::default_for(Release::V3_7);
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let material = Material::load(&settings.tls, provider, &|_| None, &|_| Vec::new());
    Arc::new(Engine::new(material).unwrap())
}

/// A message to one recipient, at the last server.
pub(crate) fn mail(level: Level) -> Mail {
    Mail {
        queue_id: "4F".into(),
        sender: "a@client.example".into(),
        body: Body::new(b"Subject: hello\n", None),
        recipients: Recipients::new(["b@example.test".into()]),
        age: Duration::ZERO,
        waited: Duration::ZERO,
        begun: Time::START,
        attempt: Attempt {
            level: Some(level),
            ..Attempt::none()
        },
        demand: Reuse::default(),
        reuse: Reuse::default(),
        purpose: Purpose::Delivery,
        asks: Asks::default(),
        require_tls: RequireTls::default(),
        agent: crate::event::Agent::Smtp,
    }
}

/// Where an input leads at a level: the state before, and the rest of the row.
fn outcome(
    level: Level,
    way: &[&str],
    input: (&str, &str),
    has_password: bool,
) -> (String, String) {
    let mut stage = Stage::at(level, way, has_password);
    let before = stage.state();
    let (end, outputs) = stage.feed(input.1, input.0);
    let mut said = Vec::new();
    let mut decided = Vec::new();
    for output in outputs {
        let Output::Event(event) = output else {
            continue;
        };
        if let What::Command { text, .. } = &event.what {
            let word = text.split(' ').next().unwrap();
            said.push(
                if word.starts_with('(') {
                    "message"
                } else {
                    word
                }
                .to_owned(),
            );
        }
        decided.extend(event.rule().map(|rule| rule.name().to_owned()));
        decided.extend(
            event
                .outcome()
                .map(|outcome| format!("{} {}", outcome.status, outcome.dsn)),
        );
    }
    let next = match end {
        None => stage.state(),
        Some(End::Done) => "end, done".to_owned(),
        Some(End::Kept) => "end, kept".to_owned(),
        Some(End::Failed(failure)) => format!("end, {} {:?}", failure.dsn, failure.kind),
    };
    let rest = format!(
        "-> {next:<19} {:<15} {}",
        said.join(" "),
        decided.join(", ")
    );
    (before, rest.trim_end().to_owned())
}

/// The rows of one input: one if the levels agree, else one each.
fn rows(levels: &[Level], way: &[&str], input: (&str, &str), has_password: bool) -> Vec<String> {
    let outcomes: Vec<(String, String)> = levels
        .iter()
        .map(|&level| outcome(level, way, input, has_password))
        .collect();
    let agree = outcomes.windows(2).all(|pair| pair[0] == pair[1]);
    let row = |condition: String, (before, rest): &(String, String)| {
        format!("{before:<18}  {condition:<27} {rest}")
    };
    if agree {
        return vec![row(input.0.to_owned(), &outcomes[0])];
    }
    let conditions = levels.iter().map(|level| format!("{}, {level}", input.0));
    conditions
        .zip(&outcomes)
        .map(|(condition, outcome)| row(condition, outcome))
        .collect()
}

#[test]
fn table_of_moves() {
    let mut table = String::new();
    for (note, way, levels) in STATES {
        if !note.is_empty() {
            writeln!(table, "{note}:").unwrap();
        }
        let has_password = note.starts_with("with a password");
        let more = LOGIN_INPUTS.iter().filter(|_| has_password);
        for input in INPUTS.iter().chain(more) {
            for row in rows(levels, way, *input, has_password) {
                writeln!(table, "{row}").unwrap();
            }
        }
        table.push('\n');
    }
    insta::assert_snapshot!(table);
}
