//! Places in the order of everything that a hub published.

use std::fmt::{self, Display};
use std::str::FromStr;

/// One life of the logs: a hub's memory begins empty, so a cursor of an earlier process means nothing to it.
///
/// ```
/// use htmx_ws_components::Hub;
///
/// assert_ne!(Hub::new().cursor().epoch(), Hub::new().cursor().epoch());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Epoch(pub(crate) u64);

/// The number of a change, in one order for all topics of a hub. The first one is 1.
///
/// ```
/// use htmx_ws_components::{Hub, Patch, DomId};
///
/// let hub = Hub::new();
/// let before = hub.cursor().version();
/// hub.publish("jobs", &Patch::remove(DomId::new("job-7").unwrap()));
/// assert!(hub.cursor().version() > before);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Version(pub(crate) u64);

impl Version {
    /// The number itself.
    pub fn get(self) -> u64 {
        self.0
    }
}

impl Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A place in the hub's order: everything up to it is known, everything behind it is not.
///
/// A replay is sent in the order of the entries' *places*, which is not the order of their versions, so a reader that was cut off in the middle of one
/// stands at no single version. Its cursor then says so, and the resume is exact all the same.
///
/// Its text form is `epoch-version` or `epoch-version-to-place`, the epoch in hexadecimal digits; with a `-s` at the end where up to `to` only states are lacking.
///
/// ```
/// use htmx_ws_components::{Cursor, Hub};
///
/// let cursor = Hub::new().cursor();
/// let parsed: Cursor = cursor.to_string().parse()?;
/// assert_eq!(parsed, cursor);
/// # Ok::<(), htmx_ws_components::InvalidCursor>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cursor {
    pub(crate) epoch: Epoch,
    pub(crate) version: Version,
    pub(crate) partial: Option<Partial>,
}

/// How far a reader came in a replay that did not end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Partial {
    /// The version of the log when the replay began. It goes no further than the places up to this one, so it ends.
    pub(crate) to: Version,
    /// The place up to which the reader has everything.
    pub(crate) place: Version,
    /// Up to `to` it is sent states only: what is ordered it has.
    pub(crate) is_of_states: bool,
}

impl Cursor {
    pub(crate) fn new(epoch: Epoch, version: Version) -> Self {
        Self { epoch, version, partial: None }
    }

    /// The life of the logs that this is a place in.
    pub fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// The last version up to which everything is known.
    pub fn version(&self) -> Version {
        self.version
    }

    /// In front of the snapshot that the log goes on behind at this cursor. It is of an epoch of its own, so no log reaches back to it.
    pub(crate) fn of_snapshot(self) -> Self {
        Self::new(Epoch(!self.epoch.0), Version(0))
    }

    /// The same reader, when it has everything up to `place` of a replay that goes to `to`.
    pub(crate) fn within(self, to: Version, place: Version) -> Self {
        let is_of_states = self.partial.is_some_and(|partial| partial.is_of_states);
        Self { partial: Some(Partial { to, place, is_of_states }), ..self }
    }

    /// A reader who has everything up to this, but of the states only those up to `version`: some of those that came later it may have, and some not.
    pub(crate) fn with_states_up_to(self, version: Version) -> Self {
        if version >= self.version {
            return self;
        }
        Self { version, partial: Some(Partial { to: self.version, place: Version(0), is_of_states: true }), ..self }
    }

    /// The version up to which it has everything but states.
    pub(crate) fn ordered_up_to(&self) -> Version {
        self.partial.filter(|partial| partial.is_of_states).map_or(self.version, |partial| partial.to)
    }

    /// The same reader behind a replay that goes to `to`.
    pub(crate) fn behind(self, to: Version) -> Self {
        Self { version: to, partial: None, ..self }
    }

    /// Whether such a cursor can have been given out when `present` was.
    pub(crate) fn is_before(&self, present: &Self) -> bool {
        let last = self.partial.map_or(self.version, |partial| partial.to);
        let is_sound = self.partial.is_none_or(|partial| self.version <= partial.to && partial.place <= partial.to);
        is_sound && self.epoch == present.epoch && last <= present.version
    }
}

impl Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}-{}", self.epoch.0, self.version)?;
        match self.partial {
            Some(Partial { to, place, is_of_states }) => write!(f, "-{to}-{place}{}", if is_of_states { "-s" } else { "" }),
            None => Ok(()),
        }
    }
}

impl FromStr for Cursor {
    type Err = InvalidCursor;

    fn from_str(text: &str) -> Result<Self, InvalidCursor> {
        let parse = || {
            let mut parts = text.split('-');
            let epoch = Epoch(u64::from_str_radix(parts.next()?, 16).ok()?);
            let mut number = || Some(Version(parts.next()?.parse().ok()?));
            let version = number()?;
            let partial = match number() {
                Some(to) => Some(Partial { to, place: number()?, is_of_states: parts.next() == Some("s") }),
                None => None,
            };
            Some(Self { epoch, version, partial })
        };
        // What parses must be written the same way again: that refuses leading zeros, signs and trailing parts in one go.
        parse().filter(|cursor| cursor.to_string() == text).ok_or_else(|| InvalidCursor(text.chars().take(80).collect()))
    }
}

/// A text that is not a cursor.
///
/// ```
/// use htmx_ws_components::Cursor;
///
/// let error = "7".parse::<Cursor>().unwrap_err();
/// assert_eq!(error.to_string(), "`7` is not a cursor; expected `epoch-version`");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a cursor; expected `epoch-version`")]
pub struct InvalidCursor(String);

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_refused(text: &str) {
        assert!(text.parse::<Cursor>().is_err(), "{text}");
    }

    #[test]
    fn a_cursor_survives_its_text_form() {
        let mut cursor = Cursor::new(Epoch(0xfeed), Version(42));
        assert_eq!(cursor.to_string(), "feed-42");
        assert_eq!("feed-42".parse(), Ok(cursor));
        cursor.partial = Some(Partial { to: Version(50), place: Version(7), is_of_states: false });
        assert_eq!(cursor.to_string(), "feed-42-50-7");
        assert_eq!("feed-42-50-7".parse(), Ok(cursor));
        let lacks_states = Cursor::new(Epoch(0xfeed), Version(50)).with_states_up_to(Version(42));
        assert_eq!(lacks_states.to_string(), "feed-42-50-0-s");
        assert_eq!(("feed-42-50-0-s".parse(), lacks_states.ordered_up_to()), (Ok(lacks_states), Version(50)));
        let further = lacks_states.within(Version(50), Version(49));
        assert_eq!((further.to_string(), further.behind(Version(50)).to_string()), ("feed-42-50-49-s".to_owned(), "feed-50".to_owned()));
        assert_eq!(cursor.with_states_up_to(Version(42)), cursor);
    }

    #[test]
    fn a_version_is_worth_nothing_under_another_epoch() {
        let is_before = |cursor: &str, present: &str| cursor.parse::<Cursor>().unwrap().is_before(&present.parse().unwrap());
        assert!(is_before("e-7", "e-9") && is_before("e-9", "e-9") && is_before("e-3-9-5", "e-9"));
        assert!(!is_before("f-7", "e-9") && !is_before("f-3-9-5", "e-9"), "of another epoch");
        assert!(!is_before("e-10", "e-9") && !is_before("e-3-10-5", "e-9"), "of the future");
        assert!(!is_before("e-8-7-5", "e-9") && !is_before("e-3-7-8", "e-9"), "of no replay that there can be");
    }

    #[test]
    fn what_is_not_a_cursor_is_refused() {
        for text in [
            "",
            "-",
            "1",
            "1-",
            "1-2-3",
            "1-2-3-4-5",
            "1-2-3-4-s-",
            "1-2-s",
            "g-1",
            "1-x",
            "1--1",
            "01-2",
            "1-02",
            "+1-2",
            "1-99999999999999999999",
            "1-2 ",
        ] {
            check_refused(text);
        }
    }
}
