//! Dates as files write them: a month, `2026-11`, or a day of it, `2026-11-23`; and moments, `2026-06-01T00:00:00Z`.

use std::fmt;
use std::str::FromStr;

use mta_core::time::Wall;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A month of the Gregorian calendar, or a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date {
    year: u16,
    month: u8,
    day: Option<u8>,
}

impl Date {
    /// The day in UTC, so many seconds after the start of 1970. Up to the year 9999.
    pub fn of_epoch(seconds: u64) -> Date {
        let (mut year, mut days) = (1970, seconds / 86_400);
        while year < YEAR_MAX && days >= year_days(year) {
            days -= year_days(year);
            year += 1;
        }
        let mut month = 1;
        while month < 12 && days >= u64::from(month_days(year, month)) {
            days -= u64::from(month_days(year, month));
            month += 1;
        }
        let day = u8::try_from(days + 1)
            .unwrap_or(u8::MAX)
            .min(month_days(year, month));
        Date {
            year,
            month,
            day: Some(day),
        }
    }

    /// The start of the day in UTC, in seconds since the start of 1970; none before it, or for a whole month.
    fn epoch(self) -> Option<u64> {
        let years = (self.year >= 1970).then_some(1970..self.year)?;
        let months = (1..self.month).map(|month| u64::from(month_days(self.year, month)));
        let days = years.map(year_days).sum::<u64>() + months.sum::<u64>();
        Some((days + u64::from(self.day?) - 1) * 86_400)
    }

    /// Whether more than `months` lie between this date and `today`. A month counts from its end, today's from its
    /// beginning.
    pub fn is_older_than(self, months: u16, today: Date) -> bool {
        let months_of = |date: Date| u32::from(date.year) * 12 + u32::from(date.month);
        let limit = months_of(self) + u32::from(months);
        let now = months_of(today);
        now > limit || (now == limit && today.day.unwrap_or(1) > self.day.unwrap_or(31))
    }
}

/// A moment in the words of a Date field: `Mon, 01 Jun 2026 00:00:00 +0000` (RFC 5322 §3.3).
pub(crate) fn date_time(seconds: u64) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let date = Date::of_epoch(seconds);
    // 1970 began on a Thursday.
    let names = DAYS
        .iter()
        .cycle()
        .skip(usize::try_from(seconds / 86_400 % 7).unwrap_or(0));
    let day = names.copied().next().unwrap_or_default();
    let month = MONTHS
        .get(usize::from(date.month) - 1)
        .copied()
        .unwrap_or_default();
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!(
        "{day}, {:02} {month} {:04} {hour:02}:{minute:02}:{second:02} +0000",
        date.day.unwrap_or(1),
        date.year
    )
}

/// A moment in UTC, in whole seconds since the start of 1970: `2026-06-01T00:00:00Z` (RFC 3339).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub u64);

impl Moment {
    /// What a wall clock shows then.
    pub const fn wall(self) -> Wall {
        Wall(self.0)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (date, second) = (Date::of_epoch(self.0), self.0 % 86_400);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        write!(f, "{date}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let read = || {
            let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
            let date: Date = date.parse().ok()?;
            let mut parts = time.split(':');
            let mut below = |limit: u64| {
                let part = parts.next().filter(|part| part.len() == 2)?;
                let digits = part.bytes().all(|byte| byte.is_ascii_digit());
                let number: u64 = digits.then(|| part.parse().ok())??;
                (number < limit).then_some(number)
            };
            let second = below(24)? * 3600 + below(60)? * 60 + below(60)?;
            let whole = parts.next().is_none();
            whole.then_some(Moment(date.epoch()? + second))
        };
        read().ok_or_else(|| format!("invalid moment `{text}`; expected for example `{EXAMPLE}`"))
    }
}

const EXAMPLE: Moment = Moment(1_780_272_000);

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The last year that four digits can write.
const YEAR_MAX: u16 = 9999;

fn is_leap(year: u16) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn year_days(year: u16) -> u64 {
    if is_leap(year) { 366 } else { 365 }
}

fn month_days(year: u16, month: u8) -> u8 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl FromStr for Date {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = |part: &str, length: usize| {
            let all = part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
            all.then(|| part.parse::<u16>().ok()).flatten()
        };
        let read = || {
            let mut parts = text.split('-');
            let year = digits(parts.next()?, 4)?;
            let month = u8::try_from(digits(parts.next()?, 2)?).ok()?;
            let day = match parts.next() {
                Some(part) => Some(u8::try_from(digits(part, 2)?).ok()?),
                None => None,
            };
            let fits = (1..=12).contains(&month)
                && day.is_none_or(|day| (1..=month_days(year, month)).contains(&day))
                && parts.next().is_none();
            fits.then_some(Date { year, month, day })
        };
        read().ok_or_else(|| {
            format!("invalid date `{text}`; expected a month such as `2026-11`, or a day such as `2026-11-23`")
        })
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)?;
        match self.day {
            Some(day) => write!(f, "-{day:02}"),
            None => Ok(()),
        }
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

crate::schema::texts! {
    Moment, "Moment", "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$", "A moment in UTC: `2026-06-01T00:00:00Z`.";
    Date, "Date", "^[0-9]{4}-[0-9]{2}(-[0-9]{2})?$", "A month, `2026-11`, or a day, `2026-11-23`.";
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn what_is_shown_is_read_back_and_nonsense_is_refused() {
        for text in ["2026-11", "2024-02-29", "1970-01-01"] {
            assert_eq!(date(text).to_string(), text);
        }
        for text in [
            "",
            "2026",
            "2026-13",
            "2026-00",
            "2026-02-29",
            "2026-2",
            "2026-11-23-1",
            "+026-11",
            "26-11",
        ] {
            assert!(text.parse::<Date>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_day_follows_from_the_seconds_since_1970() {
        for (seconds, text) in [
            (0, "1970-01-01"),
            (86_399, "1970-01-01"),
            (951_782_400, "2000-02-29"),
            (1_780_272_000, "2026-06-01"),
            (1_798_761_599, "2026-12-31"),
            (253_402_300_799, "9999-12-31"),
        ] {
            assert_eq!(Date::of_epoch(seconds).to_string(), text);
        }
        assert_eq!(Date::of_epoch(u64::MAX).year, YEAR_MAX);
    }

    #[test]
    fn moments_are_read_as_they_are_shown() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_868_799, "2000-02-29T23:59:59Z"),
            (1_780_275_723, "2026-06-01T01:02:03Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(Moment(seconds).to_string(), text);
            assert_eq!(text.parse(), Ok(Moment(seconds)));
        }
        for text in [
            "2026-06-01",
            "2026-06T00:00:00Z",
            "2026-06-01T24:00:00Z",
            "2026-06-01T00:60:00Z",
            "2026-06-01T00:00Z",
            "2026-06-01T00:00:00",
            "2026-06-01T00:00:00:00Z",
            "2026-06-01T+1:00:00Z",
            "1969-12-31T00:00:00Z",
        ] {
            let error = text.parse::<Moment>().unwrap_err();
            assert!(error.contains("expected for example `2026-06-01T00:00:00Z`"));
        }
    }

    #[test]
    fn a_moment_is_written_as_in_a_date_field() {
        assert_eq!(date_time(0), "Thu, 01 Jan 1970 00:00:00 +0000");
        assert_eq!(date_time(1_780_275_723), "Mon, 01 Jun 2026 01:02:03 +0000");
    }

    #[test]
    fn a_month_counts_from_its_end() {
        assert!(!date("2025-11").is_older_than(12, date("2026-11-30")));
        assert!(date("2025-11").is_older_than(12, date("2026-12")));
        assert!(!date("2025-11-10").is_older_than(12, date("2026-11-10")));
        assert!(date("2025-11-10").is_older_than(12, date("2026-11-11")));
        assert!(!date("2027-01").is_older_than(0, date("2026-11")));
    }
}
