//! What a reader at one cursor lacks of one topic, and its frames.

use std::fmt::Write;
use std::ops::{Deref, Range};
use std::sync::{Arc, OnceLock};

use bytes::Bytes;

use crate::dialect::{self, Context, Htmx, Piece, refresh};
use crate::html::patch::Patch;
use crate::message::cursor::{Cursor, Version};
use crate::message::recipient::PageId;
use crate::message::text_frame::{LONGEST_HEADER, push_header};
use crate::message::topic::Topic;

/// An entry of a log, on its way to a reader.
#[derive(Debug, Clone)]
pub(crate) struct Delivery {
    pub(crate) patch: Arc<Patch>,
    pub(crate) place: Version,
    /// Whether the order against its neighbours is visible in the page, so that it needs a frame of its own.
    pub(crate) is_fence: bool,
    /// The page that it came from, and that has it already.
    pub(crate) origin: Option<PageId>,
}

/// The next part of what a reader lacks.
#[derive(Debug)]
pub(crate) struct Replay {
    /// In the order of their places.
    pub(crate) deliveries: Vec<Delivery>,
    /// Where the reader stands behind them.
    pub(crate) to: Cursor,
    /// The version that the whole replay goes to.
    pub(crate) end: Version,
    /// Whether there was more than fits into one.
    pub(crate) is_part: bool,
}

/// What a reader at `from` is sent next of a topic. Shared by all readers that stand there, and encoded once for each dialect.
#[derive(Debug)]
pub(crate) struct Envelope {
    topic: Topic,
    from: Cursor,
    to: Cursor,
    /// The version that the replay goes to of which this is a part.
    replay: Version,
    is_part: bool,
    deliveries: Vec<Delivery>,
    encoded: [OnceLock<Arc<Frames>>; Htmx::ALL.len()],
}

/// The frame that says from where on each topic is sent, and the state of the connection.
pub(crate) fn begins_at(starts: &[(Topic, Cursor)], state: &str) -> String {
    let places: Vec<String> = starts.iter().map(|(topic, cursor)| format!("{}~{cursor}", topic.encoded())).collect();
    dialect::begins_at(places.join(","), state)
}

/// The topic, as it is encoded, and the cursor that a frame says; none where it is no frame of a topic.
pub(crate) fn place_of(frame: &str) -> Option<(&str, &str)> {
    let rest = frame.strip_prefix("<!--htmx-ws ").or_else(|| frame.strip_prefix("{\"htmx-ws\":\""))?;
    let (topic, rest) = rest.split_once(' ')?;
    // No cursor has one of these in it, unless it is the one that ends it.
    let end = rest.find("-->").into_iter().chain(rest.find('"')).min()?;
    Some((topic, &rest[..end]))
}

/// What a delivery takes in an envelope, and in a frame of its own for the comment, the attributes and the cursor.
const DELIVERY_BYTES: usize = 200;

/// One message to the browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Frame {
    /// UTF-8.
    pub(crate) text: Bytes,
    /// Where a page stands that has applied this frame and all those before it.
    pub(crate) cursor: Cursor,
}

/// Messages to the browser, one behind the other, ready for a WebSocket: their texts lie within these bytes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Frames {
    list: Vec<Frame>,
    wire: Bytes,
    text_bytes: u64,
}

impl Frames {
    /// All of them, as they go through a WebSocket.
    pub(crate) fn wire(&self) -> &Bytes {
        &self.wire
    }

    /// The bytes of their texts.
    pub(crate) fn text_bytes(&self) -> u64 {
        self.text_bytes
    }
}

impl Deref for Frames {
    type Target = [Frame];

    fn deref(&self) -> &[Frame] {
        &self.list
    }
}

/// Frames that are not finished.
#[derive(Debug, Default)]
struct Wire {
    bytes: Vec<u8>,
    ends: Vec<(Range<usize>, Cursor)>,
}

impl Wire {
    fn push(&mut self, text: &str, cursor: Cursor) {
        self.bytes.reserve(LONGEST_HEADER + text.len());
        push_header(text.len(), &mut self.bytes);
        let begin = self.bytes.len();
        self.bytes.extend_from_slice(text.as_bytes());
        self.ends.push((begin..self.bytes.len(), cursor));
    }

    fn finish(self) -> Arc<Frames> {
        let wire = Bytes::from(self.bytes);
        let text_bytes = self.ends.iter().map(|(range, _)| range.len() as u64).sum();
        let list = self.ends.into_iter().map(|(range, cursor)| Frame { text: wire.slice(range), cursor }).collect();
        Arc::new(Frames { list, wire, text_bytes })
    }
}

impl Envelope {
    pub(crate) fn new(topic: Topic, from: Cursor, replay: Replay) -> Self {
        let Replay { to, end, is_part, deliveries } = replay;
        Self { topic, from, to, replay: end, is_part, deliveries, encoded: Default::default() }
    }

    /// One of no frame: nothing is between the two cursors.
    pub(crate) fn empty(topic: Topic, from: Cursor, to: Cursor) -> Self {
        Self::new(topic, from, Replay { deliveries: Vec::new(), to, end: to.version, is_part: false })
    }

    /// The memory that it takes with its frames for one generation, about.
    pub(crate) fn bytes(&self) -> usize {
        // An upsert stands in its frame twice.
        self.deliveries.iter().map(|delivery| DELIVERY_BYTES + 2 * delivery.patch.size()).sum()
    }

    /// The frames for pages of this generation.
    pub(crate) fn frames(&self, htmx: Htmx) -> Arc<Frames> {
        let slot = &self.encoded[htmx as usize];
        Arc::clone(slot.get_or_init(|| self.encode(htmx, None)))
    }

    /// The frames for this page: without what came from it. There may be none.
    pub(crate) fn frames_for(&self, htmx: Htmx, page: PageId) -> Arc<Frames> {
        let is_its_own = self.deliveries.iter().any(|delivery| delivery.origin == Some(page));
        if is_its_own { self.encode(htmx, Some(page)) } else { self.frames(htmx) }
    }

    /// How many elements it updates whose states supersede each other, so that a reader who gets them later gets fewer.
    pub(crate) fn updates(&self) -> u32 {
        let updates = self.deliveries.iter().filter(|delivery| !delivery.is_fence).count();
        u32::try_from(updates).unwrap_or(u32::MAX)
    }

    /// Whether there was more than fits into one.
    pub(crate) fn is_part(&self) -> bool {
        self.is_part
    }

    /// Whether it stays what a reader there lacks, whatever is published.
    pub(crate) fn is_lasting(&self) -> bool {
        self.is_part && self.to.partial.is_none() && self.updates() == 0
    }

    /// Where a reader stands behind it.
    pub(crate) fn to(&self) -> Cursor {
        self.to
    }

    fn encode(&self, htmx: Htmx, without: Option<PageId>) -> Arc<Frames> {
        let mut wire = Wire::default();
        let mut reached = self.from;
        let mut draft: Option<Draft<'_>> = None;
        let is_sent = |delivery: &&Delivery| without.is_none() || delivery.origin != without;
        for delivery in self.deliveries.iter().filter(is_sent) {
            for piece in htmx.pieces(&delivery.patch) {
                if let Some(full) = draft.take_if(|draft| !draft.takes(delivery, &piece)) {
                    // Of a patch in two frames, one half does not count: its repetition is harmless, its loss is not.
                    let whole = full.deliveries.iter().rev().find(|other| other.place != delivery.place);
                    reached = whole.map_or(reached, |whole| self.from.within(self.replay, whole.place));
                    wire.push(&self.text(&full, reached), reached);
                }
                draft.get_or_insert_with(|| Draft::new(piece.context)).add(delivery, &piece);
            }
        }
        if let Some(last) = draft {
            wire.push(&self.text(&last, self.to), self.to);
        }
        wire.finish()
    }

    fn text(&self, draft: &Draft<'_>, cursor: Cursor) -> String {
        let (html, topic) = (&draft.html, self.topic.encoded());
        let mut text = String::with_capacity(html.len() + 64);
        // Writing to a `String` does not fail. No topic has a quote in its encoding.
        let _ = match draft.context {
            Context::Json => write!(text, "{{\"htmx-ws\":\"{topic} {cursor}\",{html}}}"),
            Context::Refresh => write!(text, "{}", refresh("the page was told to")),
            _ => write!(text, "<!--htmx-ws {topic} {cursor}-->{html}"),
        };
        text
    }
}

/// A frame that may take more.
struct Draft<'a> {
    html: String,
    context: Context,
    deliveries: Vec<&'a Delivery>,
}

impl<'a> Draft<'a> {
    fn new(context: Context) -> Self {
        Self { html: String::new(), context, deliveries: Vec::new() }
    }

    /// Whether the piece may stand in this frame. htmx 4 resolves all targets of a frame before it swaps any, so an id stands in it once, and what
    /// depends on what stands before it goes into the next.
    fn takes(&self, delivery: &Delivery, piece: &Piece) -> bool {
        if self.context != piece.context {
            return false;
        }
        if self.holds(delivery) {
            return true;
        }
        let is_alone = delivery.is_fence || self.deliveries.iter().any(|other| other.is_fence);
        let key = delivery.patch.key();
        !is_alone && self.deliveries.iter().all(|other| other.patch.key() != key)
    }

    fn holds(&self, delivery: &Delivery) -> bool {
        self.deliveries.last().is_some_and(|last| last.place == delivery.place)
    }

    fn add(&mut self, delivery: &'a Delivery, piece: &Piece) {
        self.html.push_str(&piece.html);
        if !self.holds(delivery) {
            self.deliveries.push(delivery);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::html::dom_id::DomId;
    use crate::html::fragment::{Fragment, Nesting};

    fn delivery(place: u64, name: &str, is_fence: bool) -> Delivery {
        let fragment = Fragment::new(DomId::new(name).unwrap(), "<p></p>".to_owned(), Nesting::Leaf).unwrap();
        Delivery { patch: Arc::new(Patch::Replace(fragment)), place: Version(place), is_fence, origin: None }
    }

    #[track_caller]
    fn check(from: &str, end: u64, to: &str, deliveries: Vec<Delivery>, cursors: &[&str]) {
        check_on(Htmx::V4, from, end, to, deliveries, cursors);
    }

    #[track_caller]
    fn check_on(htmx: Htmx, from: &str, end: u64, to: &str, deliveries: Vec<Delivery>, cursors: &[&str]) {
        let replay = Replay { deliveries, to: to.parse().unwrap(), end: Version(end), is_part: false };
        let envelope = Envelope::new(Topic::new("t").unwrap(), from.parse().unwrap(), replay);
        let frames = envelope.frames(htmx);
        let found: Vec<String> = frames.iter().map(|frame| frame.cursor.to_string()).collect();
        assert_eq!(found, cursors);
    }

    #[test]
    fn the_cursor_of_a_frame_in_the_middle_is_the_place_it_reaches() {
        let deliveries = || vec![delivery(3, "a", false), delivery(5, "b", true), delivery(6, "c", false)];
        check("e-1", 9, "e-9", deliveries(), &["e-1-9-3", "e-1-9-5", "e-9"]);
        check("e-1-9-2", 9, "e-1-9-6", deliveries(), &["e-1-9-3", "e-1-9-5", "e-1-9-6"]);
    }

    #[test]
    fn an_id_stands_in_a_frame_once() {
        check("e-1", 9, "e-9", vec![delivery(3, "a", false), delivery(4, "b", false), delivery(5, "a", false)], &["e-1-9-4", "e-9"]);
    }

    #[test]
    fn a_patch_in_two_frames_counts_when_both_are_there() {
        let row = Fragment::new(DomId::new("r").unwrap(), "<tr></tr>".to_owned(), Nesting::Leaf).unwrap();
        let upsert = Patch::Upsert { list: DomId::new("rows").unwrap(), fragment: row };
        let upsert = Delivery { patch: Arc::new(upsert), place: Version(4), is_fence: false, origin: None };
        let deliveries = || vec![delivery(3, "a", false), upsert.clone(), delivery(5, "b", false)];
        check_on(Htmx::V2, "e-1", 9, "e-9", deliveries(), &["e-1-9-3", "e-1-9-3", "e-1-9-4", "e-9"]);
        // There the row stands in the wrapper of its insertion in both halves.
        check_on(Htmx::V4, "e-1", 9, "e-9", deliveries(), &["e-1-9-3", "e-1-9-4", "e-9"]);
    }
}
