//! What the path does to a connection's bytes: cuts them into slices, delays them, resets, stalls or ends it.
//!
//! One [`Path`] serves one connection. A driver asks it what becomes of every write of the peer, and does that.

use std::time::Duration;

use super::spec::NetworkSpec;
use crate::seed::Stream;

/// The bytes of a TCP segment on most paths: what Ethernet leaves of 1500 (RFC 9293 §3.7.1).
const SEGMENT_BYTES: usize = 1460;

/// The path's state on one connection.
pub struct Path {
    spec: NetworkSpec,
    stream: Stream,
    /// Bytes from the peer that have arrived, or are on their way.
    carried: u64,
    over: bool,
}

/// Something that arrives at the sender, so long after the one before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// These bytes of the write, by position.
    Octets(Duration, std::ops::Range<usize>),
    /// The connection is reset.
    Reset,
    /// The connection ends, as if the peer had closed it.
    Cut,
}

impl Path {
    /// A path before the first byte. `stream` decides the sizes of slices that are drawn.
    pub fn new(spec: &NetworkSpec, stream: Stream) -> Self {
        Path {
            spec: spec.clone(),
            stream,
            carried: 0,
            over: false,
        }
    }

    /// One-way delay of every segment.
    pub fn latency(&self) -> Duration {
        self.spec.latency
    }

    /// Whether nothing gets through any more, in either direction.
    pub fn is_over(&self) -> bool {
        self.over
    }

    /// What arrives of a write of `octets` by the peer, in order. After a stall nothing does.
    pub fn carry(&mut self, octets: usize) -> Vec<Arrival> {
        let mut arrivals = Vec::with_capacity(1);
        let mut from = 0;
        while from < octets && !self.over {
            let (limit, end) = self.limit();
            let room = usize::try_from(limit.saturating_sub(self.carried)).unwrap_or(usize::MAX);
            let to = (from + self.slice().min(octets - from)).min(from.saturating_add(room));
            if to > from {
                let gap = if from == 0 {
                    Duration::ZERO
                } else {
                    self.spec.slice_gap
                };
                let bandwidth = self.spec.bandwidth;
                let gap = gap + bandwidth.map_or(Duration::ZERO, |it| it.time_for(to - from));
                arrivals.push(Arrival::Octets(gap, from..to));
                self.carried += u64::try_from(to - from).unwrap_or(u64::MAX);
            }
            if self.carried >= limit {
                self.over = true;
                arrivals.extend(end);
            }
            from = to;
        }
        arrivals
    }

    /// How many bytes get through, and what comes then.
    fn limit(&self) -> (u64, Option<Arrival>) {
        [
            (self.spec.reset_after, Some(Arrival::Reset)),
            (self.spec.cut_after, Some(Arrival::Cut)),
            (self.spec.stall_after, None),
        ]
        .into_iter()
        .filter_map(|(after, end)| after.map(|after| (after, end)))
        .min_by_key(|(after, _)| *after)
        .unwrap_or((u64::MAX, None))
    }

    fn slice(&mut self) -> usize {
        let Some(slice) = self.spec.slice else {
            // What is limited in a second arrives segment by segment.
            return self.spec.bandwidth.map_or(usize::MAX, |_| SEGMENT_BYTES);
        };
        let spread = u64::from(slice.max.saturating_sub(slice.min)) + 1;
        let size = u64::from(slice.min) + self.stream.below(spread);
        usize::try_from(size).unwrap_or(usize::MAX).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Slice;
    use crate::seed::{Purpose, Seed};

    fn path(spec: NetworkSpec) -> Path {
        Path::new(&spec, Seed(1).stream(Purpose::Slices, 0))
    }

    #[test]
    fn a_clean_path_carries_a_write_whole() {
        let arrivals = path(NetworkSpec::default()).carry(5000);
        assert_eq!(arrivals, [Arrival::Octets(Duration::ZERO, 0..5000)]);
    }

    #[test]
    fn slices_cover_every_byte_once() {
        let gap = Duration::from_millis(3);
        let mut path = path(NetworkSpec {
            slice: Slice::between(1, 7),
            slice_gap: gap,
            ..NetworkSpec::default()
        });
        let mut at = 0;
        for arrival in path.carry(100) {
            let Arrival::Octets(wait, range) = arrival else {
                panic!("{arrival:?}")
            };
            assert_eq!(range.start, at);
            assert!((1..=7).contains(&range.len()), "{range:?}");
            assert_eq!(wait, if at == 0 { Duration::ZERO } else { gap });
            at = range.end;
        }
        assert_eq!(at, 100);
    }

    #[test]
    fn a_bandwidth_gives_every_segment_its_time() {
        let mut path = path(NetworkSpec {
            bandwidth: "1 KB/s".parse().ok(),
            ..NetworkSpec::default()
        });
        let millis = Duration::from_millis;
        assert_eq!(
            path.carry(2000),
            [
                Arrival::Octets(millis(1460), 0..1460),
                Arrival::Octets(millis(540), 1460..2000)
            ]
        );
    }

    #[test]
    fn the_end_comes_at_its_byte() {
        let mut path = path(NetworkSpec {
            reset_after: Some(7),
            ..NetworkSpec::default()
        });
        assert_eq!(path.carry(5).len(), 1);
        assert_eq!(
            path.carry(5),
            [Arrival::Octets(Duration::ZERO, 0..2), Arrival::Reset]
        );
        assert!(path.is_over() && path.carry(5).is_empty());
    }

    #[test]
    fn a_stall_says_nothing() {
        let mut path = path(NetworkSpec {
            stall_after: Some(3),
            ..NetworkSpec::default()
        });
        assert_eq!(path.carry(5), [Arrival::Octets(Duration::ZERO, 0..3)]);
        assert!(path.is_over());
    }
}
