//! What a backplane carries: publishes as they were made, which every node applies to its own copy of the topic's log.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::html::composition::Composition;
use crate::html::patch::Patch;
use crate::hub::clock::Moment;
use crate::hub::log::{Log, Publication, Put};
use crate::message::cursor::Version;
use crate::message::recipient::PageId;
use crate::message::written::{Unreadable, WrittenPatch, WrittenWhole};

/// The versions that one record may take. A position takes all of them, so a version says the same on each node.
const VERSIONS_EACH: u64 = 1 << 16;

/// The version of everything up to a position.
pub(crate) fn version_behind(position: u64) -> Version {
    Version(position * VERSIONS_EACH + (VERSIONS_EACH - 1))
}

/// One publish, as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Post {
    text: Bytes,
    /// How many versions it takes at the most.
    versions: u64,
}

#[derive(Debug, Serialize, Deserialize)]
struct Written<'a> {
    /// The page that it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<u64>,
    #[serde(borrow)]
    put: Vec<WrittenPublication<'a>>,
    /// Nothing more is to come.
    #[serde(default, skip_serializing_if = "is_false")]
    complete: bool,
    /// Only where more is to come: it does not have the topic go on.
    #[serde(default, skip_serializing_if = "is_false")]
    aside: bool,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum WrittenPublication<'a> {
    #[serde(borrow)]
    Patch(WrittenPatch<'a>),
    Whole(WrittenWhole<'a>),
}

impl Post {
    /// Writes what is published at once; the page `origin` has it already.
    ///
    /// # Errors
    /// Where it takes more versions than a record has.
    pub(crate) fn new(publications: &[Publication], origin: Option<PageId>) -> Result<Self, Unreadable> {
        Self::with(publications, origin, false)
    }

    /// As [`Post::new`], for a topic that goes on: where it does not, it changes nothing.
    pub(crate) fn aside(publications: &[Publication]) -> Result<Self, Unreadable> {
        Self::with(publications, None, true)
    }

    fn with(publications: &[Publication], origin: Option<PageId>, aside: bool) -> Result<Self, Unreadable> {
        let versions = publications.iter().map(versions).sum();
        if versions >= VERSIONS_EACH {
            return Err(Unreadable::new(format!(
                "{versions} changes at once are more than {VERSIONS_EACH}; publish fewer components at once"
            )));
        }
        let put = publications.iter().map(WrittenPublication::from).collect();
        Self::written(&Written { from: origin.map(|page| page.0), put, complete: false, aside }, versions)
    }

    /// Nothing more is to come of the topic.
    ///
    /// # Errors
    /// None, in fact.
    pub(crate) fn end() -> Result<Self, Unreadable> {
        Self::written(&Written { from: None, put: Vec::new(), complete: true, aside: false }, 1)
    }

    fn written(written: &Written<'_>, versions: u64) -> Result<Self, Unreadable> {
        Ok(Self { text: serde_json::to_vec(written).map_err(Unreadable::new)?.into(), versions })
    }

    /// What it takes in a record.
    pub(crate) fn bytes(&self) -> usize {
        self.text.len() + 1
    }
}

/// Posts that become one record: as many as there is room for.
#[derive(Debug)]
pub(crate) struct Joined {
    text: Vec<u8>,
    versions: u64,
    limit: usize,
}

impl Joined {
    /// Room for so many bytes.
    pub(crate) fn new(limit: usize) -> Self {
        Self { text: vec![b'['], versions: 0, limit }
    }

    /// Takes a post behind those that are there; false where there is no room.
    pub(crate) fn take(&mut self, post: &Post) -> bool {
        // The bracket at the end.
        let has_room = self.text.len() + post.bytes() < self.limit && self.versions + post.versions < VERSIONS_EACH;
        if has_room {
            if self.versions > 0 {
                self.text.push(b',');
            }
            self.text.extend_from_slice(&post.text);
            self.versions += post.versions;
        }
        has_room
    }

    pub(crate) fn into_record(mut self) -> Bytes {
        self.text.push(b']');
        self.text.into()
    }
}

/// What a record did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Applied {
    pub(crate) put: Put,
    /// Whether nothing more is to come.
    pub(crate) is_complete: bool,
}

/// Applies a record to a log that all records before it were applied to, where the topic was complete or not. The time is that of the order, not of this node: what is too old goes on every node with the same record.
///
/// # Errors
/// Where another version of this kit wrote something that this one does not know. Then nothing was applied.
pub(crate) fn apply(record: &[u8], log: &mut Log, was_complete: bool, position: u64, at: Moment) -> Result<Applied, Unreadable> {
    let posts: Vec<Written<'_>> = serde_json::from_slice(record).map_err(Unreadable::new)?;
    let read = |post: Written<'_>| {
        let publications = post.put.into_iter().map(Publication::try_from).collect::<Result<Vec<_>, _>>()?;
        Ok((post.from.map(PageId), publications, post.complete, post.aside))
    };
    let posts = posts.into_iter().map(read).collect::<Result<Vec<_>, Unreadable>>()?;
    log.expire(at);
    let mut version = position * VERSIONS_EACH;
    let mut next_version = || {
        version += 1;
        Version(version)
    };
    let mut applied = Applied { put: Put::Unchanged, is_complete: was_complete };
    for (origin, publications, is_end, is_aside) in posts {
        if is_aside && applied.is_complete {
            continue;
        }
        // Whoever publishes to a topic again means that it goes on.
        applied.is_complete = is_end;
        for publication in publications {
            if log.publish(publication, origin, at, &mut next_version) == Put::Changed {
                applied.put = Put::Changed;
            }
        }
    }
    Ok(applied)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// How many versions a publication takes at the most: each part may be sent, and be in place of another one that goes.
fn versions(publication: &Publication) -> u64 {
    match publication {
        Publication::Patch(_) => 1,
        Publication::Whole(composition) => 2 * composition.count(),
    }
}

impl<'a> From<&'a Publication> for WrittenPublication<'a> {
    fn from(publication: &'a Publication) -> Self {
        match publication {
            Publication::Patch(patch) => Self::Patch(patch.into()),
            Publication::Whole(composition) => Self::Whole(composition.into()),
        }
    }
}

impl TryFrom<WrittenPublication<'_>> for Publication {
    type Error = Unreadable;

    fn try_from(written: WrittenPublication<'_>) -> Result<Self, Unreadable> {
        Ok(match written {
            WrittenPublication::Patch(patch) => Self::Patch(Patch::try_from(patch)?),
            WrittenPublication::Whole(whole) => Self::Whole(Composition::try_from(whole)?),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::html::dom_id::DomId;
    use crate::html::fragment::{Fragment, Nesting};
    use crate::hub::log::Retention;

    const AMPLE: Retention = Retention {
        states: 100,
        state_bytes: 10_000,
        fences: 100,
        fence_bytes: 10_000,
        fences_for: Duration::MAX,
        part_patches: 100,
        part_bytes: 10_000,
    };

    fn post(name: &str) -> Post {
        let fragment = Fragment::new(DomId::new(name).unwrap(), "<p title=\"\u{e9}\\\">&amp;</p>".to_owned(), Nesting::Leaf).unwrap();
        Post::new(&[Publication::Patch(Patch::Replace(fragment))], Some(PageId(7))).unwrap()
    }

    #[test]
    fn posts_share_a_record_as_long_as_there_is_room() {
        let (one, other) = (post("a"), post("b"));
        let mut joined = Joined::new(one.bytes() + other.bytes() + 2);
        assert!(joined.take(&one) && joined.take(&other));
        assert!(!joined.take(&post("c")));
        let record = joined.into_record();
        assert_eq!(record.len(), one.bytes() + other.bytes() + 1);
        let mut log = Log::new(AMPLE, Version(0));
        assert_eq!(apply(&record, &mut log, false, 3, Moment::default()), Ok(Applied { put: Put::Changed, is_complete: false }));
        assert_eq!(log.last(), Version((3 << 16) + 2));
        assert!(log.last() < version_behind(3) && version_behind(3) < Version((4 << 16) + 1));
    }

    #[test]
    fn what_cannot_be_read_changes_nothing() {
        let mut log = Log::new(AMPLE, Version(0));
        for record in [
            "",
            "{}",
            "[{\"put\":[{\"patch\":{\"replace\":{\"id\":\"a\",\"html\":\"no element\",\"leaf\":true}}}]}]",
            "[{\"put\":[{\"other\":1}]}]",
        ] {
            assert!(apply(record.as_bytes(), &mut log, false, 1, Moment::default()).is_err(), "{record}");
        }
        assert_eq!(log.last(), Version(0));
    }
}
