//! Workarounds for firewalls that hide what a server says (`smtp_pix_workarounds`; src/smtp/smtp_proto.c).

use std::fmt;

/// Which workarounds are used towards a server whose greeting is hidden behind asterisks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PixWorkarounds {
    /// HELO in the place of EHLO.
    pub disable_esmtp: bool,
    /// A pause before the final dot.
    pub delay_dotcrlf: bool,
}

impl PixWorkarounds {
    /// The words for them.
    pub const WORDS: &'static [&'static str] = &["disable_esmtp", "delay_dotcrlf"];

    /// Reads words between blanks and commas.
    ///
    /// # Errors
    /// The first word that is none.
    pub fn parse(text: &str) -> Result<PixWorkarounds, String> {
        let mut workarounds = PixWorkarounds::default();
        for word in text
            .split([',', ' ', '\t', '\r', '\n'])
            .filter(|word| !word.is_empty())
        {
            match word.to_ascii_lowercase().as_str() {
                "disable_esmtp" => workarounds.disable_esmtp = true,
                "delay_dotcrlf" => workarounds.delay_dotcrlf = true,
                _ => return Err(word.to_owned()),
            }
        }
        Ok(workarounds)
    }

    /// Whether none is used.
    pub const fn is_empty(self) -> bool {
        !self.disable_esmtp && !self.delay_dotcrlf
    }
}

/// `disable_esmtp delay_dotcrlf`
impl fmt::Display for PixWorkarounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = [
            (self.disable_esmtp, "disable_esmtp"),
            (self.delay_dotcrlf, "delay_dotcrlf"),
        ];
        let words: Vec<&str> = words
            .into_iter()
            .filter_map(|(is_set, word)| is_set.then_some(word))
            .collect();
        f.write_str(&words.join(" "))
    }
}
