//! Texts in HTML.

/// Which entity stands for a byte, if one must: in content, and in an attribute in double quotes.
const ENTITIES: [&str; 256] = {
    let mut entities = [""; 256];
    entities[b'&' as usize] = "&amp;";
    entities[b'<' as usize] = "&lt;";
    entities[b'>' as usize] = "&gt;";
    entities[b'"' as usize] = "&quot;";
    entities
};

/// Appends `text` to `buffer`, so that HTML shows it as it is.
pub(crate) fn escape(buffer: &mut String, text: &str) {
    let mut start = 0;
    for (index, byte) in text.bytes().enumerate() {
        let entity = ENTITIES[usize::from(byte)];
        if !entity.is_empty() {
            buffer.push_str(&text[start..index]);
            buffer.push_str(entity);
            start = index + 1;
        }
    }
    buffer.push_str(&text[start..]);
}
