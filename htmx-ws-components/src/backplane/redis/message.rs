//! A record as it is stored and told: `position behind microseconds record`, where `behind` is the position of the topic's record before it, and the time is the server's.

use std::time::{Duration, SystemTime};

use bytes::Bytes;

use crate::backplane::{Position, Record};

/// A record, and where the topic's record before it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Linked {
    pub(super) behind: u64,
    pub(super) record: Record,
}

impl Linked {
    /// None where it is not one of ours.
    pub(super) fn parse(message: &Bytes) -> Option<Self> {
        let mut at = 0;
        let mut number = || {
            let digits = message[at..].iter().position(|byte| *byte == b' ')?;
            let number = std::str::from_utf8(&message[at..at + digits]).ok()?.parse::<u64>().ok();
            at += digits + 1;
            number
        };
        let (position, behind, time) = (Position(number()?), number()?, number()?);
        let time = SystemTime::UNIX_EPOCH.checked_add(Duration::from_micros(time))?;
        Some(Self { behind, record: Record { position, at: time, bytes: message.slice(at..) } })
    }

    pub(super) fn position(&self) -> u64 {
        self.record.position.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_read() {
        let linked = Linked::parse(&Bytes::from_static(b"12 7 1500000 a b\xff")).unwrap();
        let at = SystemTime::UNIX_EPOCH + Duration::from_millis(1500);
        let record = Record { position: Position(12), at, bytes: Bytes::from_static(b"a b\xff") };
        assert_eq!(linked, Linked { behind: 7, record });
        assert_eq!(Linked::parse(&Bytes::from_static(b"1 0 0 ")).unwrap().record.bytes, "");
        for wrong in ["", "1", "1 2", "1 2 3", "a 2 3 ", "1  3 x", "-1 2 3 x", "99999999999999999999 1 1 x"] {
            assert_eq!(Linked::parse(&Bytes::from_static(wrong.as_bytes())), None, "{wrong}");
        }
    }
}
