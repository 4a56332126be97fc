//! Expansion of `$name` and its longer forms, at the moment a value is used (postconf(5);
//! src/util/mac_expand.c).
//!
//! `$name`, `${name}`, `$(name)`; `${name?yes}`, `${name:no}`, `${name?{yes}:{no}}`;
//! `${{left} == {right} ? {yes} : {no}}` with `==  !=  <  <=  >=  >`, and the same with `level` behind it,
//! which compares compatibility levels; `$$` is a dollar sign. A condition looks at a name's raw value.

mod error;
mod pieces;
mod relation;

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::problem::clip;
pub(super) use error::ExpandError;
use error::error;
use pieces::{Piece, Pieces, braced, is_name, trim_start};

/// Deepest nesting of names within names (src/util/mac_expand.c).
pub const MAX_NESTING: u32 = 100;
/// Longest value after expansion, in bytes. Ours: Postfix has no limit.
pub const MAX_EXPANDED_BYTES: usize = 1 << 16;
/// Most bytes that are looked at to expand one value, with 16 for each name. Ours: it ends `a = $b$b`, `b = $c$c`, ... early,
/// also when nothing comes out of it.
pub const MAX_EXPANSION_WORK: usize = 1 << 18;

/// An expanded value.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Expanded {
    pub(super) text: String,
    /// Names that have no value and were left out.
    pub(super) undefined: BTreeSet<String>,
}

/// What names stand for: raw text, expanded in its turn.
pub(super) type Lookup<'a> = dyn Fn(&str) -> Option<Cow<'a, str>> + 'a;

/// Expands `text`.
pub(super) fn expand(text: &str, lookup: &Lookup<'_>) -> Result<Expanded, ExpandError> {
    let mut expander = Expander {
        lookup,
        nesting: 0,
        work: 0,
        out: Expanded::default(),
    };
    expander.text(text)?;
    Ok(expander.out)
}

struct Expander<'a, 'b> {
    lookup: &'a Lookup<'b>,
    nesting: u32,
    work: usize,
    out: Expanded,
}

type Done = Result<(), ExpandError>;

impl Expander<'_, '_> {
    fn text(&mut self, text: &str) -> Done {
        self.work += text.len() + 16;
        if self.work > MAX_EXPANSION_WORK {
            return error(format!(
                "expansion takes more than {MAX_EXPANSION_WORK} steps"
            ));
        }
        for piece in Pieces::of(text) {
            let piece = piece?;
            if self.nesting > MAX_NESTING {
                return error(format!(
                    "unreasonable macro call nesting: \"{}\"",
                    clip(piece.text())
                ));
            }
            self.nesting += 1;
            match piece {
                Piece::Literal(literal) => self.literal(&literal)?,
                Piece::Expression(inside) => self.expression(inside)?,
            }
            self.nesting -= 1;
        }
        Ok(())
    }

    fn literal(&mut self, literal: &str) -> Done {
        self.out.text.push_str(literal);
        if self.out.text.len() > MAX_EXPANDED_BYTES {
            return error(format!(
                "longer than {MAX_EXPANDED_BYTES} bytes when expanded"
            ));
        }
        Ok(())
    }

    /// What stands between `${` and `}`, or a bare name.
    fn expression(&mut self, inside: &str) -> Done {
        let inside = trim_start(inside);
        if inside.starts_with('{') {
            let (holds, rest) = self.relation(inside)?;
            let value = if holds { "true" } else { "" };
            if !rest.is_empty() && !rest.starts_with(['?', ':']) {
                return error(format!(
                    "\"?\" or \":\" expected at: \"...}}>>>{}\"",
                    clip(rest)
                ));
            }
            return self.choose(Some(Cow::Borrowed(value)), "", rest);
        }
        let end = inside.find(|c: char| !is_name(c)).unwrap_or(inside.len());
        let (name, rest) = inside.split_at(end);
        let rest = trim_start(rest);
        if rest.starts_with('{') && name == "domain_to_ascii" {
            return self.domain_to_ascii(rest);
        }
        if rest.starts_with('{') {
            return error(format!("function \"{}\" is not simulated", clip(name)));
        }
        if !rest.is_empty() && !rest.starts_with(['?', ':']) {
            return error(format!(
                "attribute name syntax error at: \"...{}>>>{}\"",
                clip(name),
                clip(rest)
            ));
        }
        let value = (self.lookup)(name);
        self.choose(value, name, rest)
    }

    /// A domain as DNS has it (UTS 46); one that cannot be converted stays as it is. Exists from 3.11 on.
    fn domain_to_ascii(&mut self, argument: &str) -> Done {
        let (inside, rest) = braced(argument)?;
        if !rest.is_empty() {
            return error(format!("unexpected input at: \"...}}>>>{}\"", clip(rest)));
        }
        let domain = self.operand(inside)?;
        if domain.is_ascii() {
            return self.literal(&domain);
        }
        self.literal(&idna::domain_to_ascii(&domain).unwrap_or(domain))
    }

    /// Carries out what follows a name or a relation: nothing, `?yes`, `:no`, or both.
    fn choose(&mut self, value: Option<Cow<'_, str>>, name: &str, rest: &str) -> Done {
        let holds = value.as_deref().is_some_and(|text| !text.is_empty());
        let rest = match rest.strip_prefix('?') {
            Some(after) => {
                let (yes, rest) = operand(after)?;
                if holds {
                    self.text(yes)?;
                }
                match rest {
                    "" => return Ok(()),
                    _ => rest,
                }
            }
            None => rest,
        };
        if rest.is_empty() {
            return match value {
                Some(text) => self.text(&text),
                None => {
                    self.out.undefined.insert(clip(name));
                    Ok(())
                }
            };
        }
        let Some(after) = rest.strip_prefix(':') else {
            return error(format!("\":\" expected at: \"...>>>{}\"", clip(rest)));
        };
        let (no, rest) = operand(after)?;
        if !rest.is_empty() {
            return error(format!("unexpected input at: \"...>>>{}\"", clip(rest)));
        }
        if holds { Ok(()) } else { self.text(no) }
    }
}

/// One of the two results: in braces, or else everything that is left.
fn operand(text: &str) -> Result<(&str, &str), ExpandError> {
    let trimmed = trim_start(text);
    if trimmed.starts_with('{') {
        braced(trimmed)
    } else {
        Ok((text, ""))
    }
}

#[cfg(test)]
mod tests;
