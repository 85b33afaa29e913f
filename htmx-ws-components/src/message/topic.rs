//! Names that patches are published to.

use std::borrow::{Borrow, Cow};
use std::convert::Infallible;
use std::fmt::{self, Display};
use std::sync::Arc;

/// A name that patches are published to: 1 to [`Topic::MAX_BYTES`] bytes without control characters.
///
/// An element, and whatever contains it, belongs to one topic: between two topics there is no order. Everything that takes a topic takes a text as well. Names are the application's own; `job-7` and `user/42/mail` are as good as any.
///
/// ```
/// use htmx_ws_components::Topic;
///
/// let topic = Topic::new("job-7")?;
/// assert_eq!(topic.as_str(), "job-7");
/// assert!(Topic::new("").is_err());
/// # Ok::<(), htmx_ws_components::InvalidTopic>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Topic(Arc<str>);

impl Topic {
    /// The longest name, in bytes. A page's names stand in the URL of its socket, which proxies commonly cut at 8 KiB.
    pub const MAX_BYTES: usize = 200;

    /// Checks `name` and keeps it.
    ///
    /// # Errors
    /// [`InvalidTopic`] when it is empty, too long, or has a control character.
    pub fn new(name: &str) -> Result<Self, InvalidTopic> {
        let problem = if name.is_empty() {
            Problem::Empty
        } else if name.len() > Self::MAX_BYTES {
            Problem::TooLong(name.len())
        } else if name.chars().any(char::is_control) {
            Problem::Control
        } else {
            return Ok(Self(name.into()));
        };
        Err(InvalidTopic { name: name.chars().take(Self::MAX_BYTES).collect(), problem })
    }

    /// The topic of everybody of a kind who is called `id`: no name of an application's own is like it.
    pub(crate) fn private(kind: &'static str, id: &dyn Display) -> Result<Self, InvalidTopic> {
        let id = Self::new(&id.to_string())?;
        let name = format!("\u{1}{kind}\u{1}{id}");
        if name.len() > Self::MAX_BYTES {
            return Err(InvalidTopic { name: id.0.to_string(), problem: Problem::TooLong(name.len()) });
        }
        Ok(Self(name.into()))
    }

    /// A name as [`Topic::as_str`] gave it on another node, whatever kind it is of.
    pub(crate) fn read(name: &str) -> Option<Self> {
        let Some(private) = name.strip_prefix('\u{1}') else { return Self::new(name).ok() };
        let (kind, id) = private.split_once('\u{1}')?;
        let kind = ["user", "session", "page"].into_iter().find(|known| *known == kind)?;
        Self::private(kind, &id).ok()
    }

    /// The topic in which nodes tell each other what is no application's: no other name is like it.
    pub(crate) fn of_nodes() -> Self {
        Self("\u{1}nodes".into())
    }

    /// Whether it is one of a user's, a session's or a page's.
    pub(crate) fn is_private(&self) -> bool {
        self.0.starts_with('\u{1}')
    }

    /// The name as people read it: of whom a private topic is, but never which session.
    pub(crate) fn shown(&self) -> Cow<'_, str> {
        match self.0.strip_prefix('\u{1}').and_then(|private| private.split_once('\u{1}')) {
            None => Cow::Borrowed(&*self.0),
            Some(("session", _)) => Cow::Borrowed("a session"),
            Some((kind, id)) => Cow::Owned(format!("{kind} {id}")),
        }
    }

    /// The user whom this is for, where it is [`To::user`](crate::To::user).
    ///
    /// ```
    /// use htmx_ws_components::Topic;
    ///
    /// assert_eq!(Topic::new("job-7")?.user(), None);
    /// # Ok::<(), htmx_ws_components::InvalidTopic>(())
    /// ```
    pub fn user(&self) -> Option<&str> {
        self.0.strip_prefix("\u{1}user\u{1}")
    }

    /// The session that this is for, where it is [`To::session`](crate::To::session).
    pub fn session(&self) -> Option<&str> {
        self.0.strip_prefix("\u{1}session\u{1}")
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as it stands in frames and URLs: what is not an ASCII letter, digit, `_`, `.` or `/` becomes `%` and two hexadecimal
    /// digits. So it can end neither an HTML comment nor a query parameter.
    pub(crate) fn encoded(&self) -> Encoded<'_> {
        Encoded(&self.0)
    }
}

pub(crate) struct Encoded<'a>(&'a str);

impl Display for Encoded<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use std::fmt::Write;
        for byte in self.0.bytes() {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'/') {
                f.write_char(char::from(byte))?;
            } else {
                write!(f, "%{byte:02X}")?;
            }
        }
        Ok(())
    }
}

impl Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Topic({:?})", &*self.0)
    }
}

impl Borrow<str> for Topic {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl From<&Topic> for Topic {
    fn from(topic: &Topic) -> Self {
        topic.clone()
    }
}

impl TryFrom<&str> for Topic {
    type Error = InvalidTopic;

    fn try_from(name: &str) -> Result<Self, InvalidTopic> {
        Self::new(name)
    }
}

impl TryFrom<String> for Topic {
    type Error = InvalidTopic;

    fn try_from(name: String) -> Result<Self, InvalidTopic> {
        Self::new(&name)
    }
}

impl TryFrom<&String> for Topic {
    type Error = InvalidTopic;

    fn try_from(name: &String) -> Result<Self, InvalidTopic> {
        Self::new(name)
    }
}

/// A text that cannot be the name of a topic, and why.
///
/// ```
/// let error = htmx_ws_components::Topic::new("").unwrap_err();
/// assert_eq!(error.to_string(), "`` is not a topic: it is empty");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` is not a topic: {problem}", name = name.escape_debug())]
pub struct InvalidTopic {
    name: String,
    problem: Problem,
}

impl From<Infallible> for InvalidTopic {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum Problem {
    #[error("it is empty")]
    Empty,
    #[error("it has {0} bytes, more than {max}", max = Topic::MAX_BYTES)]
    TooLong(usize),
    #[error("it has a control character")]
    Control,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_end_the_comment_or_the_parameter_that_carries_it() {
        let topic = Topic::new("a-->b&c~d,ü/e_1.2").unwrap();
        assert_eq!(topic.encoded().to_string(), "a%2D%2D%3Eb%26c%7Ed%2C%C3%BC/e_1.2");
    }

    #[test]
    fn a_name_is_short_and_printable() {
        assert!(Topic::new(&"x".repeat(200)).is_ok());
        assert!(Topic::new(&"x".repeat(201)).is_err());
        assert!(Topic::new("a\nb").is_err());
        assert!(Topic::new("").is_err());
    }
}
