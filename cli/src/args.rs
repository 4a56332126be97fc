//! The words of the command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand, ValueEnum};
use mta_core::config::Release;
use mta_core::policy::Level;
use mta_sim::behaviour::LEVELS;
use mta_sim::date::Date;
use mta_sim::seed::Seed;

/// What each provider would see of your mail: encrypted or not, trusted or not, resumed, delayed or lost.
#[derive(Debug, Parser)]
#[command(
    name = "mta-sim",
    version,
    arg_required_else_help = true,
    propagate_version = true
)]
#[command(after_help = "\
Examples:
  mta-sim preview                            what the four lines do to mail for gmail.com
  mta-sim preview /etc/postfix/main.cf --to gmail.com --to example.org
  mta-sim run cache-tls13                    one scenario: what was said, and why
  mta-sim list                               the scenarios, worlds and peers there are

Exit status: 0 fine, 1 a finding, 2 usage error, 3 (preview) no finding, and something not known here.")]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Shows what a main.cf does to mail, before it is deployed.
    Preview(PreviewArgs),
    /// Shows every parameter that counts, with its value and the line that sets it.
    Settings(SettingsArgs),
    /// Runs scenarios, and prints what was said.
    Run(RunArgs),
    /// Checks files of peers, worlds and scenarios without running them.
    Check(CheckArgs),
    /// Compares with what a real Postfix was seen to do.
    Conform(ConformArgs),
    /// Holds every behaviour of the catalogue against what it must come to at each level.
    Catalogue(CatalogueArgs),
    /// Lists the scenarios, worlds and peers there are.
    List(ListArgs),
    /// Writes the JSON Schema of peers, worlds or scenarios, for editors.
    Schema(SchemaArgs),
    /// Writes a completion script for a shell.
    Completions(CompletionsArgs),
}

impl Command {
    /// Whether what it says is JSON.
    pub(crate) const fn is_json(&self) -> bool {
        match self {
            Command::Preview(args) => args.common.json,
            Command::Settings(args) => args.json,
            Command::Run(args) => args.common.json,
            Command::Check(args) => args.json,
            Command::Conform(args) => args.json,
            Command::Catalogue(args) => args.json,
            Command::List(_) | Command::Schema(_) | Command::Completions(_) => false,
        }
    }
}

/// `preview`
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  mta-sim preview
  mta-sim preview main.cf --to gmail.com --for-postfix 3.12
  mta-sim preview main.cf --peer my-peer.toml
  postconf -n | mta-sim preview - --json
  mta-sim preview --before main.cf --after sts.cf
  mta-sim preview main.cf --root copied-etc  what main.cf names is looked for below a folder
  mta-sim preview sts.cf --table socketmap:inet:127.0.0.1:8461:postfix=policies.txt

A destination that no peer file describes is simulated as a well-behaved server.")]
pub(crate) struct PreviewArgs {
    /// The main.cf, or `-` for standard input. Without it: the four lines that turn TLS on.
    pub(crate) main_cf: Option<PathBuf>,
    /// Shows only what changes from this main.cf to the other: exit status 1 if mail is lost that arrived before.
    #[arg(long, value_name = "FILE")]
    pub(crate) before: Option<PathBuf>,
    /// The main.cf to compare with; the same as MAIN_CF.
    #[arg(
        long,
        value_name = "FILE",
        requires = "before",
        conflicts_with = "main_cf"
    )]
    pub(crate) after: Option<PathBuf>,
    /// A destination, or an address there; may be given several times. [default: gmail.com]
    #[arg(long, value_name = "DOMAIN|ADDRESS")]
    pub(crate) to: Vec<String>,
    /// Whose mail it is: tables by sender may give it another relay.
    #[arg(long, value_name = "ADDRESS", default_value = mta_sim::preview::DEFAULT_SENDER)]
    pub(crate) from: String,
    /// The peer that stands for every destination: one of the catalogue, or a file. Without --to: its own domain.
    #[arg(long, value_name = "NAME|FILE")]
    pub(crate) peer: Option<String>,
    #[command(flatten)]
    pub(crate) common: Common,
    /// The host name of the machine, where the main.cf names none.
    #[arg(long, value_name = "NAME", default_value = "mail.client.example")]
    pub(crate) hostname: String,
    /// The day on which facts about providers are old or not, as 2026-11-23. [default: the system's date]
    #[arg(long, value_name = "DATE")]
    pub(crate) today: Option<Date>,
    /// The folder that is `/` of the machine that main.cf is for, such as a copied /etc or a container's file system: all that
    /// main.cf names is looked for below it. Without MAIN_CF: etc/postfix/main.cf there.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) root: Option<PathBuf>,
    /// What a table of main.cf says, without asking it: a file with a key and a value on each line, or an answer as
    /// `postmap -q` prints it, which holds for every key; `fail` for a table that cannot be asked. May be given several times.
    #[arg(long, value_name = "TABLE=FILE|fail", value_parser = table)]
    pub(crate) table: Vec<(String, String)>,
    /// What is not known here counts as a finding: exit status 1 instead of 3.
    #[arg(long)]
    pub(crate) strict: bool,
    /// Every line of the log, even those that repeat others.
    #[arg(long)]
    pub(crate) full: bool,
}

/// `run`
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  mta-sim run                                every scenario, a line each
  mta-sim run starttls-refused-may --log     one scenario: what was said, and what Postfix logs
  mta-sim run mine.toml --driver turmoil     a scenario of your own; a world or a peer just as well
  mta-sim run my-peer.toml --level encrypt   a peer of your own, met at another level
  mta-sim run my-peer.toml --mails 5 --interval 10s
  mta-sim run my-scenarios                   every scenario of a folder, a line each
  mta-sim run mine.toml --accept             takes the conversation for the right one: later runs compare

A file may name the peers and worlds that lie beside it, or in peers/ and worlds/ there. A peer is met at
mx1.example.test of world w0, or at the hosts that its own file gives.")]
pub(crate) struct RunArgs {
    /// Scenarios, worlds or peers by name, and files or folders by path. Without any: every scenario.
    pub(crate) names: Vec<String>,
    /// The level at which a peer or a world is met. [default: may]
    #[arg(long, value_name = "LEVEL", value_parser = level)]
    pub(crate) level: Option<Level>,
    /// The main.cf with which a peer or a world is met. [default: that of the level]
    #[arg(long, value_name = "FILE")]
    pub(crate) main_cf: Option<PathBuf>,
    /// Number of messages to send to a peer or a world, each a copy of its first. [default: those of the world; to a peer 1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(crate) mails: Option<u16>,
    /// Time between --mails, such as 10s.
    #[arg(long, value_name = "SPAN", requires = "mails", value_parser = span, default_value = "1m")]
    pub(crate) interval: Duration,
    /// Records the conversation beside each file; later runs compare with it.
    #[arg(long)]
    pub(crate) accept: bool,
    #[command(flatten)]
    pub(crate) common: Common,
    /// How the run is driven: in memory, or over turmoil's simulated sockets.
    #[arg(long, value_enum, default_value_t = DriverWord::Memory)]
    pub(crate) driver: DriverWord,
    /// Prints the log that Postfix would write, too.
    #[arg(long)]
    pub(crate) log: bool,
}

/// `settings`
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  mta-sim settings main.cf                   every parameter that counts: its value, and the line that sets it
  mta-sim settings main.cf --set --for-postfix 3.12
  mta-sim settings main.cf --postconf        what is set, as `postconf -n` prints it
  postconf -n | mta-sim settings - --json

Values are as `postconf -x` shows them, with all names in them replaced. Parameters about receiving mail do not count.")]
pub(crate) struct SettingsArgs {
    /// The main.cf, or `-` for standard input. Without it: the defaults.
    pub(crate) main_cf: Option<PathBuf>,
    /// The Postfix whose defaults hold.
    #[arg(long, value_name = "VERSION", default_value = "3.7")]
    pub(crate) for_postfix: Release,
    /// The host name of the machine, where the main.cf names none.
    #[arg(long, value_name = "NAME", default_value = "mail.client.example")]
    pub(crate) hostname: String,
    /// Leaves out what is not set.
    #[arg(long)]
    pub(crate) set: bool,
    /// Prints as postconf(1) does, by name: `n` what is set, as it is written; `x` everything, with names replaced.
    #[arg(long, value_name = "FORM", num_args = 0..=1, default_missing_value = "n", conflicts_with = "json")]
    pub(crate) postconf: Option<PostconfForm>,
    /// Prints one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

/// The forms of postconf(1), as its options.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PostconfForm {
    /// `postconf -n`: what is set, as it is written.
    N,
    /// `postconf -x`: everything, with names replaced.
    X,
}

/// `check`
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  mta-sim check mine.toml peers/*.toml
  mta-sim check my-scenarios                 every file of a folder, and of its peers/, worlds/ and cases/

Reports unknown keys and words, wrong types, undefined names, unreachable rules and expectations that can never be met:
all of them, of all files. Exit status 1 if there is any.")]
pub(crate) struct CheckArgs {
    /// Files and folders.
    #[arg(required = true)]
    pub(crate) paths: Vec<PathBuf>,
    /// Prints one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

/// `catalogue`
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  mta-sim catalogue starttls-502 'cert-*'    some rows
  mta-sim catalogue 'tickets-*' --json

Without a name: the whole table, and its counts.

A cell is a letter or a code: P clear text, E encrypted, A authenticated, @2 through the second MX; D:4.7.5 deferred,
Q before any connection, DP then in clear text when the message is old, +dup perhaps delivered; B:5.7.1 bounced.
Exit status 1 if a cell comes out otherwise than its row or its correction says.")]
pub(crate) struct CatalogueArgs {
    /// A folder laid out as `scenarios/` of the sources: its peers, worlds, rows and corrections override the
    /// built-in ones.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) from: Option<PathBuf>,
    /// Behaviours by name; a `*` stands for any text. Without any: all of them.
    pub(crate) names: Vec<String>,
    /// The Postfix that delivers.
    #[arg(long, value_name = "VERSION", default_value = "3.12")]
    pub(crate) for_postfix: Release,
    /// The seed that every random choice follows from.
    #[arg(long, value_name = "NUMBER", value_parser = seed, default_value = "1")]
    pub(crate) seed: Seed,
    /// How the run is driven: in memory, or over turmoil's simulated sockets.
    #[arg(long, value_enum, default_value_t = DriverWord::Memory)]
    pub(crate) driver: DriverWord,
    /// One JSON object instead of a table.
    #[arg(long)]
    pub(crate) json: bool,
}

/// `conform`
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  mta-sim conform tests/postfix
  mta-sim conform tests/postfix --only session-cache --diff
  mta-sim conform tests/postfix --case hsf-young-then-old --for-postfix 3.12

Cases that need what is not simulated yet are counted by themselves. Exit status 1 if a case disagrees.")]
pub(crate) struct ConformArgs {
    /// Files of observed deliveries, or folders of them; tests/postfix/README.md describes the format.
    #[arg(required = true)]
    pub(crate) paths: Vec<PathBuf>,
    /// The Postfix to compare with.
    #[arg(long, value_name = "VERSION", default_value = "3.7")]
    pub(crate) for_postfix: Release,
    /// Only this case.
    #[arg(long, value_name = "ID")]
    pub(crate) case: Option<String>,
    /// Only this family.
    #[arg(long, value_name = "FAMILY")]
    pub(crate) only: Option<String>,
    /// Prints one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
    /// Shows every difference, not only the first ones.
    #[arg(long)]
    pub(crate) diff: bool,
}

/// `list`
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  mta-sim list
  mta-sim list --providers                   what is known of whom, where from, and of when")]
pub(crate) struct ListArgs {
    /// Only the scenarios.
    #[arg(long)]
    pub(crate) scenarios: bool,
    /// Only the worlds.
    #[arg(long)]
    pub(crate) worlds: bool,
    /// Only the peers.
    #[arg(long)]
    pub(crate) peers: bool,
    /// The peers that stand for providers and products, fact by fact; exit status 1 if a fact is old.
    #[arg(long, conflicts_with_all = ["scenarios", "worlds", "peers"])]
    pub(crate) providers: bool,
    /// The day on which a fact is old or not, as 2026-11-23. [default: the system's date]
    #[arg(long, value_name = "DATE", requires = "providers")]
    pub(crate) today: Option<Date>,
    /// Prints one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

/// `schema`
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  mta-sim schema peer > peer.schema.json
  mta-sim schema > mta-sim.schema.json       for files of any kind

An editor with Even Better TOML, and taplo(1), complete and check a file that begins with the line
  #:schema ./peer.schema.json
Or name the schema once for all files of a folder, in .taplo.toml:
  [[rule]]
  include = [\"peers/*.toml\"]
  schema = { path = \"peer.schema.json\" }

Draft 2020-12. A schema knows every key and every word; `mta-sim check` also knows what makes no sense together.")]
pub(crate) struct SchemaArgs {
    /// The kind of file. Without it: any of them.
    #[arg(value_enum)]
    pub(crate) kind: Option<KindWord>,
}

/// The kinds of files, as words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum KindWord {
    /// How one server behaves.
    Peer,
    /// What is around the sender, and what happens in it.
    World,
    /// A configuration, a world, messages, and what must come out of it.
    Scenario,
    /// A scenario about one release, of which nothing is expected: what a program writes for a run.
    Plan,
}

/// `completions`
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  mta-sim completions bash > ~/.local/share/bash-completion/completions/mta-sim")]
pub(crate) struct CompletionsArgs {
    /// The shell.
    pub(crate) shell: clap_complete::Shell,
}

/// What `preview` and `run` have in common.
#[derive(Debug, clap::Args)]
pub(crate) struct Common {
    /// The Postfix whose rules and words are followed.
    #[arg(long, value_name = "VERSION", default_value = "3.7")]
    pub(crate) for_postfix: Release,
    /// The seed, decimal or 0x hexadecimal: the same one gives the same run, to the byte. [default: the scenario's, or 1]
    #[arg(long, value_name = "N", value_parser = seed)]
    pub(crate) seed: Option<Seed>,
    /// Prints one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

/// The drivers, as words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DriverWord {
    /// Discrete events; simulated time jumps.
    Memory,
    /// tokio over turmoil's sockets; simulated time ticks.
    #[cfg(feature = "turmoil")]
    Turmoil,
}

fn table(word: &str) -> Result<(String, String), String> {
    match word.rsplit_once('=') {
        Some((table, file)) if !table.is_empty() && !file.is_empty() => {
            Ok((table.to_owned(), file.to_owned()))
        }
        _ => Err(
            "expected a table and a file, as in socketmap:unix:/sts:postfix=policies.txt"
                .to_owned(),
        ),
    }
}

fn seed(word: &str) -> Result<Seed, String> {
    word.parse()
        .map_err(|error: mta_sim::seed::SeedError| error.to_string())
}

fn level(word: &str) -> Result<Level, String> {
    word.parse().map_err(|_| {
        let known = LEVELS.map(Level::name);
        format!("invalid level; expected one of: {}", known.join(", "))
    })
}

fn span(word: &str) -> Result<Duration, String> {
    mta_sim::span::parse(word)
}
