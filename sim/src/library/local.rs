//! Files of one's own that lie together, as a source over the catalogue.

use std::sync::Arc;

use super::{Catalogue, FileKind};
use crate::file::SourceFile;

/// Files of one's own that lie together: what one of them names is looked for among them first.
///
/// What lies there without being named makes no difference, whatever is wrong with it.
///
/// ```
/// use mta_sim::file::SourceFile;
/// use mta_sim::library::{Catalogue, LocalFiles};
/// use mta_sim::scenario::Scenario;
///
/// let flaky = "[[on]]\nmoment = 'greeting'\nevery = 2\nthen = 'reset'";
/// let mut files = LocalFiles::default();
/// files.add(SourceFile::new("mine/flaky.toml", flaky));
/// let text = r#"
///     summary = "Every second connection is reset"
///     main-cf = "smtp_tls_security_level = may"
///     world = "w0"
///     [[domain]]
///     name = "example.test"
///     mx = [{ host = "mx1.example.test", peer = "flaky" }]
/// "#;
/// let catalogue = files.over(Catalogue::shared());
/// let scenario = Scenario::load_in("mine/scenario.toml", text, &catalogue)?;
/// assert!(catalogue.overridden().is_empty(), "the catalogue had no such peer");
/// # assert_eq!(scenario.plan.messages.len(), 1);
/// # Ok::<(), mta_sim::file::FileError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct LocalFiles {
    files: Vec<LocalFile>,
}

#[derive(Clone, Debug)]
struct LocalFile {
    kind: FileKind,
    file: Arc<SourceFile>,
}

impl LocalFiles {
    /// Adds a file. Of two of the same kind and name, the first counts.
    pub fn add(&mut self, file: Arc<SourceFile>) {
        let (kind, _) = FileKind::of(&file);
        self.files.push(LocalFile { kind, file });
    }

    /// These files as a source over others.
    pub fn over(&self, below: &Arc<Catalogue>) -> Catalogue {
        let mut catalogue = Catalogue::over(below);
        for LocalFile { kind, file } in &self.files {
            catalogue.add_file(*kind, file.name(), file.clone());
        }
        catalogue
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::FileError;
    use crate::library::World;
    use crate::peer::PeerSpec;

    fn over_catalogue(files: &[(&str, &str)]) -> Catalogue {
        let mut local = LocalFiles::default();
        for (path, text) in files {
            local.add(SourceFile::new(*path, *text));
        }
        local.add(SourceFile::unreadable("d/dark.toml", "permission denied"));
        local.over(Catalogue::shared())
    }

    #[test]
    fn what_is_named_is_found_with_what_it_names() {
        let files = [
            ("d/gmail.toml", "extends = 'gmail'\ntls.tickets = 0"),
            (
                "d/strict.toml",
                "extends = 'gentle'\ntls.versions = ['1.3']",
            ),
            ("d/peers/gentle.toml", "greeting = '220 gentle'"),
            ("d/broken.toml", "tls.tickets = 'many'"),
        ];
        let own = over_catalogue(&files);
        assert_eq!(own.peer("strict").unwrap().greeting, "220 gentle".into());
        assert_eq!(own.overridden(), []);
        let gmail = own.peer("gmail").unwrap();
        assert_eq!((gmail.tls.tickets, gmail.mx.len()), (0, 5));
        let told: Vec<String> = own.overridden().iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            ["peer \"gmail\" is d/gmail.toml, not that of the catalogue"]
        );
    }

    #[test]
    fn files_of_the_catalogue_build_on_its_own() {
        let own = over_catalogue(&[(
            "d/worlds/w0.toml",
            "summary = 'x'\n[[domain]]\nname = 'mine.test'",
        )]);
        assert_eq!(own.world("w0").unwrap().spec.domains[0].name, "mine.test");
        assert_eq!(
            own.world("w2").unwrap(),
            Catalogue::shared().world("w2").unwrap()
        );
    }

    #[test]
    fn a_fault_in_what_is_named_keeps_its_own_place() {
        let own = over_catalogue(&[
            ("d/broken.toml", "\ntls.tickets = 'many'"),
            ("d/a.toml", "extends = 'b'\n[[on]]\ncommand = 'QUIT'"),
            ("d/b.toml", "extends = 'a'\n[[on]]\ncommand = 'QUIT'"),
            ("d/v.toml", "summary = 'v'\nextends = 'w'\nlatency = '1s'"),
            ("d/w.toml", "summary = 'w'\nextends = 'v'\nlatency = '1s'"),
            ("d/i.toml", "summary = 'i'\nextends = 'i'\nlatency = '1s'"),
        ]);
        let peer = |name: &str| own.peer(name).unwrap_err().to_string();
        let many = "invalid type: string \"many\", expected a whole number from 0 to 255";
        assert_eq!(peer("broken"), format!("d/broken.toml:2:15: {many}"));
        assert_eq!(peer("a"), "d/b.toml:1:11: this peer builds on itself");
        assert_eq!(peer("dark"), "d/dark.toml:1:1: permission denied");
        let world = |name: &str| own.world(name).unwrap_err().to_string();
        assert_eq!(world("v"), "d/w.toml:2:11: this world builds on itself");
        assert_eq!(world("i"), "d/i.toml:2:11: this world builds on itself");
        // A world that names a peer which is wrong is not read either.
        let text = "summary = 'x'\nextends = 'w0'\n[[domain]]\nname = 'a.test'\npeer = 'strict'";
        let mut local = LocalFiles::default();
        local.add(SourceFile::new("d/strict.toml", "extends = 'broken'"));
        local.add(SourceFile::new("d/broken.toml", "\ntls.tickets = 'many'"));
        let own = local.over(Catalogue::shared());
        let told = |error: FileError| error.to_string();
        let error = World::load("d/x.toml", text, &own).map_err(told);
        assert_eq!(error, Err(format!("d/broken.toml:2:15: {many}")));
    }

    #[test]
    fn a_file_that_builds_on_its_own_name_is_read_by_path_too() {
        let file = SourceFile::new("d/gmail.toml", "extends = 'gmail'\ntls.tickets = 0");
        let mut local = LocalFiles::default();
        local.add(file.clone());
        let own = local.over(Catalogue::shared());
        let peer = PeerSpec::load_file(&file, &own).unwrap();
        assert_eq!(peer.tls.tickets, 0);
        assert_eq!(Ok(&peer), own.peer("gmail"));
    }
}
