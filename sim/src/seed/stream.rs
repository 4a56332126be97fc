//! One stream of random bytes, and whole numbers and orders drawn from it.

use std::fmt;

use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// An endless stream of random bytes: ChaCha with twelve rounds.
///
/// What it gives is part of the contract: the same on every machine, and pinned by a test. It
/// cannot be cloned, since two ends drawing the same bytes would be a mistake.
pub struct Stream(ChaCha12Rng);

impl Stream {
    pub(super) fn new(key: [u8; 32], index: u64) -> Self {
        let mut generator = ChaCha12Rng::from_seed(key);
        generator.set_stream(index);
        Stream(generator)
    }

    /// Fills `out`.
    pub fn fill(&mut self, out: &mut [u8]) {
        self.0.fill_bytes(out);
    }

    /// The next `N` bytes.
    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut out = [0; N];
        self.fill(&mut out);
        out
    }

    /// A number from the whole range.
    pub fn next_u64(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number from `0..n`, each as likely as the next. Zero, with nothing drawn, if `n` is 0.
    pub fn below(&mut self, n: u64) -> u64 {
        if n == 0 {
            return 0;
        }
        // The high half of draw × n falls into 0..n. Of the 2^64 draws, the first 2^64 mod n low
        // halves are dropped, so that each result keeps the same count of draws.
        let uneven = n.wrapping_neg() % n;
        loop {
            let (low, high) = halves_of_product(self.next_u64(), n);
            if low >= uneven {
                return high;
            }
        }
    }

    /// True `hits` times in `of`, on average; never if `of` is 0.
    pub fn chance(&mut self, hits: u64, of: u64) -> bool {
        self.below(of) < hits.min(of)
    }

    /// Puts `items` into an order, each order as likely as the next (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        let mut left: u64 = 0;
        for i in 0..items.len() {
            left += 1;
            let j = self.below(left);
            // j <= i, so it fits and stands in the slice.
            items.swap(i, usize::try_from(j).unwrap_or(i));
        }
    }

    /// The generator itself, for key generation that asks for one.
    pub(crate) fn generator(&mut self) -> &mut ChaCha12Rng {
        &mut self.0
    }
}

/// Shows no state: it is as good as every key drawn later.
impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream").finish_non_exhaustive()
    }
}

/// The low and the high half of `a` × `b`.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the halves of a product are its truncations"
)]
fn halves_of_product(a: u64, b: u64) -> (u64, u64) {
    let product = u128::from(a) * u128::from(b);
    (product as u64, (product >> 64) as u64)
}

#[cfg(test)]
mod tests {
    use crate::seed::{Purpose, Seed};

    #[test]
    fn the_first_bytes_never_change() {
        // Also worked out from the definition: SHA-256 for the key, twelve rounds of ChaCha.
        let mut hex = String::new();
        for byte in Seed(1).stream(Purpose::Plan, 0).bytes::<16>() {
            hex.push_str(&format!("{byte:02x}"));
        }
        assert_eq!(hex, "a91df7dddb6cb5e5b30d94f38144eb41");
        let mut draws = Seed(0x5eed).named_stream(Purpose::Latency, "mx1", 3);
        assert_eq!(draws.next_u64(), 0x8c1c182564fd27c);
        assert_eq!(
            [(); 8].map(|()| draws.below(1000)),
            [959, 242, 719, 953, 685, 124, 481, 111]
        );
        let mut order = [0, 1, 2, 3, 4, 5, 6, 7];
        draws.shuffle(&mut order);
        assert_eq!(order, [3, 1, 5, 6, 7, 2, 4, 0]);
    }

    #[test]
    fn below_stays_below_and_reaches_everything() {
        let mut stream = Seed(2).stream(Purpose::Plan, 0);
        let mut seen = [0u32; 6];
        for _ in 0..6000 {
            let drawn = usize::try_from(stream.below(6)).expect("below six");
            seen[drawn] += 1;
        }
        assert!(seen.iter().all(|n| (850..1150).contains(n)), "{seen:?}");
        assert_eq!(stream.below(1), 0);
        assert_eq!(stream.below(0), 0);
        // A bound just above half the range drops almost every second draw.
        let bound = (1 << 63) + 1;
        assert!((0..100).all(|_| stream.below(bound) < bound));
    }

    #[test]
    fn a_chance_of_none_or_all_is_sure() {
        let mut stream = Seed(3).stream(Purpose::Faults, 0);
        assert!((0..100).all(|_| !stream.chance(0, 20)));
        assert!((0..100).all(|_| stream.chance(20, 20)));
        assert!(!stream.chance(1, 0));
        let hits = (0..2000).filter(|_| stream.chance(1, 20)).count();
        assert!((60..140).contains(&hits), "{hits} of 2000 at 1 in 20");
    }

    #[test]
    fn a_shuffle_keeps_every_item() {
        let mut stream = Seed(4).stream(Purpose::MxOrder, 0);
        let mut items: Vec<u32> = (0..50).collect();
        stream.shuffle(&mut items);
        assert_ne!(items, (0..50).collect::<Vec<_>>());
        items.sort_unstable();
        assert_eq!(items, (0..50).collect::<Vec<_>>());
        stream.shuffle::<u32>(&mut []);
    }
}
