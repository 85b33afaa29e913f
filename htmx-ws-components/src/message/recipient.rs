//! Whom something is for, where that is no topic of the application's own: a user, a session, a page.

use std::fmt::{self, Display};
use std::str::FromStr;

use crate::html::patch::ToPatch;
use crate::message::topic::{InvalidTopic, Topic};
use crate::message::topic_for::TopicFor;

/// One rendering of a page: a tab, until it is loaded anew, whatever happens to its connection.
///
/// ```
/// use htmx_ws_components::{Hub, Live};
///
/// let hub = Hub::new();
/// assert_ne!(Live::of(&hub).page(), Live::of(&hub).page());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PageId(pub(crate) u64);

impl Display for PageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for PageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PageId({self})")
    }
}

impl FromStr for PageId {
    type Err = InvalidPageId;

    fn from_str(text: &str) -> Result<Self, InvalidPageId> {
        let is_plain = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = u64::from_str_radix(text, 16).ok().filter(|_| is_plain);
        number.map(Self).ok_or_else(|| InvalidPageId(text.chars().take(40).collect()))
    }
}

/// A text that is no page's id.
///
/// ```
/// let error = "7".parse::<htmx_ws_components::PageId>().unwrap_err();
/// assert_eq!(error.to_string(), "`7` is not the id of a page: it has 16 hexadecimal digits");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not the id of a page: it has 16 hexadecimal digits")]
pub struct InvalidPageId(String);

/// Everybody whom something is for: all pages of a user or of a session, or one page.
///
/// It is a topic that nobody has to name: a page belongs to whom its handler says, with [`Live::user`](crate::Live::user) and
/// [`Live::session`](crate::Live::session). It carries everything.
///
/// ```
/// use htmx_ws_components::{Hub, Patch, To};
///
/// let hub = Hub::new();
/// hub.publish(To::user(42), &Patch::event("mail", &"You have mail")?);
/// # Ok::<(), htmx_ws_components::InvalidEvent>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct To(Result<Topic, InvalidTopic>);

impl To {
    /// All pages of the user `id`, as the application calls them.
    pub fn user(id: impl Display) -> Self {
        Self(Topic::private("user", &id))
    }

    /// All pages of the session `id`, as the application calls it.
    pub fn session(id: impl Display) -> Self {
        Self(Topic::private("session", &id))
    }

    /// One page.
    pub fn page(id: PageId) -> Self {
        Self(Topic::private("page", &id))
    }

    pub(crate) fn topic(self) -> Result<Topic, InvalidTopic> {
        self.0
    }
}

impl<V: ToPatch + ?Sized> TopicFor<V> for To {
    fn topic_for(self) -> Result<Topic, InvalidTopic> {
        self.0
    }
}

impl<V: ToPatch + ?Sized> TopicFor<V> for &To {
    fn topic_for(self) -> Result<Topic, InvalidTopic> {
        self.0.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_id_is_read_as_it_is_written() {
        for id in [PageId(0), PageId(7), PageId(u64::MAX)] {
            assert_eq!(id.to_string().parse(), Ok(id));
        }
        for text in ["", "7", "+000000000000007", "00000000000000070", "000000000000000g"] {
            assert!(text.parse::<PageId>().is_err(), "{text}");
        }
    }

    #[test]
    fn whom_something_is_for_is_no_topic_that_an_application_can_name() {
        let topic = To::user(42).topic().unwrap();
        assert!(Topic::new(topic.as_str()).is_err());
        assert_ne!(To::user(42), To::session(42));
        assert!(To::user("x".repeat(300)).topic().is_err() && To::user("a\u{1}b").topic().is_err() && To::user("").topic().is_err());
    }
}
