//! The command `mta-sim`: parses, calls, prints.

mod args;
mod command;
mod disk;
mod machine;
mod print;
mod refused;
mod verdict;

use std::process::ExitCode;

use clap::Parser as _;
use clap::error::ErrorKind;

use args::{Args, Command};
use refused::Refused;
use verdict::{Usage, Verdict};

fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => return refuse(&error),
    };
    let result = match &args.command {
        Command::Preview(args) => command::preview::preview(args),
        Command::Settings(args) => command::settings::settings(args),
        Command::Run(args) => command::run::run(args),
        Command::Check(args) => command::check::check(args),
        Command::Conform(args) => command::conform::conform(args),
        Command::Catalogue(args) => command::catalogue::catalogue(args),
        Command::List(args) => command::list::list(args),
        Command::Schema(args) => command::schema::schema(args),
        Command::Completions(args) => command::completions::completions(args),
    };
    match result {
        Ok(Verdict::Fine) => ExitCode::SUCCESS,
        Ok(Verdict::Finding) => ExitCode::from(1),
        Ok(Verdict::NotKnown) => ExitCode::from(3),
        Ok(Verdict::Refused) => ExitCode::from(2),
        Err(Usage(message)) => {
            if args.command.is_json() {
                print::json(&Refused::plain(&message));
            }
            print::error(&message);
            ExitCode::from(2)
        }
    }
}

/// Help and version go out as they are; of a mistake in a value, the line that says what it is.
fn refuse(error: &clap::Error) -> ExitCode {
    let text = error.to_string();
    let kind = error.kind();
    if matches!(kind, ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        print::out(&text);
        return ExitCode::SUCCESS;
    }
    let text = text.trim().trim_start_matches("error: ");
    if matches!(kind, ErrorKind::InvalidValue | ErrorKind::ValueValidation) {
        let lines = text
            .lines()
            .map(str::trim)
            .take_while(|line| !line.starts_with("For more"));
        let line: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
        print::error(&line.join(" "));
    } else {
        print::error(text);
    }
    ExitCode::from(2)
}
