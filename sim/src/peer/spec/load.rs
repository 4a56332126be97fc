//! Reads a peer file that stands alone, and says what makes no sense about a peer.

use super::{Certificate, PeerRef, PeerSpec, TlsVersion};
use crate::file::{FileError, SourceFile, Texts};

/// Reads the text of a peer file that builds on no other; `file` is only its name, for the error.
///
/// # Errors
/// The first thing wrong with it, with a place and the nearest right word.
pub fn load(file: &str, text: &str) -> Result<PeerSpec, FileError> {
    let texts = Texts::new(&SourceFile::new(file, text))?;
    let tables = texts.tables(0);
    if let Some(base) = tables.get_ref().get("extends") {
        let message = "a catalogue has to be given that knows what this peer builds on";
        return Err(texts.fault_at(base.span().start, message));
    }
    let spec: PeerSpec = texts.read(tables)?;
    spec.check()
        .map_err(|(key, message)| texts.fault_at_key(key, &message))?;
    Ok(spec)
}

impl PeerSpec {
    /// The peers that it names or writes out: at its hosts, and where other machines take its connections.
    pub fn others(&self) -> impl Iterator<Item = &PeerRef> {
        let hosts = self.mx.iter().filter_map(|mx| mx.peer.as_ref());
        hosts.chain(self.on.iter().filter_map(|rule| rule.peer.as_ref()))
    }

    /// Whether other machines take some of its connections.
    pub(crate) fn has_machines(&self) -> bool {
        self.on.iter().any(|rule| rule.peer.is_some())
    }

    /// Says what makes no sense about a peer, and under which key of the file: what types cannot rule out.
    ///
    /// # Errors
    /// The key, and the fault in a line.
    pub fn check(&self) -> Result<(), (&'static str, String)> {
        if self.tls.versions.is_empty() {
            return Err((
                "versions",
                "a peer speaks at least one version of TLS".to_owned(),
            ));
        }
        if self.tls.ciphers.as_ref().is_some_and(Vec::is_empty) {
            return Err((
                "ciphers",
                "a peer speaks at least one cipher suite".to_owned(),
            ));
        }
        if self.tls.groups.as_ref().is_some_and(Vec::is_empty) {
            return Err(("groups", "a peer speaks at least one group".to_owned()));
        }
        if self.tls.tickets > super::TICKETS_MAX {
            return Err((
                "tickets",
                format!("a peer sends at most {} tickets", super::TICKETS_MAX),
            ));
        }
        if self
            .tls
            .tickets_on_resume
            .is_some_and(|tickets| tickets > super::TICKETS_MAX)
        {
            return Err((
                "tickets-on-resume",
                format!("a peer sends at most {} tickets", super::TICKETS_MAX),
            ));
        }
        if self.tls.ticket_octets > Some(super::TICKET_BYTES_MAX) {
            let most = format!("a ticket has at most {} octets", super::TICKET_BYTES_MAX);
            return Err(("ticket-octets", most));
        }
        if !self.tls.lacks.is_empty() && self.tls.versions != [TlsVersion::Tls12] {
            let only = "what lacks these extensions speaks TLS 1.2: `versions = [\"1.2\"]`";
            return Err(("lacks", only.to_owned()));
        }
        if !(1..=super::MACHINES_MAX).contains(&self.tls.machines) {
            let range = format!(
                "from 1 to {} machines share an address",
                super::MACHINES_MAX
            );
            return Err(("machines", range));
        }
        if self.tls.client_authorities > super::AUTHORITIES_MAX {
            let most = format!(
                "a server names at most {} authorities",
                super::AUTHORITIES_MAX
            );
            return Err(("client-authorities", most));
        }
        for relay in &self.relay {
            let port = relay.rsplit_once(':').map(|(_, port)| port);
            if port.is_none_or(|port| port.parse::<u16>().is_err()) {
                let message = format!(
                    "invalid relay `{relay}`; expected a host and a port, as `smtp.isp.example:587`"
                );
                return Err(("relay", message));
            }
        }
        self.auth.as_ref().map_or(Ok(()), super::AuthSpec::check)?;
        self.tls.certificate.check()?;
        self.tls.by_name.values().try_for_each(Certificate::check)?;
        for keyword in self
            .ehlo
            .keywords
            .iter()
            .chain(self.ehlo.after_tls.iter().flatten())
        {
            super::placeholder::check(keyword).map_err(|message| ("keywords", message))?;
        }
        if let Some(name) = &self.ehlo.name {
            super::placeholder::check(name).map_err(|message| ("name", message))?;
        }
        super::placeholder::check(&self.ehlo.text).map_err(|message| ("text", message))?;
        self.on
            .iter()
            .try_for_each(|rule| rule.check().map_err(|message| ("on", message)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        load("p.toml", text).unwrap_err().to_string()
    }

    #[test]
    fn an_error_is_one_line_with_a_place_and_the_nearest_word() {
        assert_eq!(
            error("summary = 'x'\n greting = '220'"),
            "p.toml:2:2: unknown key `greting`; did you mean `greeting`?"
        );
        assert_eq!(
            error("[tls]\ncertificate = 'expird'"),
            "p.toml:2:15: unknown word `expird`; did you mean `expired`?"
        );
        assert_eq!(
            error("[tls]\nfail = 'rst-on-hello'"),
            "p.toml:2:8: unknown word `rst-on-hello`; did you mean `reset-on-hello`?"
        );
        assert_eq!(
            error("[[on]]\ncommand = 'QUIT'\nthen = 'clos'"),
            "p.toml:3:8: unknown word `clos`; did you mean `close`?"
        );
        assert_eq!(
            error("[replies]\nMAIL = '250 {hots}'"),
            "p.toml:2:8: unknown placeholder `hots`; did you mean `host`?"
        );
        assert_eq!(
            error("[tls]\nfail = 'alert:handshake_failur'"),
            "p.toml:2:8: unknown alert `handshake_failur`; did you mean `handshake_failure`?"
        );
        assert_eq!(
            error("[tls]\n\n  versions = []"),
            "p.toml:3:3: a peer speaks at least one version of TLS"
        );
        assert_eq!(
            error("[network]\nlatency = '20 parsecs'"),
            "p.toml:2:11: invalid unit of time ` parsecs`; expected d, h, m, s, ms, us or ns"
        );
    }

    #[test]
    fn an_error_speaks_of_files_and_not_of_types() {
        for (text, told) in [
            (
                "tls.by-name = { mx1.example.test = 'valid' }",
                "1:21: unknown key `example`; as a key, a name with dots stands in quotes: `\"mx1.example.test\"`",
            ),
            (
                "tls.certificat.is = 'expired'",
                "1:5: unknown key `certificat`; did you mean `certificate`?",
            ),
            (
                "mx = [{ host = 'a.test', down = { 192.0.2.1 = 'silent' } }]",
                "1:35: no IP address; write it as `192.0.2.1` or `2001:db8::1`, as a key in quotes",
            ),
            (
                "mx = ['a.test']",
                "1:7: invalid type: string \"a.test\", expected a table",
            ),
            ("on = { }", "1:6: invalid type: table, expected a list"),
            (
                "network.latency = 300",
                "1:19: invalid type: integer `300`, expected a span of time, as \"20ms\" or \"6s\"",
            ),
            (
                "on = [{ moment = 'greeting', more-than = 3 }]",
                "1:42: invalid type: integer `3`, expected a rate, as \"3 per 1m\"",
            ),
        ] {
            let error = error(text);
            assert!(error.starts_with(&format!("p.toml:{told}")), "{error}");
        }
    }

    #[test]
    fn an_error_in_a_rule_is_placed_at_the_rule() {
        let fault = load("p.toml", "summary = 'x'\n\n[[on]]\nthen = 'close'").unwrap_err();
        assert_eq!(
            (fault.line, fault.message.as_str()),
            (3, "a rule has one of command, moment and fail")
        );
        let second = "[[on]]\ncommand = 'QUIT'\nthen = 'close'\n[[on]]\nthen = 'close'";
        assert_eq!(load("p.toml", second).unwrap_err().line, 4);
    }

    #[test]
    fn an_empty_file_is_a_good_peer_and_any_peer_is_written_back() {
        assert_eq!(load("p.toml", ""), Ok(PeerSpec::default()));
        let text = r#"
            greeting = ["220-a", { text = "220 b", delay = "6s" }]
            [replies]
            DOT = "250 2.0.0 OK {epoch} {id} - gsmtp"
            [tls]
            tickets-on-resume = 1
            forget-tickets = "1h"
            fail = "alert:handshake_failure"
            [network]
            slice = [1, 7]
            [[on]]
            command = "RCPT"
            from-nth = 101
            send = "452 4.5.3 Too many recipients"
            [[on]]
            moment = "body"
            after-octets = 1024
            send = "554 5.7.1 Rejected"
            then = "close"
            [[on]]
            fail = "close-on-hello"
            connection = 1
        "#;
        let spec = load("p.toml", text).unwrap();
        assert_eq!(load("p.toml", &toml::to_string(&spec).unwrap()), Ok(spec));
    }
}
