//! `mta-sim conform`

use conform::{Dataset, Options, judge};

use crate::args::ConformArgs;
use crate::{Usage, Verdict, print};

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
        return Err(Usage(
            "no case is called so; see the files for ids and families".to_owned(),
        ));
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
