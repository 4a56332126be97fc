//! What Postfix remarks on besides outcomes: something odd, or worth knowing.
//!
//! Data alone, sorted by what it is about. The sentences are in `log/notice/`, and nowhere else.

mod config;
mod destination;
mod dialogue;
mod policy;
mod queue;
mod table;
mod tls;

pub use config::{Assignment, ConfigNotice, FileLine, Limit, SaslTrouble, WordWeight};
pub use destination::{AnchorFault, DaneObstacle, DestinationNotice, UnusableTlsa};
pub use dialogue::{DialogueNotice, OwnName};
pub use policy::{Attribute, EntryFault, HostNameFault, PolicyNotice, RequireTlsFault, SiteKey};
pub use queue::QueueNotice;
pub use table::{
    BraceFault, CidrFault, InlineFault, LineFault, OpenFault, PairFault, PatternFault,
    PatternSyntax, TableNotice, WordFault,
};
pub use tls::{TlsNotice, TlsObstacle};

/// A program that remarks on something, or starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Program {
    /// smtp(8)
    Smtp,
    /// qmgr(8)
    Qmgr,
    /// tlsmgr(8)
    Tlsmgr,
    /// tlsproxy(8)
    Tlsproxy,
    /// trivial-rewrite(8)
    TrivialRewrite,
}

impl Program {
    /// The program's name, as it stands in the log.
    pub const fn name(self) -> &'static str {
        match self {
            Program::Smtp => "smtp",
            Program::Qmgr => "qmgr",
            Program::Tlsmgr => "tlsmgr",
            Program::Tlsproxy => "tlsproxy",
            Program::TrivialRewrite => "trivial-rewrite",
        }
    }
}

/// Something that Postfix remarks on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// About a destination, its servers, or our settings for it.
    Destination(DestinationNotice),
    /// About what a server said.
    Dialogue(DialogueNotice),
    /// About TLS with a server.
    Tls(TlsNotice),
    /// About the queue manager's services.
    Queue(QueueNotice),
    /// About a lookup table.
    Table(TableNotice),
    /// About what tables say of TLS and of routes.
    Policy(PolicyNotice),
    /// About main.cf.
    Config(ConfigNotice),
}

impl From<DestinationNotice> for Notice {
    fn from(notice: DestinationNotice) -> Self {
        Notice::Destination(notice)
    }
}

impl From<DialogueNotice> for Notice {
    fn from(notice: DialogueNotice) -> Self {
        Notice::Dialogue(notice)
    }
}

impl From<TlsNotice> for Notice {
    fn from(notice: TlsNotice) -> Self {
        Notice::Tls(notice)
    }
}

impl From<ConfigNotice> for Notice {
    fn from(notice: ConfigNotice) -> Self {
        Notice::Config(notice)
    }
}

impl From<TableNotice> for Notice {
    fn from(notice: TableNotice) -> Self {
        Notice::Table(notice)
    }
}

impl From<PolicyNotice> for Notice {
    fn from(notice: PolicyNotice) -> Self {
        Notice::Policy(notice)
    }
}

impl From<QueueNotice> for Notice {
    fn from(notice: QueueNotice) -> Self {
        Notice::Queue(notice)
    }
}
