//! What a main.cf does to mail, before anybody deploys it: the same mail with and without it, and when TLS breaks.

mod answer;
mod cause;
mod disk;
mod error;
mod finding;
mod json;
mod login;
mod look;
mod named;
mod not_known;
mod note;
mod own_domain;
mod places;
mod row;
mod stand_in;
mod story;
mod system_roots;
mod table_answer;
#[cfg(test)]
mod tests;
mod variant;
mod way;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::bytes::Bytes;
use crate::date::Date;
use crate::dns::{Dnssec, NameSpec, PerKind};
use crate::library::Catalogue;
use crate::nearest;
use crate::peer::{Fact, Knowledge, PeerSpec};
use crate::plan::main_cf::edited;
use crate::plan::{HostSpec, Plan, PlanError};
use crate::run::{Driver, Run};
use crate::seed::Seed;
use crate::view::{TimedLine, log, told};
use crate::world::{ClientSpec, MessageSpec, WORLD_START};
use mta_core::config::{MainCf, Release, Settings};
use mta_core::dns::Kind;
use mta_core::maps::written;

pub use answer::{Destination, OldFact, Preview};
pub use disk::{Disk, FoundFile, NoDisk};
pub use error::PreviewError;
pub use finding::Finding;
pub use login::{Login, Safety};
pub use not_known::{NotKnown, NotKnownKind};
pub use note::{Note, NoteKind};
pub use own_domain::OwnDomain;
pub use row::Row;
pub use story::{Attempt, Span, Story};
pub use table_answer::TableAnswer;
pub use variant::Variant;

use look::{Asked, Looked, OwnRoots, answerable, behind_proxy, failing, look};
use named::{own_files, tables};
use own_domain::own_domain;
use places::Places;
use way::{Envelope, Way};

/// The four lines that a preview without a file is about.
pub const FOUR_LINES: &str = "\
smtp_tls_security_level = may
smtp_tls_loglevel = 1
smtp_tls_session_cache_database = btree:${data_directory}/smtp_scache
smtp_tls_CAfile=/etc/ssl/certs/ca-certificates.crt
";

/// Where a preview without `--to` sends mail.
pub const DEFAULT_DESTINATION: &str = "gmail.com";

/// Whose mail a preview without `--from` is about.
pub const DEFAULT_SENDER: &str = "alerts@client.example";

/// The time between two mails.
pub const MINUTES_BETWEEN_MAILS: usize = 5;

const BETWEEN_MAILS: Duration = Duration::from_secs(60 * MINUTES_BETWEEN_MAILS as u64);

/// How many mails are sent at most until one goes to the first one's address again. Postfix keeps TLS sessions by
/// address and takes the addresses of a host at random.
const MAILS_MAX: usize = 10;

/// One-way delay to hosts whose peer names none.
const LATENCY: Duration = Duration::from_millis(20);

/// What a preview is asked.
#[derive(Clone, Debug)]
pub struct Question<'a> {
    /// The configuration.
    pub main_cf: Bytes,
    /// What its file is called in messages.
    pub file: &'a str,
    /// The name of the machine it is for.
    pub hostname: &'a str,
    /// Whose mail it is.
    pub from: &'a str,
    /// The destinations: domains, or addresses.
    pub domains: Vec<String>,
    /// Whose rules.
    pub release: Release,
    /// The seed.
    pub seed: Seed,
    /// The day on which it is asked; facts are old or not by it, and nothing else depends on it.
    pub today: Date,
    /// The peer that stands for every destination, and what it is called; else each destination is one of `peers`.
    pub peer: Option<(String, PeerSpec)>,
    /// The peers that are known.
    pub peers: &'a BTreeMap<String, PeerSpec>,
    /// The disk of the machine that it is for.
    pub disk: &'a dyn Disk,
    /// What tables say that are not asked, by their names without `proxy:`, such as `socketmap:inet:127.0.0.1:8461:postfix`.
    pub tables: BTreeMap<String, TableAnswer>,
}

/// What four usual lines do to mail for Gmail, asked on the day at which simulated time starts, without a disk to look at.
impl Default for Question<'static> {
    fn default() -> Self {
        Question {
            main_cf: FOUR_LINES.into(),
            file: "main.cf",
            hostname: "mail.client.example",
            from: DEFAULT_SENDER,
            domains: vec![DEFAULT_DESTINATION.to_owned()],
            release: Release::default(),
            seed: Seed(1),
            today: Date::of_epoch(WORLD_START.0),
            peer: None,
            peers: Catalogue::shared().peers(),
            disk: &NoDisk,
            tables: BTreeMap::new(),
        }
    }
}

/// The root of DNS as a resolver that validates sees it: what `dnssec_probe` asks for (postconf(5)).
fn validated_root() -> NameSpec {
    let name_servers = PerKind::Table(BTreeMap::from([(Kind::Ns, Dnssec::Secure)]));
    NameSpec {
        name: ".".to_owned(),
        ns: vec!["a.root-servers.net".to_owned()],
        dnssec: Some(name_servers),
        ..NameSpec::default()
    }
}

impl Question<'_> {
    /// Simulates.
    ///
    /// # Errors
    /// Everything wrong with the configuration.
    pub fn answer(&self) -> Result<Preview, PreviewError> {
        let machine = HostSpec::named(self.hostname).machine(&ClientSpec::default());
        let main_cf = MainCf::parse_bytes(self.file, &self.main_cf);
        let (settings, warnings) =
            Settings::from_main_cf(&main_cf, self.release, &machine).map_err(PlanError::Config)?;
        self.knows_tables(&settings)?;
        let looked = look(self.asked(), &settings, OwnRoots::Strangers);
        let within_reach = MainCf::parse_bytes(self.file, &looked.main_cf);
        let (reached, _) = Settings::from_main_cf(&within_reach, self.release, &machine)
            .map_err(PlanError::Config)?;
        let mut not_known = looked.not_known.clone();
        let mut findings = Vec::new();
        let mut destinations: Vec<Destination> = Vec::new();
        let mut own_domains = Vec::new();
        for to in &self.domains {
            let first = self.peer.as_ref();
            let (local, domain) = to.rsplit_once('@').unwrap_or(("user", to));
            let envelope = Envelope {
                from: self.from,
                to: &format!("{local}@{domain}"),
            };
            let mut way = Way::find(envelope, &reached, &looked.files, first, self.peers)?;
            let mut read = |path: &str| Some(self.disk.file(path)?.contents);
            if way.is_usual
                && let Some(own) = own_domain(domain, &reached, &main_cf, &mut read)
            {
                own_domains.push(own);
                continue;
            }
            if way.is_for_all && !destinations.is_empty() {
                // What happens there does not depend on the domain.
                break;
            }
            way.lends_password = not_known.iter().any(NotKnown::is_of_passwords);
            let now = |looked: &Looked, way: &Way| {
                self.plan(looked, Variant::Now, way, 1)?.run(Driver::Memory)
            };
            // Whose certificate a server has of which nothing is known is not known either.
            let is_strange = way.known.is_none() && looked.has_own_roots();
            let taken = if is_strange && finding::is_not_verified(&now(&looked, &way)?) {
                Some(look(self.asked(), &settings, OwnRoots::OfTheServer))
            } else {
                None
            };
            for told in taken.iter().flat_map(|taken| &taken.not_known) {
                if !not_known.contains(told) {
                    not_known.push(told.clone());
                }
            }
            let looked = taken.as_ref().unwrap_or(&looked);
            if let Some(sasl) = &reached.dialogue.sasl {
                login::settle(&mut way, sasl, |way| now(looked, way))?;
            }
            let destination =
                self.destination(looked, &way, &settings, &mut findings, &mut not_known)?;
            destinations.push(destination);
        }
        Ok(Preview {
            postfix: self.release.to_string(),
            seed: self.seed.0,
            crypto: "seeded",
            warnings: told(&warnings),
            destinations,
            own_domains,
            findings,
            not_known,
            notes: looked.notes,
            places: Places::of(&main_cf),
        })
    }

    /// Whether all tables for which answers are given are those of these settings.
    fn knows_tables(&self, settings: &Settings) -> Result<(), PreviewError> {
        let known = answerable(settings);
        let unknown = |name: &&String| !known.contains(&behind_proxy(name));
        match self.tables.keys().find(unknown) {
            None => Ok(()),
            Some(name) => Err(PreviewError::NoSuchTable {
                name: name.clone(),
                nearest: nearest(name, known.iter().copied()).map(str::to_owned),
                known: known.into_iter().map(str::to_owned).collect(),
            }),
        }
    }

    const fn asked(&self) -> Asked<'_> {
        Asked {
            main_cf: &self.main_cf,
            file: self.file,
            disk: self.disk,
            tables: &self.tables,
        }
    }

    fn destination(
        &self,
        looked: &Looked,
        way: &Way,
        settings: &Settings,
        findings: &mut Vec<Finding>,
        not_known: &mut Vec<NotKnown>,
    ) -> Result<Destination, PreviewError> {
        let mut rows = Vec::new();
        let mut lines = Vec::new();
        let mut obstacle = None;
        let mut login = None;
        for variant in Variant::ALL {
            if !variant.applies(settings) || variant.is_about_starttls() && way.is_implicit() {
                continue;
            }
            let run = self.plan(looked, variant, way, 1)?.run(Driver::Memory)?;
            rows.extend(story::stories(&run).into_iter().map(|story| Row {
                variant,
                mail: 1,
                story,
            }));
            if variant == Variant::Now {
                login = self.login(looked, way, settings, &run)?;
                finding::look(way, &run, login.as_ref(), findings);
                self.keys_out_of_reach(&run, settings, not_known);
                obstacle = cause::obstacle(&run).or_else(|| failed_table(&run, settings));
                let (run, again) = self.again(looked, way)?;
                rows.extend(again);
                lines = log(&run).iter().map(|line| self.as_named(line)).collect();
            }
        }
        finding::compare(way, &rows, obstacle.as_deref(), findings);
        let (name, peer) = way.known.clone().unzip();
        let peer = peer.unwrap_or_default();
        let old = |fact: &&Fact| fact.is_old(self.today);
        let approximate = |fact: &&Fact| fact.kind == Knowledge::Approximate;
        Ok(Destination {
            domain: way.domain.clone(),
            next_hop: way.next_hop.clone(),
            is_for_all: way.is_for_all,
            peer: name,
            as_of: peer.as_of,
            approximate: peer
                .facts
                .iter()
                .filter(approximate)
                .map(|fact| fact.about.clone())
                .collect(),
            old: peer
                .facts
                .iter()
                .filter(old)
                .map(|fact| OldFact {
                    about: fact.about.clone(),
                    as_of: fact.as_of,
                })
                .collect(),
            login,
            rows,
            log: lines,
        })
    }

    /// Whether the login there is safe; `now` is what happens when nobody interferes.
    fn login(
        &self,
        looked: &Looked,
        way: &Way,
        settings: &Settings,
        now: &Run,
    ) -> Result<Option<Login>, PlanError> {
        login::login(way, settings, now, &|lines| {
            let mut plan = self.plan(looked, Variant::Now, way, 1)?;
            plan.main_cf = edited(&plan.main_cf, lines).into();
            Ok(plan)
        })
    }

    /// Mails until one goes to the first one's address again, and that one.
    fn again(&self, looked: &Looked, way: &Way) -> Result<(Run, Option<Row>), PreviewError> {
        let variant = Variant::SecondMail;
        let mut mails = 2;
        loop {
            let run = self
                .plan(looked, variant, way, mails)?
                .run(Driver::Memory)?;
            let mut stories = story::stories(&run);
            let first = stories.first().and_then(Story::relay).map(str::to_owned);
            let last = stories
                .pop()
                .filter(|last| last.relay() == first.as_deref());
            if last.is_some() || mails == MAILS_MAX {
                return Ok((
                    run,
                    last.map(|story| Row {
                        variant,
                        mail: mails,
                        story,
                    }),
                ));
            }
            mails += 1;
        }
    }

    /// A line of the log, with tables that cannot be asked under their own names.
    fn as_named(&self, line: &TimedLine) -> String {
        let mut line = line.to_string();
        for table in self.tables.keys().map(|name| behind_proxy(name)) {
            line = line.replace(&failing(table), table);
        }
        line
    }

    /// The client's keys that cannot sign here.
    fn keys_out_of_reach(&self, run: &Run, settings: &Settings, not_known: &mut Vec<NotKnown>) {
        let main_cf = MainCf::parse_bytes(self.file, &self.main_cf);
        for key in finding::keys_out_of_reach(run) {
            let named = own_files(settings)
                .into_iter()
                .find(|(_, path)| *path == key);
            if let Some((parameter, path)) = named {
                let kind = NotKnownKind::KeyNotSimulated;
                let told = NotKnown::new(kind, &main_cf, parameter, path);
                if !not_known.contains(&told) {
                    not_known.push(told);
                }
            }
        }
    }

    fn plan(
        &self,
        looked: &Looked,
        variant: Variant,
        way: &Way,
        mails: usize,
    ) -> Result<Plan, PlanError> {
        let main_cf = variant.main_cf(&looked.main_cf);
        let main_cf = match way.lends_password {
            true => login::with_password(&main_cf, way),
            false => main_cf,
        };
        let mut plan = Plan {
            host: HostSpec::named(self.hostname),
            seed: self.seed,
            ..Plan::from_main_cf(main_cf, self.release)
        };
        plan.world.files.clone_from(&looked.files);
        plan.world.latency = LATENCY;
        plan.world.domains.extend(way.domains(variant));
        plan.world.dns.push(validated_root());
        let mut at = Duration::ZERO;
        for _ in 0..mails {
            let message = MessageSpec {
                from: self.from.to_owned(),
                ..MessageSpec::to(&*way.recipient)
            };
            plan.messages.push(message.at(at));
            at += BETWEEN_MAILS;
        }
        Ok(plan)
    }
}

/// The table that had no answer, with its parameter.
fn failed_table(run: &Run, settings: &Settings) -> Option<String> {
    let asked = cause::failed_table(run)?;
    let is_meant = |word: &str| behind_proxy(word) == asked || failing(behind_proxy(word)) == asked;
    let mut tables = tables(settings).into_iter();
    let (parameter, table) = tables.find_map(|(parameter, value)| {
        let word = written(value).find(|word| is_meant(word))?;
        Some((parameter, word))
    })?;
    Some(format!("{parameter}: {table} has no answer"))
}
