//! Text cut at its dollar signs (src/util/mac_parse.c).

use std::borrow::Cow;

use super::super::problem::clip;
use super::error::{ExpandError, error};

/// A piece of a value.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Text that stands for itself, `$$` already made one.
    Literal(Cow<'a, str>),
    /// The inside of `${...}` or `$(...)`, or the name in `$name`.
    Expression(&'a str),
}

impl Piece<'_> {
    pub(super) fn text(&self) -> &str {
        match self {
            Piece::Literal(text) => text,
            Piece::Expression(inside) => inside,
        }
    }
}

/// The pieces of a text; after an error there are no more.
pub(super) struct Pieces<'a> {
    whole: &'a str,
    rest: &'a str,
}

impl<'a> Pieces<'a> {
    pub(super) fn of(whole: &'a str) -> Self {
        Pieces { whole, rest: whole }
    }

    fn literal(&mut self) -> Option<Piece<'a>> {
        let mut literal = Cow::Borrowed("");
        loop {
            let dollar = self.rest.find('$').unwrap_or(self.rest.len());
            let (before, after) = self.rest.split_at(dollar);
            literal += before;
            self.rest = match after.strip_prefix("$$") {
                Some(rest) => rest,
                None => after,
            };
            if self.rest.len() == after.len() {
                break;
            }
            literal += "$";
        }
        (!literal.is_empty()).then_some(Piece::Literal(literal))
    }

    fn expression(&mut self) -> Result<Piece<'a>, ExpandError> {
        let after = self.rest.strip_prefix('$').unwrap_or(self.rest);
        let (inside, rest) = match after.chars().next() {
            Some('{') => balanced(after, '{', '}').ok_or_else(|| self.truncated())?,
            Some('(') => balanced(after, '(', ')').ok_or_else(|| self.truncated())?,
            _ => after.split_at(after.find(|c| !is_name(c)).unwrap_or(after.len())),
        };
        if inside.is_empty() {
            return error(format!("empty macro name: \"{}\"", clip(self.whole)));
        }
        self.rest = rest;
        Ok(Piece::Expression(inside))
    }

    fn truncated(&self) -> ExpandError {
        ExpandError(format!(
            "truncated macro reference: \"{}\"",
            clip(self.whole)
        ))
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Result<Piece<'a>, ExpandError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(literal) = self.literal() {
            return Some(Ok(literal));
        }
        if self.rest.is_empty() {
            return None;
        }
        let expression = self.expression();
        if expression.is_err() {
            self.rest = "";
        }
        Some(expression)
    }
}

/// Splits `{inside} rest`; blanks before the rest are dropped.
pub(super) fn braced(text: &str) -> Result<(&str, &str), ExpandError> {
    match balanced(text, '{', '}') {
        Some((inside, rest)) => Ok((inside, trim_start(rest))),
        None => error(format!(
            "unbalanced {{}} in attribute expression: \"{}\"",
            clip(text)
        )),
    }
}

/// Blanks in expressions (`CHARS_SPACE`).
pub(super) fn trim_start(text: &str) -> &str {
    text.trim_start_matches([' ', '\t', '\r', '\n'])
}

/// What is between the opening bracket at the start of `text` and the one that closes it, and what is after.
fn balanced(text: &str, open: char, close: char) -> Option<(&str, &str)> {
    let inside = text.strip_prefix(open)?;
    let mut level = 1_usize;
    for (at, c) in inside.char_indices() {
        if c == open {
            level += 1;
        } else if c == close {
            level -= 1;
        }
        if level == 0 {
            let (inside, rest) = inside.split_at(at);
            return Some((inside, rest.strip_prefix(close)?));
        }
    }
    None
}

/// What names are made of.
pub(super) fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}
