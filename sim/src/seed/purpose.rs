//! What a random stream is for: one generator each, so a draw added for one leaves the others alone.

/// The purposes for which a run draws random numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// The plan of events: what is sent when, which world is built.
    Plan,
    /// How long bytes and answers travel.
    Latency,
    /// Where a flow of bytes is cut into slices.
    Slices,
    /// Which network faults happen, and when.
    Faults,
    /// The order among MX hosts of equal preference (RFC 5321 §5.1).
    MxOrder,
    /// Queue ids of messages.
    QueueIds,
    /// TLS randomness of the sender's end, one stream a connection.
    ClientTls,
    /// TLS randomness of a peer's end, one stream a connection.
    ServerTls,
    /// Keys and serial numbers of certificates.
    Pki,
    /// Keys that seal TLS session tickets.
    Tickets,
    /// DNS message ids, and what a resolver leaves to chance.
    Dns,
    /// Whatever a peer leaves to chance outside TLS.
    Peer,
    /// Whether a peer's rule with a chance applies, one stream a connection.
    Chance,
    /// Which of the machines behind an address takes a connection.
    Machine,
    /// What a login needs to be new, at the sender's end.
    Nonces,
    /// The same at a peer's end, one stream a connection.
    Challenges,
}

impl Purpose {
    /// Every purpose, in the order of declaration.
    pub const ALL: [Purpose; 16] = [
        Purpose::Plan,
        Purpose::Latency,
        Purpose::Slices,
        Purpose::Faults,
        Purpose::MxOrder,
        Purpose::QueueIds,
        Purpose::ClientTls,
        Purpose::ServerTls,
        Purpose::Pki,
        Purpose::Tickets,
        Purpose::Dns,
        Purpose::Peer,
        Purpose::Chance,
        Purpose::Machine,
        Purpose::Nonces,
        Purpose::Challenges,
    ];

    /// The word that goes into the stream's key. It may not change: recorded seeds rest on it.
    pub const fn label(self) -> &'static str {
        match self {
            Purpose::Plan => "plan",
            Purpose::Latency => "latency",
            Purpose::Slices => "slices",
            Purpose::Faults => "faults",
            Purpose::MxOrder => "mx-order",
            Purpose::QueueIds => "queue-ids",
            Purpose::ClientTls => "client-tls",
            Purpose::ServerTls => "server-tls",
            Purpose::Pki => "pki",
            Purpose::Tickets => "tickets",
            Purpose::Dns => "dns",
            Purpose::Peer => "peer",
            Purpose::Chance => "chance",
            Purpose::Machine => "machine",
            Purpose::Nonces => "nonces",
            Purpose::Challenges => "challenges",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_two_purposes_share_a_label() {
        let labels: BTreeSet<_> = Purpose::ALL.iter().map(|p| p.label()).collect();
        assert_eq!(labels.len(), Purpose::ALL.len());
        assert!(labels.iter().all(|label| !label.contains('\0')));
    }
}
