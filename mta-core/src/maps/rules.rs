//! Rules in order, with `if` and `endif` around some of them: cidr, regexp and pcre tables.

/// What a list of rules is made of. `P` is a pattern, `V` what is found where it matches.
#[derive(Debug, PartialEq, Eq)]
enum Step<P, V> {
    Rule(P, V),
    /// The steps up to the given one count only where the pattern matches; all that follow, if there is no end.
    If(P, Option<usize>),
    EndIf,
}

/// The rules of a table.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Rules<P, V> {
    steps: Vec<Step<P, V>>,
    /// The steps that are an `if` without an end so far, with their lines.
    open: Vec<(usize, usize)>,
}

impl<P, V> Rules<P, V> {
    pub(super) fn new() -> Self {
        Rules {
            steps: Vec::new(),
            open: Vec::new(),
        }
    }

    pub(super) fn rule(&mut self, pattern: P, value: V) {
        self.steps.push(Step::Rule(pattern, value));
    }

    pub(super) fn start_if(&mut self, pattern: P, line: usize) {
        self.open.push((self.steps.len(), line));
        self.steps.push(Step::If(pattern, None));
    }

    /// Whether an `endif` would end anything.
    pub(super) fn is_in_if(&self) -> bool {
        !self.open.is_empty()
    }

    pub(super) fn end_if(&mut self) {
        let end = self.steps.len();
        if let Some((start, _)) = self.open.pop()
            && let Some(Step::If(_, known)) = self.steps.get_mut(start)
        {
            *known = Some(end);
            self.steps.push(Step::EndIf);
        }
    }

    /// The lines with an `if` that has no `endif`, last first.
    pub(super) fn unended(&self) -> impl Iterator<Item = usize> {
        self.open.iter().rev().map(|(_, line)| *line)
    }

    /// The first rule whose pattern matches.
    pub(super) fn first(&self, matches: impl Fn(&P) -> bool) -> Option<(&P, &V)> {
        let mut at = 0;
        while let Some(step) = self.steps.get(at) {
            match step {
                Step::Rule(pattern, value) if matches(pattern) => return Some((pattern, value)),
                Step::If(pattern, end) if !matches(pattern) => at = (*end)?,
                Step::Rule(..) | Step::If(..) | Step::EndIf => {}
            }
            at += 1;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_between_if_and_endif_counts_only_where_if_matches() {
        let mut rules = Rules::new();
        rules.start_if("a", 1);
        rules.start_if("b", 2);
        rules.rule("x", "in both");
        rules.end_if();
        rules.rule("x", "in the outer");
        rules.end_if();
        rules.rule("x", "outside");
        rules.end_if();
        let found = |all: &[&str]| rules.first(|p| all.contains(p)).map(|(_, v)| *v);
        assert_eq!(found(&["x"]), Some("outside"));
        assert_eq!(found(&["b", "x"]), Some("outside"));
        assert_eq!(found(&["a", "x"]), Some("in the outer"));
        assert_eq!(found(&["a", "b", "x"]), Some("in both"));
        assert_eq!(found(&["a"]), None);
        assert!(!rules.is_in_if());
    }

    #[test]
    fn an_if_without_end_reaches_to_the_end() {
        let mut rules = Rules::new();
        rules.start_if("a", 4);
        rules.rule("x", "inside");
        assert_eq!(rules.first(|p| *p == "x"), None);
        assert_eq!(rules.unended().collect::<Vec<_>>(), [4]);
    }
}
