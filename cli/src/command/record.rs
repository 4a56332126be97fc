//! The record of a conversation beside the file that it came from: `mine.toml`, `mine@3.7.conversation`.

use std::path::{Path, PathBuf};

use mta_core::config::Release;
use mta_sim::seed::Seed;

use crate::disk;
use crate::verdict::Usage;

/// At most this many lines of a difference are shown of either side.
const SHOWN: usize = 4;

/// How a run compares with its record.
pub(super) enum Compared {
    /// There is none.
    None(PathBuf),
    /// It is of another seed.
    OtherSeed,
    /// It is the same.
    Same,
    /// It is not; the first difference, line by line.
    Different(Vec<String>),
}

/// Where the record of a file lies.
fn place(file: &Path, release: Release) -> PathBuf {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    file.with_file_name(format!("{stem}@{release}.conversation"))
}

fn head(release: Release, seed: Seed) -> String {
    format!("Postfix {release}, seed {}\n", seed.0)
}

/// Takes a conversation for the right one.
pub(super) fn accept(
    file: &Path,
    release: Release,
    seed: Seed,
    conversation: &str,
) -> Result<PathBuf, Usage> {
    let place = place(file, release);
    let text = head(release, seed) + conversation;
    std::fs::write(&place, text).map_err(|error| Usage(format!("{}: {error}", place.display())))?;
    Ok(place)
}

/// Compares a conversation with the one that was accepted.
pub(super) fn compare(
    file: &Path,
    release: Release,
    seed: Seed,
    conversation: &str,
) -> Result<Compared, Usage> {
    let place = place(file, release);
    if !place.exists() {
        return Ok(Compared::None(place));
    }
    let text = disk::record(&place).map_err(|why| Usage(format!("{}: {why}", place.display())))?;
    let Some(recorded) = text.strip_prefix(&head(release, seed)) else {
        return Ok(Compared::OtherSeed);
    };
    let (was, is): (Vec<&str>, Vec<&str>) =
        (recorded.lines().collect(), conversation.lines().collect());
    let same = was
        .iter()
        .zip(&is)
        .take_while(|(was, is)| was == is)
        .count();
    if same == was.len() && same == is.len() {
        return Ok(Compared::Same);
    }
    // The head is the first line.
    let mut lines = vec![format!(
        "not as recorded in {}, from line {}:",
        disk::shown(&place),
        same + 2
    )];
    let side = |mark: char, lines: &[&str]| -> Vec<String> {
        let lines = lines.iter().skip(same).take(SHOWN);
        lines.map(|line| format!("{mark} {line}")).collect()
    };
    lines.extend(side('-', &was));
    lines.extend(side('+', &is));
    Ok(Compared::Different(lines))
}
