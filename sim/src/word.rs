//! The nearest right word for a wrong one.

/// How different a word may be and still be meant: one edit for every three letters of the wrong one, and one more.
const LETTERS_PER_EDIT: usize = 3;

/// Longer than any word: no slip, and not worth a comparison that takes its time.
const BYTES_MAX: usize = 100;

/// The word of `words` that was probably meant by `wrong`, if any is near enough. Case does not matter.
pub fn nearest<'a>(wrong: &str, words: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if wrong.len() > BYTES_MAX {
        return None;
    }
    let wrong = wrong.to_ascii_lowercase();
    let reach = wrong.chars().count() / LETTERS_PER_EDIT + 1;
    words
        .into_iter()
        .map(|word| {
            (
                strsim::damerau_levenshtein(&wrong, &word.to_ascii_lowercase()),
                word,
            )
        })
        .filter(|(distance, _)| *distance <= reach)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn only_near_words_are_offered() {
        let words = ["gmail", "plain-only", "starttls-454"];
        assert_eq!(nearest("gmial", words), Some("gmail"));
        assert_eq!(nearest("starttls-545", words), Some("starttls-454"));
        assert_eq!(nearest("something else", words), None);
        let long = "x".repeat(300);
        assert_eq!(nearest(&long, [&long[1..]]), None);
    }
}
