//! The signed right to read named topics from a cursor on, until a time.

use std::borrow::Cow;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::message::cursor::{Cursor, Version};
use crate::message::recipient::{PageId, To};
use crate::message::topic::Topic;

/// What a ticket says. It is signed, not encrypted: the page that carries it can read its topics' names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ticket {
    pub(super) topics: Vec<Topic>,
    pub(super) cursor: Cursor,
    pub(super) page: PageId,
    /// The topics of which the page may not show the newest states, and the versions up to which it does.
    pub(super) states: Vec<(Topic, Version)>,
    /// Whose the page is.
    pub(super) user: Option<String>,
    pub(super) session: Option<String>,
    /// Since 1970, in whole milliseconds.
    pub(super) issued: Duration,
    /// Since 1970, in whole seconds.
    pub(super) expires: Duration,
}

impl Ticket {
    /// The right to read nothing yet, from `cursor` on.
    pub(super) fn of_now(page: PageId, cursor: Cursor, lifetime: Duration) -> Self {
        let issued = now();
        Self { topics: Vec::new(), cursor, page, states: Vec::new(), user: None, session: None, issued, expires: issued + lifetime }
    }

    /// Where the page stands in a topic of its ticket.
    pub(super) fn start_of(&self, topic: &Topic) -> Cursor {
        let states = self.states.iter().find(|(of, _)| of == topic);
        states.map_or(self.cursor, |(_, version)| self.cursor.with_states_up_to(*version))
    }

    /// The topics of whom the page belongs to.
    pub(super) fn private(&self) -> Vec<Topic> {
        let whom = [Some(To::page(self.page)), self.user.as_ref().map(To::user), self.session.as_ref().map(To::session)];
        whom.into_iter().flatten().filter_map(|to| to.topic().ok()).collect()
    }
}

/// Why a text is no ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BadTicket {
    /// Not signed with this key, or altered since.
    Forged,
    Expired,
}

/// The key that tickets are signed with: HMAC-SHA-256 (RFC 2104).
#[derive(Clone)]
pub(super) struct Key(Hmac<Sha256>);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(..)")
    }
}

/// A text that stays where it is, unless something in it is escaped. In a list it does so only as a type of its own.
#[derive(Serialize, Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

#[derive(Serialize, Deserialize)]
struct Payload<'a> {
    #[serde(rename = "t", borrow)]
    topics: Vec<Text<'a>>,
    #[serde(rename = "c", borrow)]
    cursor: Cow<'a, str>,
    #[serde(rename = "x")]
    expires: u64,
    #[serde(rename = "i")]
    issued: u64,
    #[serde(rename = "p", borrow)]
    page: Cow<'a, str>,
    #[serde(rename = "l", borrow, default, skip_serializing_if = "Vec::is_empty")]
    states: Vec<(Text<'a>, u64)>,
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    user: Option<Cow<'a, str>>,
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    session: Option<Cow<'a, str>>,
}

/// Set in front of what is signed, so that no other use of the same secret can make a ticket.
const PURPOSE: &[u8] = b"htmx-ws ticket 3\0";

/// What SHA-256 gives.
const SIGNATURE_BYTES: usize = 32;

impl Key {
    pub(super) fn new(secret: &[u8]) -> Self {
        // HMAC takes keys of every length: a long one is hashed first.
        let Ok(mac) = Hmac::new_from_slice(secret) else { unreachable!("HMAC takes keys of every length") };
        Self(mac)
    }

    fn mac(&self, payload: &[u8]) -> Hmac<Sha256> {
        self.0.clone().chain_update(PURPOSE).chain_update(payload)
    }

    /// The ticket as it stands in the URL of the connect element: letters, digits, `-`, `_` and one `.`.
    pub(super) fn sign(&self, ticket: &Ticket) -> String {
        let payload = Payload {
            topics: ticket.topics.iter().map(|topic| Text(topic.as_str().into())).collect(),
            cursor: ticket.cursor.to_string().into(),
            expires: ticket.expires.as_secs(),
            issued: u64::try_from(ticket.issued.as_millis()).unwrap_or(u64::MAX),
            page: ticket.page.to_string().into(),
            states: ticket.states.iter().map(|(topic, version)| (Text(topic.as_str().into()), version.0)).collect(),
            user: ticket.user.as_deref().map(Cow::Borrowed),
            session: ticket.session.as_deref().map(Cow::Borrowed),
        };
        // A struct of texts and a number always has a JSON form.
        self.sign_payload(&serde_json::to_vec(&payload).unwrap_or_default())
    }

    pub(super) fn sign_payload(&self, payload: &[u8]) -> String {
        // Both parts are a third longer as they stand there.
        let mut text = String::with_capacity((payload.len() + SIGNATURE_BYTES) * 4 / 3 + 4);
        BASE64URL_NOPAD.encode_append(payload, &mut text);
        text.push('.');
        BASE64URL_NOPAD.encode_append(&self.mac(payload).finalize().into_bytes(), &mut text);
        text
    }

    pub(super) fn verify(&self, text: &str, now: Duration) -> Result<Ticket, BadTicket> {
        let ticket = self.parse(text).ok_or(BadTicket::Forged)?;
        if ticket.expires <= now { Err(BadTicket::Expired) } else { Ok(ticket) }
    }

    fn parse(&self, text: &str) -> Option<Ticket> {
        let (payload, signature) = text.split_once('.')?;
        let signature = BASE64URL_NOPAD.decode(signature.as_bytes()).ok()?;
        let payload = BASE64URL_NOPAD.decode(payload.as_bytes()).ok()?;
        // In constant time, and before anything of the payload is looked at.
        self.mac(&payload).verify_slice(&signature).ok()?;
        let payload: Payload<'_> = serde_json::from_slice(&payload).ok()?;
        let topics = payload.topics.iter().map(|Text(name)| Topic::new(name).ok()).collect::<Option<_>>()?;
        let states = payload.states.iter().map(|(Text(name), version)| Some((Topic::new(name).ok()?, Version(*version))));
        Some(Ticket {
            topics,
            states: states.collect::<Option<_>>()?,
            cursor: payload.cursor.parse().ok()?,
            page: payload.page.parse().ok()?,
            user: payload.user.map(Cow::into_owned),
            session: payload.session.map(Cow::into_owned),
            issued: Duration::from_millis(payload.issued),
            expires: Duration::from_secs(payload.expires),
        })
    }
}

/// The time of tickets.
pub(super) fn now() -> Duration {
    // A clock before 1970 makes every ticket expire late by that much; the next process with a right clock refuses them.
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticket() -> Ticket {
        let topics = vec![Topic::new("job-7").unwrap(), Topic::new("ünïcode \" </div>").unwrap()];
        Ticket {
            states: vec![(topics[1].clone(), Version(3))],
            topics,
            cursor: "beef-7".parse().unwrap(),
            page: PageId(7),
            user: Some("ü \"42\"".into()),
            session: None,
            issued: Duration::from_millis(1_500),
            expires: Duration::from_secs(1_000),
        }
    }

    const BEFORE: Duration = Duration::from_secs(999);

    #[test]
    fn a_ticket_is_verified_with_its_key_until_its_time() {
        let key = Key::new(b"secret");
        let text = key.sign(&ticket());
        assert_eq!(key.verify(&text, BEFORE), Ok(ticket()));
        assert_eq!(key.verify(&text, Duration::from_secs(1_000)), Err(BadTicket::Expired));
        assert_eq!(Key::new(b"other").verify(&text, BEFORE), Err(BadTicket::Forged));
        assert!(text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c)), "{text}");
    }

    #[test]
    fn a_ticket_with_any_byte_changed_is_forged() {
        let key = Key::new(b"secret");
        let text = key.sign(&ticket());
        for index in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[index] = if bytes[index] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(bytes).unwrap();
            if altered != text {
                assert_eq!(key.verify(&altered, BEFORE), Err(BadTicket::Forged), "byte {index}");
            }
        }
    }

    #[test]
    fn what_is_no_ticket_is_forged() {
        let key = Key::new(b"secret");
        let unsigned = key.sign(&ticket()).split('.').next().unwrap().to_owned();
        for text in ["", ".", "a.b", "....", "%%%", &unsigned, &format!("{unsigned}."), &"A".repeat(10_000)] {
            assert_eq!(key.verify(text, BEFORE), Err(BadTicket::Forged), "{text}");
        }
    }
}
