//! Words between blanks and commas, where braces hold together what is in them (src/util/mystrtok.c `mystrtokq`).

/// The words of a text.
pub(super) struct BracedWords<'a>(&'a str);

const SEPARATORS: [char; 5] = [',', ' ', '\t', '\r', '\n'];

impl<'a> BracedWords<'a> {
    pub(super) const fn of(text: &'a str) -> Self {
        BracedWords(text)
    }
}

impl<'a> Iterator for BracedWords<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let rest = self.0.trim_start_matches(SEPARATORS);
        let mut depth = 0_usize;
        let ends = |c: char| {
            match c {
                '{' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0 && SEPARATORS.contains(&c)
        };
        let end = rest.find(ends).unwrap_or(rest.len());
        let (word, rest) = rest.split_at(end);
        self.0 = rest;
        (!word.is_empty()).then_some(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_hold_a_word_together() {
        let words: Vec<_> = BracedWords::of(" a,b:{ {c d}, e}  {f} }g {h").collect();
        assert_eq!(words, ["a", "b:{ {c d}, e}", "{f}", "}g", "{h"]);
    }
}
