//! The disk of the machine that a main.cf is for: this machine's, or a copy of another's below a folder.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs;
use std::io::Read as _;
use std::path::{Component, Path, PathBuf};

use mta_core::maps::MAX_FILE_BYTES;
use mta_sim::preview::{Disk, FoundFile};

use crate::disk::shown;

/// Where files that a main.cf names are looked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Machine {
    /// The folder that is `/` there.
    pub(crate) root: Option<PathBuf>,
    /// The folder of main.cf, where files lie that are not at their places.
    pub(crate) beside: Option<PathBuf>,
}

/// Where Postfix's own files usually are, of which a folder beside main.cf may be a copy.
const CONFIG_DIRECTORY: &str = "/etc/postfix/";

/// Links that are followed for one path, as Linux does.
const LINKS_MAX: usize = 40;

impl Disk for Machine {
    fn file(&self, path: &str) -> Option<FoundFile> {
        if let Some(contents) = self.place(path).and_then(|place| contents(&place)) {
            return Some(FoundFile {
                contents,
                elsewhere: None,
            });
        }
        let beside = self.beside.as_ref()?;
        let below = path.strip_prefix(CONFIG_DIRECTORY).map(PathBuf::from);
        let name = Path::new(path).file_name().map(PathBuf::from);
        let places = below.into_iter().chain(name);
        places.map(|place| beside.join(place)).find_map(|place| {
            // What lies beside is below it.
            let is_inside = place
                .canonicalize()
                .ok()?
                .starts_with(beside.canonicalize().ok()?);
            Some(FoundFile {
                contents: contents(&place).filter(|_| is_inside)?,
                elsewhere: Some(shown(&place)),
            })
        })
    }

    fn folder(&self, path: &str) -> Option<Vec<String>> {
        let entries = fs::read_dir(self.place(path)?).ok()?;
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        Some(names.collect())
    }
}

impl Machine {
    /// Where a path of that machine is on this one.
    fn place(&self, path: &str) -> Option<PathBuf> {
        match &self.root {
            Some(root) => below(root, path),
            None => Some(PathBuf::from(path)),
        }
    }
}

/// The place of a path below a root, with the links that are there followed as in a chroot(2): none leads out.
fn below(root: &Path, path: &str) -> Option<PathBuf> {
    let mut place = root.to_owned();
    let mut depth = 0_usize;
    let mut links = 0;
    let mut ahead: VecDeque<OsString> = names(Path::new(path));
    while let Some(name) = ahead.pop_front() {
        if name == ".." {
            if depth > 0 {
                place.pop();
                depth -= 1;
            }
            continue;
        }
        let next = place.join(&name);
        match fs::read_link(&next) {
            Ok(target) => {
                links += 1;
                if links > LINKS_MAX {
                    return None;
                }
                if target.is_absolute() {
                    root.clone_into(&mut place);
                    depth = 0;
                }
                let mut target = names(&target);
                target.append(&mut ahead);
                ahead = target;
            }
            Err(_) => {
                place = next;
                depth += 1;
            }
        }
    }
    Some(place)
}

/// The names of a path and its `..`, without the root and without `.`.
fn names(path: &Path) -> VecDeque<OsString> {
    let part = |part: Component<'_>| match part {
        Component::Normal(_) | Component::ParentDir => Some(part.as_os_str().to_owned()),
        Component::RootDir | Component::CurDir | Component::Prefix(_) => None,
    };
    path.components().filter_map(part).collect()
}

/// What is in a file, up to a byte more than a table may have.
pub(crate) fn contents(place: &Path) -> Option<Vec<u8>> {
    // A pipe or a device might be read for ever.
    if !fs::metadata(place).ok()?.is_file() {
        return None;
    }
    let limit = u64::try_from(MAX_FILE_BYTES).unwrap_or(u64::MAX) + 1;
    let mut bytes = Vec::new();
    let file = fs::File::open(place).ok()?;
    file.take(limit).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// A folder with `in/` and `out/`, gone when the test ends.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Folder {
            let folder =
                std::env::temp_dir().join(format!("mta-sim-{name}-{}", std::process::id()));
            let _ = fs::remove_dir_all(&folder);
            fs::create_dir_all(folder.join("in/etc/ssl")).unwrap();
            fs::create_dir_all(folder.join("out")).unwrap();
            fs::write(folder.join("out/secret"), "secret").unwrap();
            fs::write(folder.join("in/etc/ssl/own.pem"), "own").unwrap();
            Folder(folder)
        }

        fn read(&self, path: &str) -> Option<Vec<u8>> {
            let machine = Machine {
                root: Some(self.0.join("in")),
                beside: None,
            };
            Some(machine.file(path)?.contents)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn no_link_leads_out_of_a_root() {
        let folder = Folder::new("root");
        let root = folder.0.join("in");
        symlink("/etc/ssl/own.pem", root.join("absolute")).unwrap();
        symlink("../../../etc/ssl", root.join("etc/upwards")).unwrap();
        symlink("../out/secret", root.join("leaves")).unwrap();
        symlink(folder.0.join("out"), root.join("out")).unwrap();
        symlink("loop", root.join("loop")).unwrap();
        for inside in [
            "/etc/ssl/own.pem",
            "/absolute",
            "/etc/upwards/own.pem",
            "/../etc/ssl/./own.pem",
        ] {
            assert_eq!(folder.read(inside), Some(b"own".to_vec()), "{inside}");
        }
        for outside in ["/leaves", "/out/secret", "/../out/secret", "/loop"] {
            assert_eq!(folder.read(outside), None, "{outside}");
        }
    }

    #[test]
    fn what_lies_beside_main_cf_is_found_there() {
        let folder = Folder::new("beside");
        let beside = folder.0.join("in");
        fs::create_dir(beside.join("maps")).unwrap();
        fs::write(beside.join("maps/transport"), "below").unwrap();
        fs::write(beside.join("key.pem"), "key").unwrap();
        symlink(folder.0.join("out/secret"), beside.join("secret")).unwrap();
        let machine = Machine {
            root: Some(folder.0.join("out")),
            beside: Some(beside.clone()),
        };
        let found = machine.file("/etc/postfix/maps/transport").unwrap();
        assert_eq!(found.contents, b"below");
        assert_eq!(found.elsewhere, Some(shown(&beside.join("maps/transport"))));
        assert_eq!(machine.file("/srv/key.pem").unwrap().contents, b"key");
        assert_eq!(machine.file("/srv/none.pem"), None);
        assert_eq!(machine.file("/srv/secret"), None);
        // What is at its place is not looked for beside.
        fs::write(folder.0.join("out/key.pem"), "at its place").unwrap();
        let found = machine.file("/key.pem").unwrap();
        assert_eq!(
            (found.contents, found.elsewhere),
            (b"at its place".to_vec(), None)
        );
    }
}
