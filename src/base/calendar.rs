//! Days of the Gregorian calendar, for the dates in headers and notifications.

/// The year, month and day of the Gregorian calendar, `days` after 1970-01-01.
///
/// The years are taken to begin in March, so that the leap day is a year's last, and are counted in
/// eras of 400 years, which all have as many days (Howard Hinnant's `civil_from_days`).
pub(crate) fn date_of(days: i64) -> (i64, i64, i64) {
    let days = days + TO_MARCH_OF_YEAR_0;
    let (era, of_era) = (days.div_euclid(ERA_DAYS), days.rem_euclid(ERA_DAYS));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let (month, next_year) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (era * 400 + year + next_year, month, day)
}

/// The inverse of [`date_of`]; for a day that does not exist, some other day.
pub(crate) fn days_to(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let (era, year) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * month + 2) / 5 + day - 1;
    era * ERA_DAYS + year * 365 + year / 4 - year / 100 + of_year - TO_MARCH_OF_YEAR_0
}

const ERA_DAYS: i64 = 146_097;
const TO_MARCH_OF_YEAR_0: i64 = 719_468;
