//! `mta-sim check`

use std::path::{Path, PathBuf};

use mta_sim::library::Catalogue;
use mta_sim::library::check::{Checked, Problem, check as check_file};

use super::run::catalogue;
use crate::args::CheckArgs;
use crate::{Usage, Verdict, disk, print};

pub(crate) fn check(args: &CheckArgs) -> Result<Verdict, Usage> {
    let catalogue = catalogue()?;
    let mut all = Vec::new();
    for path in &args.paths {
        for file in files(path)? {
            all.push(one(&file, &catalogue)?);
        }
    }
    if args.json {
        print::json(&all);
    } else {
        all.iter().for_each(|checked| print::out(&text(checked)));
    }
    let fine = all.iter().all(|checked| checked.problems.is_empty());
    Ok(if fine {
        Verdict::Fine
    } else {
        Verdict::Finding
    })
}

/// A file, or every file of a folder and of its folders for each kind.
fn files(path: &Path) -> Result<Vec<PathBuf>, Usage> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    disk::scenario_files(path).map_err(Usage)
}

fn one(path: &Path, catalogue: &Catalogue) -> Result<Checked, Usage> {
    let file = disk::shown(path);
    let text = disk::text(path).map_err(|why| Usage(format!("{file}: {why}")))?;
    let shelf = disk::shelf(disk::folder_of(path)).map_err(Usage)?;
    Ok(match shelf.catalogue_for(&text, catalogue) {
        Ok((catalogue, _)) => check_file(&file, &text, &catalogue),
        // What it names is wrong by itself; what can be said of the file is said without it.
        Err(error) => {
            let mut checked = check_file(&file, &text, catalogue);
            checked.problems.insert(0, Problem::from(error));
            checked
        }
    })
}

fn text(checked: &Checked) -> String {
    let mark = if checked.problems.is_empty() {
        "ok  "
    } else {
        "FAIL"
    };
    let Checked {
        file, kind, why, ..
    } = checked;
    let mut text = format!("{mark} {file}: a {kind}, since {why}\n");
    for problem in &checked.problems {
        text.push_str(&format!("  {problem}\n"));
    }
    text
}
