//! Words on the wire: replies, commands, extensions, message text. No states.

mod body;
mod command;
mod dsn;
mod extensions;
mod keyword;
mod reply;

pub use body::{Body, LINE_BYTES_MAX};
pub use command::{Command, Credential};
pub use dsn::Dsn;
pub use extensions::Extensions;
pub use keyword::{Keyword, Keywords};
pub use reply::{LINE_KEPT_MAX, Reply, ReplyNote, ReplyReader};
