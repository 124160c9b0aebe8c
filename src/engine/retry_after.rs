use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::{HeaderMap, HeaderValue, header};

use crate::base::calendar::days_to;

/// Returns how long a response's `Retry-After` header asks the client to wait, or `None` if the
/// header is missing or cannot be parsed.
///
/// The header contains a number of seconds or a date. Some receivers send a fraction of a second,
/// which is rounded up. Other forms, such as `30s` or a list, are not documented anywhere and are
/// ignored. A date is compared with the response's own
/// `Date` header, so that it does not matter how the receiver's clock is set. If there is no such
/// header, the date is compared with `wall`, the local time. A date in the past means a wait of
/// zero. The policy limits the wait.
pub(crate) fn retry_after(
    headers: &HeaderMap,
    wall: impl FnOnce() -> SystemTime,
) -> Option<Duration> {
    let text = text(headers.get(header::RETRY_AFTER)?)?;
    if text.bytes().all(|byte| byte.is_ascii_digit()) && !text.is_empty() {
        // The text contains only digits, so parsing fails only if the number does not fit in a
        // `u64`. Such a number means "forever".
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    if let Some(seconds) = fraction(text) {
        return Some(seconds);
    }
    let until = http_date(text)?;
    let own = headers.get(header::DATE).and_then(text_date);
    let now = own.or_else(|| {
        // A wall clock that shows a time before 1970 has not been set, so the date cannot be
        // compared with it.
        let since = wall().duration_since(UNIX_EPOCH).ok()?;
        i64::try_from(since.as_secs()).ok()
    })?;
    // The conversion fails only for a negative number. A negative number means that the date is in
    // the past.
    Some(Duration::from_secs(u64::try_from(until - now).unwrap_or(0)))
}

/// Parses a number of seconds with a fraction, such as `1.5`, and rounds it up.
fn fraction(text: &str) -> Option<Duration> {
    let (whole, part) = text.split_once('.')?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !is_number(whole) || !is_number(part) {
        return None;
    }
    let rounded_up = u64::from(part.bytes().any(|digit| digit != b'0'));
    let seconds = whole.parse().unwrap_or(u64::MAX).saturating_add(rounded_up);
    Some(Duration::from_secs(seconds))
}

/// Returns the text of a header value without surrounding whitespace, or `None` if the value is not
/// visible ASCII.
fn text(value: &HeaderValue) -> Option<&str> {
    value.to_str().ok().map(str::trim)
}

/// Parses a header value as a date.
fn text_date(value: &HeaderValue) -> Option<i64> {
    http_date(text(value)?)
}

/// Parses an HTTP date and returns it as seconds since 1970.
///
/// RFC 9110, section 5.6.7, requires recipients to accept three forms. The weekday is not checked
/// against the date.
fn http_date(text: &str) -> Option<i64> {
    // The dashes in the second form are treated as spaces, and the day in the third form may be
    // preceded by two spaces.
    let words: Vec<&str> = text.split([' ', '-']).filter(|word| !word.is_empty()).collect();
    // Sun, 06 Nov 1994 08:49:37 GMT | Sunday, 06-Nov-94 08:49:37 GMT | Sun Nov  6 08:49:37 1994
    let (day, month, year, clock) = match *words.as_slice() {
        [weekday, day, month, year, clock, "GMT"] if weekday.ends_with(',') => {
            (day, month, year, clock)
        }
        [_, month, day, clock, year] if year.len() == 4 => (day, month, year, clock),
        _ => return None,
    };
    let month = MONTHS.iter().position(|name| *name == month)? as i64 + 1;
    let (day, digits) = (number(day)?, year.len());
    let year = match (number(year)?, digits) {
        (year, 4) => year,
        // RFC 9110 interprets a two-digit year that appears to be more than 50 years in the future
        // as a year in the past. A fixed cut-off year avoids the need for a clock.
        (year @ 0..70, 2) => 2000 + year,
        (year, 2) => 1900 + year,
        _ => return None,
    };
    let mut parts = clock.split(':').map(number);
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next()??);
    // A second of 60 is a leap second. A day that does not exist in its month is read as a day of
    // the next month.
    let exists = (1..=31).contains(&day) && hour < 24 && minute < 60 && second <= 60;
    if parts.next().is_some() || !exists {
        return None;
    }
    Some(days_to(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second)
}

/// Parses a number of one to four decimal digits without a sign.
fn number(text: &str) -> Option<i64> {
    let digits = (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(header::HeaderName, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect()
    }

    /// Parses the `Retry-After` header of a response that has no `Date` header and arrives 30
    /// seconds before the date in the tests.
    fn wait(value: &str) -> Option<Duration> {
        // 1994-11-06 08:49:07 UTC
        let wall = UNIX_EPOCH + Duration::from_secs(784_111_747);
        retry_after(&headers(&[(header::RETRY_AFTER, value)]), || wall)
    }

    #[test]
    fn t7_seconds_and_the_three_forms_of_a_date() {
        for (value, seconds) in [
            ("0", 0),
            ("120", 120),
            (" 7 ", 7),
            ("99999999999999999999999", u64::MAX),
            ("299.997", 300),
            ("1.5", 2),
            ("30.0", 30),
            ("0.000", 0),
            ("0.0000000000000000000000000001", 1),
            ("99999999999999999999999.9", u64::MAX),
            ("Sun, 06 Nov 1994 08:49:37 GMT", 30),
            ("Sunday, 06-Nov-94 08:49:37 GMT", 30),
            ("Sun Nov  6 08:49:37 1994", 30),
            ("Sat, 05 Nov 1994 08:49:37 GMT", 0),
        ] {
            assert_eq!(wait(value), Some(Duration::from_secs(seconds)), "{value}");
        }
    }

    #[test]
    fn t7_an_unreadable_value_is_ignored() {
        for value in [
            "",
            "-1",
            "-1.5",
            "+30",
            "30s",
            "\"30\"",
            "30, 60",
            "30.",
            ".5",
            "1.5.0",
            "1,5",
            "1e3",
            "1 .5",
            "soon",
            "Sun, 06 Nov 1994 08:49:37 CET",
            "Sun, 06 Now 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:49:37 GMT",
            "Sun, 99 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 19941 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49 GMT",
            "Sun, 06 Nov 1994 08:49:37:00 GMT",
            "\u{ff}",
        ] {
            assert_eq!(wait(value), None, "{value}");
        }
    }

    #[test]
    fn a_date_counts_from_the_date_of_the_response() {
        let headers = headers(&[
            (header::DATE, "Sun, 06 Nov 1994 08:49:00 GMT"),
            (header::RETRY_AFTER, "Sun, 06 Nov 1994 08:49:37 GMT"),
        ]);
        let far_off = UNIX_EPOCH + Duration::from_secs(4_000_000_000);
        assert_eq!(retry_after(&headers, || far_off), Some(Duration::from_secs(37)));
    }
}
