//! What must hold for whatever bytes a browser sends. `fuzz/` looks for bytes for which it does not, and what it has found so far is tried in each test run.

#![allow(clippy::missing_panics_doc, reason = "a panic is what the fuzzer looks for")]

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use serde::Deserialize;

use crate::html::dom_id::DomId;
use crate::html::id_template::IdTemplate;
use crate::hub::stats::Counter;
use crate::message::cursor::Cursor;
use crate::message::recipient::PageId;
use crate::transport::inbox::Inbox;
use crate::transport::registry::{Identity, Registration};
use crate::web::hub::Hub;
use crate::web::inbound::{Handlers, Inbound, Routes};
use crate::web::ticket::Key;

/// A text is a ticket only if it is signed; what is signed is read as it was written, or not at all.
pub fn ticket(data: &[u8]) {
    let key = Key::new(b"the secret of a server");
    if let Ok(text) = std::str::from_utf8(data) {
        assert!(key.verify(text, Duration::ZERO).is_err(), "{text} was never signed");
    }
    if let Ok(ticket) = key.verify(&key.sign_payload(data), Duration::ZERO) {
        assert_eq!(key.verify(&key.sign(&ticket), Duration::ZERO), Ok(ticket));
    }
}

/// A text that is a cursor stands for one place, and is compared without an overflow.
pub fn cursor(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(cursor) = text.parse::<Cursor>() else { return };
    assert_eq!(cursor.to_string().parse(), Ok(cursor), "{text}");
    let present = Cursor::new(cursor.epoch, cursor.version);
    assert_eq!(cursor.is_before(&present), cursor.partial.is_none_or(|it| it.to == cursor.version && it.place <= it.to), "{text}");
}

/// Two pairs of values never give one id, and every id is one.
pub fn id_template(data: &[u8]) {
    let values: Vec<_> = data.splitn(4, |byte| *byte == 0xff).map(String::from_utf8_lossy).collect();
    let value = |index: usize| values.get(index).map_or("", |value| value);
    let id = |first: usize, second: usize| {
        let mut id = String::new();
        IdTemplate::new(&mut id, "job-").field(value(first)).text("-").field(value(second)).finish();
        assert!(DomId::new(&id).is_ok(), "{id}");
        id
    };
    assert_eq!(id(0, 1) == id(2, 3), (value(0), value(1)) == (value(2), value(3)), "{values:?}");
}

/// The fields of a form, of each kind.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(dead_code, reason = "that the fields are read is what is tried")]
struct Form {
    text: String,
    number: Option<u32>,
    #[serde(default)]
    list: Vec<String>,
    #[serde(default)]
    is_set: bool,
}

/// A hub that handles two actions, and a page that sends.
struct Served {
    hub: Hub,
    handlers: Arc<Handlers>,
    page: Registration,
}

impl Served {
    fn new() -> Option<Self> {
        let mut routes = Routes::default();
        routes.add("save", async |_: Inbound<Form>| ());
        routes.add("refuse", async |form: Inbound<Form>| Err::<(), _>(form.into_value().text));
        let hub = Hub::new();
        let handlers = routes.into_inbox(hub.htmx())?;
        handlers.set_hub(&hub);
        let identity = Identity { page: PageId(7), user: None, session: None, address: None, private: Box::default() };
        let page = hub.connections().register(identity).ok()?;
        Some(Self { hub, handlers, page })
    }
}

/// Each message has one answer, and one counter.
pub fn inbound(data: &[u8]) {
    const ANSWERS: [Counter; 5] =
        [Counter::InboundHandled, Counter::InboundNotJson, Counter::InboundUnhandled, Counter::InboundInvalid, Counter::InboundFailed];
    static SERVED: LazyLock<Option<Served>> = LazyLock::new(Served::new);
    let Some(Served { hub, handlers, page }) = &*SERVED else { unreachable!("a hub without limits serves one page") };
    let answers = || ANSWERS.iter().map(|counter| hub.stats().get(*counter)).sum::<u64>();
    let before = answers();
    let handled = handlers.receive(Bytes::copy_from_slice(data), Arc::clone(&page.handle)).now_or_never();
    assert_eq!(handled.map(|()| answers() - before), Some(1), "{}", String::from_utf8_lossy(data));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn replay(name: &str, target: fn(&[u8])) {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(name);
        let mut count = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            target(&std::fs::read(entry.unwrap().path()).unwrap());
            count += 1;
        }
        assert!(count > 3, "{name} has {count} inputs only");
    }

    // One after the other: they count in one hub.
    #[test]
    fn what_was_found_so_far_holds() {
        replay("ticket", ticket);
        replay("cursor", cursor);
        replay("inbound", inbound);
        replay("id_template", id_template);
    }
}
