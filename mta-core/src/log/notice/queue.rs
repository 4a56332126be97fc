//! About the queue manager's services (src/qmgr/qmgr_deliver.c, qmgr_transport.c).

use super::sentence::{Sentence, warning};
use crate::event::QueueNotice;

pub(super) fn sentences(notice: &QueueNotice) -> Vec<Sentence> {
    match notice {
        QueueNotice::AgentDied { service } => vec![
            warning(format!(
                "premature end-of-input on private/{service} socket while reading input attribute name"
            )),
            warning(format!("private/{service} socket: malformed response")),
            warning(format!(
                "transport {service} failure -- see a previous warning/fatal/panic logfile record for the problem \
                 description"
            )),
        ],
        QueueNotice::NoService { service } => vec![warning(format!(
            "connect to transport private/{service}: No such file or directory"
        ))],
    }
}
