//! A moment, as a `<time>` element says it.

use std::fmt::{self, Display, Formatter};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::components::writer::Writer;

/// A moment: for machines as RFC 3339 has it, and for people.
///
/// [`SystemTime`] is one, in UTC and whole seconds. The types of `chrono`, `jiff` and `time` become one in a type of your own, which is also where
/// your readers' time zone and language are known:
///
/// ```
/// use std::fmt;
/// use htmx_ws_components::Timestamp;
///
/// struct At(chrono::Zoned);
///
/// impl Timestamp for At {
///     fn machine(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
///         write!(f, "{}", self.0.to_rfc3339())
///     }
///
///     fn human(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
///         write!(f, "{}", self.0.format("%-d %B, %H:%M"))
///     }
/// }
/// # // What the example needs of such a crate.
/// # mod chrono {
/// #     pub struct Zoned;
/// #     impl Zoned {
/// #         pub fn to_rfc3339(&self) -> &'static str { "2026-11-23T00:39:43+01:00" }
/// #         pub fn format(&self, _: &str) -> &'static str { "23 November, 00:39" }
/// #     }
/// # }
/// # struct Shown(At);
/// # impl fmt::Display for Shown {
/// #     fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { self.0.human(f) }
/// # }
/// # assert_eq!(Shown(At(chrono::Zoned)).to_string(), "23 November, 00:39");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a timestamp",
    label = "not a moment that a `<time>` element can show",
    note = "use `std::time::SystemTime`, or implement `Timestamp` for a type of your own around it"
)]
pub trait Timestamp {
    /// Writes the moment as RFC 3339 has it, with its offset: `2026-11-23T00:39:43Z`.
    ///
    /// # Errors
    /// Those of the formatter.
    fn machine(&self, f: &mut Formatter<'_>) -> fmt::Result;

    /// Writes what people read.
    ///
    /// # Errors
    /// Those of the formatter.
    fn human(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.machine(f)
    }

    /// The moment, where both say it as [`SystemTime`] does: that is then worked out once.
    #[doc(hidden)]
    fn system_time(&self) -> Option<SystemTime> {
        None
    }
}

impl<T: Timestamp + ?Sized> Timestamp for &T {
    fn machine(&self, f: &mut Formatter<'_>) -> fmt::Result {
        T::machine(self, f)
    }

    fn human(&self, f: &mut Formatter<'_>) -> fmt::Result {
        T::human(self, f)
    }

    fn system_time(&self) -> Option<SystemTime> {
        T::system_time(self)
    }
}

/// In UTC, cut to the whole second before. What lies outside of the years 1 to 9999, which is all that RFC 3339 and HTML can say, is shown as
/// the nearest moment in them.
impl Timestamp for SystemTime {
    fn machine(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Civil { year, month, day, hour, minute, second } = Civil::of(*self);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }

    fn system_time(&self) -> Option<SystemTime> {
        Some(*self)
    }

    fn human(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Civil { year, month, day, hour, minute, second } = Civil::of(*self);
        write!(f, "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC")
    }
}

/// A moment, in a `<time>` element that has been begun.
pub(crate) fn time<C>(writer: &mut Writer<'_, C>, at: &dyn Timestamp) {
    writer.raw(" datetime=\"");
    match at.system_time().map(Civil::of) {
        Some(civil) => {
            let (date, time) = civil.digits();
            let [date, time] = [&date[..], &time].map(|digits| std::str::from_utf8(digits).unwrap_or_default());
            writer.str(date).raw("T").str(time).raw("Z\">").str(date).raw(" ").str(time).raw(" UTC")
        }
        None => writer.display(&Machine(at)).raw("\">").display(&Human(at)),
    };
    writer.raw("</time>");
}

struct Machine<'a>(&'a dyn Timestamp);

impl Display for Machine<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.machine(f)
    }
}

struct Human<'a>(&'a dyn Timestamp);

impl Display for Human<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.human(f)
    }
}

/// A date of the Gregorian calendar, carried on before its beginning, and a time of the day.
#[derive(Debug, PartialEq, Eq)]
struct Civil {
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
}

const DAY_SECONDS: i64 = 24 * 60 * 60;

/// 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z, in seconds from 1970.
const FIRST: i64 = -62_135_596_800;
const LAST: i64 = 253_402_300_799;

impl Civil {
    /// `2026-11-23` and `00:39:43`.
    fn digits(&self) -> ([u8; 10], [u8; 8]) {
        let digit = |number: i64, power: i64| b'0' + u8::try_from(number / power % 10).unwrap_or_default();
        let (mut date, mut time) = (*b"0000-00-00", *b"00:00:00");
        for (place, power) in [1000, 100, 10, 1].into_iter().enumerate() {
            date[place] = digit(self.year, power);
        }
        for (place, number) in [(5, self.month), (8, self.day)] {
            (date[place], date[place + 1]) = (digit(number, 10), digit(number, 1));
        }
        for (place, number) in [(0, self.hour), (3, self.minute), (6, self.second)] {
            (time[place], time[place + 1]) = (digit(number, 10), digit(number, 1));
        }
        (date, time)
    }

    fn of(time: SystemTime) -> Self {
        let seconds = seconds(time).clamp(FIRST, LAST);
        let (day, of_day) = (seconds.div_euclid(DAY_SECONDS), seconds.rem_euclid(DAY_SECONDS));
        let (year, month, day) = date(day);
        Self { year, month, day, hour: of_day / 3600, minute: of_day / 60 % 60, second: of_day % 60 }
    }
}

/// Whole seconds from 1970, cut towards the past.
fn seconds(time: SystemTime) -> i64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
        Err(before) => {
            let before: Duration = before.duration();
            let begun = u64::from(before.subsec_nanos() > 0);
            i64::try_from(before.as_secs().saturating_add(begun)).map_or(i64::MIN, |seconds| -seconds)
        }
    }
}

/// The year, month and day of a day counted from 1970.
///
/// Years begin in March here, so that the leap day is the last of its year: 400 of them have 146,097 days, and five months have 153, again and again.
fn date(day: i64) -> (i64, i64, i64) {
    let day = day + 719_468; // from 0000-03-01
    let (era, day) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let march = (5 * day + 2) / 153;
    let month = if march < 10 { march + 3 } else { march - 9 };
    (era * 400 + year + i64::from(month <= 2), month, day - (153 * march + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::components::status::Tone;

    #[track_caller]
    fn check(seconds: i64, expected: &str) {
        let from = Duration::from_secs(seconds.unsigned_abs());
        let time = if seconds < 0 { UNIX_EPOCH - from } else { UNIX_EPOCH + from };
        assert_eq!(Machine(&time).to_string(), expected);
    }

    #[test]
    fn a_system_time_is_written_as_rfc_3339_has_it() {
        check(0, "1970-01-01T00:00:00Z");
        check(951_782_399, "2000-02-28T23:59:59Z");
        check(951_782_400, "2000-02-29T00:00:00Z");
        check(1_709_164_800, "2024-02-29T00:00:00Z");
        check(4_107_542_400, "2100-03-01T00:00:00Z");
        check(1_795_394_383, "2026-11-23T00:39:43Z");
        check(-1, "1969-12-31T23:59:59Z");
        check(FIRST, "0001-01-01T00:00:00Z");
        check(LAST, "9999-12-31T23:59:59Z");
    }

    #[test]
    fn what_rfc_3339_cannot_say_is_the_nearest_that_it_can() {
        check(FIRST - 1, "0001-01-01T00:00:00Z");
        check(LAST + 1, "9999-12-31T23:59:59Z");
    }

    #[test]
    fn a_part_of_a_second_is_cut_towards_the_past() {
        let part = Duration::from_millis(1);
        assert_eq!(Machine(&(UNIX_EPOCH + part)).to_string(), "1970-01-01T00:00:00Z");
        assert_eq!(Machine(&(UNIX_EPOCH - part)).to_string(), "1969-12-31T23:59:59Z");
    }

    #[test]
    fn every_day_follows_the_one_before() {
        let days = |year: i64, month| match month {
            2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        let (mut year, mut month, mut day) = (1, 1, 1);
        for number in FIRST / DAY_SECONDS..=LAST / DAY_SECONDS {
            assert_eq!(date(number), (year, month, day));
            day += 1;
            if day > days(year, month) {
                (day, month) = (1, month + 1);
            }
            if month > 12 {
                (month, year) = (1, year + 1);
            }
        }
        assert_eq!(year, 10_000);
    }

    #[test]
    fn a_time_element_says_what_its_moment_says() {
        for seconds in [0, 951_782_400, 1_795_394_383, 253_402_300_799] {
            let at = UNIX_EPOCH + Duration::from_secs(seconds);
            let mut html = String::new();
            time(Writer::new(&mut html, Tone::default(), None::<&()>).raw("<time"), &at);
            assert_eq!(html, format!("<time datetime=\"{}\">{}</time>", Machine(&at), Human(&at)));
        }
    }

    #[test]
    fn a_time_element_is_escaped() {
        struct Hostile;
        impl Timestamp for Hostile {
            fn machine(&self, f: &mut Formatter<'_>) -> fmt::Result {
                f.write_str("\"><b>")
            }
        }
        let mut html = String::new();
        time(Writer::new(&mut html, Tone::default(), None::<&()>).raw("<time"), &Hostile);
        assert_eq!(html, r#"<time datetime="&quot;&gt;&lt;b&gt;">&quot;&gt;&lt;b&gt;</time>"#);
    }
}
