//! The compacted log of one topic: queue, snapshot and history in one. Pure: no async, no clock, no lock.
//!
//! The rule. An entry has a *version* (when it last changed) and a *place* (the version it was born with); a replay sends what is newer than a
//! cursor, in the order of places.
//!
//! - States and removals of leaves are **keyed**. Everything else is a **fence**: no supersession reaches across it.
//! - A newer state supersedes the last one *in place*, back to the last fence or removal. An inserting form (an upsert into a list) is kept.
//! - A removal drops the id's entries back to the last fence, and stands at the end.
//! - A state equal to the retained one is no change.
//! - Entries go in the order of their versions when a limit is passed; the version of the last fence or state that went is the **floor**, and a
//!   cursor below it has a gap. Retained states at or below the floor serve only `latest`.
//!
//! Two things are stricter than they may seem to have to be. A state behind a fence never supersedes one before it, not even when that fence has gone:
//! the fence may have removed the element, and then its next upsert is a birth at the end. And an upsert that follows a plain
//! state of the same id is a birth as well: pages without the element get it there.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound::{Excluded, Included, Unbounded};
use std::sync::Arc;

use crate::html::dom_id::DomId;
use crate::html::fragment::{Fragment, Nesting};
use crate::html::patch::Patch;
use crate::message::cursor::{Cursor, Partial, Version};
use crate::message::envelope::{Delivery, Replay};

/// What one topic may hold, and give.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Retention {
    /// Keyed entries.
    pub(crate) states: usize,
    /// Bytes of HTML in keyed entries.
    pub(crate) state_bytes: usize,
    /// Fences.
    pub(crate) fences: usize,
    /// Bytes of HTML in fences.
    pub(crate) fence_bytes: usize,
    /// Patches that a reader gets at once.
    pub(crate) part_patches: usize,
    /// Bytes of HTML that a reader gets at once, unless one patch alone has more.
    pub(crate) part_bytes: usize,
}

#[derive(Debug)]
struct Entry {
    version: Version,
    patch: Arc<Patch>,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Keyed,
    Fence,
}

/// The entries of one kind.
#[derive(Debug, Default)]
struct Held {
    places: BTreeSet<Version>,
    bytes: usize,
}

impl Held {
    fn exceeds(&self, count: usize, bytes: usize) -> bool {
        self.places.len() > count || self.bytes > bytes
    }
}

#[derive(Debug)]
pub(crate) struct Log {
    /// By place.
    entries: BTreeMap<Version, Entry>,
    /// version -> place
    by_version: BTreeMap<Version, Version>,
    /// The places of an id's keyed entries, ascending.
    by_id: HashMap<DomId, Vec<Version>>,
    last_fence: Version,
    floor: Version,
    last: Version,
    states: Held,
    fences: Held,
    retention: Retention,
}

/// The log does not reach back to the cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Gap;

/// What became of a patch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Put {
    Changed,
    Unchanged,
}

/// What the log knows of an id.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Latest {
    State(Fragment),
    Removed,
    Unknown,
}

impl Log {
    /// An empty log that reaches back to `floor`.
    pub(crate) fn new(retention: Retention, floor: Version) -> Self {
        Self {
            entries: BTreeMap::new(),
            by_version: BTreeMap::new(),
            by_id: HashMap::new(),
            last_fence: Version(0),
            floor,
            last: floor,
            states: Held::default(),
            fences: Held::default(),
            retention,
        }
    }

    /// The version of the newest change.
    pub(crate) fn last(&self) -> Version {
        self.last
    }

    /// Takes a patch in. `next_version` is asked only when it is a change; it must be greater than every version before.
    pub(crate) fn put(&mut self, patch: Patch, next_version: impl FnOnce() -> Version) -> Put {
        let plan = self.plan(&patch);
        if matches!(plan, Plan::Unchanged) {
            return Put::Unchanged;
        }
        let version = next_version();
        debug_assert!(version > self.last, "versions ascend");
        self.last = version;
        match plan {
            Plan::Unchanged => {}
            Plan::Supersede(place) => self.supersede(place, patch, version),
            Plan::Push { kind, drop } => {
                for place in drop {
                    self.drop_entry(place);
                }
                self.push(version, patch, kind);
            }
        }
        self.evict();
        Put::Changed
    }

    /// The next part of what a reader at `cursor` lacks; none when it lacks nothing.
    ///
    /// A replay goes through the places once, up to the version that the log had when it began, and sends each entry as it is now. What changes
    /// behind its back, and what is born meanwhile, is for the next one. So a slow reader gets to the end, however much is published.
    pub(crate) fn replay(&self, cursor: &Cursor) -> Result<Option<Replay>, Gap> {
        if cursor.version < self.floor {
            return Err(Gap);
        }
        let Some(Partial { to, place }) = cursor.partial else { return Ok(self.begin_replay(cursor)) };
        let rest = self.entries.range((Excluded(place), Included(to))).filter(|(_, entry)| entry.version > cursor.version);
        match self.part(cursor, to, rest.map(|(place, _)| *place)) {
            Some(part) => Ok(Some(part)),
            None => Ok(self.begin_replay(&cursor.behind(to))),
        }
    }

    fn begin_replay(&self, cursor: &Cursor) -> Option<Replay> {
        let newer = self.by_version.range((Excluded(cursor.version), Unbounded));
        let mut places: Vec<Version> = newer.map(|(_, place)| *place).collect();
        places.sort_unstable();
        self.part(cursor, self.last, places.into_iter())
    }

    /// So many of the entries at `places` as fit into a part.
    fn part(&self, cursor: &Cursor, end: Version, mut places: impl Iterator<Item = Version>) -> Option<Replay> {
        let mut deliveries: Vec<Delivery> = Vec::new();
        let mut bytes = 0;
        while deliveries.len() < self.retention.part_patches && bytes < self.retention.part_bytes {
            let Some((place, entry)) = places.next().and_then(|place| Some((place, self.entries.get(&place)?))) else {
                let to = cursor.behind(end);
                return (!deliveries.is_empty()).then_some(Replay { deliveries, to, end });
            };
            bytes += entry.patch.size();
            deliveries.push(Delivery { patch: Arc::clone(&entry.patch), place, is_fence: entry.kind == Kind::Fence });
        }
        let reached = deliveries.last()?.place;
        let to = if places.next().is_some() { cursor.within(end, reached) } else { cursor.behind(end) };
        Some(Replay { deliveries, to, end })
    }

    /// What is retained of a leaf.
    pub(crate) fn latest(&self, id: &DomId) -> Latest {
        if let Some(entry) = self.newest(id).and_then(|place| self.entries.get(&place)) {
            return entry.patch.fragment().map_or(Latest::Removed, |fragment| Latest::State(fragment.clone()));
        }
        // The removal of what was never published is a fence.
        let is_its_removal =
            |place: &Version| matches!(self.entries.get(place).map(|entry| &*entry.patch), Some(Patch::Remove(other)) if other == id);
        if self.fences.places.iter().any(is_its_removal) { Latest::Removed } else { Latest::Unknown }
    }

    fn newest(&self, id: &DomId) -> Option<Version> {
        self.by_id.get(id)?.last().copied()
    }

    fn plan(&self, patch: &Patch) -> Plan {
        if self.kind(patch) == Kind::Fence {
            let repeats_the_last =
                self.entries.last_key_value().is_some_and(|(_, last)| *last.patch == *patch && last.version == self.last);
            return if repeats_the_last { Plan::Unchanged } else { Plan::push(Kind::Fence) };
        }
        let Some((place, last)) = self.newest(patch.id()).and_then(|place| Some((place, self.entries.get(&place)?))) else {
            return Plan::push(Kind::Keyed);
        };
        if place < self.last_fence {
            // Cursors above the floor need the older entry no more.
            let drop = if last.version <= self.floor { vec![place] } else { Vec::new() };
            return Plan::Push { kind: Kind::Keyed, drop };
        }
        match (&*last.patch, patch) {
            (Patch::Remove(_), Patch::Remove(_)) => Plan::Unchanged,
            (_, Patch::Remove(id)) => Plan::Push { kind: Kind::Keyed, drop: self.places_behind_the_fence(id) },
            (Patch::Remove(_), _) => Plan::push(Kind::Keyed),
            (Patch::Upsert { list: old, .. }, Patch::Upsert { list: new, .. }) if old != new => Plan::push(Kind::Keyed),
            (Patch::Replace(_) | Patch::Morph(_), Patch::Upsert { .. }) => Plan::Push { kind: Kind::Keyed, drop: vec![place] },
            (old, new) if old.fragment() == new.fragment() => Plan::Unchanged,
            _ => Plan::Supersede(place),
        }
    }

    fn kind(&self, patch: &Patch) -> Kind {
        match patch {
            Patch::Replace(fragment) | Patch::Morph(fragment) | Patch::Upsert { fragment, .. } if fragment.nesting() == Nesting::Leaf => {
                Kind::Keyed
            }
            // Only what the log knows as a leaf is known to hold nothing that is patched on its own.
            Patch::Remove(id) if self.by_id.contains_key(id) => Kind::Keyed,
            _ => Kind::Fence,
        }
    }

    fn places_behind_the_fence(&self, id: &DomId) -> Vec<Version> {
        let places = self.by_id.get(id).into_iter().flatten();
        places.copied().filter(|place| *place > self.last_fence).collect()
    }

    fn supersede(&mut self, place: Version, patch: Patch, version: Version) {
        let Some(entry) = self.entries.get_mut(&place) else { return };
        self.by_version.remove(&entry.version);
        self.by_version.insert(version, place);
        self.states.bytes = self.states.bytes + patch.size() - entry.patch.size();
        entry.version = version;
        entry.patch = Arc::new(match (&*entry.patch, patch) {
            (Patch::Upsert { list, .. }, Patch::Replace(fragment) | Patch::Morph(fragment)) => {
                Patch::Upsert { list: list.clone(), fragment }
            }
            (_, patch) => patch,
        });
    }

    fn push(&mut self, version: Version, patch: Patch, kind: Kind) {
        match kind {
            Kind::Keyed => self.by_id.entry(patch.id().clone()).or_default().push(version),
            Kind::Fence => self.last_fence = version,
        }
        let held = self.held(kind);
        held.places.insert(version);
        held.bytes += patch.size();
        self.by_version.insert(version, version);
        self.entries.insert(version, Entry { version, patch: Arc::new(patch), kind });
    }

    fn held(&mut self, kind: Kind) -> &mut Held {
        match kind {
            Kind::Keyed => &mut self.states,
            Kind::Fence => &mut self.fences,
        }
    }

    fn drop_entry(&mut self, place: Version) {
        let Some(entry) = self.entries.remove(&place) else { return };
        self.by_version.remove(&entry.version);
        let held = self.held(entry.kind);
        held.places.remove(&place);
        held.bytes -= entry.patch.size();
        let id = entry.patch.id();
        if entry.kind == Kind::Keyed
            && let Some(places) = self.by_id.get_mut(id)
        {
            places.retain(|other| *other != place);
            if places.is_empty() {
                self.by_id.remove(id);
            }
        }
    }

    fn evict(&mut self) {
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
            let is_latest = |entry: &Entry| entry.kind == Kind::Keyed && self.newest(entry.patch.id()) == Some(place);
            if !self.entries.get(&place).is_some_and(is_latest) {
                self.drop_entry(place);
            }
        }
    }
}

/// What to do with a patch.
enum Plan {
    Unchanged,
    Supersede(Version),
    Push { kind: Kind, drop: Vec<Version> },
}

impl Plan {
    fn push(kind: Kind) -> Self {
        Self::Push { kind, drop: Vec::new() }
    }
}

#[cfg(test)]
#[path = "log_tests.rs"]
mod tests;
