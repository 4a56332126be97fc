//! Time spans in the delivery line (src/util/format_tv.c, as src/global/log_adhoc.c calls it).

use std::fmt;
use std::time::Duration;

/// Seconds with two significant digits, at most two of them decimals (`delay_logging_resolution_limit`), rounded
/// half up, without trailing zeros. What is below a microsecond does not count.
pub(super) struct Delay(pub(super) Duration);

impl fmt::Display for Delay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micros = self.0.as_micros();
        // The step of the last digit shown.
        let step = match self.0.as_secs() {
            0 => 10_000,
            1..10 => 100_000,
            _ => 1_000_000,
        };
        let hundredths = (micros + step / 2) / step * (step / 10_000);
        let (whole, part) = (hundredths / 100, hundredths % 100);
        match (part, part % 10) {
            (0, _) => write!(f, "{whole}"),
            (_, 0) => write!(f, "{whole}.{}", part / 10),
            _ => write!(f, "{whole}.{part:02}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_significant_digits_and_no_more_than_two_decimals() {
        for (micros, expected) in [
            (0, "0"),
            (4_999, "0"),
            (5_000, "0.01"),
            (14_999, "0.01"),
            (15_000, "0.02"),
            (50_000, "0.05"),
            (100_000, "0.1"),
            (123_456, "0.12"),
            (995_000, "1"),
            (999_999, "1"),
            (1_000_000, "1"),
            (1_049_999, "1"),
            (1_050_000, "1.1"),
            (9_949_999, "9.9"),
            (9_950_000, "10"),
            (10_499_999, "10"),
            (10_500_000, "11"),
            (432_000_400_000, "432000"),
        ] {
            assert_eq!(Delay(Duration::from_micros(micros)).to_string(), expected);
        }
    }

    #[test]
    fn less_than_a_microsecond_does_not_round_up() {
        assert_eq!(Delay(Duration::from_nanos(4_999_999)).to_string(), "0");
    }

    #[test]
    fn the_longest_span_is_printed() {
        assert_eq!(Delay(Duration::MAX).to_string(), "18446744073709551616");
    }
}
