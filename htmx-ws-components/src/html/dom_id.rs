//! Element ids that need no escaping anywhere: not in HTML, not in a CSS selector, not in a frame.

use std::fmt::{self, Display, Write};
use std::sync::Arc;

use sha2::{Digest, Sha256};

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

/// Bytes of the hash in an id that would be too long: no two ids of one application meet by chance.
const HASH_BYTES: usize = 16;

/// Builds the id of a component out of the literal texts and the fields of its template.
///
/// Texts are checked at compile time by the derive. Field values are encoded so that two different values never give one id: ASCII letters and
/// digits stay, every other byte becomes `_` and two hexadecimal digits. An encoded value therefore holds no `-`, and templates
/// separate their fields with one.
#[derive(Debug)]
pub struct IdTemplate(String);

impl IdTemplate {
    /// Begins with a literal text.
    pub fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// Appends a literal text.
    pub fn text(mut self, text: &str) -> Self {
        self.0.push_str(text);
        self
    }

    /// Appends a field's value, encoded.
    pub fn field(mut self, value: &(impl Display + ?Sized)) -> Self {
        // Writing to a `String` fails only when `value` itself says so; what it wrote until then is kept.
        let _ = write!(Encoder(&mut self.0), "{value}");
        self
    }

    /// The finished id. Where it would be longer than [`DomId::MAX_BYTES`], its end gives way to a hash of the whole.
    pub fn finish(self) -> DomId {
        let mut id = self.0;
        if id.len() > DomId::MAX_BYTES {
            let hash = Sha256::digest(&id);
            id.truncate(DomId::MAX_BYTES - 2 * HASH_BYTES - 1);
            id.push('-');
            for byte in hash.iter().take(HASH_BYTES) {
                // Writing to a `String` does not fail.
                let _ = write!(id, "{byte:02x}");
            }
        }
        DomId(id.into())
    }
}

struct Encoder<'a>(&'a mut String);

impl Write for Encoder<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            if byte.is_ascii_alphanumeric() {
                self.0.push(char::from(byte));
            } else {
                write!(self.0, "_{byte:02x}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_field(value: impl Display, expected: &str) {
        assert_eq!(IdTemplate::new("x-").field(&value).finish().as_str(), expected);
    }

    #[test]
    fn letters_and_digits_stay_as_they_are() {
        check_field(42, "x-42");
        check_field("Report7", "x-Report7");
    }

    #[test]
    fn everything_else_is_encoded_so_that_no_two_values_meet() {
        check_field(-5, "x-_2d5");
        check_field("a_2d", "x-a_5f2d");
        check_field("a-", "x-a_2d");
        check_field("<ü>", "x-_3c_c3_bc_3e");
    }

    #[test]
    fn a_long_value_gives_an_id_that_is_valid_and_its_own() {
        let id = |value: &str| IdTemplate::new("x-").field(&value).text("-y").finish();
        let (a, b) = ("v".repeat(300) + "a", "v".repeat(300) + "b");
        assert!(DomId::new(id(&a).as_str()).is_ok());
        assert_ne!(id(&a), id(&b));
        assert_eq!(id(&a), id(&a));
    }

    #[test]
    fn an_id_that_a_selector_would_misread_is_refused() {
        for bad in ["", "1a", "a b", "a.b", "a#b", "a:b", "-a", "_a", "ä"] {
            assert!(DomId::new(bad).is_err(), "{bad}");
        }
        assert!(DomId::new(&"a".repeat(257)).is_err());
        assert!(DomId::new(&"a".repeat(256)).is_ok());
    }
}
