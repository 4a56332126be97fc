//! `mta-sim catalogue`

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use mta_sim::behaviour::{Behaviours, Judged, LEVELS, Options, Table, Verdict};
use mta_sim::file::FileError;
use mta_sim::library::{Catalogue, LocalFiles};
use serde::Serialize;

use super::run::driver;
use crate::args::CatalogueArgs;
use crate::disk::{self, Files};
use crate::print;
use crate::verdict::{self, Usage};

pub(crate) fn catalogue(args: &CatalogueArgs) -> Result<verdict::Verdict, Usage> {
    let (behaviours, catalogue) = with_folder(args.from.as_deref())?;
    unknown(&args.names, &behaviours)?;
    let options = Options {
        release: args.for_postfix,
        seed: args.seed,
        driver: driver(args.driver),
    };
    let wanted = |id: &str| {
        args.names.is_empty() || args.names.iter().any(|name| mta_sim::pattern::is(name, id))
    };
    let table = Table::make(&behaviours, &catalogue, options, wanted);
    let counts = Counts::of(&table, args.for_postfix);
    if args.json {
        print::json(&counts);
    } else {
        print::out(&text(&table, &counts));
    }
    Ok(if counts.disagree == 0 {
        verdict::Verdict::Fine
    } else {
        verdict::Verdict::Finding
    })
}

/// The catalogue, and over it the files of a folder that is laid out as `scenarios/`.
fn with_folder(folder: Option<&Path>) -> Result<(Behaviours, Catalogue), Usage> {
    let fault = |error: FileError| Usage(error.to_string());
    let mut behaviours = Behaviours::embedded().map_err(fault)?;
    let mut files = Files::default();
    let mut local = LocalFiles::default();
    for inner in folder
        .iter()
        .flat_map(|folder| ["peers", "worlds"].map(|name| folder.join(name)))
    {
        for path in disk::toml_files(&inner).map_err(Usage)? {
            let told = |why| Usage(format!("{}: {why}", disk::shown(&path)));
            local.add(files.file(&path).map_err(told)?);
        }
    }
    let catalogue = local.over(Catalogue::shared());
    let Some(folder) = folder else {
        return Ok((behaviours, catalogue));
    };
    for path in disk::toml_files(&folder.join("rows")).map_err(Usage)? {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        behaviours
            .add_rows(&name, &text_of(&path)?)
            .map_err(fault)?;
    }
    let corrections = folder.join("corrections.toml");
    if corrections.exists() {
        behaviours
            .set_corrections(&text_of(&corrections)?)
            .map_err(fault)?;
    }
    catalogue.check_all().map_err(fault)?;
    Ok((behaviours, catalogue))
}

fn text_of(path: &Path) -> Result<String, Usage> {
    super::run::read(&path.to_string_lossy())
}

/// A name that fits nothing is a mistake.
fn unknown(names: &[String], behaviours: &Behaviours) -> Result<(), Usage> {
    let ids = || behaviours.rows().keys().map(String::as_str);
    for name in names {
        if !ids().any(|id| mta_sim::pattern::is(name, id)) {
            let near = mta_sim::nearest(name, ids())
                .map_or_else(String::new, |near| format!("; did you mean \"{near}\"?"));
            return Err(Usage(format!("no behaviour is called \"{name}\"{near}")));
        }
    }
    Ok(())
}

/// The table in numbers.
#[derive(Serialize)]
struct Counts {
    postfix: String,
    behaviours: usize,
    /// Behaviours that agree or are settled at every level.
    done: usize,
    cells: usize,
    agree: usize,
    settled: usize,
    pending: usize,
    disagree: usize,
    /// Cells that wait, by the capability that they wait for.
    pending_for: BTreeMap<String, usize>,
    disagreements: Vec<Cell>,
    settlements: Vec<Cell>,
}

#[derive(Serialize)]
struct Cell {
    id: String,
    level: String,
    expected: String,
    came: String,
}

impl Counts {
    fn of(table: &Table, release: impl ToString) -> Counts {
        let count = |verdict| table.count(|other| other == verdict);
        let mut pending_for = BTreeMap::new();
        for (_, cell) in table.cells() {
            if let Verdict::Pending(capability) = cell.verdict {
                *pending_for.entry(capability.name().to_owned()).or_default() += 1;
            }
        }
        let cells = |verdict| {
            let of_it = table.cells().filter(|(_, cell)| cell.verdict == verdict);
            of_it.map(|(id, cell)| Cell::of(id, cell)).collect()
        };
        Counts {
            postfix: release.to_string(),
            behaviours: table.rows.len(),
            done: table.done(),
            cells: table.cells().count(),
            agree: count(Verdict::Agree),
            settled: count(Verdict::Settled),
            pending: pending_for.values().sum(),
            disagree: count(Verdict::Disagree),
            pending_for,
            disagreements: cells(Verdict::Disagree),
            settlements: cells(Verdict::Settled),
        }
    }
}

impl Cell {
    fn is_like(&self, other: &Cell) -> bool {
        (&self.id, &self.expected, &self.came) == (&other.id, &other.expected, &other.came)
    }

    fn of(id: &str, cell: &Judged) -> Cell {
        Cell {
            id: id.to_owned(),
            level: cell.level.to_string(),
            expected: cell.expected.clone(),
            came: cell.came.clone(),
        }
    }
}

/// A row a line; a cell that is not as its row says carries a mark.
fn text(table: &Table, counts: &Counts) -> String {
    let mut text = format!("{:<36}", "");
    // Writing to a String cannot fail.
    for level in LEVELS {
        let _ = write!(text, "{:<12}", level.name());
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    for (id, cells) in &table.rows {
        let mut line = format!("{id:<36}");
        for cell in cells {
            let shown = match cell.verdict {
                Verdict::Agree => first(&cell.came),
                Verdict::Settled => format!("{}*", first(&cell.came)),
                Verdict::Pending(_) => "...".to_owned(),
                Verdict::Disagree => format!("{}!", first(&cell.came)),
            };
            let _ = write!(line, "{shown:<11} ");
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    let mut same: Vec<(&Cell, Vec<&str>)> = Vec::new();
    for cell in &counts.disagreements {
        match same.last_mut() {
            Some((first, levels)) if first.is_like(cell) => levels.push(&cell.level),
            _ => same.push((cell, vec![&cell.level])),
        }
    }
    for (
        Cell {
            id, expected, came, ..
        },
        levels,
    ) in same
    {
        let levels = levels.join(", ");
        let _ = writeln!(text, "! {id} at {levels}: expected {expected}, came {came}");
    }
    let _ = writeln!(
        text,
        "\nPostfix {}: {} behaviours, {} of them as they should be at every level; {} cells: {} agree, {} settled (*), \
         {} pending (...), {} disagree (!)",
        counts.postfix,
        counts.behaviours,
        counts.done,
        counts.cells,
        counts.agree,
        counts.settled,
        counts.pending,
        counts.disagree
    );
    for (capability, cells) in &counts.pending_for {
        let _ = writeln!(text, "  pending for {capability}: {cells} cells");
    }
    text
}

/// The first delivery of a cell's words, short enough for a column.
fn first(came: &str) -> String {
    let first = came.split(',').next().unwrap_or_default();
    if first.len() > 10 {
        "error".to_owned()
    } else {
        first.to_owned()
    }
}
