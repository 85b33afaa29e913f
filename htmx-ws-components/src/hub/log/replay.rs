//! What a reader at a cursor is sent.

use std::ops::Bound::{Excluded, Included, Unbounded};
use std::sync::Arc;

use crate::hub::log::{Entry, Gap, Kind, Log};
use crate::message::cursor::{Cursor, Partial, Version};
use crate::message::envelope::{Delivery, Replay};

/// Where parts of ordered entries end, if they have some size: at every so many versions.
const VERSIONS_OF_A_PART: u64 = 64;

/// What is around a patch in its frame, about.
const PATCH_BYTES: usize = 50;

impl Log {
    /// The next part of what a reader at `cursor` lacks; none when it lacks nothing.
    ///
    /// A replay goes through the places once, up to the version that the log had when it began, and sends each entry as it is now. What changes
    /// behind its back, and what is born meanwhile, is for the next one. So a slow reader gets to the end, however much is published.
    pub(crate) fn replay(&self, cursor: &Cursor) -> Result<Option<Replay>, Gap> {
        if cursor.ordered_up_to() < self.floor {
            return Err(Gap);
        }
        let Some(Partial { to, place, is_of_states }) = cursor.partial else { return Ok(self.begin_replay(cursor)) };
        // What came with a component that is ordered is a state all the same.
        let is_sent = |entry: &Entry| if is_of_states { entry.kind == Kind::Keyed } else { !entry.is_carried };
        let rest = self.entries.at((Excluded(place), Included(to)));
        match self.part(cursor, to, rest.filter(|(_, entry)| entry.version > cursor.version && is_sent(entry))) {
            Some(part) => Ok(Some(part)),
            None => Ok(self.begin_replay(&cursor.behind(to))),
        }
    }

    fn begin_replay(&self, cursor: &Cursor) -> Option<Replay> {
        if let Some(part) = self.ordered_part(cursor) {
            return Some(part);
        }
        let newer = self.entries.newer_than(cursor.version).filter_map(|(_, place)| Some((place, self.entries.get(place)?)));
        let mut sent: Vec<(Version, &Entry)> = newer.filter(|(_, entry)| !entry.is_carried).collect();
        sent.sort_unstable_by_key(|(place, _)| *place);
        self.part(cursor, self.last, sent.into_iter())
    }

    /// A part of nothing but what is ordered, where that is more than one part has room for. Such entries stay as they are, and stand in the order of their versions: so who has a
    /// part has everything up to a version, and parts end at the same versions for all readers, who from then on share them.
    fn ordered_part(&self, cursor: &Cursor) -> Option<Replay> {
        if cursor.version < self.moved {
            return None;
        }
        let (mut deliveries, mut bytes) = (Vec::new(), 0);
        let mut newer = self.entries.at((Excluded(cursor.version), Unbounded)).peekable();
        while let Some((place, entry)) = newer.next().filter(|(_, entry)| entry.kind != Kind::Keyed) {
            bytes += entry.patch.size() + PATCH_BYTES;
            deliveries.push(Delivery { patch: Arc::clone(&entry.patch), place, is_fence: true, origin: entry.origin });
            let (next, _) = newer.peek()?;
            let is_mark = place.0 / VERSIONS_OF_A_PART < next.0 / VERSIONS_OF_A_PART;
            if bytes >= self.retention.part_bytes || (is_mark && bytes >= self.retention.part_bytes / 4) {
                return Some(Replay { deliveries, to: cursor.behind(place), end: place, is_part: true });
            }
        }
        None
    }

    /// So many of the entries, which come with their places, as fit into a part.
    fn part<'a>(&self, cursor: &Cursor, end: Version, mut entries: impl Iterator<Item = (Version, &'a Entry)>) -> Option<Replay> {
        let mut deliveries: Vec<Delivery> = Vec::new();
        let (mut states, mut bytes) = (0, 0);
        while states < self.retention.part_patches && bytes < self.retention.part_bytes {
            let Some((place, entry)) = entries.next() else {
                let to = cursor.behind(end);
                return (!deliveries.is_empty()).then_some(Replay { deliveries, to, end, is_part: false });
            };
            let is_fence = entry.kind != Kind::Keyed;
            // What is ordered does not become less by waiting.
            states += usize::from(!is_fence);
            bytes += entry.patch.size() + PATCH_BYTES;
            deliveries.push(Delivery { patch: Arc::clone(&entry.patch), place, is_fence, origin: entry.origin });
        }
        let reached = deliveries.last()?.place;
        let is_part = entries.next().is_some();
        let to = if is_part { cursor.within(end, reached) } else { cursor.behind(end) };
        Some(Replay { deliveries, to, end, is_part })
    }
}
