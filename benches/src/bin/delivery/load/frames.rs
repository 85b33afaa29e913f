//! The bytes that a server sends, as frames and as elements, without a copy.

use std::sync::LazyLock;

use memchr::memmem::Finder;

/// A frame as servers send it: without a mask.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Frame<'a> {
    pub(super) kind: Kind,
    pub(super) payload: &'a [u8],
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text, or a part of it.
    Text,
    Ping,
    Close,
    Other,
}

impl<'a> Frame<'a> {
    /// The first frame, and what comes behind it; nothing where it is not all there.
    pub(super) fn split_first(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (head, rest) = bytes.split_first_chunk::<2>()?;
        let (length, rest) = match head[1] & 0x7f {
            126 => rest.split_first_chunk().map(|(length, rest)| (u64::from(u16::from_be_bytes(*length)), rest))?,
            127 => rest.split_first_chunk().map(|(length, rest)| (u64::from_be_bytes(*length), rest))?,
            length => (u64::from(length), rest),
        };
        let (payload, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
        let kind = match head[0] & 0x0f {
            0 | 1 => Kind::Text,
            8 => Kind::Close,
            9 => Kind::Ping,
            _ => Kind::Other,
        };
        Some((Self { kind, payload }, rest))
    }
}

/// What an element says of itself.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Element {
    /// Its number.
    pub(super) seq: u64,
    /// When it was published, on the clock of all.
    pub(super) nanos: u64,
}

/// The elements of a text, in their order.
pub(super) fn elements(text: &[u8]) -> impl Iterator<Item = Element> + '_ {
    const SEQ: &[u8] = b" data-seq=\"";
    static FINDER: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(SEQ));
    FINDER.find_iter(text).filter_map(|at| {
        let (seq, rest) = number(&text[at + SEQ.len()..]);
        let (nanos, _) = number(rest.strip_prefix(b"\" data-t=\"")?);
        Some(Element { seq, nanos })
    })
}

/// The number that a text begins with.
fn number(text: &[u8]) -> (u64, &[u8]) {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = text.split_at(digits);
    (digits.iter().fold(0, |number: u64, digit| number.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'))), rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::floor::append_text_frame;

    #[track_caller]
    fn check(length: usize) {
        let (text, mut bytes) = (vec![b'x'; length], Vec::new());
        append_text_frame(&mut bytes, &text);
        let whole = bytes.len();
        bytes.extend([0x89, 0]);
        let (frame, rest) = Frame::split_first(&bytes).unwrap();
        assert_eq!((frame, rest.len()), (Frame { kind: Kind::Text, payload: &text }, 2));
        for part in [0, 1, 2, 5, whole - 1] {
            assert_eq!(Frame::split_first(&bytes[..part.min(whole - 1)]), None);
        }
        assert_eq!(Frame::split_first(rest).unwrap().0, Frame { kind: Kind::Ping, payload: &[] });
    }

    #[test]
    fn a_frame_of_each_form_of_length_is_read_whole() {
        [1, 125, 126, 65_535, 65_536].into_iter().for_each(check);
    }

    #[test]
    fn elements_come_in_their_order() {
        let text = b"<!--c--><div id=\"p\" data-seq=\"9\" data-t=\"77\">x</div><div id=\"p\" data-seq=\"10\" data-t=\"78\">x</div><div data-seq=\"1";
        let expected = [Element { seq: 9, nanos: 77 }, Element { seq: 10, nanos: 78 }];
        assert_eq!(elements(text).collect::<Vec<_>>(), expected);
    }
}
