//! What is published, as text: for whoever keeps it or carries it to another process.
//!
//! It is JSON, read by later versions as well: a field or a verb may be added, none may change its meaning.

use std::borrow::Cow;
use std::error::Error;

use serde::{Deserialize, Serialize};

use crate::html::composition::{Composition, Part};
use crate::html::dom_id::DomId;
use crate::html::fragment::{Fragment, Nesting};
use crate::html::patch::{Patch, Position};
use crate::html::signal::{Event, Location};

/// A text that is no patch that there could have been.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("what was written cannot be read: {0}")]
pub(crate) struct Unreadable(pub(crate) String);

impl Unreadable {
    pub(crate) fn new(problem: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(problem.into().to_string())
    }
}

/// A patch.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WrittenPatch<'a> {
    #[serde(borrow)]
    Replace(Element<'a>),
    Morph(Element<'a>),
    Upsert {
        list: Cow<'a, str>,
        element: Element<'a>,
    },
    Remove(Cow<'a, str>),
    Update {
        target: Cow<'a, str>,
        html: Cow<'a, str>,
    },
    Insert {
        position: Place,
        anchor: Cow<'a, str>,
        element: Element<'a>,
    },
    Title(Cow<'a, str>),
    Event {
        name: Cow<'a, str>,
        members: Cow<'a, str>,
    },
    Refresh,
    Redirect(Cow<'a, str>),
}

/// A fragment.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Element<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    html: Cow<'a, str>,
    /// It holds nothing that is patched on its own.
    leaf: bool,
}

/// Where something is inserted.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Place {
    LastChild,
    FirstChild,
    Before,
    After,
}

/// A component with parts. What else is known of it follows from these.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct WrittenWhole<'a> {
    #[serde(borrow)]
    whole: WrittenPatch<'a>,
    parts: Vec<WrittenPart<'a>>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum WrittenPart<'a> {
    #[serde(borrow)]
    Leaf(WrittenPatch<'a>),
    Whole(WrittenWhole<'a>),
}

impl<'a> From<&'a Patch> for WrittenPatch<'a> {
    fn from(patch: &'a Patch) -> Self {
        match patch {
            Patch::Replace(fragment) => Self::Replace(fragment.into()),
            Patch::Morph(fragment) => Self::Morph(fragment.into()),
            Patch::Upsert { list, fragment } => Self::Upsert { list: list.as_str().into(), element: fragment.into() },
            Patch::Remove(id) => Self::Remove(id.as_str().into()),
            Patch::Update { target, html } => Self::Update { target: target.as_str().into(), html: (&**html).into() },
            Patch::Insert { position, anchor, fragment } => {
                Self::Insert { position: (*position).into(), anchor: anchor.as_str().into(), element: fragment.into() }
            }
            Patch::Title(title) => Self::Title((&**title).into()),
            Patch::Event(event) => Self::Event { name: event.name().into(), members: event.members().into() },
            Patch::Refresh => Self::Refresh,
            Patch::Redirect(location) => Self::Redirect(location.as_str().into()),
        }
    }
}

impl TryFrom<WrittenPatch<'_>> for Patch {
    type Error = Unreadable;

    fn try_from(written: WrittenPatch<'_>) -> Result<Self, Unreadable> {
        Ok(match written {
            WrittenPatch::Replace(element) => Self::Replace(element.try_into()?),
            WrittenPatch::Morph(element) => Self::Morph(element.try_into()?),
            WrittenPatch::Upsert { list, element } => Self::Upsert { list: id(&list)?, fragment: element.try_into()? },
            WrittenPatch::Remove(of) => Self::Remove(id(&of)?),
            WrittenPatch::Update { target, html } => Self::Update { target: id(&target)?, html: html.into() },
            WrittenPatch::Insert { position, anchor, element } => {
                Self::Insert { position: position.into(), anchor: id(&anchor)?, fragment: element.try_into()? }
            }
            WrittenPatch::Title(title) => Self::Title(title.into()),
            WrittenPatch::Event { name, members } => Self::Event(Event::read(&name, &members).map_err(Unreadable::new)?),
            WrittenPatch::Refresh => Self::Refresh,
            WrittenPatch::Redirect(url) => Self::Redirect(Location::new(&url).map_err(Unreadable::new)?),
        })
    }
}

pub(crate) fn id(text: &str) -> Result<DomId, Unreadable> {
    DomId::new(text).map_err(Unreadable::new)
}

impl<'a> From<&'a Fragment> for Element<'a> {
    fn from(fragment: &'a Fragment) -> Self {
        Self { id: fragment.id().as_str().into(), html: fragment.html().into(), leaf: fragment.nesting() == Nesting::Leaf }
    }
}

impl TryFrom<Element<'_>> for Fragment {
    type Error = Unreadable;

    fn try_from(element: Element<'_>) -> Result<Self, Unreadable> {
        let nesting = if element.leaf { Nesting::Leaf } else { Nesting::Branch };
        Self::new(id(&element.id)?, element.html.into_owned(), nesting).map_err(Unreadable::new)
    }
}

impl From<Position> for Place {
    fn from(position: Position) -> Self {
        match position {
            Position::LastChild => Self::LastChild,
            Position::FirstChild => Self::FirstChild,
            Position::Before => Self::Before,
            Position::After => Self::After,
        }
    }
}

impl From<Place> for Position {
    fn from(place: Place) -> Self {
        match place {
            Place::LastChild => Self::LastChild,
            Place::FirstChild => Self::FirstChild,
            Place::Before => Self::Before,
            Place::After => Self::After,
        }
    }
}

impl<'a> From<&'a Composition> for WrittenWhole<'a> {
    fn from(composition: &'a Composition) -> Self {
        let part = |part: &'a Part| match part {
            Part::Leaf(patch) => WrittenPart::Leaf(patch.into()),
            Part::Whole(whole) => WrittenPart::Whole(whole.into()),
        };
        Self { whole: (&composition.whole).into(), parts: composition.parts.iter().map(part).collect() }
    }
}

impl TryFrom<WrittenWhole<'_>> for Composition {
    type Error = Unreadable;

    fn try_from(written: WrittenWhole<'_>) -> Result<Self, Unreadable> {
        let part = |part| match part {
            WrittenPart::Leaf(patch) => Patch::try_from(patch).map(Part::Leaf),
            WrittenPart::Whole(whole) => Self::try_from(whole).map(Part::Whole),
        };
        Ok(Self::new(written.whole.try_into()?, written.parts.into_iter().map(part).collect::<Result<_, _>>()?))
    }
}
