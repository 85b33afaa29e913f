//! What an onlooker is told.

use std::sync::Arc;

use crate::html::patch::Patch;
use crate::hub::log::{Entry, Kind, Log};
use crate::message::cursor::Version;
use crate::message::envelope::Delivery;

impl Log {
    /// How many entries are retained.
    pub(crate) fn entries(&self) -> usize {
        self.entries.len()
    }

    /// What is newer than `behind`, in the order of the versions; the newest `limit` of it.
    pub(crate) fn recent(&self, behind: Version, limit: usize) -> Vec<(Version, Delivery)> {
        let newer = self.entries.newer_than(behind).rev();
        let sent = newer.filter_map(|(_, place)| Some((place, self.entries.get(place)?))).filter(|(_, entry)| !entry.is_carried);
        let delivery = |(place, entry): (Version, &Entry)| {
            let is_fence = entry.kind != Kind::Keyed;
            (entry.version, Delivery { patch: Arc::clone(&entry.patch), place, is_fence, origin: None })
        };
        let mut recent: Vec<_> = sent.take(limit).map(delivery).collect();
        recent.reverse();
        recent
    }

    /// The states and insertions that are retained, in the order of their places; the last `limit`.
    pub(crate) fn shown(&self, limit: usize) -> Vec<Arc<Patch>> {
        let is_shown = |entry: &&Entry| !entry.is_carried && entry.patch.fragment().is_some();
        let mut shown: Vec<_> =
            self.entries.at(..).map(|(_, entry)| entry).rev().filter(is_shown).take(limit).map(|entry| Arc::clone(&entry.patch)).collect();
        shown.reverse();
        shown
    }
}
