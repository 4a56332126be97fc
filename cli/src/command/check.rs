//! `mta-sim check`

use std::path::{Path, PathBuf};
use std::sync::Arc;

use mta_sim::file::SourceFile;
use mta_sim::library::check::{Checked, check_file};

use crate::args::CheckArgs;
use crate::disk::Files;
use crate::verdict::{Usage, Verdict};
use crate::{disk, print};

pub(crate) fn check(args: &CheckArgs) -> Result<Verdict, Usage> {
    let mut files = Files::default();
    let mut all = Vec::new();
    for path in &args.paths {
        for (path, file) in meant(path, &mut files)? {
            let catalogue = files.around(disk::folder_of(&path)).map_err(Usage)?;
            all.push(check_file(&file, &catalogue));
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
fn meant(path: &Path, files: &mut Files) -> Result<Vec<(PathBuf, Arc<SourceFile>)>, Usage> {
    if path.is_dir() {
        return files.of_folder(path).map_err(Usage);
    }
    let told = |why| Usage(format!("{}: {why}", disk::shown(path)));
    let file = files.file(path).map_err(told)?;
    Ok(vec![(path.to_owned(), file)])
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
    for warning in &checked.warnings {
        text.push_str(&format!("  warning: {warning}\n"));
    }
    text
}
