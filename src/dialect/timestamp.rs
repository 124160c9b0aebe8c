use std::{
    fmt,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, MapAccess, Unexpected, Visitor, value::MapAccessDeserializer},
};
use serde_json::Number;

use super::field::Field;
use crate::base::calendar::{date_of, days_to};

/// A date and time in a notification. It is kept exactly as it was written.
///
/// The documented bodies contain `2020-05-18T15:08:38+00:00`, `2020-05-18T16:18:49.111880Z` and, in
/// the scores of a track, `2020-05-18T15:08:38` without a time zone.
///
/// Cameras, and servers in Python and PHP, write other forms: with a space in place of the `T`,
/// with the zone `+00` or `+0000`, with a comma before the fraction, without seconds, or as a
/// number of seconds or milliseconds since 1970. These forms are read, too (ours). A number stays a
/// number.
///
/// Two timestamps are equal if their texts are equal. To compare the moments that they represent,
/// use [`to_system_time`](Self::to_system_time).
///
/// ```
/// use recohook::model::Timestamp;
/// use std::time::{Duration, UNIX_EPOCH};
///
/// let moment = UNIX_EPOCH + Duration::from_micros(1_589_818_729_111_880);
/// assert_eq!(Timestamp::from(moment).as_str(), "2020-05-18T16:18:49.111880Z");
///
/// let zoned = Timestamp::from("2020-05-18T19:18:49.111880+03:00");
/// assert_eq!(zoned.to_system_time(), Some(moment));
/// assert_eq!(zoned.as_str(), "2020-05-18T19:18:49.111880+03:00");
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Timestamp {
    text: String,
    /// Whether the text is a JSON number rather than a string.
    is_number: bool,
}

impl Timestamp {
    /// Returns the text. If the timestamp is a number, returns its digits.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the moment, or `None` if it is not clear from the text.
    ///
    /// A timestamp without a time zone is read as UTC (inferred: in the documented bodies, such a
    /// timestamp agrees with the neighbouring fields that end in `+00:00`). Digits beyond
    /// nanoseconds are truncated. A leap second, such as `23:59:60`, is the second after it.
    ///
    /// A number is in seconds if it has ten digits before the decimal point, in milliseconds if it
    /// has 13, and in microseconds if it has 16. Each of these units then stands for a moment from
    /// September 2001 to November 2286. Any other number has no moment.
    ///
    /// ```
    /// use recohook::model::Timestamp;
    ///
    /// let zoned = Timestamp::from("2020-05-18T15:08:38+00:00");
    /// let without_zone = Timestamp::from("2020-05-18T15:08:38");
    /// assert_eq!(zoned.to_system_time(), without_zone.to_system_time());
    /// assert_eq!(Timestamp::from("yesterday").to_system_time(), None);
    ///
    /// let seconds: Timestamp = serde_json::from_str("1589814518")?;
    /// assert_eq!(seconds.to_system_time(), zoned.to_system_time());
    /// assert_eq!(serde_json::to_string(&seconds)?, "1589814518");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn to_system_time(&self) -> Option<SystemTime> {
        // The arithmetic is checked, because on some platforms a `SystemTime` covers fewer years
        // than the text can express.
        let (seconds, nanos) =
            if self.is_number { since_1970(&self.text)? } else { parse(&self.text)? };
        let whole = Duration::from_secs(seconds.unsigned_abs());
        let second =
            if seconds < 0 { UNIX_EPOCH.checked_sub(whole) } else { UNIX_EPOCH.checked_add(whole) };
        second?.checked_add(Duration::from_nanos(nanos))
    }
}

impl Timestamp {
    /// Returns the timestamp with a final `Z` replaced by `+00:00`, because some clients' parsers
    /// do not accept `Z`.
    pub(in crate::dialect) fn with_offset(self) -> Self {
        self.text.strip_suffix('Z').map(|local| format!("{local}+00:00").into()).unwrap_or(self)
    }
}

impl From<SystemTime> for Timestamp {
    /// Formats the moment as RFC 3339 in UTC, with a final `Z` and rounded down to microseconds.
    /// The format covers only the years 0 to 9999, so a moment outside this range becomes the
    /// nearest moment inside it.
    fn from(moment: SystemTime) -> Self {
        let micros = match moment.duration_since(UNIX_EPOCH) {
            Ok(since) => i128::try_from(since.as_micros()).unwrap_or(i128::MAX),
            Err(before) => {
                -i128::try_from(before.duration().as_nanos().div_ceil(1000)).unwrap_or(i128::MAX)
            }
        };
        // Both limits fit into an `i64`, so the cast is lossless.
        let micros = micros.clamp(YEAR_0.into(), YEAR_9999_END.into()) as i64;
        // Euclidean division makes the time of day non-negative even for a moment before 1970.
        let (year, month, day) = date_of(micros.div_euclid(DAY_MICROS));
        let within_day = micros.rem_euclid(DAY_MICROS);
        let (second, micro) = (within_day / 1_000_000, within_day % 1_000_000);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micro:06}Z")
            .into()
    }
}

impl From<String> for Timestamp {
    fn from(text: String) -> Self {
        Self { text, is_number: false }
    }
}

impl From<&str> for Timestamp {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<SystemTime> for Field<Timestamp> {
    fn from(moment: SystemTime) -> Self {
        Self::Value(moment.into())
    }
}

impl From<&str> for Field<Timestamp> {
    fn from(text: &str) -> Self {
        Self::Value(text.into())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.is_number
            && let Ok(number) = self.text.parse::<Number>()
        {
            return number.serialize(serializer);
        }
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TimestampVisitor)
    }
}

struct TimestampVisitor;

impl<'de> Visitor<'de> for TimestampVisitor {
    type Value = Timestamp;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a date and time, as a string or a number")
    }

    fn visit_str<E>(self, text: &str) -> Result<Timestamp, E> {
        Ok(text.into())
    }

    fn visit_string<E>(self, text: String) -> Result<Timestamp, E> {
        Ok(text.into())
    }

    fn visit_i64<E>(self, number: i64) -> Result<Timestamp, E> {
        Ok(Timestamp { text: number.to_string(), is_number: true })
    }

    fn visit_u64<E>(self, number: u64) -> Result<Timestamp, E> {
        Ok(Timestamp { text: number.to_string(), is_number: true })
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Timestamp, E> {
        match Number::from_f64(number) {
            Some(number) => Ok(Timestamp { text: number.to_string(), is_number: true }),
            None => Err(E::invalid_type(Unexpected::Float(number), &self)),
        }
    }

    // `serde_json` passes a number in this form if any crate enables its feature
    // `arbitrary_precision`.
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Timestamp, A::Error> {
        let number = Number::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Timestamp { text: number.to_string(), is_number: true })
    }
}

const DAY_MICROS: i64 = 86_400_000_000;
/// The start of the year 0, in microseconds since 1970.
const YEAR_0: i64 = -719_528 * DAY_MICROS;
/// The last microsecond of the year 9999, in microseconds since 1970.
const YEAR_9999_END: i64 = 2_932_897 * DAY_MICROS - 1;

/// Parses a timestamp. Returns the seconds since 1970, rounded down, and the nanoseconds to add to
/// them.
fn parse(text: &str) -> Option<(i64, u64)> {
    let (date, rest) = text.split_once(['T', 't', ' '])?;
    let (clock, rest) = rest.split_at_checked("hh:mm".len())?;
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let [hour, minute] = numbers(clock, ':', [2, 2])?;
    let ([second], nanos, zone) = match rest.strip_prefix(':') {
        Some(rest) => {
            let (second, rest) = rest.split_at_checked("ss".len())?;
            let (nanos, zone) = match rest.strip_prefix(['.', ',']) {
                Some(rest) => fraction(rest)?,
                None => (0, rest),
            };
            (numbers(second, ':', [2])?, nanos, zone)
        }
        None => ([0], 0, rest),
    };
    let days = days_to(year, month, day);
    // `days_to` accepts any day. If a day does not exist, such as 30 February, `date_of` returns a
    // different date.
    let exists = (1..=12).contains(&month) && date_of(days) == (year, month, day);
    // The last second is a leap second, which the system's clock does not have.
    if !exists || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    Some((days * 86_400 + hour * 3600 + minute * 60 + second - offset(zone)?, nanos))
}

/// Reads a number of seconds, milliseconds or microseconds since 1970. The number of its digits
/// shows the unit. Returns the same as [`parse`].
fn since_1970(text: &str) -> Option<(i64, u64)> {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    let units_per_second = match whole.len() {
        10 => 1,
        13 => 1_000,
        16 => 1_000_000,
        _ => return None,
    };
    let [count] = numbers(whole, '-', [whole.len()])?;
    let nanos_per_unit = 1_000_000_000 / units_per_second;
    let (nanos_of_unit, _) = if rest.is_empty() { (0, "") } else { fraction(rest)? };
    let nanos = count % units_per_second * nanos_per_unit;
    // Both are below 10^9.
    let nanos = nanos.unsigned_abs() + nanos_of_unit / units_per_second.unsigned_abs();
    Some((count / units_per_second, nanos))
}

/// Converts the digits after the decimal point into nanoseconds. Also returns the text that follows
/// the digits.
fn fraction(text: &str) -> Option<(u64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    // The digits are padded on the right, because `.5` means 500 million nanoseconds.
    let nanos = format!("{:0<9}", digits.get(..9).unwrap_or(digits)).parse().ok()?;
    (!digits.is_empty()).then_some((nanos, rest))
}

/// Returns the number of seconds by which a time zone is ahead of UTC. An empty zone means UTC.
fn offset(zone: &str) -> Option<i64> {
    // Some languages put a space before the zone.
    let zone = zone.strip_prefix(' ').unwrap_or(zone);
    if matches!(zone, "" | "Z" | "z" | "UTC") {
        return Some(0);
    }
    let (sign, ahead) = match zone.strip_prefix('-') {
        Some(behind) => (-1, behind),
        None => (1, zone.strip_prefix('+')?),
    };
    let [hours, minutes] = match ahead.len() {
        2 => [numbers(ahead, ':', [2])?[0], 0],
        4 => {
            let [both] = numbers(ahead, ':', [4])?;
            [both / 100, both % 100]
        }
        _ => numbers(ahead, ':', [2, 2])?,
    };
    (hours <= 23 && minutes <= 59).then_some(sign * (hours * 3600 + minutes * 60))
}

/// Parses the numbers in a string such as `2020-05-18`. The string must contain one number for each
/// width, and each number must have as many digits as its width.
fn numbers<const N: usize>(text: &str, separator: char, widths: [usize; N]) -> Option<[i64; N]> {
    let mut parts = text.split(separator);
    let mut found = [0; N];
    for (number, width) in found.iter_mut().zip(widths) {
        let part = parts.next()?;
        // Only digits are allowed, whereas `parse` alone would also accept a sign.
        if part.len() != width || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(found)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: i64, micros: u64) -> SystemTime {
        let whole = Duration::from_secs(seconds.unsigned_abs());
        let second = if seconds < 0 { UNIX_EPOCH - whole } else { UNIX_EPOCH + whole };
        second + Duration::from_micros(micros)
    }

    /// Seconds, microseconds and the expected text, computed with Python's `datetime`.
    const KNOWN: [(i64, u64, &str); 12] = [
        (0, 0, "1970-01-01T00:00:00.000000Z"),
        (-1, 999_999, "1969-12-31T23:59:59.999999Z"),
        (1_589_818_729, 111_880, "2020-05-18T16:18:49.111880Z"),
        (951_782_400, 0, "2000-02-29T00:00:00.000000Z"),
        (951_868_800, 1, "2000-03-01T00:00:00.000001Z"),
        (1_709_251_199, 0, "2024-02-29T23:59:59.000000Z"),
        (4_107_542_400, 0, "2100-03-01T00:00:00.000000Z"),
        (4_107_542_399, 0, "2100-02-28T23:59:59.000000Z"),
        (-2_203_891_200, 0, "1900-03-01T00:00:00.000000Z"),
        (-2_203_891_201, 0, "1900-02-28T23:59:59.000000Z"),
        (-62_135_596_800, 0, "0001-01-01T00:00:00.000000Z"),
        (253_402_300_799, 999_999, "9999-12-31T23:59:59.999999Z"),
    ];

    #[test]
    fn known_moments_are_written_and_read() {
        for (seconds, micros, text) in KNOWN {
            let moment = at(seconds, micros);
            assert_eq!(Timestamp::from(moment).as_str(), text);
            assert_eq!(Timestamp::from(text).to_system_time(), Some(moment), "{text}");
        }
    }

    #[test]
    fn a_fraction_of_a_microsecond_rounds_down_on_both_sides_of_1970() {
        let nano = Duration::from_nanos(1);
        assert_eq!(Timestamp::from(UNIX_EPOCH + nano).as_str(), "1970-01-01T00:00:00.000000Z");
        assert_eq!(Timestamp::from(UNIX_EPOCH - nano).as_str(), "1969-12-31T23:59:59.999999Z");
    }

    #[test]
    fn moments_beyond_the_format_become_its_limits() {
        let age = Duration::from_secs(1 << 40);
        assert_eq!(Timestamp::from(UNIX_EPOCH - age).as_str(), "0000-01-01T00:00:00.000000Z");
        assert_eq!(Timestamp::from(UNIX_EPOCH + age).as_str(), "9999-12-31T23:59:59.999999Z");
    }

    #[test]
    fn the_documented_shapes_are_read() {
        let moment = Some(at(1_589_814_518, 0));
        for text in [
            "2020-05-18T15:08:38+00:00",
            "2020-05-18T15:08:38Z",
            "2020-05-18t15:08:38z",
            "2020-05-18T15:08:38.000000Z",
            "2020-05-18T15:08:38",
            "2020-05-18T12:08:38-03:00",
            "2020-05-19T00:38:38+09:30",
        ] {
            assert_eq!(Timestamp::from(text).to_system_time(), moment, "{text}");
        }
        let fine = Timestamp::from("1970-01-01T00:00:00.1234567899+00:00").to_system_time();
        assert_eq!(fine, Some(UNIX_EPOCH + Duration::from_nanos(123_456_789)));
    }

    #[test]
    fn other_texts_have_no_moment_and_are_kept() {
        for text in [
            "",
            "T",
            "yesterday",
            "2020-05-18",
            "2020-5-18T15:08:38Z",
            "2020-02-30T00:00:00Z",
            "2021-02-29T00:00:00Z",
            "2100-02-29T00:00:00Z",
            "2020-00-10T00:00:00Z",
            "2020-13-10T00:00:00Z",
            "2020-05-00T00:00:00Z",
            "2020-05-18T24:00:00Z",
            "2020-05-18T15:60:00Z",
            "2020-06-30T23:59:61Z",
            "2020-05-18T15",
            "2020-05-18T15:08:",
            "2020-05-18T15:08:38+000",
            "2020-05-18T15:08:38.Z",
            "2020-05-18T15:08:38+24:00",
            "2020-05-18T15:08:38ZZ",
            "1589814518",
            "2020-05-18T15:08:3é",
            "+020-05-18T15:08:38Z",
        ] {
            assert_eq!(Timestamp::from(text).to_system_time(), None, "{text}");
            assert_eq!(Timestamp::from(text).to_string(), text);
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(
            seconds in -62_167_219_200_i64..253_402_300_800,
            micros in 0..1_000_000_u64,
        ) {
            let moment = at(seconds, micros);
            prop_assert_eq!(Timestamp::from(moment).to_system_time(), Some(moment));
        }

        #[test]
        fn each_day_is_followed_by_the_next(days in -719_528_i64..2_932_896) {
            let (year, month, day) = date_of(days);
            prop_assert_eq!(days_to(year, month, day), days);
            let next = date_of(days + 1);
            let follows = next == (year, month, day + 1)
                || (next == (year, month + 1, 1) && day >= 28)
                || (next == (year + 1, 1, 1) && (month, day) == (12, 31));
            prop_assert!(follows, "{:?} after {:?}", next, (year, month, day));
        }

        #[test]
        fn no_text_panics(text in ".{0,40}") {
            Timestamp::from(text.as_str()).to_system_time();
        }
    }
}
