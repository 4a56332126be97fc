//! A log as a whole: which line is whose, and what a process says first, follows from what it found when it started.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::engine::{engine_lines, session_database_lines};
use super::line::{LogLine, Page};
use super::lines;
use super::notice::{opening_lines, sentences};
use super::style::LogStyle;
use crate::config::{Feature, Settings};
use crate::event::{Event, Program, What};
use crate::policy_table::Tables;
use crate::process::{Client, SMTP, Service, Services};

/// Gives the lines of one event after the other.
#[derive(Debug)]
pub struct Log<'a> {
    installed: &'a [Arc<Services>],
    /// How the services log of which a process has started.
    services: BTreeMap<Arc<str>, Style<'a>>,
    /// How the others do.
    main: Style<'a>,
}

#[derive(Debug)]
struct Style<'a> {
    syslog_name: &'a str,
    style: LogStyle,
}

impl<'a> Style<'a> {
    fn of(settings: &'a Settings, tables: &Tables) -> Self {
        Style {
            syslog_name: &settings.names.syslog_name,
            style: LogStyle::of(settings, tables),
        }
    }
}

impl<'a> Log<'a> {
    /// The log of a sender that had these services ([`Mta::services`](crate::Mta::services)), from its first event on.
    pub fn of(installed: &'a [Arc<Services>]) -> Log<'a> {
        let main = match installed.first() {
            Some(services) => Style::of(services.settings(), services.tables()),
            None => Style {
                syslog_name: "postfix",
                style: LogStyle::default(),
            },
        };
        Log {
            installed,
            services: BTreeMap::new(),
            main,
        }
    }

    /// The lines of the next event.
    pub fn lines(&mut self, event: &Event) -> Vec<LogLine> {
        if let What::Started { program, services } = event.what {
            self.started(event, program, services)
        } else if let What::CannotStart { services } = event.what {
            self.cannot_start(event, services)
        } else {
            lines(event, &self.style_of(event).style)
        }
    }

    /// What stands before the program's name in the lines of an event (`syslog_name`).
    pub fn syslog_name(&self, event: &Event) -> &str {
        self.style_of(event).syslog_name
    }

    fn style_of(&self, event: &Event) -> &Style<'a> {
        let name = event.service.as_deref().unwrap_or(SMTP);
        self.services.get(name).unwrap_or(&self.main)
    }

    fn found(&self, services: u32) -> Option<&'a Services> {
        let place = usize::try_from(services).ok()?;
        self.installed.get(place).map(|services| &**services)
    }

    fn started(&mut self, event: &Event, program: Program, services: u32) -> Vec<LogLine> {
        let Some(found) = self.found(services) else {
            return Vec::new();
        };
        match program {
            Program::Tlsmgr => session_database_lines(found.settings()),
            Program::Tlsproxy => proxy_lines(found.settings()),
            Program::Smtp => {
                let name: Arc<str> = event.service.clone().unwrap_or_else(|| SMTP.into());
                let Some(service) = found.client(&name).and_then(Client::starts) else {
                    return Vec::new();
                };
                let style = Style::of(service.settings(), service.tables());
                let lines = client_lines(service, &style.style);
                self.services.insert(name, style);
                lines
            }
            Program::Qmgr | Program::TrivialRewrite => Vec::new(),
        }
    }

    /// A process says what is wrong, and exits; master(8) backs off (src/master/master_spawn.c `master_reap_child`).
    fn cannot_start(&self, event: &Event, services: u32) -> Vec<LogLine> {
        let name = event.service.as_deref().unwrap_or(SMTP);
        let client = self.found(services).and_then(|found| found.client(name));
        let Some(Client::Fatal(fatal)) = client else {
            return Vec::new();
        };
        let mut page = Page::of(&self.main.style);
        for sentence in sentences(&fatal.notice) {
            page.smtp(format_args!("{sentence}"));
        }
        page.daemon(
            "master",
            format_args!("warning: process $daemon_directory/smtp pid <P> exit status 1"),
        );
        page.daemon(
            "master",
            format_args!("warning: $daemon_directory/smtp: bad command startup -- throttling"),
        );
        page.lines
    }
}

/// What a smtp(8) process says first (src/smtp/smtp.c `pre_init`).
fn client_lines(service: &Service, style: &LogStyle) -> Vec<LogLine> {
    let mut page = Page::of(style);
    for sentence in service.notices().iter().flat_map(sentences) {
        page.smtp(format_args!("{sentence}"));
    }
    if let Some(engine) = service.engine() {
        let remarks = engine.map(|engine| engine.remarks());
        page.lines.extend(engine_lines(style, remarks));
    }
    page.lines.extend(opening_lines(service.tables(), style));
    page.lines
}

/// What tlsproxy(8) says when it starts and serves no clients (src/tlsproxy/tlsproxy.c `pre_jail_init`; observed: reuse-tls-*).
fn proxy_lines(settings: &Settings) -> Vec<LogLine> {
    let mut page = Page::of(&LogStyle::default());
    if !settings.release.has(Feature::QuietTlsproxy) && !settings.reuse.proxy_serves_clients {
        page.daemon(
            "tlsproxy",
            format_args!(
                "warning: TLS server role is disabled with tlsproxy_tls_security_level or tlsproxy_use_tls"
            ),
        );
    }
    page.lines
}
