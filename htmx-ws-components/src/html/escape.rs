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
    // Nearly every text has nothing to escape. Without an exit from the loop the compiler looks at many bytes at once, which pays from some on.
    let is_escaped = match text.len() {
        0..16 => text.bytes().any(|byte| entity(byte).is_some()),
        _ => text.bytes().fold(false, |is_any, byte| is_any | entity(byte).is_some()),
    };
    if is_escaped {
        escape_some(buffer, text);
    } else {
        buffer.push_str(text);
    }
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
