//! One pattern of a regexp or pcre table: negation, delimiters, options, and the pattern compiled.

use regex::bytes::{Regex, RegexBuilder};

use super::cidr::negated;
use super::fault::Fault;
use super::limits::MAX_PATTERN_BYTES;
use super::syntax::is_space;
use super::{perl, posix};
use crate::event::{PatternFault, PatternSyntax as Syntax};

/// Why a rule is not used.
#[derive(Debug)]
pub(super) enum Skip {
    /// Postfix skips it, and says this about it.
    Logged(Vec<PatternFault>),
    /// Postfix would use it; it is not supported here, for this reason.
    Unsupported(String),
}

/// A pattern and the options it is matched with, as it is written.
#[derive(Debug)]
pub(super) struct Source<'t> {
    text: &'t str,
    /// Whether keys are meant that match; otherwise those that do not.
    pub(super) is_positive: bool,
    options: Options,
}

#[derive(Clone, Copy, Debug)]
struct Options {
    any_case: bool,
    /// `^` and `$` are the ends of lines.
    lines: bool,
    dot_is_any: bool,
    /// Posix: the extended syntax. Perl: blanks and comments are left out.
    extended: bool,
    anchored: bool,
    ungreedy: bool,
}

impl<'t> Source<'t> {
    /// Reads `/pattern/options` at the start of `text`, and gives what follows.
    ///
    /// # Errors
    /// Why Postfix skips the rule. What it only warns of goes to `warnings`.
    pub(super) fn read(
        text: &'t str,
        syntax: Syntax,
        warnings: &mut Vec<PatternFault>,
    ) -> Result<(Source<'t>, &'t str), PatternFault> {
        let (rest, is_positive) = negated(text);
        let mut chars = rest.chars();
        let Some(delimiter) = chars.next() else {
            return Err(PatternFault::NoPattern);
        };
        let pattern = chars.as_str();
        let Some((text, after)) = split_at_delimiter(pattern, delimiter) else {
            return Err(PatternFault::NoDelimiter(delimiter));
        };
        let end = after
            .find(|c| is_space(c) || (syntax == Syntax::Posix && c == '!'))
            .unwrap_or(after.len());
        let (letters, after) = after.split_at(end);
        let mut options = Options::of(syntax);
        for letter in letters.chars() {
            options.switch(letter, syntax, warnings)?;
        }
        let source = Source {
            text,
            is_positive,
            options,
        };
        Ok((source, after))
    }

    /// Compiles the pattern; what it takes is taken from `budget`.
    pub(super) fn compile(
        &self,
        syntax: Syntax,
        place: &str,
        budget: &mut usize,
    ) -> Result<Regex, Skip> {
        let unsupported = |what: &str| Skip::Unsupported(format!("{place}: {what}"));
        if self.text.len() > MAX_PATTERN_BYTES {
            return Err(unsupported("the pattern is too long"));
        }
        let translated = match syntax {
            Syntax::Posix => posix::translate(self.text, self.options.extended),
            Syntax::Perl => perl::translate(self.text, self.options.extended),
        };
        let translated = match translated {
            Ok(translated) => self.options.around(&translated),
            Err(Fault::Unsupported(what)) => {
                return Err(unsupported(&format!("{what} is not supported here")));
            }
            Err(Fault::Refused { offset, words }) => {
                let words = words.into();
                let refused = PatternFault::Refused { offset, words };
                return Err(Skip::Logged(vec![refused]));
            }
        };
        // The compiled size is not known, so it is found by trying: most patterns are small.
        for size in [4 << 10, 16 << 10, 64 << 10, 256 << 10] {
            if size > *budget {
                return Err(unsupported("the patterns are too large"));
            }
            let mut builder = RegexBuilder::new(&translated);
            match builder.unicode(false).size_limit(size).build() {
                Ok(regex) => {
                    *budget -= size;
                    return Ok(regex);
                }
                Err(regex::Error::CompiledTooBig(_)) => {}
                Err(_) => return Err(unsupported("this pattern is not supported here")),
            }
        }
        Err(unsupported("the pattern is too large"))
    }
}

impl Options {
    /// What holds for a pattern without options: any case, in both.
    const fn of(syntax: Syntax) -> Options {
        Options {
            any_case: true,
            lines: false,
            dot_is_any: true,
            extended: matches!(syntax, Syntax::Posix),
            anchored: false,
            ungreedy: false,
        }
    }

    /// The pattern with its options, so that its text says all about it.
    fn around(&self, pattern: &str) -> String {
        let letters = [
            (self.any_case, 'i'),
            (self.lines, 'm'),
            (self.dot_is_any, 's'),
            (self.ungreedy, 'U'),
        ];
        let set = letters.into_iter().filter(|(is_set, _)| *is_set);
        let letters: String = set.map(|(_, letter)| letter).collect();
        let start = if self.anchored { "\\A" } else { "" };
        format!("{start}(?{letters}:{pattern})")
    }

    fn switch(
        &mut self,
        letter: char,
        syntax: Syntax,
        warnings: &mut Vec<PatternFault>,
    ) -> Result<(), PatternFault> {
        let option = match (letter, syntax) {
            ('i', _) => &mut self.any_case,
            ('x', _) => &mut self.extended,
            ('m', Syntax::Posix) => {
                self.dot_is_any = !self.dot_is_any;
                &mut self.lines
            }
            ('m', Syntax::Perl) => &mut self.lines,
            ('s', Syntax::Perl) => &mut self.dot_is_any,
            ('A', Syntax::Perl) => &mut self.anchored,
            ('U', Syntax::Perl) => &mut self.ungreedy,
            // A `$` before the last line feed: keys have none.
            ('E', Syntax::Perl) => return Ok(()),
            ('X', Syntax::Perl) => {
                warnings.push(PatternFault::ObsoleteOption(letter));
                return Ok(());
            }
            (other, Syntax::Posix | Syntax::Perl) => {
                return Err(PatternFault::UnknownOption(other));
            }
        };
        *option = !*option;
        Ok(())
    }
}

fn split_at_delimiter(text: &str, delimiter: char) -> Option<(&str, &str)> {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == delimiter => {
                return Some((text.get(..at)?, text.get(at + c.len_utf8()..)?));
            }
            _ => {}
        }
    }
    None
}
