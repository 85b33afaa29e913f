//! What streams and subjects are called.

use std::fmt::Write as _;

use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

use crate::message::topic::Topic;

/// The longest token that is a name itself. The server drops a connection over subjects of some thousands of bytes.
const MAX_TOKEN_BYTES: usize = 200;
/// What of a longer name is left for people to read.
const READABLE_BYTES: usize = 120;
/// The longest name of an application.
const MAX_APP_BYTES: usize = 64;

/// The names of an application: those of another one are all different.
#[derive(Debug, Clone)]
pub(super) struct Names {
    app: String,
    /// The stream of the records.
    pub(super) log: String,
    /// The stream of the kept states.
    pub(super) kept: String,
}

impl Names {
    /// None where `app` is no token of a subject.
    pub(super) fn of(app: &str) -> Option<Self> {
        let is_token = !app.is_empty() && app.len() <= MAX_APP_BYTES && app.bytes().all(is_plain);
        is_token.then(|| Self { app: app.to_owned(), log: format!("{app}-log"), kept: format!("{app}-kept") })
    }

    /// Where the records of all topics are.
    pub(super) fn all_logs(&self) -> String {
        format!("{}.log.>", self.app)
    }

    /// Where they are told.
    pub(super) fn all_live(&self) -> String {
        format!("{}.live.>", self.app)
    }

    pub(super) fn all_kept(&self) -> String {
        format!("{}.kept.>", self.app)
    }

    pub(super) fn topic(&self, topic: &Topic) -> Subjects {
        let (app, token) = (&self.app, token(topic.as_str()));
        Subjects { log: format!("{app}.log.{token}"), live: format!("{app}.live.{token}"), head: format!("{app}.kept.{token}") }
    }
}

/// The subjects of a topic.
#[derive(Debug, Clone)]
pub(super) struct Subjects {
    pub(super) log: String,
    pub(super) live: String,
    /// Of the kept state.
    pub(super) head: String,
}

impl Subjects {
    /// Of a chunk of the kept state with this name, or of all its chunks (`*`), or of those of all states.
    pub(super) fn chunk(&self, state: &str, chunk: &str) -> String {
        format!("{}.{state}.{chunk}", self.head)
    }
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// A name as one token: `=` and two digits for each byte that is not plain. Where that gets too long, its beginning and, behind `==`, which no other token has, a hash that nobody finds twice.
fn token(name: &str) -> String {
    let mut token = String::with_capacity(name.len());
    for byte in name.bytes() {
        if is_plain(byte) {
            token.push(char::from(byte));
        } else {
            // Writing into a `String` does not fail.
            let _ = write!(token, "={byte:02X}");
        }
    }
    if token.len() > MAX_TOKEN_BYTES {
        // It is ASCII.
        token.truncate(READABLE_BYTES);
        token.push_str("==");
        token.push_str(&HEXLOWER.encode(&Sha256::digest(name)));
    }
    token
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_token() {
        assert_eq!(token("job-7_X"), "job-7_X");
        assert_eq!(token("a.b *>=é"), "a=2Eb=20=2A=3E=3D=C3=A9");
        let long = token(&"é".repeat(100));
        assert!(long.len() <= MAX_TOKEN_BYTES && long.starts_with("=C3=A9") && long.contains("=="), "{long}");
        assert_ne!(long, token(&format!("{}e", "é".repeat(99))));
    }

    #[test]
    fn an_application_has_a_plain_name() {
        assert!(Names::of("shop-2").is_some());
        for wrong in ["", "a.b", "a b", "*", "é", &"x".repeat(65)] {
            assert!(Names::of(wrong).is_none(), "{wrong}");
        }
    }
}
