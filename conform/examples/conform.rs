//! Judges a dataset from the command line: `conform PATH VERSION [all|ID|family:NAME]`.
#![expect(clippy::print_stdout, reason = "its output is what it is for")]

use conform::{Dataset, Options, Verdict, judge};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments
        .next()
        .unwrap_or_else(|| "tests/postfix".to_owned());
    let version = arguments.next().unwrap_or_else(|| "3.7".to_owned());
    let mut options = Options::for_postfix(version.parse().map_err(|_| "unknown version")?);
    let only = arguments.next().filter(|word| word != "all");
    if let Some(word) = only {
        match word.strip_prefix("family:") {
            Some(family) => options.family = Some(family.to_owned()),
            None => options.case = Some(word),
        }
    }
    let report = judge(&Dataset::load(&[path])?, &options);
    print!("{}", report.differences(1000));
    for judged in &report.judged {
        match &judged.verdict {
            Verdict::NotSimulated(reason) => println!("not simulated {}: {reason}", judged.id),
            Verdict::NotApplicable { reason, .. } => {
                println!("not applicable {}: {reason}", judged.id);
            }
            Verdict::Compared(_) => {}
        }
    }
    print!("{}", report.table());
    Ok(())
}
