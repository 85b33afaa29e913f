//! Numbers as people read them.

use std::fmt::{self, Display, Formatter};
use std::time::Duration;

/// A whole number, its digits in threes.
pub(super) struct Grouped(pub(super) u64);

impl Display for Grouped {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                f.write_str(",")?;
            }
            fmt::Write::write_char(f, digit)?;
        }
        Ok(())
    }
}

/// So many bytes, or whatever else is counted in thousands: the figure and the unit behind it.
pub(super) fn bytes(count: f64) -> (String, &'static str) {
    const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
    let mut value = count;
    let mut units = UNITS.into_iter();
    let mut unit = units.next().unwrap_or_default();
    // What would be rounded to a thousand is one of the next unit.
    while let Some(next) = if value >= 999.5 { units.next() } else { None } {
        value /= 1000.0;
        unit = next;
    }
    let is_short = unit != "B" && value < 99.95;
    (if is_short { format!("{value:.1}") } else { format!("{value:.0}") }, unit)
}

/// So many bytes, with the unit.
pub(super) fn size(count: usize) -> String {
    let (figure, unit) = bytes(float(count as u64));
    format!("{figure} {unit}")
}

/// How often in a second.
pub(super) fn rate(per_second: f64) -> String {
    if per_second > 0.0 && per_second < 9.95 { format!("{per_second:.1}") } else { format!("{per_second:.0}") }
}

/// How long something lasts, in its two greatest units.
pub(super) fn span(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        3600..86_400 => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds / 3600 % 24),
    }
}

/// How long ago something was.
pub(super) fn ago(time: Option<Duration>) -> String {
    match time {
        None => "never".to_owned(),
        Some(time) if time < Duration::from_secs(1) => "now".to_owned(),
        Some(time) => format!("{} ago", span(time)),
    }
}

#[allow(clippy::cast_precision_loss, reason = "a figure of three digits, and the height of a line")]
pub(super) fn float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let grouped: Vec<_> = [0, 999, 1000, 1_234_567].map(|count| Grouped(count).to_string()).into();
        assert_eq!(grouped, ["0", "999", "1,000", "1,234,567"]);
        let sizes: Vec<_> = [0, 999, 1000, 99_940, 999_499, 999_500, 5_000_000_000].map(size).into();
        assert_eq!(sizes, ["0 B", "999 B", "1.0 kB", "99.9 kB", "999 kB", "1.0 MB", "5.0 GB"]);
        assert_eq!([0.0, 0.4, 9.94, 9.95, 1234.0].map(rate), ["0", "0.4", "9.9", "10", "1234"]);
    }

    #[test]
    fn times_are_short() {
        let spans: Vec<_> = [0, 59, 60, 3599, 3600, 90_000].map(|seconds| span(Duration::from_secs(seconds))).into();
        assert_eq!(spans, ["0 s", "59 s", "1 min", "59 min", "1 h 0 min", "1 d 1 h"]);
        assert_eq!([None, Some(Duration::from_millis(999)), Some(Duration::from_secs(1))].map(ago), ["never", "now", "1 s ago"]);
    }
}
