//! A text as a frame of the WebSocket protocol: RFC 6455, section 5.2. What a server sends is not masked, so the same bytes are for every browser.

/// The longest header of a frame that is not masked.
pub(crate) const LONGEST_HEADER: usize = 10;

/// The header of a text of so many bytes, in front of which nothing of the same message stands and behind which nothing comes.
pub(crate) fn push_header(bytes: usize, wire: &mut Vec<u8>) {
    const FINAL_TEXT: u8 = 0x81;
    wire.push(FINAL_TEXT);
    match (u8::try_from(bytes), u16::try_from(bytes)) {
        (Ok(short @ ..126), _) => wire.push(short),
        (_, Ok(medium)) => {
            wire.push(126);
            wire.extend(medium.to_be_bytes());
        }
        _ => {
            wire.push(127);
            wire.extend((bytes as u64).to_be_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: usize, expected: &[u8]) {
        let mut wire = Vec::new();
        push_header(bytes, &mut wire);
        assert_eq!(wire, expected);
    }

    #[test]
    fn the_length_takes_as_few_bytes_as_it_can() {
        check(0, &[0x81, 0]);
        check(125, &[0x81, 125]);
        check(126, &[0x81, 126, 0, 126]);
        check(255, &[0x81, 126, 0, 255]);
        check(65_535, &[0x81, 126, 255, 255]);
        check(65_536, &[0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
    }
}
