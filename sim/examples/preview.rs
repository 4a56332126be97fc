//! The question of a site's owner, from Rust: what do these lines of main.cf do to mail for Gmail?
//!
//! `cargo run -p mta-sim --example preview`

#![allow(clippy::print_stdout, reason = "an example shows what it found")]

use mta_sim::preview::{PreviewError, Question, Variant};

fn main() -> Result<(), PreviewError> {
    let question = Question {
        main_cf: "smtp_tls_security_level = may\n\
            smtp_tls_session_cache_database = btree:${data_directory}/smtp_scache\n\
            smtp_tls_CAfile = /etc/ssl/certs/ca-certificates.crt\n"
            .into(),
        domains: vec!["gmail.com".to_owned()],
        ..Question::default()
    };
    let preview = question.answer()?;
    let gmail = &preview.destinations[0];
    for row in &gmail.rows {
        println!("{:28} {}", row.variant.words(), row.story);
    }

    let of = |variant| {
        let row = gmail.rows.iter().find(|row| row.variant == variant);
        row.map(|row| row.story.to_string())
    };
    let before = of(Variant::Before).expect("mail without TLS");
    assert_eq!(before, "clear text, 0.17 s");
    let now = of(Variant::Now).expect("mail with this main.cf");
    assert_eq!(now, "Trusted TLSv1.3, 0.29 s");
    let second = of(Variant::SecondMail).expect("a second mail to the same address");
    assert_eq!(second, "Trusted TLSv1.3, session resumed, 0.29 s");
    assert!(preview.warnings.is_empty() && preview.findings.is_empty());
    Ok(())
}

#[test]
fn the_preview_is_as_shown() {
    main().expect("a good main.cf");
}
