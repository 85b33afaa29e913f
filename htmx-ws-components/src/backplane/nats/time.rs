//! The server's times.

use std::time::{Duration, SystemTime};

/// A time as the server writes it, `2026-11-23T20:13:16.035956Z`: always in UTC, with as many digits of the second as there are.
pub(super) fn parse(text: &str) -> Option<SystemTime> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let (time, fraction) = time.split_once('.').unwrap_or((time, ""));
    let [year, month, day] = numbers(date, '-')?;
    let [hour, minute, second] = numbers(time, ':')?;
    let is_sound =
        (1970..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60 && second < 61;
    let is_fraction = fraction.len() <= 9 && fraction.bytes().all(|byte| byte.is_ascii_digit());
    if !(is_sound && is_fraction) {
        return None;
    }
    let nanoseconds: u32 = format!("{fraction:0<9}").parse().ok()?;
    let seconds = days_since_1970(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
    SystemTime::UNIX_EPOCH.checked_add(Duration::new(seconds, nanoseconds))
}

fn numbers(text: &str, separator: char) -> Option<[u64; 3]> {
    let numbers: Vec<u64> = text.split(separator).map(|number| number.parse().ok()).collect::<Option<_>>()?;
    numbers.try_into().ok()
}

/// Counted in years that begin in March, so that the day of leap years is the last one.
fn days_since_1970(year: u64, month: u64, day: u64) -> u64 {
    let year = if month > 2 { year } else { year - 1 };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year * 365 + year / 4 - year / 100 + year / 400 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, seconds: u64, nanoseconds: u32) {
        assert_eq!(parse(text), Some(SystemTime::UNIX_EPOCH + Duration::new(seconds, nanoseconds)), "{text}");
    }

    #[test]
    fn times_are_read() {
        check("1970-01-01T00:00:00Z", 0, 0);
        check("2000-02-29T12:00:00.5Z", 951_825_600, 500_000_000);
        check("2000-03-01T00:00:00.000000001Z", 951_868_800, 1);
        check("2026-11-23T20:13:16.035956Z", 1_795_464_796, 35_956_000);
        for wrong in ["", "2026-11-23", "2026-11-23T20:13:16", "2026-13-23T20:13:16Z", "2026-11-23T20:13:16.x1Z", "2026-11-23T20:13Z"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
