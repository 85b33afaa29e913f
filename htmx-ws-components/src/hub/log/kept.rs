//! A log as text, for a node that comes late: it goes on exactly as the log goes on that was written.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::html::composition::List;
use crate::html::dom_id::DomId;
use crate::html::patch::Patch;
use crate::hub::clock::Moment;
use crate::hub::log::whole::Known;
use crate::hub::log::{Entry, Kind, Log, Retention};
use crate::message::cursor::Version;
use crate::message::recipient::PageId;
use crate::message::written::{Unreadable, WrittenPatch, id};

/// What a log is written as: all that its rule looks at. The same log is always the same text.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct KeptLog<'a> {
    floor: u64,
    last: u64,
    moved: u64,
    last_fence: u64,
    #[serde(borrow)]
    entries: Vec<KeptEntry<'a>>,
    fenced: Vec<(Cow<'a, str>, u64)>,
    touched: Vec<(Cow<'a, str>, u64)>,
    wholes: Vec<KeptWhole<'a>>,
}

#[derive(Debug, Serialize, Deserialize)]
struct KeptEntry<'a> {
    place: u64,
    version: u64,
    kind: KeptKind,
    carried: bool,
    origin: Option<u64>,
    /// In seconds.
    at: u32,
    #[serde(borrow)]
    patch: WrittenPatch<'a>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum KeptKind {
    Keyed,
    Fence,
    Signal,
}

/// What the pages show of a component with parts.
#[derive(Debug, Serialize, Deserialize)]
struct KeptWhole<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    shell: Cow<'a, str>,
    list: Option<Cow<'a, str>>,
    lists: Vec<(Cow<'a, str>, Vec<Cow<'a, str>>)>,
    ids: Vec<Cow<'a, str>>,
    fence: u64,
    at: u64,
}

impl Log {
    pub(crate) fn to_kept(&self) -> KeptLog<'_> {
        let mut wholes: Vec<KeptWhole<'_>> = self.known.iter().map(KeptWhole::of).collect();
        wholes.sort_unstable_by(|one, other| one.id.cmp(&other.id));
        KeptLog {
            floor: self.floor.0,
            last: self.last.0,
            moved: self.moved.0,
            last_fence: self.last_fence.0,
            entries: self.entries.at(..).map(KeptEntry::of).collect(),
            fenced: versions(&self.fenced),
            touched: versions(&self.touched),
            wholes,
        }
    }

    /// The log that was written, which is bounded by `retention` from now on.
    ///
    /// # Errors
    /// Where there could be no such log.
    pub(crate) fn from_kept(kept: KeptLog<'_>, retention: Retention) -> Result<Self, Unreadable> {
        let mut log = Self::new(retention, Version(kept.floor));
        log.last = Version(kept.last);
        log.moved = Version(kept.moved);
        log.last_fence = Version(kept.last_fence);
        let mut before = None;
        for written in kept.entries {
            let (place, entry) = written.read()?;
            if before >= Some(place) || entry.version < place || entry.version > log.last {
                return Err(Unreadable::new(format!("an entry at {place} is out of order")));
            }
            before = Some(place);
            log.take_in(place, entry);
        }
        log.fenced = read_versions(kept.fenced)?;
        log.touched = read_versions(kept.touched)?;
        for whole in kept.wholes {
            let (id, known) = whole.read()?;
            log.known.insert(id, known);
        }
        Ok(log)
    }
}

impl<'a> KeptEntry<'a> {
    fn of((place, entry): (Version, &'a Entry)) -> Self {
        Self {
            place: place.0,
            version: entry.version.0,
            kind: entry.kind.into(),
            carried: entry.is_carried,
            origin: entry.origin.map(|page| page.0),
            at: entry.at.seconds(),
            patch: (&*entry.patch).into(),
        }
    }

    fn read(self) -> Result<(Version, Entry), Unreadable> {
        let entry = Entry {
            version: Version(self.version),
            patch: Arc::new(Patch::try_from(self.patch)?),
            kind: self.kind.into(),
            origin: self.origin.map(PageId),
            is_carried: self.carried,
            at: Moment::from_seconds(self.at),
        };
        Ok((Version(self.place), entry))
    }
}

impl From<Kind> for KeptKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Keyed => Self::Keyed,
            Kind::Fence => Self::Fence,
            Kind::Signal => Self::Signal,
        }
    }
}

impl From<KeptKind> for Kind {
    fn from(kind: KeptKind) -> Self {
        match kind {
            KeptKind::Keyed => Self::Keyed,
            KeptKind::Fence => Self::Fence,
            KeptKind::Signal => Self::Signal,
        }
    }
}

impl<'a> KeptWhole<'a> {
    fn of((id, known): (&'a DomId, &'a Known)) -> Self {
        Self {
            id: text(id),
            shell: known.shell.as_str().into(),
            list: known.list.as_ref().map(text),
            lists: known.lists.iter().map(|list| (text(&list.id), texts(&list.items))).collect(),
            ids: texts(&known.ids),
            fence: known.fence.0,
            at: known.at.0,
        }
    }

    fn read(self) -> Result<(DomId, Known), Unreadable> {
        let list = |(of, items): (Cow<'_, str>, Vec<_>)| Ok(List { id: id(&of)?, items: read_ids(&items)? });
        let known = Known {
            shell: self.shell.into_owned(),
            list: self.list.as_deref().map(id).transpose()?,
            lists: self.lists.into_iter().map(list).collect::<Result<_, Unreadable>>()?,
            ids: read_ids(&self.ids)?,
            fence: Version(self.fence),
            at: Version(self.at),
        };
        Ok((id(&self.id)?, known))
    }
}

fn text(id: &DomId) -> Cow<'_, str> {
    id.as_str().into()
}

fn texts(ids: &[DomId]) -> Vec<Cow<'_, str>> {
    ids.iter().map(text).collect()
}

fn read_ids(texts: &[Cow<'_, str>]) -> Result<Vec<DomId>, Unreadable> {
    texts.iter().map(|text| id(text)).collect()
}

fn versions(of: &HashMap<DomId, Version>) -> Vec<(Cow<'_, str>, u64)> {
    let mut versions: Vec<_> = of.iter().map(|(id, version)| (text(id), version.0)).collect();
    versions.sort_unstable();
    versions
}

fn read_versions(texts: Vec<(Cow<'_, str>, u64)>) -> Result<HashMap<DomId, Version>, Unreadable> {
    texts.into_iter().map(|(text, version)| Ok((id(&text)?, Version(version)))).collect()
}
