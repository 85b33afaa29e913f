//! The entries of a log, and the ways to find them.
//!
//! Most topics hold an entry or two. Those are a list, which is looked through: the first nodes of three indexes would take a kilobyte.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound::{Excluded, Unbounded};
use std::ops::RangeBounds;

use crate::html::dom_id::DomId;
use crate::hub::log::{Entry, Kind};
use crate::message::cursor::Version;

/// So many are a list. Few in tests, so that they try both.
const FEW: usize = if cfg!(test) { 2 } else { 8 };

#[derive(Debug)]
pub(super) enum Entries {
    /// With their places, which ascend.
    Few(Vec<(Version, Entry)>),
    Many(Box<Indexed>),
}

#[derive(Debug, Default)]
pub(super) struct Indexed {
    /// By place.
    entries: BTreeMap<Version, Entry>,
    /// version -> place
    by_version: BTreeMap<Version, Version>,
    /// The places of an id's keyed entries, ascending.
    by_id: HashMap<DomId, Vec<Version>>,
}

impl Default for Entries {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

impl Entries {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Few(list) => list.len(),
            Self::Many(indexed) => indexed.entries.len(),
        }
    }

    pub(super) fn get(&self, place: Version) -> Option<&Entry> {
        match self {
            Self::Few(list) => list.iter().find(|(other, _)| *other == place).map(|(_, entry)| entry),
            Self::Many(indexed) => indexed.entries.get(&place),
        }
    }

    /// Its version is changed by [`Entries::renew`] only.
    pub(super) fn get_mut(&mut self, place: Version) -> Option<&mut Entry> {
        match self {
            Self::Few(list) => list.iter_mut().find(|(other, _)| *other == place).map(|(_, entry)| entry),
            Self::Many(indexed) => indexed.entries.get_mut(&place),
        }
    }

    /// The entry that was born last.
    pub(super) fn last(&self) -> Option<&Entry> {
        match self {
            Self::Few(list) => list.last().map(|(_, entry)| entry),
            Self::Many(indexed) => indexed.entries.last_key_value().map(|(_, entry)| entry),
        }
    }

    /// Those at these places, in their order.
    pub(super) fn at(&self, places: impl RangeBounds<Version>) -> impl DoubleEndedIterator<Item = (Version, &Entry)> {
        let (few, many) = match self {
            Self::Few(list) => (list.as_slice(), None),
            Self::Many(indexed) => (&[][..], Some(indexed.entries.range((places.start_bound(), places.end_bound())))),
        };
        let places = (places.start_bound().cloned(), places.end_bound().cloned());
        let few = few.iter().filter(move |(place, _)| places.contains(place)).map(|(place, entry)| (*place, entry));
        few.chain(many.into_iter().flatten().map(|(place, entry)| (*place, entry)))
    }

    /// The versions behind this one with the places that have them, in their order.
    pub(super) fn newer_than(&self, version: Version) -> impl DoubleEndedIterator<Item = (Version, Version)> {
        let (few, many) = match self {
            Self::Few(list) => {
                let newer = list.iter().map(|(place, entry)| (entry.version, *place)).filter(|(newer, _)| *newer > version);
                let mut newer: Vec<(Version, Version)> = newer.collect();
                newer.sort_unstable();
                (newer, None)
            }
            Self::Many(indexed) => (Vec::new(), Some(indexed.by_version.range((Excluded(version), Unbounded)))),
        };
        few.into_iter().chain(many.into_iter().flatten().map(|(version, place)| (*version, *place)))
    }

    /// The version that is the lowest, and its place.
    pub(super) fn oldest(&self) -> Option<(Version, Version)> {
        match self {
            Self::Few(list) => list.iter().map(|(place, entry)| (entry.version, *place)).min(),
            Self::Many(indexed) => indexed.by_version.first_key_value().map(|(version, place)| (*version, *place)),
        }
    }

    /// The places of the keyed entries of this id, in their order.
    pub(super) fn of(&self, id: &DomId) -> impl DoubleEndedIterator<Item = Version> {
        let (few, many) = match self {
            Self::Few(list) => (list.as_slice(), &[][..]),
            Self::Many(indexed) => (&[][..], indexed.by_id.get(id).map_or(&[][..], Vec::as_slice)),
        };
        let few = few.iter().filter(move |(_, entry)| entry.key() == Some(id)).map(|(place, _)| *place);
        few.chain(many.iter().copied())
    }

    /// Adds an entry behind all that there are.
    pub(super) fn push(&mut self, place: Version, entry: Entry) {
        if let Self::Few(list) = self
            && list.len() == FEW
        {
            let mut indexed = Box::<Indexed>::default();
            for (place, entry) in std::mem::take(list) {
                indexed.push(place, entry);
            }
            *self = Self::Many(indexed);
        }
        match self {
            Self::Few(list) => {
                // Twice as much each time, as a list does it by itself, but from one on.
                list.reserve_exact(if list.len() == list.capacity() { list.len().max(1) } else { 1 });
                list.push((place, entry));
            }
            Self::Many(indexed) => indexed.push(place, entry),
        }
    }

    /// Gives an entry the version of its newest change.
    pub(super) fn renew(&mut self, place: Version, version: Version) {
        let Some(entry) = self.get_mut(place) else { return };
        let before = std::mem::replace(&mut entry.version, version);
        if let Self::Many(indexed) = self {
            indexed.by_version.remove(&before);
            indexed.by_version.insert(version, place);
        }
    }

    pub(super) fn remove(&mut self, place: Version) -> Option<Entry> {
        match self {
            Self::Few(list) => {
                let index = list.iter().position(|(other, _)| *other == place)?;
                Some(list.remove(index).1)
            }
            Self::Many(indexed) => {
                let removed = indexed.remove(place);
                if indexed.entries.is_empty() {
                    *self = Self::default();
                }
                removed
            }
        }
    }

    /// Gives back the memory that is not needed.
    pub(super) fn shrink_to_fit(&mut self) {
        match self {
            Self::Few(list) => list.shrink_to_fit(),
            Self::Many(indexed) => indexed.by_id.shrink_to_fit(),
        }
    }
}

impl Indexed {
    fn push(&mut self, place: Version, entry: Entry) {
        if let Some(key) = entry.key() {
            self.by_id.entry(key.clone()).or_default().push(place);
        }
        self.by_version.insert(entry.version, place);
        self.entries.insert(place, entry);
    }

    fn remove(&mut self, place: Version) -> Option<Entry> {
        let entry = self.entries.remove(&place)?;
        self.by_version.remove(&entry.version);
        if let Some(key) = entry.key()
            && let Some(places) = self.by_id.get_mut(key)
        {
            places.retain(|other| *other != place);
            if places.is_empty() {
                self.by_id.remove(key);
            }
        }
        Some(entry)
    }
}

impl Entry {
    /// What it is found by, if it is keyed.
    fn key(&self) -> Option<&DomId> {
        if self.kind == Kind::Keyed { self.patch.key() } else { None }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::html::patch::Patch;
    use crate::hub::clock::Moment;

    fn entry(version: u64, name: &str, kind: Kind) -> Entry {
        let patch = Arc::new(Patch::remove(DomId::new(name).unwrap()));
        Entry { version: Version(version), patch, kind, origin: None, is_carried: false, at: Moment::default() }
    }

    /// What can be asked of so many entries, a fence and the states of two ids in turn, of which one was changed and one has gone.
    #[track_caller]
    fn check(count: u64, newer: &str, oldest: u64, of: &[u64]) {
        let mut entries = Entries::default();
        for place in 1..=count {
            let name = if place % 2 == 0 { "even" } else { "odd" };
            entries.push(Version(place), entry(place, name, if place == 1 { Kind::Fence } else { Kind::Keyed }));
        }
        entries.renew(Version(2), Version(count + 1));
        assert!(entries.remove(Version(1)).is_some() && entries.remove(Version(1)).is_none());
        let found: Vec<String> = entries.newer_than(Version(2)).map(|(version, place)| format!("{version}@{place}")).collect();
        assert_eq!(found.join(" "), newer);
        assert_eq!(entries.oldest().map(|(version, _)| version), Some(Version(oldest)));
        let places: Vec<u64> = entries.of(&DomId::new("odd").unwrap()).map(|place| place.0).collect();
        assert_eq!(places, of, "the fence is of no id");
        let all: Vec<u64> = entries.at(..).map(|(place, _)| place.0).collect();
        assert_eq!((all, entries.len()), ((2..=count).collect(), usize::try_from(count).unwrap() - 1));
    }

    #[test]
    fn few_entries_and_many_answer_alike() {
        check(2, "3@2", 3, &[]);
        check(3, "3@3 4@2", 3, &[3]);
        check(5, "3@3 4@4 5@5 6@2", 3, &[3, 5]);
    }

    #[test]
    fn what_is_empty_takes_no_index() {
        let mut entries = Entries::default();
        (1..=9).for_each(|place| entries.push(Version(place), entry(place, "a", Kind::Keyed)));
        assert!(matches!(entries, Entries::Many(_)));
        (1..=9).for_each(|place| drop(entries.remove(Version(place))));
        assert!(matches!(entries, Entries::Few(_)));
    }
}
