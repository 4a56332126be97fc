//! The main.cf that a command is about.

use std::io::Read as _;
use std::path::Path;

use mta_core::config::MAX_FILE_BYTES;
use mta_sim::bytes::Bytes;

use super::template::looks_like_one;
use crate::verdict::Usage;

/// What to say of a main.cf that is refused.
pub(super) fn refused(file: &str, text: &Bytes, error: &impl ToString) -> Usage {
    let text = String::from_utf8_lossy(text);
    Usage(looks_like_one(file, &text).unwrap_or_else(|| error.to_string()))
}

/// The name of a main.cf for messages, and what it holds.
pub(super) fn read(path: &Path) -> Result<(String, Bytes), Usage> {
    let name = if path == Path::new("-") {
        "(standard input)".into()
    } else {
        path.to_string_lossy()
    };
    let limit = u64::try_from(MAX_FILE_BYTES).unwrap_or(u64::MAX) + 1;
    let mut bytes = Vec::new();
    let result = if path == Path::new("-") {
        std::io::stdin().lock().take(limit).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes))
    };
    result.map_err(|error| Usage(format!("{name}: {error}")))?;
    Ok((name.into_owned(), bytes.into()))
}
