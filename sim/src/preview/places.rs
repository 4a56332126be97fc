//! Where a main.cf sets what a finding is about.

use mta_core::config::MainCf;

use super::finding::Finding;

/// The parameters that a main.cf sets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Places {
    /// The file.
    pub(super) file: String,
    set: Vec<Set>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Set {
    name: String,
    value: String,
    line: Option<u32>,
}

/// What turns TLS on, and with it the rest.
const LEVEL: &str = "smtp_tls_security_level";

impl Places {
    pub(super) fn of(main_cf: &MainCf) -> Places {
        let set = main_cf.entries().map(|entry| Set {
            name: entry.name.clone(),
            value: entry.value.clone(),
            line: entry.place.line(),
        });
        Places {
            file: main_cf.file().to_owned(),
            set: set.collect(),
        }
    }

    /// The parameter that a finding is about and its line, as far as they show.
    pub(super) fn find(&self, finding: &Finding) -> (Option<&str>, Option<u32>) {
        match finding {
            Finding::ClearText { .. } | Finding::PasswordExposed { .. } => {
                let set = self.set.iter().find(|set| set.name == LEVEL);
                (Some(LEVEL), set.and_then(|set| set.line))
            }
            Finding::NotDelivered { reason, .. } | Finding::NoTls { reason } => {
                let set = self.told_in(reason);
                (
                    set.map(|set| set.name.as_str()),
                    set.and_then(|set| set.line),
                )
            }
        }
    }

    /// What is set of which a sentence has the name, or else the path.
    fn told_in(&self, sentence: &str) -> Option<&Set> {
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let mut words = sentence.split(|c| !is_part(c));
        let by_name = words.find_map(|word| self.set.iter().find(|set| set.name == word));
        let has_path = |set: &&Set| set.value.starts_with('/') && sentence.contains(&set.value);
        by_name.or_else(|| {
            let with_path = self.set.iter().filter(has_path);
            // A path may be the beginning of another.
            with_path.max_by_key(|set| (set.value.len(), set.name.starts_with("smtp_")))
        })
    }
}
