//! The ids that the derives build out of templates.

use std::fmt::{self, Display, Write};

use sha2::{Digest, Sha256};

use crate::html::dom_id::DomId;

/// Bytes of the hash in an id that would be too long: no two ids of one application meet by chance.
const HASH_BYTES: usize = 16;

/// Writes the id of a component out of the literal texts and the fields of its template.
///
/// Texts are checked at compile time by the derive. Field values are encoded so that two different values never give one id: ASCII letters and
/// digits stay, every other byte becomes `_` and two hexadecimal digits. An encoded value therefore holds no `-`, and templates
/// separate their fields with one.
#[derive(Debug)]
pub struct IdTemplate<'b> {
    buffer: &'b mut String,
    /// Where the id begins in the buffer.
    start: usize,
}

impl<'b> IdTemplate<'b> {
    /// Begins with a literal text, behind what `buffer` holds.
    #[inline]
    pub fn new(buffer: &'b mut String, text: &str) -> Self {
        let start = buffer.len();
        buffer.push_str(text);
        Self { buffer, start }
    }

    /// Appends a literal text.
    #[inline]
    pub fn text(self, text: &str) -> Self {
        self.buffer.push_str(text);
        self
    }

    /// Appends a field's value, encoded.
    #[inline]
    pub fn field(self, value: &(impl Display + ?Sized)) -> Self {
        let start = self.buffer.len();
        // Writing to a `String` fails only when `value` itself says so; what it wrote until then is kept.
        let _ = write!(self.buffer, "{value}");
        // Nearly every value is a number or a word. One that is not is written again, which costs less than to look at the others piece by piece.
        if !self.buffer.as_bytes()[start..].iter().all(u8::is_ascii_alphanumeric) {
            self.buffer.truncate(start);
            let _ = write!(Encoder(self.buffer), "{value}");
        }
        self
    }

    /// Ends the id. Where it would be longer than [`DomId::MAX_BYTES`], its end gives way to a hash of the whole.
    #[inline]
    pub fn finish(self) {
        if self.buffer.len() - self.start > DomId::MAX_BYTES {
            self.shorten();
        }
    }

    #[cold]
    fn shorten(self) {
        let Self { buffer, start } = self;
        let hash = Sha256::digest(&buffer[start..]);
        buffer.truncate(start + DomId::MAX_BYTES - 2 * HASH_BYTES - 1);
        buffer.push('-');
        for byte in hash.iter().take(HASH_BYTES) {
            // Writing to a `String` does not fail.
            let _ = write!(buffer, "{byte:02x}");
        }
    }
}

/// The most common template, a text and a field, in one call: it is less for the compiler in each derive.
#[inline]
pub fn write_id(buffer: &mut String, text: &str, value: &(impl Display + ?Sized)) {
    IdTemplate::new(buffer, text).field(value).finish();
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

    fn id(write: impl FnOnce(IdTemplate<'_>) -> IdTemplate<'_>) -> String {
        let mut id = "before".to_owned();
        write(IdTemplate::new(&mut id, "x-")).finish();
        id.strip_prefix("before").unwrap().to_owned()
    }

    #[track_caller]
    fn check_field(value: impl Display, expected: &str) {
        assert_eq!(id(|template| template.field(&value)), expected);
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
        let long = |value: &str| id(|template| template.field(value).text("-y"));
        let (a, b) = ("v".repeat(300) + "a", "v".repeat(300) + "b");
        assert!(DomId::new(&long(&a)).is_ok());
        assert_ne!(long(&a), long(&b));
        assert_eq!(long(&a), long(&a));
        assert_eq!(long(&"v".repeat(252)).len(), DomId::MAX_BYTES);
    }
}
