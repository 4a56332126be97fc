//! Which files need each other: imports and paths, followed through re-exports to the file that defines what they name.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

static LITERAL: LazyLock<Regex> = LazyLock::new(|| regex(r#""(?:\\.|[^"\\])*""#));
/// Who sees an item, and comments behind code.
static ASIDE: LazyLock<Regex> = LazyLock::new(|| regex(r"pub\(in [a-z:]*\)| // [^\n]*"));
/// That a file has another below it is no need of it.
static CHILD: LazyLock<Regex> = LazyLock::new(|| regex(r"(?-u:\b)mod \w+;"));
/// What is imported, and maybe exported again.
static USE: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(pub(?:\([a-z]+\))?\s+)?(?-u:\b)use\s+([^;]+);"));
static PATH: LazyLock<Regex> = LazyLock::new(|| regex(r"(?-u:\b)[a-z_]\w*(?:::\w+)+"));
static DEFINITION: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?-u:\b)(?:struct|enum|fn|trait|const|static|type|union)\s+(\w+)"));

fn regex(text: &str) -> Regex {
    Regex::new(text).unwrap()
}

/// A file by its place among the modules: `delivery`, `walk`; nothing for the root of the crate.
type Module = Vec<String>;

struct Source {
    /// The code without comments, strings, tests and imports.
    code: String,
    /// The names that it defines.
    defined: BTreeSet<String>,
    imports: Vec<Import>,
}

/// A name that a file imports.
struct Import {
    /// The name here.
    name: String,
    /// The path as written.
    path: Vec<String>,
    /// Whether it is exported again.
    is_exported: bool,
}

/// The files of a crate.
struct Files(BTreeMap<Module, Source>);

/// Sets of files that need each other, each in order.
pub(crate) fn circles(crate_src: &Path) -> Vec<Vec<String>> {
    let files = Files::read(crate_src);
    let needs: BTreeMap<&Module, BTreeSet<Module>> = files
        .0
        .keys()
        .map(|module| (module, files.needs(module)))
        .collect();
    let reached: BTreeMap<&Module, BTreeSet<&Module>> = needs
        .keys()
        .map(|module| (*module, reachable(module, &needs)))
        .collect();
    let mut circles = BTreeSet::new();
    for (module, others) in &reached {
        let circle: Vec<String> = others
            .iter()
            .filter(|other| reached[*other].contains(module))
            .map(|other| other.join("/"))
            .collect();
        if circle.len() > 1 {
            circles.insert(circle);
        }
    }
    circles.into_iter().collect()
}

fn reachable<'m>(
    from: &Module,
    needs: &'m BTreeMap<&Module, BTreeSet<Module>>,
) -> BTreeSet<&'m Module> {
    let mut seen = BTreeSet::new();
    let mut todo: Vec<&Module> = needs[from].iter().collect();
    while let Some(module) = todo.pop() {
        if seen.insert(module) {
            todo.extend(&needs[module]);
        }
    }
    seen
}

impl Files {
    fn read(crate_src: &Path) -> Files {
        let mut paths = Vec::new();
        super::files(crate_src, &mut paths);
        let files = paths.into_iter().map(|path| {
            let place = path.strip_prefix(crate_src).unwrap().with_extension("");
            let mut module: Module = place
                .iter()
                .map(|part| part.to_str().unwrap().to_owned())
                .collect();
            let last = module.last().map(String::as_str);
            if last == Some("mod") || module == ["lib"] || module == ["main"] {
                module.pop();
            }
            (module, Source::read(&super::code(&path)))
        });
        Files(files.collect())
    }

    /// The other files whose definitions a file names.
    fn needs(&self, module: &Module) -> BTreeSet<Module> {
        let source = &self.0[module];
        let mut paths = Vec::new();
        for import in &source.imports {
            // What is only exported again is not needed here.
            if !import.is_exported || source.names(&import.name) {
                paths.push(import.path.clone());
            }
        }
        for path in PATH.find_iter(&source.code) {
            let path: Vec<String> = path.as_str().split("::").map(str::to_owned).collect();
            paths.push(match source.import(&path[0]) {
                Some(import) => [&import.path, &path[1..]].concat(),
                None => path,
            });
        }
        let found = paths.iter().filter_map(|path| {
            let path = self.absolute(module, path)?;
            self.definer(&path, &mut BTreeSet::new())
        });
        found.filter(|other| other != module).collect()
    }

    /// A path from the root of the crate on; nothing for those of other crates.
    fn absolute(&self, module: &Module, path: &[String]) -> Option<Vec<String>> {
        let supers = path.iter().take_while(|part| *part == "super").count();
        let (start, rest) = match path[0].as_str() {
            "crate" => (&module[..0], &path[1..]),
            "self" => (&module[..], &path[1..]),
            "super" => (
                &module[..module.len().checked_sub(supers)?],
                &path[supers..],
            ),
            _ => (&module[..], path),
        };
        let absolute = [start, rest].concat();
        let is_child = || self.0.contains_key(&absolute[..=module.len()]);
        (matches!(path[0].as_str(), "crate" | "self" | "super") || is_child()).then_some(absolute)
    }

    /// The file that defines what a path names.
    fn definer(&self, path: &[String], seen: &mut BTreeSet<Vec<String>>) -> Option<Module> {
        if !seen.insert(path.to_vec()) {
            return None;
        }
        let depth = (0..=path.len())
            .rev()
            .find(|depth| self.0.contains_key(&path[..*depth]))?;
        let (module, rest) = path.split_at(depth);
        let source = &self.0[module];
        let name = rest.first().filter(|name| !source.defined.contains(*name));
        match name.and_then(|name| source.import(name)) {
            Some(import) => {
                let path = self.absolute(&module.to_vec(), &import.path)?;
                self.definer(&path, seen)
            }
            None => Some(module.to_vec()),
        }
    }
}

impl Source {
    fn read(code: &str) -> Source {
        let code = LITERAL.replace_all(code, "");
        let code = ASIDE.replace_all(&code, "");
        let code = CHILD.replace_all(&code, "");
        let imports = USE.captures_iter(&code).flat_map(|found| {
            let is_exported = found.get(1).is_some();
            tree(&found[2]).into_iter().map(move |(name, path)| Import {
                name,
                path,
                is_exported,
            })
        });
        let imports = imports.collect();
        let code = USE.replace_all(&code, "").into_owned();
        let defined = DEFINITION.captures_iter(&code);
        Source {
            defined: defined.map(|found| found[1].to_owned()).collect(),
            imports,
            code,
        }
    }

    /// What brings a name.
    fn import(&self, name: &str) -> Option<&Import> {
        self.imports.iter().find(|import| import.name == name)
    }

    /// Whether a word stands in the code.
    fn names(&self, word: &str) -> bool {
        let mut words = self.code.split(|c: char| !c.is_alphanumeric() && c != '_');
        words.any(|known| known == word)
    }
}

/// What a `use` brings: names, and the paths that they stand for.
fn tree(text: &str) -> Vec<(String, Vec<String>)> {
    let text = text.trim();
    if let Some((start, rest)) = text.split_once('{') {
        let start: Vec<String> = parts(start);
        let inner = rest.trim_end().strip_suffix('}').unwrap_or(rest);
        let branches = top_level(inner);
        let branches = branches.iter().flat_map(|branch| tree(branch));
        return branches
            .map(|(name, path)| match path == ["self"] {
                true => (start.last().cloned().unwrap_or_default(), start.clone()),
                false => (name, [&start[..], &path].concat()),
            })
            .collect();
    }
    let (path, alias) = text.split_once(" as ").unwrap_or((text, ""));
    let path = parts(path);
    let name = match alias.trim() {
        "" => path.last().cloned().unwrap_or_default(),
        alias => alias.to_owned(),
    };
    vec![(name, path)]
}

fn parts(path: &str) -> Vec<String> {
    let parts = path.split("::").map(str::trim);
    parts
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The branches between commas, braces held together.
fn top_level(text: &str) -> Vec<String> {
    let mut branches = vec![String::new()];
    let mut depth = 0;
    for c in text.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                branches.push(String::new());
                continue;
            }
            _ => {}
        }
        branches.last_mut().unwrap().push(c);
    }
    branches.retain(|branch| !branch.trim().is_empty());
    branches
}
