//! Texts in HTML.

/// Which entity stands for a byte, if one must: in content, and in an attribute in double quotes.
fn entity(byte: u8) -> Option<&'static str> {
    match byte {
        b'&' => Some("&amp;"),
        b'<' => Some("&lt;"),
        b'>' => Some("&gt;"),
        b'"' => Some("&quot;"),
        _ => None,
    }
}

/// Appends `text` to `buffer`, so that HTML shows it as it is.
#[inline]
pub(crate) fn escape(buffer: &mut String, text: &str) {
    if is_escaped(text.as_bytes()) {
        escape_some(buffer, text);
    } else {
        buffer.push_str(text);
    }
}

/// Whether any byte stands as an entity. Nearly no text has one: so it is looked at in pieces of a fixed length, the last of which overlaps the one before, and the compiler
/// looks at all bytes of a piece at once.
#[inline]
fn is_escaped(text: &[u8]) -> bool {
    if let Some(last) = text.last_chunk::<16>() {
        return text.chunks_exact(16).any(|piece| piece.first_chunk().is_some_and(any::<16>)) || any(last);
    }
    match (text.first_chunk::<8>(), text.last_chunk::<8>()) {
        (Some(first), Some(last)) => any(first) | any(last),
        _ => text.iter().any(|byte| is_special(*byte)),
    }
}

#[inline]
fn any<const N: usize>(piece: &[u8; N]) -> bool {
    // Without a branch, so that it is a few comparisons of whole vectors.
    piece.iter().fold(0, |any, byte| any | u8::from(is_special(*byte))) != 0
}

#[inline]
#[allow(clippy::needless_bitwise_bool, reason = "a lazy operator is a branch for each byte: a quarter of the time of a whole component")]
fn is_special(byte: u8) -> bool {
    (byte == b'&') | (byte == b'<') | (byte == b'>') | (byte == b'"')
}

#[cold]
fn escape_some(buffer: &mut String, text: &str) {
    let mut start = 0;
    for (index, byte) in text.bytes().enumerate() {
        if let Some(entity) = entity(byte) {
            buffer.push_str(&text[start..index]);
            buffer.push_str(entity);
            start = index + 1;
        }
    }
    buffer.push_str(&text[start..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_special_is_found_at_every_place_of_every_length() {
        for length in 0..70 {
            let plain = "x".repeat(length);
            assert!(!is_escaped(plain.as_bytes()));
            for place in 0..length {
                for special in ['&', '<', '>', '"'] {
                    let mut text = plain.clone();
                    text.replace_range(place..=place, &special.to_string());
                    let mut buffer = String::new();
                    escape(&mut buffer, &text);
                    assert_eq!(buffer, text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;"));
                }
            }
        }
    }
}
