//! The files of trust anchors that policies name, found in the text of a table without asking it.

use std::ops::Range;

const ATTRIBUTE: &str = "tafile=";

/// Where the paths behind each `tafile=` stand in a text.
///
/// ```
/// use mta_core::policy_table::tafiles;
///
/// let text = "example.test verify tafile=/a.pem match=nexthop TAFILE=/b.pem\n";
/// let paths: Vec<&str> = tafiles(text).into_iter().map(|place| &text[place]).collect();
/// assert_eq!(paths, ["/a.pem", "/b.pem"]);
/// ```
pub fn tafiles(text: &str) -> Vec<Range<usize>> {
    let folded = text.to_ascii_lowercase();
    let is_end = |c: char| c.is_whitespace() || matches!(c, ',' | '{' | '}');
    let path = |(at, _): (usize, &str)| {
        let start = at + ATTRIBUTE.len();
        let behind = folded.get(start..).unwrap_or_default();
        start..start + behind.find(is_end).unwrap_or(behind.len())
    };
    folded.match_indices(ATTRIBUTE).map(path).collect()
}
