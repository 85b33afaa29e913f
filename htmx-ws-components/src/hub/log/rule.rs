//! The rule: what becomes of a patch.

use crate::html::dom_id::DomId;
use crate::html::fragment::Nesting;
use crate::html::patch::Patch;
use crate::hub::log::{Kind, Log};
use crate::message::cursor::Version;

/// What to do with a patch.
pub(super) enum Plan {
    Unchanged,
    Supersede(Version),
    Push { kind: Kind, drop: Vec<Version> },
}

impl Plan {
    fn push(kind: Kind) -> Self {
        Self::Push { kind, drop: Vec::new() }
    }
}

impl Log {
    pub(super) fn plan(&self, patch: &Patch) -> Plan {
        let kind = self.kind(patch);
        let (Kind::Keyed, Some(key)) = (kind, patch.key()) else {
            if kind == Kind::Signal {
                return Plan::push(kind);
            }
            let repeats_the_last = self.entries.last().is_some_and(|last| *last.patch == *patch && last.version == self.last);
            return if repeats_the_last { Plan::Unchanged } else { Plan::push(Kind::Fence) };
        };
        let Some((place, last)) = self.newest(key).and_then(|place| Some((place, self.entries.get(place)?))) else {
            return Plan::push(Kind::Keyed);
        };
        // Cursors above the floor need an entry below it no more.
        let is_past = last.version <= self.floor;
        let fence = self.fence_of(&last.patch).max(self.fence_of(patch));
        if place < fence {
            return Plan::Push { kind: Kind::Keyed, drop: if is_past { vec![place] } else { Vec::new() } };
        }
        match (&*last.patch, patch) {
            (Patch::Remove(_), Patch::Remove(_)) => Plan::Unchanged,
            (_, Patch::Remove(id)) => Plan::Push { kind: Kind::Keyed, drop: self.places_behind(fence, id) },
            (Patch::Remove(_), _) => Plan::push(Kind::Keyed),
            (Patch::Upsert { list: old, .. }, Patch::Upsert { list: new, .. }) if old != new => Plan::push(Kind::Keyed),
            (Patch::Replace(_) | Patch::Morph(_), Patch::Upsert { .. }) => Plan::Push { kind: Kind::Keyed, drop: vec![place] },
            (Patch::Title(old), Patch::Title(new)) if old != new => Plan::Supersede(place),
            (old, new) if old.fragment() == new.fragment() => Plan::Unchanged,
            _ if is_past => Plan::Push { kind: Kind::Keyed, drop: vec![place] },
            _ => Plan::Supersede(place),
        }
    }

    fn kind(&self, patch: &Patch) -> Kind {
        match patch {
            Patch::Replace(fragment) | Patch::Morph(fragment) | Patch::Upsert { fragment, .. } if fragment.nesting() == Nesting::Leaf => {
                Kind::Keyed
            }
            Patch::Title(_) => Kind::Keyed,
            Patch::Event(_) | Patch::Refresh | Patch::Redirect(_) => Kind::Signal,
            // Only what the log knows as a leaf is known to hold nothing that is patched on its own.
            Patch::Remove(id) if self.newest(id).is_some() => Kind::Keyed,
            _ => Kind::Fence,
        }
    }

    /// The last fence that no supersession of this patch's id reaches across.
    pub(super) fn fence_of(&self, patch: &Patch) -> Version {
        let fences = [patch.id(), list_of(patch)].into_iter().flatten().filter_map(|id| self.fenced.get(id));
        fences.copied().fold(self.last_fence, Version::max)
    }

    fn places_behind(&self, fence: Version, id: &DomId) -> Vec<Version> {
        self.entries.of(id).filter(|place| *place > fence).collect()
    }

    /// The list that gets or loses an item by this patch.
    pub(super) fn list_that_changes(&self, patch: &Patch) -> Option<DomId> {
        let newest = self.newest(patch.id()?).filter(|place| *place > self.fence_of(patch));
        let known = newest.and_then(|place| self.entries.get(place)).and_then(|entry| list_of(&entry.patch));
        match patch {
            Patch::Remove(_) => known.cloned(),
            _ => list_of(patch).filter(|list| known != Some(list)).cloned(),
        }
    }
}

/// The list that an upsert is for.
pub(super) fn list_of(patch: &Patch) -> Option<&DomId> {
    match patch {
        Patch::Upsert { list, .. } => Some(list),
        _ => None,
    }
}
