//! Which of the offered mechanisms are looked at: `smtp_sasl_mechanism_filter` (src/global/sasl_mech_filter.c, match_list.c).

use std::fmt;

/// Words, the first that fits decides; without any, every mechanism passes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MechanismFilter(Vec<Pattern>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Pattern {
    /// Behind `!` stands what does not pass.
    passes: bool,
    what: Which,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Which {
    /// A name, in any case.
    Named(String),
    /// `static:…`: every one.
    Every(String),
}

impl MechanismFilter {
    /// Reads words between blanks and commas.
    ///
    /// # Errors
    /// The first word that names a file or a table, other than `static:…`: those are not looked into.
    pub fn parse(text: &str) -> Result<MechanismFilter, String> {
        let words = text.split([',', ' ', '\t', '\r', '\n']);
        let patterns = words.filter(|word| !word.is_empty()).map(|word| {
            let name = word.trim_start_matches('!');
            // Each `!` turns the one behind it round.
            let passes = (word.len() - name.len()).is_multiple_of(2);
            let what = if name.starts_with("static:") {
                Which::Every(name.to_owned())
            } else if name.starts_with('/') || name.contains(':') {
                return Err(word.to_owned());
            } else {
                Which::Named(name.to_owned())
            };
            Ok(Pattern { passes, what })
        });
        Ok(MechanismFilter(patterns.collect::<Result<_, _>>()?))
    }

    /// Whether a mechanism passes.
    pub fn passes(&self, mechanism: &str) -> bool {
        let first = self.0.iter().find(|pattern| match &pattern.what {
            Which::Named(name) => name.eq_ignore_ascii_case(mechanism),
            Which::Every(_) => true,
        });
        first.map_or(self.0.is_empty(), |pattern| pattern.passes)
    }

    /// Whether it asks for a mechanism by its name.
    pub fn names(&self, mechanism: &str) -> bool {
        let mut named = self.0.iter().filter(|pattern| pattern.passes);
        named.any(|pattern| match &pattern.what {
            Which::Named(name) => name.eq_ignore_ascii_case(mechanism),
            Which::Every(_) => false,
        })
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for MechanismFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut comma = "";
        for Pattern { passes, what } in &self.0 {
            let (Which::Named(name) | Which::Every(name)) = what;
            let not = if *passes { "" } else { "!" };
            write!(f, "{comma}{not}{name}")?;
            comma = ", ";
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passing(filter: &str) -> Vec<&'static str> {
        let filter = MechanismFilter::parse(filter).unwrap();
        let all = ["PLAIN", "LOGIN", "CRAM-MD5"].into_iter();
        all.filter(|name| filter.passes(name)).collect()
    }

    #[test]
    fn the_first_word_that_fits_decides() {
        assert_eq!(passing(""), ["PLAIN", "LOGIN", "CRAM-MD5"]);
        assert_eq!(passing("plain, login"), ["PLAIN", "LOGIN"]);
        // postconf(5) gives the like of this as an example.
        assert_eq!(
            passing("!gssapi, !login, static:all"),
            ["PLAIN", "CRAM-MD5"]
        );
        assert_eq!(passing("!login"), [""; 0]);
        assert_eq!(passing("!!plain"), ["PLAIN"]);
    }

    #[test]
    fn files_and_tables_are_not_looked_into() {
        for word in ["/etc/postfix/mechanisms", "!hash:/etc/postfix/mechanisms"] {
            let filter = format!("plain {word}");
            assert_eq!(MechanismFilter::parse(&filter), Err(word.to_owned()));
        }
    }
}
