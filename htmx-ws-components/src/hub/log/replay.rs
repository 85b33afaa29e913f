//! What a reader at a cursor is sent.

use std::ops::Bound::{Excluded, Included, Unbounded};
use std::sync::Arc;

use crate::hub::log::{Gap, Kind, Log};
use crate::message::cursor::{Cursor, Partial, Version};
use crate::message::envelope::{Delivery, Replay};

/// What is around a patch in its frame, about.
const PATCH_BYTES: usize = 50;

impl Log {
    /// The next part of what a reader at `cursor` lacks; none when it lacks nothing.
    ///
    /// A replay goes through the places once, up to the version that the log had when it began, and sends each entry as it is now. What changes
    /// behind its back, and what is born meanwhile, is for the next one. So a slow reader gets to the end, however much is published.
    pub(crate) fn replay(&self, cursor: &Cursor) -> Result<Option<Replay>, Gap> {
        if cursor.version < self.floor {
            return Err(Gap);
        }
        let Some(Partial { to, place }) = cursor.partial else { return Ok(self.begin_replay(cursor)) };
        let rest =
            self.entries.range((Excluded(place), Included(to))).filter(|(_, entry)| entry.version > cursor.version && !entry.is_carried);
        match self.part(cursor, to, rest.map(|(place, _)| *place)) {
            Some(part) => Ok(Some(part)),
            None => Ok(self.begin_replay(&cursor.behind(to))),
        }
    }

    fn begin_replay(&self, cursor: &Cursor) -> Option<Replay> {
        let newer = self.by_version.range((Excluded(cursor.version), Unbounded));
        let is_sent = |place: &Version| self.entries.get(place).is_some_and(|entry| !entry.is_carried);
        let mut places: Vec<Version> = newer.map(|(_, place)| *place).filter(is_sent).collect();
        places.sort_unstable();
        self.part(cursor, self.last, places.into_iter())
    }

    /// So many of the entries at `places` as fit into a part.
    fn part(&self, cursor: &Cursor, end: Version, mut places: impl Iterator<Item = Version>) -> Option<Replay> {
        let mut deliveries: Vec<Delivery> = Vec::new();
        let (mut states, mut bytes) = (0, 0);
        while states < self.retention.part_patches && bytes < self.retention.part_bytes {
            let Some((place, entry)) = places.next().and_then(|place| Some((place, self.entries.get(&place)?))) else {
                let to = cursor.behind(end);
                return (!deliveries.is_empty()).then_some(Replay { deliveries, to, end });
            };
            let is_fence = entry.kind != Kind::Keyed;
            // What is ordered does not become less by waiting.
            states += usize::from(!is_fence);
            bytes += entry.patch.size() + PATCH_BYTES;
            deliveries.push(Delivery { patch: Arc::clone(&entry.patch), place, is_fence, origin: entry.origin });
        }
        let reached = deliveries.last()?.place;
        let to = if places.next().is_some() { cursor.within(end, reached) } else { cursor.behind(end) };
        Some(Replay { deliveries, to, end })
    }
}
