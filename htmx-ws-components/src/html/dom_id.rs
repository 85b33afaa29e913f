//! Element ids that need no escaping anywhere: not in HTML, not in a CSS selector, not in a frame.

use std::fmt::{self, Display};
use std::sync::Arc;

/// An element id that is valid by construction.
///
/// It begins with an ASCII letter and goes on with ASCII letters, digits, `-` and `_`, at most [`DomId::MAX_BYTES`] bytes. So it stands
/// in an `id` attribute and in a CSS selector (`#job-7`) as it is. Cloning is cheap.
///
/// The derives build ids from templates. What a field puts into one is encoded, so that two values never share an id: ASCII letters and digits stay, every
/// other byte becomes `_` and two hexadecimal digits. `"job-{name}"` with the name `my.app` is `job-my_2eapp`.
///
/// ```
/// use htmx_ws_components::DomId;
///
/// let id = DomId::new("job-7-status")?;
/// assert_eq!(id.as_str(), "job-7-status");
/// assert!(DomId::new("7-job").is_err());
/// # Ok::<(), htmx_ws_components::InvalidDomId>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DomId(Arc<str>);

impl DomId {
    /// The longest id that [`DomId::new`] takes, in bytes.
    pub const MAX_BYTES: usize = 256;

    /// Checks `id` and keeps it.
    ///
    /// # Errors
    /// [`InvalidDomId`] says which character or length is wrong.
    pub fn new(id: &str) -> Result<Self, InvalidDomId> {
        let invalid = |problem| InvalidDomId { id: id.to_owned(), problem };
        let first = id.chars().next().ok_or_else(|| invalid(Problem::Empty))?;
        if !first.is_ascii_alphabetic() {
            return Err(invalid(Problem::Start(first)));
        }
        if let Some(bad) = id.chars().find(|c| !is_id_char(*c)) {
            return Err(invalid(Problem::Character(bad)));
        }
        if id.len() > Self::MAX_BYTES {
            return Err(invalid(Problem::TooLong(id.len())));
        }
        Ok(Self(id.into()))
    }

    /// The id as it stands in the page, without `#`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_id_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '_'
}

impl Display for DomId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for DomId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

impl AsRef<str> for DomId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl maud::Render for DomId {
    fn render_to(&self, buffer: &mut String) {
        buffer.push_str(&self.0);
    }
}

impl From<&DomId> for DomId {
    fn from(id: &DomId) -> Self {
        id.clone()
    }
}

impl TryFrom<&str> for DomId {
    type Error = InvalidDomId;

    fn try_from(id: &str) -> Result<Self, InvalidDomId> {
        Self::new(id)
    }
}

/// A text that cannot be an element id, and why.
///
/// ```
/// let error = htmx_ws_components::DomId::new("my list").unwrap_err();
/// assert_eq!(error.to_string(), "`my list` is not an element id: ` ` is not an ASCII letter, digit, `-` or `_`");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{id}` is not an element id: {problem}")]
pub struct InvalidDomId {
    id: String,
    problem: Problem,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum Problem {
    #[error("it is empty")]
    Empty,
    #[error("it begins with `{0}` instead of an ASCII letter")]
    Start(char),
    #[error("`{0}` is not an ASCII letter, digit, `-` or `_`")]
    Character(char),
    #[error("it has {0} bytes, more than {max}", max = DomId::MAX_BYTES)]
    TooLong(usize),
}

/// Something with an element id: a [`DomId`], or a component whose id is still to be built. Nothing else implements it.
///
/// ```
/// use htmx_ws_components::{DomId, ElementId};
///
/// let mut html = "<p id=".to_owned();
/// ElementId::write_id(&DomId::new("greeting")?, &mut html);
/// assert_eq!(html, "<p id=greeting");
/// # Ok::<(), htmx_ws_components::InvalidDomId>(())
/// ```
pub trait ElementId: sealed::Sealed {
    /// Appends the id to `buffer`.
    fn write_id(&self, buffer: &mut String);
}

pub(crate) mod sealed {
    pub trait Sealed {}
}

impl sealed::Sealed for DomId {}

impl ElementId for DomId {
    fn write_id(&self, buffer: &mut String) {
        buffer.push_str(&self.0);
    }
}

/// The id that `write` writes. It answers for it: only a finished template may be written.
pub(crate) fn written(write: impl FnOnce(&mut String)) -> DomId {
    let mut id = String::new();
    write(&mut id);
    DomId(id.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_a_selector_would_misread_is_refused() {
        for bad in ["", "1a", "a b", "a.b", "a#b", "a:b", "-a", "_a", "ä"] {
            assert!(DomId::new(bad).is_err(), "{bad}");
        }
        assert!(DomId::new(&"a".repeat(257)).is_err());
        assert!(DomId::new(&"a".repeat(256)).is_ok());
    }
}
