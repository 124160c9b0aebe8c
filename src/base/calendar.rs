//! Converts between dates of the Gregorian calendar and day numbers, for the dates in headers and
//! notifications.

/// Returns the year, month and day of the date `days` days after 1970-01-01 in the Gregorian
/// calendar. `days` may be negative.
///
/// This is Howard Hinnant's `civil_from_days`. It starts each year in March, so that the leap day
/// is the last day of the year. It counts in eras of 400 years, which all have the same length.
pub(crate) fn date_of(days: i64) -> (i64, i64, i64) {
    let days = days + TO_MARCH_OF_YEAR_0;
    // `/` and `%` would round towards zero, but days before year 0 belong to the previous era.
    let (era, of_era) = (days.div_euclid(ERA_DAYS), days.rem_euclid(ERA_DAYS));
    // Subtracts the leap days before this day. There is one every 4 years (1,460 days), except
    // every 100 years (36,524 days), but there is one at the end of the era (day 146,096).
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    // In a year that starts in March, each full group of five months has 153 days.
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let (month, next_year) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (era * 400 + year + next_year, month, day)
}

/// Returns the number of days from 1970-01-01 to a date. This is the inverse of [`date_of`].
///
/// For a day that does not exist, it returns the number of some other day, such as March 1 or 2 for
/// February 30.
pub(crate) fn days_to(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let (era, year) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * month + 2) / 5 + day - 1;
    era * ERA_DAYS + year * 365 + year / 4 - year / 100 + of_year - TO_MARCH_OF_YEAR_0
}

/// The length of 400 Gregorian years.
const ERA_DAYS: i64 = 146_097;
/// The number of days from 0000-03-01 to 1970-01-01.
const TO_MARCH_OF_YEAR_0: i64 = 719_468;
