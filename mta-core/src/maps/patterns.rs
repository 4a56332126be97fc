//! Tables of patterns (regexp_table(5), pcre_table(5); src/util/dict_regexp.c, dict_pcre.c).

use regex::bytes::Regex;

use super::cidr::keyword;
use super::limits::MAX_RESULT_BYTES;
use super::lines::Line;
use super::pattern::{Skip, Source};
use super::replacement::Replacement;
use super::rules::Rules;
use super::syntax::is_space;
use super::unsupported::Unsupported;
use crate::event::{PatternFault, PatternSyntax as Syntax, TableNotice};

/// A table of patterns.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Patterns(Rules<Condition, Replacement>);

/// One pattern, or two that both have to hold: `/pattern1/!/pattern2/` in a regexp table.
#[derive(Debug, PartialEq, Eq)]
struct Condition {
    first: Pattern,
    second: Option<Pattern>,
}

#[derive(Debug)]
struct Pattern {
    regex: Regex,
    is_positive: bool,
}

impl Patterns {
    /// Reads a table; what is skipped goes to `log`, and so do results with groups in them unless it `fills_in` those.
    ///
    /// # Errors
    /// A rule that Postfix would use and that cannot be used here.
    pub(super) fn read(
        syntax: Syntax,
        name: &str,
        lines: &[Line],
        fills_in: bool,
        log: &mut Vec<TableNotice>,
        budget: &mut usize,
    ) -> Result<Patterns, Unsupported> {
        let mut rules = Rules::new();
        let odd = |line, fault| TableNotice::Pattern {
            syntax,
            name: name.into(),
            line,
            fault,
        };
        for line in lines {
            let place = format!("{} map {name}, line {}", syntax.name(), line.number);
            let mut told = Vec::new();
            let mut reader = Reader {
                syntax,
                place: &place,
                fills_in,
                told: &mut told,
                budget,
            };
            match reader.rule(line, &mut rules) {
                Ok(()) => {}
                Err(Skip::Logged(faults)) => told.extend(faults),
                Err(Skip::Unsupported(what)) => return Err(Unsupported::new(what)),
            }
            log.extend(told.into_iter().map(|fault| odd(line.number, fault)));
        }
        for line in rules.unended() {
            log.push(odd(line, PatternFault::IfWithoutEndif));
        }
        Ok(Patterns(rules))
    }

    /// The result of the first rule that matches.
    pub(super) fn find(&self, key: &str) -> Option<String> {
        let (condition, replacement) = self.0.first(|condition| condition.holds(key))?;
        if replacement.highest_group() == 0 {
            return Some(replacement.fill(|_| b"", MAX_RESULT_BYTES));
        }
        let groups = condition.first.regex.captures(key.as_bytes())?;
        let group = |number| {
            groups
                .get(number)
                .map_or(b"".as_slice(), |found| found.as_bytes())
        };
        Some(replacement.fill(group, MAX_RESULT_BYTES))
    }
}

/// The text of a compiled pattern says all about it, options included.
impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.is_positive == other.is_positive && self.regex.as_str() == other.regex.as_str()
    }
}

impl Eq for Pattern {}

impl Condition {
    fn holds(&self, key: &str) -> bool {
        let second = self.second.as_ref();
        self.first.holds(key) && second.is_none_or(|second| second.holds(key))
    }
}

impl Pattern {
    fn holds(&self, key: &str) -> bool {
        self.regex.is_match(key.as_bytes()) == self.is_positive
    }
}

/// What is needed to read one rule.
struct Reader<'r> {
    syntax: Syntax,
    place: &'r str,
    /// Results may have groups in them.
    fills_in: bool,
    told: &'r mut Vec<PatternFault>,
    budget: &'r mut usize,
}

impl Reader<'_> {
    fn rule(&mut self, line: &Line, rules: &mut Rules<Condition, Replacement>) -> Result<(), Skip> {
        let text = line.text.trim_end_matches(is_space);
        if !text.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            let (condition, replacement) = self.match_rule(text)?;
            rules.rule(condition, replacement);
        } else if let Some(rest) = keyword(text, "if") {
            let condition = self.if_rule(rest)?;
            rules.start_if(condition, line.number);
        } else if let Some(rest) = keyword(text, "endif") {
            if !rules.is_in_if() {
                return Err(skip(PatternFault::EndifWithoutIf));
            }
            if !rest.is_empty() {
                self.told.push(PatternFault::TextBehindEndif);
            }
            rules.end_if();
        } else {
            return Err(skip(PatternFault::Unrecognised));
        }
        Ok(())
    }

    fn match_rule(&mut self, text: &str) -> Result<(Condition, Replacement), Skip> {
        let (first, rest) = self.source(text)?;
        let (second, rest) = if self.syntax == Syntax::Posix && rest.starts_with('!') {
            let (second, rest) = self.source(rest)?;
            (Some(second), rest)
        } else {
            (None, rest)
        };
        let result = rest.trim_start_matches(is_space);
        if result.is_empty() {
            self.told.push(PatternFault::NoResult);
        }
        let replacement = Replacement::read(result)
            .map_err(|fault| Skip::Logged(vec![fault, PatternFault::BadResult]))?;
        let highest = replacement.highest_group();
        if highest > 0 && !first.is_positive {
            return Err(skip(PatternFault::GroupInNegative));
        }
        if highest > 0 && !self.fills_in {
            return Err(skip(PatternFault::GroupNotAllowed));
        }
        let first = self.compile(&first)?;
        if highest >= first.regex.captures_len() {
            return Err(skip(PatternFault::GroupOutOfRange(highest)));
        }
        let second = second.map(|second| self.compile(&second)).transpose()?;
        Ok((Condition { first, second }, replacement))
    }

    fn if_rule(&mut self, text: &str) -> Result<Condition, Skip> {
        let (source, rest) = self.source(text)?;
        let rest = rest.trim_start_matches(is_space);
        if !rest.is_empty() {
            self.told.push(PatternFault::TextBehindIf(rest.into()));
            self.told.push(PatternFault::BlanksInIf);
        }
        Ok(Condition {
            first: self.compile(&source)?,
            second: None,
        })
    }

    fn source<'t>(&mut self, text: &'t str) -> Result<(Source<'t>, &'t str), Skip> {
        Source::read(text, self.syntax, self.told).map_err(skip)
    }

    fn compile(&mut self, source: &Source<'_>) -> Result<Pattern, Skip> {
        Ok(Pattern {
            regex: source.compile(self.syntax, self.place, self.budget)?,
            is_positive: source.is_positive,
        })
    }
}

fn skip(fault: PatternFault) -> Skip {
    Skip::Logged(vec![fault])
}

#[cfg(test)]
mod tests {
    use super::super::limits::MAX_COMPILED_BYTES;
    use super::super::lines::logical_lines;
    use super::*;

    fn table(syntax: Syntax, text: &str) -> (Result<Patterns, Unsupported>, Vec<String>) {
        let mut log = Vec::new();
        let lines = logical_lines("f", text.as_bytes(), &mut log);
        let mut budget = MAX_COMPILED_BYTES;
        let table = Patterns::read(syntax, "f", &lines, true, &mut log, &mut budget);
        (table, crate::log::said(&log))
    }

    #[test]
    fn the_first_rule_that_matches_gives_its_result() {
        for syntax in [Syntax::Posix, Syntax::Perl] {
            let (table, log) = table(
                syntax,
                "/^mx([0-9]+)\\.(.*)$/ number $1 of ${2}\n!/\\.test$/ elsewhere\n|^/$| slash\n/^case$/i exact\n/./ $$any\n",
            );
            let table = table.unwrap();
            assert!(log.is_empty(), "{log:?}");
            for (key, value) in [
                ("MX7.Example.test", "number 7 of Example.test"),
                ("example.org", "elsewhere"),
                ("case.test", "$any"),
            ] {
                assert_eq!(table.find(key).as_deref(), Some(value), "{key}");
            }
        }
    }

    #[test]
    fn blocks_and_two_patterns_narrow_a_rule() {
        let (table, log) = table(
            Syntax::Posix,
            "if /\\.test$/\n/^a/!/^ab/ found\nendif\n/^ab/ later\n",
        );
        let table = table.unwrap();
        assert!(log.is_empty(), "{log:?}");
        assert_eq!(table.find("a.test").as_deref(), Some("found"));
        assert_eq!(table.find("ab.test").as_deref(), Some("later"));
        assert_eq!(table.find("a.org"), None);
    }

    #[test]
    fn rules_that_make_no_sense_are_skipped_with_postfix_words() {
        let text =
            "/a x\n/a/q x\n/a/ $1\n!/(a)/ $1\n/(a)/ $0\n/a/\nfoo\nendif\nif /a/ b\n/(/ x\n!\n";
        let (table, log) = table(Syntax::Posix, text);
        assert_eq!(table.unwrap().find("a").as_deref(), Some(""));
        let log: Vec<_> = log
            .iter()
            .map(|line| line.strip_prefix("warning: regexp map f, line ").unwrap())
            .collect();
        assert_eq!(
            log,
            [
                "1: no closing regexp delimiter \"/\": skipping this rule",
                "2: unknown regexp option \"q\": skipping this rule",
                "3: out of range replacement index \"1\": skipping this rule",
                "4: $number found in negative match replacement text: skipping this rule",
                "5: out-of-range replacement index \"0\"",
                "5: bad replacement syntax: skipping this rule",
                "6: no replacement text: using empty string",
                "7: ignoring unrecognized request",
                "8: ignoring ENDIF without matching IF",
                "9: ignoring extra text after IF statement: \"b\"",
                "9: do not prepend whitespace to statements between IF and ENDIF",
                "10: Unmatched ( or \\(",
                "11: no regexp: skipping this rule",
                "9: IF has no matching ENDIF",
            ]
        );
    }

    #[test]
    fn what_postfix_could_use_and_we_cannot_is_an_error() {
        let (table, _) = table(Syntax::Perl, "/a/ x\n/^(?!b)/ y\n");
        assert_eq!(
            table.unwrap_err().to_string(),
            "pcre map f, line 2: looking ahead or behind is not supported here"
        );
    }

    #[test]
    fn patterns_have_a_limit_each_and_together() {
        let (each, _) = table(Syntax::Perl, "/((a{1,99}){1,99}){1,99}/ x\n");
        assert_eq!(
            each.unwrap_err().to_string(),
            "pcre map f, line 1: the pattern is too large"
        );
        let (all, _) = table(Syntax::Perl, &"/a{1,999}/ x\n".repeat(3_000));
        assert!(
            all.unwrap_err()
                .to_string()
                .contains("the patterns are too large")
        );
    }
}
