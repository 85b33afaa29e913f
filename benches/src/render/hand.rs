//! What one writes when one writes HTML by hand, and cares for its speed.

use std::fmt::{Display, Write as _};

/// What a byte stands as: the place of its reference in [`REFERENCES`], or 0 where it stands for itself.
const ESCAPED: [u8; 256] = {
    let mut table = [0; 256];
    table[b'&' as usize] = 1;
    table[b'<' as usize] = 2;
    table[b'>' as usize] = 3;
    table[b'"' as usize] = 4;
    table
};

const REFERENCES: [&str; 5] = ["", "&amp;", "&lt;", "&gt;", "&quot;"];

/// Appends a text, escaped for content and for a value in quotes.
pub(super) fn escape(text: &str, buffer: &mut String) {
    let mut rest = text;
    while let Some(place) = rest.bytes().position(|byte| ESCAPED[usize::from(byte)] != 0) {
        let reference = ESCAPED[usize::from(rest.as_bytes()[place])];
        buffer.push_str(&rest[..place]);
        buffer.push_str(REFERENCES[usize::from(reference)]);
        rest = &rest[place + 1..];
    }
    buffer.push_str(rest);
}

/// Appends a number.
pub(super) fn number(number: impl Display, buffer: &mut String) {
    // Writing a number to a `String` does not fail.
    let _ = write!(buffer, "{number}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_escaped_wherever_it_needs_it() {
        let mut html = String::new();
        escape("\"a<b>ü&", &mut html);
        assert_eq!(html, "&quot;a&lt;b&gt;ü&amp;");
    }
}
