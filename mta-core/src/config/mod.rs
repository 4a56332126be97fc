//! Configuration: the text of a main.cf comes in, valid [`Settings`] come out.
//!
//! ```
//! use mta_core::config::{Host, MainCf, Release, Settings};
//! use mta_core::policy::Level;
//!
//! let text = "smtp_tls_security_level = may\nsmtp_tls_CAfile = ${config_directory}/ca.pem\n";
//! let main_cf = MainCf::parse("main.cf", text);
//! let host = Host::named("mail.client.example");
//! match Settings::from_main_cf(&main_cf, Release::V3_7, &host) {
//!     Ok((settings, warnings)) => {
//!         assert_eq!(settings.tls.level, Level::May);
//!         assert_eq!(settings.tls.ca_file.as_deref(), Some("/etc/postfix/ca.pem"));
//!         assert!(warnings.is_empty());
//!     }
//!     Err(errors) => panic!("{errors:?}"),
//! }
//! ```

mod feature;
mod release;

mod logical_line;
mod main_cf;
mod space;

mod expand;

mod parameter;
mod pix;
mod table;

mod files;
mod settings;

mod compat_level;
mod host_name;
mod in_force;
mod inet;
mod log_mask;
mod resolver_words;
mod resolving;
mod value;

mod braced_words;

mod from_main_cf;
mod global_level;
mod known_names;
mod print;
mod reader;

mod place;
mod problem;

pub use compat_level::{CompatLevel, MalformedCompatLevel};
pub use expand::{MAX_EXPANDED_BYTES, MAX_EXPANSION_WORK, MAX_NESTING};
pub use feature::{Feature, Since};
pub use files::Files;
pub(crate) use host_name::fault_of as host_name_fault;
pub use host_name::{Host, is_host_name};
pub use in_force::InForce;
pub use inet::{AddressPreference, InetProtocols, UnknownPreference};
pub use log_mask::{LogMask, UnknownLogWord};
pub use main_cf::{Entry, MAX_ENTRIES, MAX_FILE_BYTES, MainCf};
pub use parameter::{Kind, Parameter};
pub use pix::PixWorkarounds;
pub use place::Place;
pub use problem::{ConfigError, MAX_PROBLEMS, Problem, ProblemKind, Warning};
pub use release::{Release, UnsupportedRelease};
pub use resolving::{DaneSettings, DnsSupport, ResolverSettings};
pub use settings::{
    AskSettings, CipherSettings, CredentialSettings, DestinationLimits, DialogueSettings,
    GroupSettings, HostSettings, LogSettings, Names, ProcessSettings, ProtocolSettings,
    QueueSettings, ReportSettings, ReuseSettings, RouteSettings, SaslSettings,
    SessionCacheSettings, Settings, Timeouts, TlsSettings,
};
pub use table::{PARAMETERS, parameter};
