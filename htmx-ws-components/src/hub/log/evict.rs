//! What goes when a limit is passed.

use std::ops::Bound::{Excluded, Included};

use crate::hub::log::{Entry, Kind, Log};
use crate::message::cursor::Version;

impl Log {
    pub(super) fn evict(&mut self) {
        while self.fences.exceeds(self.retention.fences, self.retention.fence_bytes) && self.fences.places.len() > 1 {
            // A fence is never superseded, so its place is its version.
            let Some(oldest) = self.fences.places.first().copied() else { break };
            self.raise_floor(oldest);
        }
        // The newest entry stays, however large it is: nobody has read it yet.
        while self.states.exceeds(self.retention.states, self.retention.state_bytes) && self.entries.len() > 1 {
            let Some((version, place)) = self.by_version.first_key_value().map(|(version, place)| (*version, *place)) else { break };
            self.raise_floor(version);
            self.drop_entry(place);
        }
    }

    /// Gives up the replay for cursors below `version`. Of what only they need, an id's newest state stays, for `latest`.
    fn raise_floor(&mut self, version: Version) {
        if version <= self.floor {
            return;
        }
        let passed: Vec<Version> = self.by_version.range((Excluded(self.floor), Included(version))).map(|(_, place)| *place).collect();
        self.floor = version;
        for place in passed {
            let is_latest = |entry: &Entry| entry.kind == Kind::Keyed && entry.patch.key().and_then(|key| self.newest(key)) == Some(place);
            if !self.entries.get(&place).is_some_and(is_latest) {
                self.drop_entry(place);
            }
        }
        // An entry that a fence below the floor concerns is below it itself, and nothing supersedes that in place.
        if self.fenced.len() + self.touched.len() > 2 * self.entries.len() {
            self.fenced.retain(|_, fence| *fence > self.floor);
            self.touched.retain(|_, touch| *touch > self.floor);
        }
    }
}
