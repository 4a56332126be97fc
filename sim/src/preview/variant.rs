//! The circumstances under which a preview looks at a mail.

use crate::bytes::Bytes;
use crate::peer::{Act, Command, Fail, Moment, PeerSpec, Rule};
use crate::plan::main_cf::without;
use mta_core::config::Settings;
use mta_core::policy::Level;
use serde::Serialize;

/// Circumstances.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Variant {
    /// The configuration without any of its TLS settings.
    Before,
    /// The configuration without its CAfile and CApath.
    WithoutCa,
    /// The configuration as it is.
    Now,
    /// The same, the next mail to the address that the first one went to.
    SecondMail,
    /// The same, and the server refuses STARTTLS.
    StartTlsRefused,
    /// The same, and every TLS handshake breaks.
    TlsBroken,
}

/// The parameters that turn TLS on or shape it; without them a configuration is as it was before.
const TLS_PREFIXES: [&str; 5] = [
    "smtp_tls_",
    "smtp_use_tls",
    "smtp_enforce_tls",
    "tls_",
    "smtp_starttls_",
];

impl Variant {
    /// Those that are runs of their own, in the order of a table.
    pub const ALL: [Variant; 5] = [
        Variant::Before,
        Variant::WithoutCa,
        Variant::Now,
        Variant::StartTlsRefused,
        Variant::TlsBroken,
    ];

    /// A few words for a table.
    pub const fn words(self) -> &'static str {
        match self {
            Variant::Before => "before, without TLS settings",
            Variant::WithoutCa => "without smtp_tls_CAfile",
            Variant::Now => "with this main.cf",
            Variant::SecondMail => "second mail there",
            Variant::StartTlsRefused => "if STARTTLS is refused",
            Variant::TlsBroken => "if every handshake breaks",
        }
    }

    /// Whether the circumstances differ from the others under these settings.
    pub(super) fn applies(self, settings: &Settings) -> bool {
        let tls = settings.tls.level > Level::None;
        match self {
            Variant::Before | Variant::Now | Variant::SecondMail => true,
            Variant::WithoutCa => {
                tls && (settings.tls.ca_file.is_some() || settings.tls.ca_path.is_some())
            }
            Variant::StartTlsRefused | Variant::TlsBroken => tls,
        }
    }

    /// Whether it says nothing where TLS begins without STARTTLS.
    pub(super) const fn is_about_starttls(self) -> bool {
        matches!(self, Variant::StartTlsRefused)
    }

    /// The configuration under these circumstances.
    pub(super) fn main_cf(self, main_cf: &Bytes) -> Bytes {
        let is_of_tls = |name: &str| TLS_PREFIXES.iter().any(|prefix| name.starts_with(prefix));
        let is_of_ca = |name: &str| matches!(name, "smtp_tls_CAfile" | "smtp_tls_CApath");
        match self {
            Variant::Before => without(main_cf, is_of_tls).into(),
            Variant::WithoutCa => without(main_cf, is_of_ca).into(),
            Variant::Now | Variant::SecondMail | Variant::StartTlsRefused | Variant::TlsBroken => {
                main_cf.clone()
            }
        }
    }

    /// The peer under these circumstances.
    pub(super) fn peer(self, mut peer: PeerSpec) -> PeerSpec {
        match self {
            Variant::Before | Variant::WithoutCa | Variant::Now | Variant::SecondMail => {}
            Variant::StartTlsRefused => {
                let refusal = "454 4.7.0 TLS not available due to temporary reason";
                peer.on
                    .insert(0, Rule::command(Command::Starttls).send(refusal));
            }
            Variant::TlsBroken => {
                peer.tls.fail = Some(Fail {
                    moment: Moment::MidFlight,
                    act: Act::Reset,
                });
            }
        }
        peer
    }
}
