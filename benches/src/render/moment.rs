//! A `SystemTime` as a date and a time of the day in UTC, for those who do without our `Timestamp`.

use std::fmt::{self, Display, Write as _};
use std::time::{SystemTime, UNIX_EPOCH};

/// A moment of the Gregorian calendar, from 1970 on.
#[derive(Clone, Copy)]
pub(super) struct Moment {
    year: u64,
    month: u64,
    day: u64,
    hour: u64,
    minute: u64,
    second: u64,
}

impl Moment {
    pub(super) fn of(time: SystemTime) -> Self {
        let seconds = time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        // In years that begin in March the leap day is the last one. 719,468 days lie between their first and 1970.
        let days = seconds / 86_400 + 719_468;
        let (era, day) = (days / 146_097, days % 146_097);
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let from_march = (5 * day + 2) / 153;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
        Self {
            year: era * 400 + year + u64::from(month <= 2),
            month,
            day: day - (153 * from_march + 2) / 5 + 1,
            hour: seconds / 3_600 % 24,
            minute: seconds / 60 % 60,
            second: seconds % 60,
        }
    }

    /// Appends it as RFC 3339 has it.
    pub(super) fn machine(self, buffer: &mut String) {
        // Writing numbers to a `String` does not fail.
        let _ = write!(buffer, "{}", Machine(self));
    }

    /// Appends it as people read it.
    pub(super) fn human(self, buffer: &mut String) {
        let _ = write!(buffer, "{}", Human(self));
    }
}

/// As RFC 3339 has it.
pub(super) struct Machine(pub(super) Moment);

impl Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Moment { year, month, day, hour, minute, second } = self.0;
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

/// As people read it.
pub(super) struct Human(pub(super) Moment);

impl Display for Human {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Moment { year, month, day, hour, minute, second } = self.0;
        write!(f, "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC")
    }
}
