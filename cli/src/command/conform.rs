//! `mta-sim conform`

use std::collections::BTreeSet;

use mta_sim::nearest;
use mta_sim_conform::{Dataset, Options, judge};

use crate::args::ConformArgs;
use crate::print;
use crate::verdict::{Usage, Verdict};

/// How many differing cases are shown unless all are asked for.
const SHOWN: usize = 3;

pub(crate) fn conform(args: &ConformArgs) -> Result<Verdict, Usage> {
    let dataset = Dataset::load(&args.paths).map_err(|error| Usage(error.to_string()))?;
    let options = Options {
        case: args.case.clone(),
        family: args.only.clone(),
        ..Options::for_postfix(args.for_postfix)
    };
    let report = judge(&dataset, &options);
    if report.judged.is_empty() {
        return Err(Usage(nothing_judged(&dataset, args)));
    }
    if args.json {
        let text = report
            .json()
            .map_err(|error| Usage(format!("JSON: {error}")))?;
        print::line(&text);
    } else {
        print::out(&report.table());
        print::out(&report.differences(if args.diff { usize::MAX } else { SHOWN }));
    }
    Ok(if report.disagrees() {
        Verdict::Finding
    } else {
        Verdict::Fine
    })
}

/// Why no case of these files was wanted, with the nearest that could be.
fn nothing_judged(dataset: &Dataset, args: &ConformArgs) -> String {
    let ids = || dataset.names().map(|(id, _)| id);
    let families: BTreeSet<&str> = dataset.names().map(|(_, family)| family).collect();
    let near = |wrong: &str, word: Option<&str>| match word {
        Some(word) => format!("`{wrong}`; did you mean `{word}`?"),
        None => format!("`{wrong}`"),
    };
    match (&args.case, &args.only) {
        _ if families.is_empty() => "these files hold no case".to_owned(),
        (Some(id), _) if !ids().any(|known| known == id) => {
            format!("no case is called {}", near(id, nearest(id, ids())))
        }
        (_, Some(family)) if !families.contains(family.as_str()) => {
            let known: Vec<&str> = families.iter().copied().collect();
            format!(
                "no family is called `{family}`; there are {}",
                known.join(", ")
            )
        }
        (Some(id), Some(family)) => format!(
            "case `{id}` is not of family `{family}`, or was not observed with Postfix {}",
            args.for_postfix
        ),
        _ => format!(
            "nothing of this was observed with Postfix {}; see --for-postfix",
            args.for_postfix
        ),
    }
}
