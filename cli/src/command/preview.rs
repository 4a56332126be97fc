//! `mta-sim preview`

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use mta_sim::preview::{
    DEFAULT_DESTINATION, Destination, FOUR_LINES, Finding, Login, MINUTES_BETWEEN_MAILS, Preview,
    PreviewError, Question, Story, TableAnswer, Variant,
};

use mta_core::dns::ascii_name;
use mta_sim::library::Catalogue;
use mta_sim::peer::PeerSpec;
use mta_sim::plan::PlanError;
use mta_sim::seed::Seed;
use mta_sim::view::Told;

use super::compare::compare;
use super::fold::folded;
use super::{find, main_cf, today};
use crate::args::PreviewArgs;
use crate::disk::folder_of;
use crate::machine::{self, Machine};
use crate::print;
use crate::refused::Refused;
use crate::verdict::{Usage, Verdict};

pub(crate) fn preview(args: &PreviewArgs) -> Result<Verdict, Usage> {
    if let Some(root) = args.root.as_ref().filter(|root| !root.is_dir()) {
        let root = root.display();
        return Err(Usage(format!("--root {root}: there is no such folder")));
    }
    let preview = match ask(args, asked(args).as_deref())? {
        Ok(preview) => preview,
        Err(refusal) => return refusal.told(args),
    };
    if let Some(before) = &args.before {
        return match ask(args, Some(before))? {
            Ok(before) => Ok(compare(&before, &preview, args.common.json)),
            Err(refusal) => refusal.told(args),
        };
    }
    if args.common.json {
        print::json(&preview);
    } else {
        print::out(&text(&preview, args));
    }
    Ok(verdict(&preview, args.strict))
}

/// The preview of a main.cf, or why there is none.
fn ask(args: &PreviewArgs, path: Option<&Path>) -> Result<Result<Preview, Refusal>, Usage> {
    let (file, main_cf) = match path {
        Some(path) => main_cf::read(path)?,
        None => ("main.cf".to_owned(), FOUR_LINES.into()),
    };
    let peer = match &args.peer {
        Some(word) => Some(find::peer(word)?),
        None => None,
    };
    let question = Question {
        main_cf,
        file: &file,
        hostname: &args.hostname,
        from: &args.from,
        domains: match &peer {
            Some((_, peer)) if args.to.is_empty() => vec![own_domain(peer)],
            _ => domains(&args.to)?,
        },
        peer,
        release: args.common.for_postfix,
        seed: args.common.seed.unwrap_or(Seed(1)),
        today: args.today.unwrap_or_else(today),
        peers: Catalogue::shared().peers(),
        disk: &disk(args, path),
        tables: answers(args)?,
    };
    let refused = |error| Refusal {
        usage: main_cf::refused(&file, &question.main_cf, &error),
        error,
    };
    Ok(question.answer().map_err(refused))
}

/// Why there is no preview.
struct Refusal {
    usage: Usage,
    error: PreviewError,
}

impl Refusal {
    /// Says it: in JSON with every fault of main.cf.
    fn told(self, args: &PreviewArgs) -> Result<Verdict, Usage> {
        let PreviewError::Plan(PlanError::Config(errors)) = &self.error else {
            return Err(self.usage);
        };
        if !args.common.json {
            return Err(self.usage);
        }
        let errors = errors.iter().map(Told::from).collect();
        print::json(&Refused::of(&self.usage.0, errors));
        print::error(&self.usage.0);
        Ok(Verdict::Refused)
    }
}

/// A finding outweighs what is not known.
fn verdict(preview: &Preview, strict: bool) -> Verdict {
    match (preview.findings.is_empty(), preview.not_known.is_empty()) {
        (true, true) => Verdict::Fine,
        (true, false) if !strict => Verdict::NotKnown,
        _ => Verdict::Finding,
    }
}

/// The domain that a peer is met at.
fn own_domain(peer: &PeerSpec) -> String {
    let own = peer.domains.first().cloned();
    own.unwrap_or_else(|| SOMEBODY.to_owned())
}

/// A domain for a peer without one.
const SOMEBODY: &str = "example.test";

/// The destinations asked for: domains as DNS has them, or addresses there.
fn domains(asked: &[String]) -> Result<Vec<String>, Usage> {
    if asked.is_empty() {
        return Ok(vec![DEFAULT_DESTINATION.to_owned()]);
    }
    let mut destinations: Vec<String> = Vec::new();
    for word in asked {
        let (local, domain) = match word.rsplit_once('@') {
            Some((local, domain)) => (Some(local), domain),
            None => (None, word.as_str()),
        };
        let domain = ascii_name(domain.trim_end_matches('.')).to_ascii_lowercase();
        let label = |label: &str| {
            !label.is_empty()
                && label.len() <= 63
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        };
        let is_odd = |c: char| c.is_whitespace() || c.is_control();
        let is_local = local.is_none_or(|local| !local.is_empty() && !local.contains(is_odd));
        if domain.len() > 253 || !domain.split('.').all(label) || !is_local {
            return Err(Usage(format!(
                "--to {word}: not a domain name or an address there, such as gmail.com or user@gmail.com"
            )));
        }
        let destination = match local {
            Some(local) => format!("{local}@{domain}"),
            None => domain,
        };
        if !destinations.contains(&destination) {
            destinations.push(destination);
        }
    }
    Ok(destinations)
}

/// The main.cf that is asked about, if it is not the four lines: that of the machine below `--root`, if none is named.
fn asked(args: &PreviewArgs) -> Option<PathBuf> {
    let of_root = || Some(args.root.as_ref()?.join("etc/postfix/main.cf"));
    let named = args.main_cf.as_ref().or(args.after.as_ref());
    named.cloned().or_else(of_root)
}

/// What tables say that are not asked.
fn answers(args: &PreviewArgs) -> Result<BTreeMap<String, TableAnswer>, Usage> {
    let answer = |(table, file): &(String, String)| {
        let told = |why| Usage(format!("--table {table}={file}: {why}"));
        if file == "fail" {
            return Ok((table.clone(), TableAnswer::Fails));
        }
        let text = machine::contents(Path::new(file));
        let text = text.ok_or_else(|| told("no file that can be read".to_owned()))?;
        Ok((table.clone(), TableAnswer::read(&text).map_err(told)?))
    };
    args.table.iter().map(answer).collect()
}

/// Where the files are that it names.
fn disk(args: &PreviewArgs, main_cf: Option<&Path>) -> Machine {
    let file = main_cf.filter(|path| *path != Path::new("-"));
    Machine {
        root: args.root.clone(),
        beside: file.map(|path| folder_of(path).to_owned()),
    }
}

/// Most lines without `--full`, where the logs can make room.
const LINES_MAX: usize = 80;

/// The page: without `--full`, logs are folded, and cut where they would make it too long.
fn text(preview: &Preview, args: &PreviewArgs) -> String {
    if args.full {
        return page(preview, args, usize::MAX);
    }
    let logs = preview.destinations.iter().map(|to| to.log.len());
    let longest = logs.max().unwrap_or_default().min(LINES_MAX);
    let pages = (1..=longest).rev().map(|most| page(preview, args, most));
    let shortest = || page(preview, args, 1);
    let mut fitting = pages.filter(|page| page.lines().count() <= LINES_MAX);
    fitting.next().unwrap_or_else(shortest)
}

/// The page, with as many lines of each log.
fn page(preview: &Preview, args: &PreviewArgs, log_lines_max: usize) -> String {
    let mut text = format!(
        "Postfix {}, seed {}, {} cryptography, everything simulated\n",
        preview.postfix, preview.seed, preview.crypto
    );
    if asked(args).is_none() {
        text.push_str("No main.cf given; these four lines, on top of the defaults:\n");
        for line in FOUR_LINES.lines() {
            push(&mut text, &format!("    {line}"));
        }
    }
    for destination in preview.destinations.iter().filter(|it| it.login.is_some()) {
        push(&mut text, &headline(destination));
    }
    for finding in &preview.findings {
        push(&mut text, &format!("finding: {finding}"));
        if let Finding::PasswordExposed { login } = finding {
            push_change(&mut text, login);
        }
    }
    for login in preview
        .destinations
        .iter()
        .filter_map(|it| it.login.as_ref())
    {
        if !login.safety.is_exposed() {
            push(&mut text, &format!("login: {login}"));
            push_change(&mut text, login);
        }
    }
    for warning in &preview.warnings {
        push(&mut text, &format!("warning: {warning}"));
    }
    for not_known in &preview.not_known {
        push(&mut text, &format!("not known here: {not_known}"));
    }
    for note in &preview.notes {
        push(&mut text, &format!("note: {note}"));
    }
    for own in &preview.own_domains {
        text.push('\n');
        push(&mut text, &own.to_string());
    }
    for destination in &preview.destinations {
        text.push('\n');
        destination_text(destination, args.full, log_lines_max, &mut text);
    }
    text.push_str(
        "\nThis shows what Postfix's rules do against servers as they are described here. It does not look at your\n\
         network or your DNS, at your disk only for the files that main.cf names, and not at what a provider changed\n\
         since the date given.\n",
    );
    text
}

/// Where mail goes, and how it travels.
fn headline(destination: &Destination) -> String {
    let mail = mail_of(destination);
    let mut rows = destination.rows.iter();
    let now = rows.find(|row| row.variant == Variant::Now);
    let now = now.map_or("nothing", |row| row.story.channel());
    let next_hop = destination.next_hop.as_deref().unwrap_or_default();
    format!("{mail} → {next_hop}: {now}")
}

fn mail_of(destination: &Destination) -> &str {
    match destination.is_for_all {
        true => "all mail",
        false => &destination.domain,
    }
}

fn push_change(text: &mut String, login: &Login) {
    for line in &login.change {
        push(text, &format!("  change: {line}"));
    }
}

fn destination_text(
    destination: &Destination,
    full: bool,
    log_lines_max: usize,
    text: &mut String,
) {
    let row = |variant| {
        destination
            .rows
            .iter()
            .find(|row| row.variant == variant)
            .map(|row| &row.story)
    };
    let mut headline = match &destination.next_hop {
        Some(next_hop) => {
            let mail = mail_of(destination);
            push(text, &format!("{mail} → {next_hop}"));
            String::from("  without and with its TLS settings")
        }
        None => destination.domain.clone(),
    };
    if let (Some(before), Some(now)) = (row(Variant::Before), row(Variant::Now)) {
        let _ = match now.is_sent() {
            true => write!(headline, ": {} → {}", before.channel(), now.channel()),
            false => write!(headline, ": not delivered"),
        };
        if row(Variant::SecondMail).is_some_and(Story::resumed) {
            headline.push_str("; second mail resumed");
        }
        let _ = write!(headline, "; {}", now.end());
    }
    push(text, &headline);
    match (&destination.peer, &destination.as_of) {
        (Some(peer), Some(date)) => push(
            text,
            &format!("  as described by peer {peer}, facts as of {date}"),
        ),
        (Some(peer), None) => push(text, &format!("  as described by peer {peer}")),
        (None, _) => {
            let place = match destination.next_hop {
                Some(_) => "relay",
                None => "destination",
            };
            let line = format!("  no profile for this {place}; simulated as a well-behaved server");
            push(text, &line);
        }
    }
    if !destination.approximate.is_empty() {
        let parts = destination.approximate.join("; ");
        push(
            text,
            &format!("  estimated (not published by the provider): {parts}"),
        );
    }
    for fact in &destination.old {
        let line = format!(
            "  OLD, may have changed since: {} (as of {})",
            fact.about, fact.as_of
        );
        push(text, &line);
    }
    text.push('\n');
    for row in &destination.rows {
        let words = if row.variant == Variant::SecondMail {
            let minutes = MINUTES_BETWEEN_MAILS * row.mail.saturating_sub(1);
            format!("second mail there, {minutes} min on")
        } else {
            row.variant.words().to_owned()
        };
        push(text, &format!("  {words:<30}{}", row.story));
    }
    push(
        text,
        "\n  What Postfix logs with this main.cf, in seconds after the start:",
    );
    let lines = match full {
        true => destination.log.clone(),
        false => folded(&destination.log),
    };
    for line in lines.iter().take(log_lines_max) {
        push(text, &format!("    {line}"));
    }
    if lines.len() > log_lines_max {
        let more = lines.len() - log_lines_max;
        push(text, &format!("    … {more} more lines; --full shows all"));
    }
}

fn push(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}
