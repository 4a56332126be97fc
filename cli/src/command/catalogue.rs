//! `mta-sim catalogue`

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use mta_sim::behaviour::{Judged, LEVELS, Options, Table, Verdict};
use mta_sim::file::FileError;
use mta_sim::library::Catalogue;
use serde::Serialize;

use super::run::{catalogue as embedded, driver};
use crate::args::CatalogueArgs;
use crate::{Usage, print};

pub(crate) fn catalogue(args: &CatalogueArgs) -> Result<crate::Verdict, Usage> {
    let mut catalogue = embedded()?;
    if let Some(folder) = &args.from {
        overlay(&mut catalogue, folder)?;
    }
    unknown(&args.names, &catalogue)?;
    let options = Options {
        release: args.for_postfix,
        seed: args.seed,
        driver: driver(args.driver),
    };
    let wanted = |id: &str| {
        args.names.is_empty() || args.names.iter().any(|name| mta_sim::pattern::is(name, id))
    };
    let table = Table::make(&catalogue, options, wanted);
    let counts = Counts::of(&table, args.for_postfix);
    if args.json {
        print::json(&counts);
    } else {
        print::out(&text(&table, &counts));
    }
    Ok(if counts.disagree == 0 {
        crate::Verdict::Fine
    } else {
        crate::Verdict::Finding
    })
}

/// Files of a folder that is laid out as `scenarios/` go before those that were built in.
fn overlay(catalogue: &mut Catalogue, folder: &Path) -> Result<(), Usage> {
    let fault = |error: FileError| Usage(error.to_string());
    for (name, text) in texts(&folder.join("peers"))? {
        catalogue.add_peer(&name, &text).map_err(fault)?;
    }
    let mut worlds = texts(&folder.join("worlds"))?;
    // A world that builds on a later one has to wait for it; what still fails when nothing else is added is wrong.
    while !worlds.is_empty() {
        let before = worlds.len();
        let mut faults = Vec::new();
        worlds.retain(|(name, text)| match catalogue.add_world(name, text) {
            Ok(()) => false,
            Err(error) => {
                faults.push(error);
                true
            }
        });
        if worlds.len() == before {
            return faults
                .into_iter()
                .next()
                .map_or(Ok(()), |error| Err(fault(error)));
        }
    }
    for (name, text) in texts(&folder.join("rows"))? {
        catalogue.add_rows(&name, &text).map_err(fault)?;
    }
    let corrections = folder.join("corrections.toml");
    if corrections.exists() {
        catalogue
            .set_corrections(&text_of(&corrections)?)
            .map_err(fault)?;
    }
    Ok(())
}

/// The `.toml` files of a folder, by name; none if there is no such folder.
fn texts(folder: &Path) -> Result<Vec<(String, String)>, Usage> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let fault = |error: std::io::Error| Usage(format!("{}: {error}", folder.display()));
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(fault)? {
        let path = entry.map_err(fault)?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "toml")
        {
            paths.push(path);
        }
    }
    paths.sort();
    paths
        .iter()
        .map(|path| {
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            Ok((name.into_owned(), text_of(path)?))
        })
        .collect()
}

fn text_of(path: &Path) -> Result<String, Usage> {
    super::run::read(&path.to_string_lossy())
}

/// A name that fits nothing is a mistake.
fn unknown(names: &[String], catalogue: &Catalogue) -> Result<(), Usage> {
    let ids = || catalogue.rows().keys().map(String::as_str);
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
