//! OpenSSL's own error texts, reduced to their class.

/// What Postfix writes in front of one.
const PROBLEM: &str = "TLS library problem: ";

/// The line with the class of an error in the place of its code, text and source position.
///
/// A class is an alert by its name, or the part of the library in which the error arose: another TLS engine fails at
/// another point of the same handshake, and with other words.
pub(crate) fn class_of(line: &str) -> String {
    let Some(at) = line.find(PROBLEM) else {
        return line.to_owned();
    };
    let (before, error) = line.split_at(at + PROBLEM.len());
    let Some(rest) = error.strip_prefix("error:") else {
        // An error for which the engine has words of its own.
        return format!("{before}<SSL routines>");
    };
    // error:CODE:LIBRARY:FUNCTION:REASON:…
    let mut parts = rest.split(':').skip(1);
    let library = parts.next().unwrap_or_default();
    let reason = parts.nth(1).unwrap_or_default();
    match reason.split_once(" alert ") {
        Some((_, name)) => format!("{before}<{library}: alert {name}>"),
        None => format!("{before}<{library}>"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_reduced_to_its_class() {
        for (error, class) in [
            (
                "error:0A000126:SSL routines::unexpected eof while reading:<SRC>:",
                "<SSL routines>",
            ),
            (
                "error:0A000410:SSL routines::sslv3 alert handshake failure:<SRC>:SSL alert number 40:",
                "<SSL routines: alert handshake failure>",
            ),
            (
                "error:80000002:system library::No such file or directory:<SRC>:calling fopen(x, r):",
                "<system library>",
            ),
        ] {
            assert_eq!(
                class_of(&format!("smtp: warning: TLS library problem: {error}")),
                format!("smtp: warning: TLS library problem: {class}")
            );
        }
        assert_eq!(class_of("smtp: anything"), "smtp: anything");
    }
}
