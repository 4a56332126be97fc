//! Lists the files of `peers/`, `worlds/`, `cases/` and `rows/`, so that to drop a file there is all it takes.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, error, fs};

fn main() -> Result<(), Box<dyn error::Error>> {
    let here = env::var("CARGO_MANIFEST_DIR")?;
    let mut text = String::new();
    for (folder, name) in [
        ("peers", "PEERS"),
        ("worlds", "WORLDS"),
        ("cases", "CASES"),
        ("rows", "ROWS"),
    ] {
        println!("cargo::rerun-if-changed={folder}");
        let path = Path::new(&here).join(folder);
        let mut files = Vec::new();
        for entry in fs::read_dir(&path)? {
            let path = entry?.path();
            if path
                .extension()
                .is_some_and(|extension| extension == "toml")
            {
                files.push(path);
            }
        }
        files.sort();
        writeln!(text, "/// The files of `{folder}/`.")?;
        writeln!(text, "pub const {name}: &[(&str, &str)] = &[")?;
        for path in files {
            let stem = path.file_stem().unwrap_or_default().to_string_lossy();
            writeln!(text, "    ({stem:?}, include_str!({path:?})),")?;
        }
        writeln!(text, "];")?;
    }
    fs::write(Path::new(&env::var("OUT_DIR")?).join("files.rs"), text)?;
    Ok(())
}
