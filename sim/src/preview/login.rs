//! Whether the login at a relay is safe: what somebody on the way gets who hides STARTTLS, and who shows a certificate of his
//! own. Both are tried, and so is every change that is proposed.

use std::fmt;
use std::time::Duration;

use mta_core::config::{MainCf, SaslSettings, Settings};
use mta_core::event::{Rule, Status, What};
use mta_core::sasl;
use serde::Serialize;

use super::named::PASSWORDS;
use super::way::Way;
use crate::bytes::Bytes;
use crate::peer::{AuthSpec, CertificateWord, Command, Mechanism, Offered, Reply};
use crate::plan::main_cf::edited;
use crate::plan::{Plan, PlanError};
use crate::run::{Driver, Run};
use crate::world::AttackerSpec;

/// The login at a relay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Login {
    /// The relay, as main.cf has it.
    pub next_hop: String,
    /// Who gets the password.
    pub safety: Safety,
    /// What to change, a line each; nothing where nothing is to be changed, or nothing was found that helps.
    pub change: Vec<String>,
}

/// Who gets the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Safety {
    /// The relay alone.
    Safe,
    /// Whoever is on the way: any certificate will do.
    AnyCertificate,
    /// Whoever is on the way and hides STARTTLS: it goes out in clear text then.
    #[serde(rename = "hidden-starttls")]
    HiddenStartTls,
    /// Whoever listens on the way.
    ClearText,
    /// Nobody, and no mail goes out: no mechanism is both offered and permitted.
    NoMechanism,
    /// Nobody: there is none for this relay, and mail goes without a login.
    NoPassword,
}

impl Safety {
    /// Whether somebody else than the relay gets it.
    pub const fn is_exposed(self) -> bool {
        matches!(
            self,
            Safety::AnyCertificate | Safety::HiddenStartTls | Safety::ClearText
        )
    }
}

/// `the password for [smtp.isp.example]:587 is safe: …`
impl fmt::Display for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hop = &self.next_hop;
        match self.safety {
            Safety::Safe => write!(
                f,
                "the password for {hop} is safe: it is sent in TLS, and only to a server whose certificate is the right one"
            ),
            Safety::AnyCertificate => write!(
                f,
                "the password for {hop} is not safe: it is sent in TLS, but the certificate is not checked, and whoever is on \
                 the way gets it with one of his own"
            ),
            Safety::HiddenStartTls => write!(
                f,
                "the password for {hop} is not safe: whoever is on the way and hides STARTTLS gets it in clear text"
            ),
            Safety::ClearText => {
                write!(
                    f,
                    "the password for {hop} is not safe: it is sent in clear text"
                )
            }
            Safety::NoMechanism => write!(
                f,
                "there is no login at {hop}: no way to log in is both offered and permitted"
            ),
            Safety::NoPassword => write!(
                f,
                "there is no login at {hop}: smtp_sasl_password_maps has no entry for it"
            ),
        }
    }
}

/// Plans of the mail, under the configuration with these lines changed.
pub(super) type Plans<'a> = &'a dyn Fn(&[String]) -> Result<Plan, PlanError>;

/// What an attacker offers.
const MECHANISMS: [Mechanism; 3] = [Mechanism::Plain, Mechanism::Login, Mechanism::Xoauth2];

/// An attack need not last.
const ATTACKED_FOR: Duration = Duration::from_secs(60);

/// The login of the mail to a relay, if it is to log in. `now` is what happens when nobody interferes; `written` are the
/// settings as they are written, and `plans` have something in the place of what was not looked at.
pub(super) fn login(
    way: &Way,
    written: &Settings,
    now: &Run,
    plans: Plans<'_>,
) -> Result<Option<Login>, PlanError> {
    let (Some(next_hop), Some(_)) = (&way.next_hop, &written.dialogue.sasl) else {
        return Ok(None);
    };
    let decided = |rule| decides(now, rule);
    let safety = if decided(Rule::LoggedIn) {
        exposed(way, now, plans, &[])?
    } else if decided(Rule::NoMechanism) {
        Safety::NoMechanism
    } else if decided(Rule::NoCredentials) {
        Safety::NoPassword
    } else {
        return Ok(None);
    };
    let candidates = if safety == Safety::NoMechanism {
        for_a_mechanism()
    } else if safety.is_exposed() {
        let within_reach = plans(&[])?.configuration()?;
        for_safety(way, next_hop, written, within_reach.main_cf())
    } else {
        Vec::new()
    };
    let mut change = Vec::new();
    for Candidate { told, tried } in candidates {
        match comes_to(way, &tried, plans)? {
            Some(Safety::Safe) => {
                change = told;
                break;
            }
            // Where nothing goes out, what goes out is a help already.
            Some(_) if safety == Safety::NoMechanism && change.is_empty() => change = told,
            Some(_) | None => {}
        }
    }
    Ok(Some(Login {
        next_hop: next_hop.clone(),
        safety,
        change,
    }))
}

/// Lets a relay of which nothing is known take logins, as most do: inside TLS, or everywhere where no TLS is begun. One that
/// gave out a password also asks for it.
pub(super) fn settle(
    way: &mut Way,
    sasl: &SaslSettings,
    now: impl Fn(&Way) -> Result<Run, PlanError>,
) -> Result<(), PlanError> {
    let names = |mechanism: &Mechanism| sasl.filter.names(mechanism.of_core().name());
    let asked_for = [Mechanism::CramMd5, Mechanism::Xoauth2];
    let mut auth = AuthSpec::default();
    auth.mechanisms.extend(asked_for.into_iter().filter(names));
    if !way.take_logins(&auth) {
        return Ok(());
    }
    let mut run = now(way)?;
    if decides(&run, Rule::AuthNotOffered) {
        auth.offered = Offered::Everywhere;
        way.take_logins(&auth);
        run = now(way)?;
    }
    auth.required = [Rule::LoggedIn, Rule::NoMechanism]
        .into_iter()
        .any(|rule| decides(&run, rule));
    way.take_logins(&auth);
    Ok(())
}

fn decides(run: &Run, rule: Rule) -> bool {
    run.events.iter().any(|event| event.rule() == Some(rule))
}

/// With a relay's own password where the table of passwords could not be looked into.
pub(super) fn with_password(main_cf: &Bytes, way: &Way) -> Bytes {
    let Some(next_hop) = &way.next_hop else {
        return main_cf.clone();
    };
    let file = MainCf::parse_bytes("main.cf", main_cf);
    let tables = file.get(PASSWORDS).map_or("", |entry| entry.value.as_str());
    let lent = format!("{PASSWORDS} = {tables} inline:{{{{{next_hop} = user:password}}}}");
    edited(main_cf, &[lent]).into()
}

/// Who gets the password with these lines changed.
fn exposed(
    way: &Way,
    now: &Run,
    plans: Plans<'_>,
    changes: &[String],
) -> Result<Safety, PlanError> {
    let attacked = |certificate: Option<CertificateWord>| {
        let mut plan = plans(changes)?;
        plan.limit = ATTACKED_FOR;
        let attackers = way.hosts().map(|host| attacker(host, certificate));
        plan.world.attackers.extend(attackers);
        plan.run(Driver::Memory)
    };
    Ok(if shows(now, false) {
        Safety::ClearText
    } else if !way.is_implicit() && shows(&attacked(None)?, false) {
        Safety::HiddenStartTls
    } else if shows(&attacked(Some(CertificateWord::SelfSigned))?, true) {
        Safety::AnyCertificate
    } else {
        Safety::Safe
    })
}

/// Somebody before a host who offers a login himself, and refuses it when he has it.
fn attacker(host: &str, certificate: Option<CertificateWord>) -> AttackerSpec {
    let mut keywords = String::from("AUTH");
    for mechanism in MECHANISMS {
        keywords.push(' ');
        keywords.push_str(mechanism.of_core().name());
    }
    let starttls = match certificate {
        Some(_) => "250-STARTTLS\r\n",
        None => "",
    };
    let ehlo = format!("250-{host}\r\n{starttls}250 {keywords}");
    let refused = "535 5.7.8 Error: authentication failed";
    AttackerSpec {
        host: host.to_owned(),
        since: Duration::ZERO,
        until: None,
        strip: Vec::new(),
        answer: [
            (Command::Ehlo, Reply::from(ehlo.as_str())),
            (Command::Auth, Reply::from(refused)),
        ]
        .into(),
        inject_commands: Vec::new(),
        inject_after_220: None,
        inject_after_hello: None,
        reset_on: None,
        certificate: certificate.map(Into::into),
    }
}

/// Whether a password goes out in the clear, or inside TLS.
fn shows(run: &Run, within_tls: bool) -> bool {
    run.events.iter().any(|event| {
        let What::Command { text, in_tls } = &event.what else {
            return false;
        };
        let mut words = text.split(' ');
        let mechanism = (words.next() == Some("AUTH")).then(|| words.next());
        let mechanism = mechanism.flatten().and_then(sasl::Mechanism::by_name);
        *in_tls == within_tls && mechanism.is_some_and(sasl::Mechanism::shows_password)
    })
}

/// Who gets the password with these lines changed, if mail arrives.
fn comes_to(way: &Way, changes: &[String], plans: Plans<'_>) -> Result<Option<Safety>, PlanError> {
    let Ok(plan) = plans(changes) else {
        return Ok(None);
    };
    let now = plan.run(Driver::Memory)?;
    let mut outcomes = now.outcomes();
    let is_sent = outcomes.next().map(|(_, outcome)| outcome.status) == Some(Status::Sent);
    if !is_sent {
        return Ok(None);
    }
    exposed(way, &now, plans, changes).map(Some)
}

const SECURE: &str = "smtp_tls_security_level = secure";
const AUTHORITIES: &str = "smtp_tls_CAfile = /etc/ssl/certs/ca-certificates.crt";

/// A change that may help: as it is told, and as it is tried where something is not looked at.
struct Candidate {
    told: Vec<String>,
    tried: Vec<String>,
}

impl Candidate {
    fn of(lines: &[&str]) -> Candidate {
        let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        Candidate {
            told: lines.clone(),
            tried: lines,
        }
    }

    fn and(mut self, line: &str) -> Candidate {
        self.told.push(line.to_owned());
        self.tried.push(line.to_owned());
        self
    }
}

/// What lets a usual relay's mechanisms in, inside TLS first.
fn for_a_mechanism() -> Vec<Candidate> {
    let inside = "smtp_sasl_tls_security_options = noanonymous";
    let filter = "smtp_sasl_mechanism_filter = plain, login";
    let candidates = [
        &[inside][..],
        &[filter],
        &[inside, filter],
        &[inside, SECURE],
        &[inside, SECURE, AUTHORITIES],
        &[inside, filter, SECURE, AUTHORITIES],
    ];
    candidates.map(Candidate::of).into()
}

/// What has the relay's certificate checked: for all mail, or for this relay.
fn for_safety(
    way: &Way,
    next_hop: &str,
    written: &Settings,
    within_reach: &Settings,
) -> Vec<Candidate> {
    let everywhere = || Candidate::of(&[SECURE]);
    let entry = |tables: &str| {
        let comma = if tables.is_empty() { "" } else { ", " };
        format!("smtp_tls_policy_maps = inline:{{{{{next_hop} = secure}}}}{comma}{tables}")
    };
    let here = || Candidate {
        told: vec![entry(&written.tls.policy_maps)],
        tried: vec![entry(&within_reach.tls.policy_maps)],
    };
    let mut candidates = Vec::new();
    if way.is_for_all {
        candidates.extend([everywhere(), everywhere().and(AUTHORITIES)]);
    }
    candidates.extend([here(), here().and(AUTHORITIES)]);
    candidates
}

#[cfg(test)]
mod tests {
    use super::super::{Finding, Preview, Question};
    use super::*;

    const RELAY: &str = "
relayhost = [smtp.isp.example]:587
smtp_sasl_auth_enable = yes
smtp_sasl_password_maps = static:user:secret
smtp_tls_CAfile = /etc/ssl/certs/ca-certificates.crt
";

    fn preview(lines: &str) -> Preview {
        let question = Question {
            main_cf: format!("{RELAY}{lines}\n").as_str().into(),
            ..Question::default()
        };
        question.answer().unwrap()
    }

    fn login(lines: &str) -> (Safety, String) {
        let preview = preview(lines);
        let login = preview.destinations[0].login.clone().unwrap();
        let exposed = preview
            .findings
            .iter()
            .filter(|it| matches!(it, Finding::PasswordExposed { .. }));
        assert_eq!(exposed.count(), usize::from(login.safety.is_exposed()));
        (login.safety, login.change.join("; "))
    }

    #[test]
    fn who_gets_the_password_follows_from_level_and_options() {
        let open = "smtp_sasl_security_options = noanonymous\nsmtp_tls_security_level = ";
        let inside = "smtp_sasl_tls_security_options = noanonymous\nsmtp_tls_security_level = ";
        let secure = "smtp_tls_security_level = secure";
        for (options, level, safety, change) in [
            (open, "none", Safety::ClearText, secure),
            (open, "may", Safety::HiddenStartTls, secure),
            (open, "encrypt", Safety::AnyCertificate, secure),
            (open, "verify", Safety::Safe, ""),
            (open, "secure", Safety::Safe, ""),
            (inside, "may", Safety::AnyCertificate, secure),
        ] {
            let found = login(&format!("{options}{level}"));
            assert_eq!(found, (safety, change.to_owned()), "{options}{level}");
        }
        let policy = "smtp_tls_policy_maps = inline:{{[smtp.isp.example]:587=verify}}";
        assert_eq!(login(&format!("{open}may\n{policy}")).0, Safety::Safe);
    }

    #[test]
    fn a_policy_of_the_relay_is_changed_where_it_counts() {
        let (safety, change) = login(
            "smtp_sasl_security_options = noanonymous\nsmtp_tls_policy_maps = inline:{{[smtp.isp.example]:587=encrypt}}",
        );
        assert_eq!(safety, Safety::AnyCertificate);
        assert_eq!(
            change,
            "smtp_tls_policy_maps = inline:{{[smtp.isp.example]:587 = secure}}, \
             inline:{{[smtp.isp.example]:587=encrypt}}"
        );
    }

    #[test]
    fn authorities_come_along_where_there_are_none() {
        let (_, change) = login(
            "smtp_sasl_security_options = noanonymous\nsmtp_tls_security_level = encrypt\nsmtp_tls_CAfile =",
        );
        assert_eq!(
            change,
            "smtp_tls_security_level = secure; smtp_tls_CAfile = /etc/ssl/certs/ca-certificates.crt"
        );
    }

    #[test]
    fn a_login_that_cannot_be_made_is_told_with_what_lets_it() {
        let (safety, change) = login("smtp_tls_security_level = secure");
        assert_eq!(safety, Safety::NoMechanism);
        assert_eq!(change, "smtp_sasl_tls_security_options = noanonymous");
        let (_, change) = login("smtp_tls_security_level = encrypt");
        assert_eq!(
            change,
            "smtp_sasl_tls_security_options = noanonymous; smtp_tls_security_level = secure"
        );
        let filtered = "smtp_sasl_security_options =\nsmtp_sasl_mechanism_filter = scram-sha-1\nsmtp_tls_security_level = secure";
        assert_eq!(
            login(filtered).1,
            "smtp_sasl_mechanism_filter = plain, login"
        );
    }

    #[test]
    fn a_table_of_passwords_out_of_reach_is_taken_to_have_one() {
        let gone = "smtp_sasl_password_maps = hash:/gone\nsmtp_sasl_security_options = noanonymous\nsmtp_tls_security_level = secure";
        let preview = preview(gone);
        let told: Vec<String> = preview.not_known.iter().map(ToString::to_string).collect();
        assert!(
            told[0].ends_with("taken as with a password for the relay"),
            "{told:?}"
        );
        let login = preview.destinations[0].login.as_ref().unwrap();
        assert_eq!(login.safety, Safety::Safe);
    }

    #[test]
    fn without_a_password_mail_goes_without_a_login() {
        let other = "smtp_sasl_password_maps = inline:{{other.example = user:secret}}\nsmtp_tls_security_level = secure";
        let preview = preview(other);
        let login = preview.destinations[0].login.as_ref().unwrap();
        assert_eq!(login.safety, Safety::NoPassword);
        assert_eq!(preview.findings, []);
    }
}
