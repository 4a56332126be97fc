//! Notices about the queue manager's services.

use std::sync::Arc;

/// About the queue manager's services.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QueueNotice {
    /// A delivery agent died at its work.
    AgentDied {
        /// Its service in master.cf.
        service: Arc<str>,
    },
    /// master.cf has no such service.
    NoService {
        /// The service.
        service: Arc<str>,
    },
}
