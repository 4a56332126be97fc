//! `mta-sim completions`

use clap::CommandFactory as _;

use crate::args::{Args, CompletionsArgs};
use crate::print;
use crate::verdict::{Usage, Verdict};

pub(crate) fn completions(args: &CompletionsArgs) -> Result<Verdict, Usage> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "mta-sim", &mut script);
    print::out(&String::from_utf8_lossy(&script));
    Ok(Verdict::Fine)
}
