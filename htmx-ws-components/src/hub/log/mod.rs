//! The compacted log of one topic: queue, snapshot and history in one. Pure: no async, no clock, no lock.
//!
//! The rule. An entry has a *version* (when it last changed) and a *place* (the version it was born with); a replay sends what is newer than a
//! cursor, in the order of places.
//!
//! - States and removals of leaves, and the title, are **keyed**. Events, refreshes and redirects are **signals**: they have their place in the order, and touch no
//!   element. Everything else is a **fence**: no supersession reaches across it.
//! - A newer state supersedes the last one *in place*, back to the last fence or removal. An inserting form (an upsert into a list) is kept.
//! - A removal drops the id's entries back to the last fence, and stands at the end.
//! - A state equal to the retained one is no change.
//! - Entries go in the order of their versions when a limit is passed; the version of the last fence or state that went is the **floor**, and a
//!   cursor below it has a gap. Retained states at or below the floor serve only `latest`.
//!
//! - A component with **parts** is a fence that concerns the ids in its markup only. Its parts' states are *carried* by it: known, so that the next publish
//!   sends no more than those that changed, as long as the shell around them is the same and nothing else has changed its lists.
//!
//! Two things are stricter than they may seem to have to be. A state behind a fence never supersedes one before it, not even when that fence has gone:
//! the fence may have removed the element, and then its next upsert is a birth at the end. And an upsert that follows a plain
//! state of the same id is a birth as well: pages without the element get it there.

mod entries;
mod evict;
pub(crate) mod kept;
pub(crate) mod look;
mod replay;
mod rule;
#[cfg(test)]
mod states_tests;
#[cfg(test)]
mod tests;
mod whole;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use crate::html::composition::Composition;
use crate::html::dom_id::DomId;
use crate::html::fragment::Fragment;
use crate::html::patch::{Patch, Position};
use crate::hub::clock::Moment;
use crate::hub::log::entries::Entries;
use crate::hub::log::rule::Plan;
use crate::hub::log::whole::Wholes;
use crate::message::cursor::Version;
use crate::message::recipient::PageId;

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
    /// How long fences and signals are kept.
    pub(crate) fences_for: Duration,
    /// States that a reader gets at once. What is ordered comes as fast as it goes.
    pub(crate) part_patches: usize,
    /// Bytes of HTML that a reader gets at once, unless one patch alone has more.
    pub(crate) part_bytes: usize,
}

#[derive(Debug)]
struct Entry {
    version: Version,
    patch: Arc<Patch>,
    kind: Kind,
    /// The page that it came from, and that has it already.
    origin: Option<PageId>,
    /// A state that a fence carries inside of it: known, but not sent by itself until it changes.
    is_carried: bool,
    /// When it was born.
    at: Moment,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Keyed,
    /// It concerns elements that are patched on their own as well.
    Fence,
    /// It concerns no element: it has its place in the order, and nothing else.
    Signal,
}

/// The entries of one kind.
#[derive(Debug, Default)]
struct Held {
    count: usize,
    bytes: usize,
}

impl Held {
    fn exceeds(&self, count: usize, bytes: usize) -> bool {
        self.count > count || self.bytes > bytes
    }
}

#[derive(Debug)]
pub(crate) struct Log {
    entries: Entries,
    /// The last fence that concerns every id.
    last_fence: Version,
    /// The last fence that concerns this id: that of a component which holds it.
    fenced: HashMap<DomId, Version>,
    /// The components with parts that the pages show.
    known: Wholes,
    /// The last removal of an element, and the last birth or removal in a list, that was not published with the component around it.
    touched: HashMap<DomId, Version>,
    floor: Version,
    last: Version,
    /// The newest version whose entry stands at the place of an older one.
    moved: Version,
    states: Held,
    fences: Held,
    /// The places of the fences and signals.
    fence_places: BTreeSet<Version>,
    retention: Retention,
    /// Of what is being published.
    origin: Option<PageId>,
    /// As it was passed in last.
    now: Moment,
}

/// The log does not reach back to the cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Gap;

/// What can be published.
#[derive(Debug)]
pub(crate) enum Publication {
    Patch(Patch),
    Whole(Composition),
}

impl Publication {
    /// The patch that carries all of it.
    pub(crate) fn patch(&self) -> &Patch {
        match self {
            Self::Patch(patch) => patch,
            Self::Whole(composition) => &composition.whole,
        }
    }
}

/// What became of a publication.
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
            entries: Entries::default(),
            last_fence: Version(0),
            fenced: HashMap::new(),
            known: Wholes::default(),
            touched: HashMap::new(),
            floor,
            last: floor,
            moved: Version(0),
            states: Held::default(),
            fences: Held::default(),
            fence_places: BTreeSet::new(),
            retention,
            origin: None,
            now: Moment::default(),
        }
    }

    /// The version of the newest change.
    pub(crate) fn last(&self) -> Version {
        self.last
    }

    /// The version that was evicted last.
    pub(crate) fn floor(&self) -> Version {
        self.floor
    }

    /// Takes in what was published; the page `origin` has it already. `next_version` is asked for each entry that changes; each answer must be greater than all before.
    pub(crate) fn publish(
        &mut self,
        publication: Publication,
        origin: Option<PageId>,
        now: Moment,
        next_version: &mut dyn FnMut() -> Version,
    ) -> Put {
        self.origin = origin;
        self.now = now;
        let change = match publication {
            Publication::Patch(patch) => {
                let list = self.list_that_changes(&patch);
                let gone = if let Patch::Remove(id) = &patch { Some(id.clone()) } else { None };
                let change = self.put(patch, next_version);
                if change == Put::Changed {
                    self.touched.extend(list.into_iter().chain(gone).map(|id| (id, self.last)));
                }
                change
            }
            Publication::Whole(composition) => self.put_whole(&composition, next_version),
        };
        self.evict();
        change
    }

    /// Takes a version for an entry.
    fn advance(&mut self, next_version: &mut dyn FnMut() -> Version) -> Version {
        let version = next_version();
        debug_assert!(version > self.last, "versions ascend");
        self.last = version;
        version
    }

    fn put(&mut self, patch: Patch, next_version: &mut dyn FnMut() -> Version) -> Put {
        let plan = self.plan(&patch);
        if matches!(plan, Plan::Unchanged) {
            return Put::Unchanged;
        }
        let version = self.advance(next_version);
        match plan {
            Plan::Unchanged => {}
            Plan::Supersede(place) => self.supersede(place, patch, version),
            Plan::Push { kind, drop } => {
                for place in drop {
                    self.drop_entry(place);
                }
                self.fence_off(version, &patch, kind);
                self.push(version, patch, kind);
            }
        }
        Put::Changed
    }

    /// Notes whom a fence concerns.
    fn fence_off(&mut self, version: Version, patch: &Patch, kind: Kind) {
        match patch {
            _ if kind != Kind::Fence => {}
            // What is known of a component says which ids go with it.
            Patch::Remove(id) if self.known.get(id).is_some() => self.forget_whole(&id.clone(), version),
            // Whoever is not what is inserted, nor what it is inserted beside, may change before it as well as behind it.
            Patch::Insert { position, anchor, fragment } => {
                let is_beside = matches!(position, Position::Before | Position::After);
                let concerned = fragment.ids().into_iter().chain(is_beside.then(|| anchor.clone()));
                self.fenced.extend(concerned.map(|id| (id, version)));
                self.touched.insert(anchor.clone(), version);
            }
            _ => self.last_fence = version,
        }
    }

    /// What is retained of a leaf.
    pub(crate) fn latest(&self, id: &DomId) -> Latest {
        if let Some(entry) = self.newest(id).and_then(|place| self.entries.get(place)) {
            return entry.patch.fragment().map_or(Latest::Removed, |fragment| Latest::State(fragment.clone()));
        }
        // The removal of what was never published is a fence.
        let is_its_removal =
            |place: &Version| matches!(self.entries.get(*place).map(|entry| &*entry.patch), Some(Patch::Remove(other)) if other == id);
        if self.fence_places.iter().any(is_its_removal) { Latest::Removed } else { Latest::Unknown }
    }

    fn newest(&self, id: &DomId) -> Option<Version> {
        self.entries.of(id).next_back()
    }

    fn supersede(&mut self, place: Version, patch: Patch, version: Version) {
        self.moved = version;
        self.entries.renew(place, version);
        let Some(entry) = self.entries.get_mut(place) else { return };
        self.states.bytes = self.states.bytes + patch.size() - entry.patch.size();
        entry.is_carried = false;
        entry.origin = self.origin;
        entry.patch = Arc::new(match (&*entry.patch, patch) {
            (Patch::Upsert { list, .. }, Patch::Replace(fragment) | Patch::Morph(fragment)) => {
                Patch::Upsert { list: list.clone(), fragment }
            }
            (_, patch) => patch,
        });
    }

    fn push(&mut self, version: Version, patch: Patch, kind: Kind) {
        let entry = Entry { version, patch: Arc::new(patch), kind, origin: self.origin, is_carried: false, at: self.now };
        self.take_in(version, entry);
    }

    /// Adds an entry behind all that there are.
    fn take_in(&mut self, place: Version, entry: Entry) {
        if entry.kind != Kind::Keyed {
            self.fence_places.insert(place);
        }
        let held = self.held(entry.kind);
        held.count += 1;
        held.bytes += entry.patch.size();
        self.entries.push(place, entry);
    }

    fn held(&mut self, kind: Kind) -> &mut Held {
        match kind {
            Kind::Keyed => &mut self.states,
            Kind::Fence | Kind::Signal => &mut self.fences,
        }
    }

    fn drop_entry(&mut self, place: Version) {
        let Some(entry) = self.entries.remove(place) else { return };
        let held = self.held(entry.kind);
        held.count -= 1;
        held.bytes -= entry.patch.size();
        if entry.kind != Kind::Keyed {
            self.fence_places.remove(&place);
        }
        if entry.kind == Kind::Fence {
            // Bounded as the fences are: without its fence nothing is known of a component.
            self.known.forget_carried_by(place);
        }
    }
}
