//! What goes when a limit is passed.

use crate::hub::clock::Moment;
use crate::hub::log::{Entry, Kind, Log};
use crate::message::cursor::Version;

/// What an entry takes beside its text: its patch and ids, and its places in the indexes. With a counting allocator, over 700 to 20,000 entries of a topic: an upsert
/// takes 340 to 390 bytes, a state some 20 less, an insertion 340 with its note, a removal 270.
const ENTRY_BYTES: usize = 370;
/// What a note about an id takes: the id in memory of its own, and its share of a hash map that may be half empty.
pub(super) const ID_BYTES: usize = 96;
/// What is known of a component with parts takes this beside its shell and its ids.
pub(super) const KNOWN_BYTES: usize = 256;

impl Log {
    /// The memory that it takes, about.
    pub(crate) fn bytes(&self) -> usize {
        let notes = self.fenced.len() + self.touched.len();
        self.entries.len() * ENTRY_BYTES + self.states.bytes + self.fences.bytes + self.known.bytes + notes * ID_BYTES
    }

    /// Gives up what is oldest until it takes no more than `bytes`, and be it everything.
    pub(crate) fn shrink_to(&mut self, bytes: usize) {
        while self.bytes() > bytes && self.give_up_oldest() {}
        self.entries.shrink_to_fit();
        self.fenced.shrink_to_fit();
        self.touched.shrink_to_fit();
    }

    /// Gives up the ordered entries that were born too long ago.
    pub(crate) fn expire(&mut self, now: Moment) {
        while let Some(oldest) = self.fence_places.first().copied() {
            let is_old = self.entries.get(oldest).is_none_or(|entry| entry.at.is_older_than(self.retention.fences_for, now));
            if !is_old {
                break;
            }
            self.raise_floor(oldest);
        }
    }

    pub(super) fn evict(&mut self) {
        while self.fences.exceeds(self.retention.fences, self.retention.fence_bytes) && self.fences.count > 1 {
            // A fence is never superseded, so its place is its version.
            let Some(oldest) = self.fence_places.first().copied() else { break };
            self.raise_floor(oldest);
        }
        // The newest entry stays, however large it is: nobody has read it yet.
        while self.states.exceeds(self.retention.states, self.retention.state_bytes) && self.entries.len() > 1 {
            self.give_up_oldest();
        }
    }

    /// False when there is none.
    fn give_up_oldest(&mut self) -> bool {
        let Some((version, place)) = self.entries.oldest() else { return false };
        self.raise_floor(version);
        self.drop_entry(place);
        true
    }

    /// Gives up the replay for cursors below `version`. Of what only they need, an id's newest state stays, for `latest`.
    fn raise_floor(&mut self, version: Version) {
        if version <= self.floor {
            return;
        }
        let passed = self.entries.newer_than(self.floor).take_while(|(passed, _)| *passed <= version);
        let passed: Vec<Version> = passed.map(|(_, place)| place).collect();
        self.floor = version;
        for place in passed {
            let is_latest = |entry: &Entry| entry.kind == Kind::Keyed && entry.patch.key().and_then(|key| self.newest(key)) == Some(place);
            if !self.entries.get(place).is_some_and(is_latest) {
                self.drop_entry(place);
            }
        }
        if self.fenced.len() + self.touched.len() > 2 * self.entries.len() {
            self.forget_notes();
        }
    }

    /// Forgets whom the fences below the floor concerned. A state from before one of them may be retained, for `latest`, and is not what the pages show: so the last of
    /// them concerns everyone from now on.
    fn forget_notes(&mut self) {
        let forgotten = self.fenced.values().copied().filter(|fence| *fence <= self.floor).max();
        self.last_fence = self.last_fence.max(forgotten.unwrap_or_default());
        self.fenced.retain(|_, fence| *fence > self.floor);
        self.touched.retain(|_, touch| *touch > self.floor);
    }
}
