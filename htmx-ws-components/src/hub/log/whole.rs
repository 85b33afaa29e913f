//! Components with parts: what the pages show of them, and what of a new value has to be sent.

use std::collections::HashMap;

use crate::html::composition::{Composition, List, Part};
use crate::html::dom_id::DomId;
use crate::html::fragment::Fragment;
use crate::html::patch::Patch;
use crate::hub::log::evict::{ID_BYTES, KNOWN_BYTES};
use crate::hub::log::rule::list_of;
use crate::hub::log::{Kind, Log, Put};
use crate::message::cursor::Version;

/// What the pages show of a component with parts.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) shell: String,
    /// The list that it was put into where a page did not have it.
    pub(super) list: Option<DomId>,
    pub(super) lists: Vec<List>,
    /// Every id in its markup.
    pub(super) ids: Vec<DomId>,
    /// The fence that carried it.
    pub(super) fence: Version,
    /// When its lists were last known.
    pub(super) at: Version,
}

/// The components with parts that the pages show.
#[derive(Debug, Default)]
pub(super) struct Wholes {
    by_id: HashMap<DomId, Known>,
    /// What they hold, about.
    pub(super) bytes: usize,
}

impl Known {
    fn bytes(&self) -> usize {
        let items: usize = self.lists.iter().map(|list| 1 + list.items.len()).sum();
        KNOWN_BYTES + self.shell.len() + (self.ids.len() + items) * ID_BYTES
    }
}

impl Wholes {
    pub(super) fn iter(&self) -> impl Iterator<Item = (&DomId, &Known)> {
        self.by_id.iter()
    }

    pub(super) fn get(&self, id: &DomId) -> Option<&Known> {
        self.by_id.get(id)
    }

    pub(super) fn insert(&mut self, id: DomId, known: Known) {
        self.bytes += known.bytes();
        let before = self.by_id.insert(id, known);
        self.bytes -= before.map_or(0, |known| known.bytes());
    }

    fn remove(&mut self, id: &DomId) -> Option<Known> {
        let known = self.by_id.remove(id)?;
        self.bytes -= known.bytes();
        Some(known)
    }

    /// The lists of the component are known anew.
    fn renew(&mut self, id: &DomId, lists: &[List], at: Version) {
        if let Some(known) = self.by_id.get_mut(id) {
            self.bytes -= known.bytes();
            known.lists = lists.to_vec();
            known.at = at;
            self.bytes += known.bytes();
        }
    }

    /// Without its fence nothing is known of a component. So they are bounded as the fences are.
    pub(super) fn forget_carried_by(&mut self, fence: Version) {
        let bytes = &mut self.bytes;
        self.by_id.retain(|_, known| {
            let stays = known.fence != fence;
            *bytes -= if stays { 0 } else { known.bytes() };
            stays
        });
    }
}

impl Log {
    pub(super) fn put_whole(&mut self, whole: &Composition, next_version: &mut dyn FnMut() -> Version) -> Put {
        let Some(gone) = self.items_gone(whole) else {
            self.carry(whole, next_version);
            return Put::Changed;
        };
        let mut change = Put::Unchanged;
        for id in gone {
            change = change.or(self.put(Patch::Remove(id), next_version));
        }
        for part in &whole.parts {
            change = change.or(match part {
                Part::Leaf(patch) => self.put(patch.clone(), next_version),
                Part::Whole(part) => self.put_whole(part, next_version),
            });
        }
        if let Some(id) = whole.whole.id() {
            self.known.renew(id, &whole.lists, self.last);
        }
        change
    }

    /// The items that left the lists of a component whose shell stands as it is; none where the whole has to be sent.
    fn items_gone(&self, whole: &Composition) -> Option<Vec<DomId>> {
        let known = self.known.get(whole.whole.id()?)?;
        // Pages without the element get it by an upsert, and have it then only if that was sent before.
        let list = list_of(&whole.whole);
        let is_placed = list.is_none() || list == known.list.as_ref();
        let is_standing = is_placed && known.fence == self.fence_of(&whole.whole) && known.shell == whole.shell;
        let is_touched = |id: &DomId| self.touched.get(id).is_some_and(|touch| *touch > known.at);
        let lists = known.lists.iter().chain(&whole.lists);
        let inside = lists.flat_map(|list| list.items.iter().chain([&list.id])).chain(&known.ids);
        if !is_standing || inside.into_iter().any(is_touched) {
            return None;
        }
        let mut gone = Vec::new();
        for old in &known.lists {
            let items = whole.lists.iter().find(|new| new.id == old.id).map_or(&[][..], |new| &new.items);
            let (stayed, left): (Vec<&DomId>, Vec<&DomId>) = old.items.iter().partition(|id| items.contains(id));
            // What stays must stand in its old order and in front of what is new: that is what removals and appends can do.
            if !items.iter().take(stayed.len()).eq(stayed) {
                return None;
            }
            gone.extend(left.into_iter().cloned());
        }
        Some(gone)
    }

    /// Sends the component with everything in it.
    fn carry(&mut self, whole: &Composition, next_version: &mut dyn FnMut() -> Version) {
        let fence = self.advance(next_version);
        let ids = ids_in(whole);
        let before = whole.whole.id().and_then(|id| self.known.remove(id)).map(|known| known.ids).unwrap_or_default();
        for id in ids.iter().chain(&before) {
            self.fenced.insert(id.clone(), fence);
        }
        self.push(fence, whole.whole.clone(), Kind::Fence);
        self.learn(whole, ids, fence, next_version);
    }

    /// Notes what the fence carries.
    fn learn(&mut self, whole: &Composition, ids: Vec<DomId>, fence: Version, next_version: &mut dyn FnMut() -> Version) {
        for part in &whole.parts {
            match part {
                Part::Leaf(patch) => {
                    let place = self.advance(next_version);
                    self.push(place, patch.clone(), Kind::Keyed);
                    if let Some(entry) = self.entries.get_mut(place) {
                        entry.is_carried = true;
                    }
                }
                Part::Whole(part) => self.learn(part, ids_in(part), fence, next_version),
            }
        }
        let (shell, list, lists) = (whole.shell.clone(), list_of(&whole.whole).cloned(), whole.lists.clone());
        let known = Known { shell, list, lists, ids, fence, at: self.last };
        if let Some(id) = whole.whole.id() {
            self.known.insert(id.clone(), known);
        }
    }

    /// The component goes, with everything in it.
    pub(super) fn forget_whole(&mut self, id: &DomId, fence: Version) {
        let ids = self.known.remove(id).map(|known| known.ids).unwrap_or_default();
        for id in ids {
            self.known.remove(&id);
            self.fenced.insert(id, fence);
        }
    }
}

/// Every id in the markup of a component.
fn ids_in(whole: &Composition) -> Vec<DomId> {
    whole.whole.fragment().map(Fragment::ids).unwrap_or_default()
}

impl Put {
    /// Whether either is a change.
    fn or(self, other: Self) -> Self {
        if self == Self::Changed { self } else { other }
    }
}
