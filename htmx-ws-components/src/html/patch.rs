//! What happens to one element of a page.

use std::sync::{Arc, LazyLock};

use serde::Serialize;

use crate::html::composition::Composition;
use crate::html::dom_id::{self, DomId};
use crate::html::fragment::{Fragment, InvalidFragment};
use crate::html::signal::{Event, InvalidEvent, InvalidLocation, Location};

/// A change of one element in every page that shows it; or of the page itself.
///
/// A patch whose target a page does not have changes nothing there. An insertion (`append`, `prepend`, `before`, `after`, `upsert`) of an element that
/// the page has already does not add it a second time, so a patch that arrives twice is harmless.
///
/// ```
/// use htmx_ws_components::{DomId, Hub, Patch};
///
/// let hub = Hub::new();
/// hub.publish("jobs", &Patch::remove(DomId::new("job-7")?));
/// # Ok::<(), htmx_ws_components::InvalidDomId>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Patch {
    /// The element with the fragment's id is replaced by it.
    Replace(Fragment),
    /// As `Replace`, but the browser keeps what it can of the old element (focus, typed text, running transitions). htmx 2 has no
    /// morphing of its own: there it is a `Replace`, unless it is with idiomorph ([`Htmx::V2Morph`](crate::Htmx::V2Morph)).
    Morph(Fragment),
    /// As `Replace` where the page has the id; where it does not, the fragment becomes the last child of `list`.
    Upsert {
        /// The element that takes the fragment when it is new.
        list: DomId,
        /// The new state.
        fragment: Fragment,
    },
    /// The element with this id goes.
    Remove(DomId),
    /// The content of the element `target` becomes `html`.
    Update {
        /// The element whose content changes.
        target: DomId,
        /// The new content, as trusted HTML.
        html: Arc<str>,
    },
    /// The fragment is inserted relative to `anchor`, unless the page has its id already.
    Insert {
        /// Where, seen from the anchor.
        position: Position,
        /// The element that the position is relative to.
        anchor: DomId,
        /// The new element.
        fragment: Fragment,
    },
    /// The page's title, as its tab shows it.
    Title(Arc<str>),
    /// An event for the page's own script.
    Event(Event),
    /// The page loads itself anew.
    Refresh,
    /// The page goes elsewhere.
    Redirect(Location),
}

/// The id of the page's title in a log: no element has one like it.
static TITLE: LazyLock<DomId> = LazyLock::new(|| dom_id::written(|id| id.push_str("<title>")));

/// Where a fragment is inserted, seen from an anchor element.
///
/// ```
/// use htmx_ws_components::Position;
///
/// assert_ne!(Position::LastChild, Position::FirstChild);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Position {
    /// Behind the anchor's children: `append`.
    LastChild,
    /// In front of the anchor's children: `prepend`.
    FirstChild,
    /// In front of the anchor itself.
    Before,
    /// Behind the anchor itself.
    After,
}

impl Patch {
    /// Removes the element `id`.
    pub fn remove(id: impl Into<DomId>) -> Self {
        Self::Remove(id.into())
    }

    /// Sets the content of the element `target`.
    pub fn update(target: impl Into<DomId>, html: &maud::PreEscaped<String>) -> Self {
        Self::Update { target: target.into(), html: html.0.as_str().into() }
    }

    /// Adds `fragment` behind the children of `list`.
    pub fn append(list: impl Into<DomId>, fragment: Fragment) -> Self {
        Self::Insert { position: Position::LastChild, anchor: list.into(), fragment }
    }

    /// Adds `fragment` in front of the children of `list`.
    pub fn prepend(list: impl Into<DomId>, fragment: Fragment) -> Self {
        Self::Insert { position: Position::FirstChild, anchor: list.into(), fragment }
    }

    /// Adds `fragment` in front of `sibling`.
    pub fn before(sibling: impl Into<DomId>, fragment: Fragment) -> Self {
        Self::Insert { position: Position::Before, anchor: sibling.into(), fragment }
    }

    /// Adds `fragment` behind `sibling`.
    pub fn after(sibling: impl Into<DomId>, fragment: Fragment) -> Self {
        Self::Insert { position: Position::After, anchor: sibling.into(), fragment }
    }

    /// Sets the page's title. A newer one takes the place of an older one.
    ///
    /// ```
    /// use htmx_ws_components::{Hub, Patch};
    ///
    /// Hub::new().publish("inbox-7", &Patch::title("(3) Inbox"));
    /// ```
    pub fn title(title: &str) -> Self {
        Self::Title(title.into())
    }

    /// Tells the pages' own scripts that something has happened; see [`Event`]. Each page gets it once, after the patches that were published before.
    ///
    /// # Errors
    /// [`InvalidEvent`] when `name` is no word or one of htmx's own, or `detail` has no JSON form.
    pub fn event(name: &str, detail: &impl Serialize) -> Result<Self, InvalidEvent> {
        Event::new(name, detail).map(Self::Event)
    }

    /// Loads the pages anew.
    pub fn refresh() -> Self {
        Self::Refresh
    }

    /// Sends the pages elsewhere: to a path such as `/jobs/7`, or to a URL with `http` or `https`.
    ///
    /// ```
    /// use htmx_ws_components::{Hub, Patch};
    ///
    /// Hub::new().publish("job-7", &Patch::redirect("/jobs/7/result")?);
    /// # Ok::<(), htmx_ws_components::InvalidLocation>(())
    /// ```
    ///
    /// # Errors
    /// [`InvalidLocation`] when `url` is anything else, or is not percent-encoded.
    pub fn redirect(url: &str) -> Result<Self, InvalidLocation> {
        Location::new(url).map(Self::Redirect)
    }

    /// Puts a path of the site, such as `/jobs/7`, into the pages' address bar and history, without loading anything: the back button leads to where they were.
    ///
    /// It takes our script; a page without it stays where it is.
    ///
    /// ```
    /// use htmx_ws_components::{Hub, Patch, To};
    ///
    /// Hub::new().publish(To::user(7), &Patch::push_url("/orders?page=2")?);
    /// # Ok::<(), htmx_ws_components::InvalidLocation>(())
    /// ```
    ///
    /// # Errors
    /// [`InvalidLocation`] when `path` is none of the site, or is not percent-encoded.
    pub fn push_url(path: &str) -> Result<Self, InvalidLocation> {
        Location::of_site(path).map(|location| Self::Event(Event::own("push-url", &location.as_str())))
    }

    /// Gives the focus to the element `id`, where a page has it and it can have the focus. It takes our script.
    ///
    /// Think of who is typing elsewhere: publish it to whom has just done something, as [`To::page`](crate::To::page).
    ///
    /// ```
    /// use htmx_ws_components::{DomId, Hub, Patch, To};
    ///
    /// Hub::new().publish(To::user(7), &Patch::focus(DomId::new("search")?));
    /// # Ok::<(), htmx_ws_components::InvalidDomId>(())
    /// ```
    pub fn focus(id: impl Into<DomId>) -> Self {
        Self::Event(Event::own("focus", &id.into().as_str()))
    }

    /// The id of the element that comes, changes or goes, where the patch is of one.
    pub fn id(&self) -> Option<&DomId> {
        match self {
            Self::Title(_) | Self::Event(_) | Self::Refresh | Self::Redirect(_) => None,
            Self::Remove(id) | Self::Update { target: id, .. } => Some(id),
            Self::Replace(fragment) | Self::Morph(fragment) | Self::Upsert { fragment, .. } | Self::Insert { fragment, .. } => {
                Some(fragment.id())
            }
        }
    }

    /// The key under which newer patches take the place of older ones, where that can be.
    pub(crate) fn key(&self) -> Option<&DomId> {
        match self {
            Self::Title(_) => Some(&TITLE),
            _ => self.id(),
        }
    }

    /// The element's new state, where the patch carries the whole of it.
    pub fn fragment(&self) -> Option<&Fragment> {
        match self {
            Self::Remove(_) | Self::Update { .. } | Self::Title(_) | Self::Event(_) | Self::Refresh | Self::Redirect(_) => None,
            Self::Replace(fragment) | Self::Morph(fragment) | Self::Upsert { fragment, .. } | Self::Insert { fragment, .. } => {
                Some(fragment)
            }
        }
    }

    /// The bytes of text that the patch holds on to: its HTML and its id, and one for itself.
    pub fn size(&self) -> usize {
        let text = match self {
            Self::Update { html, .. } => html.len(),
            Self::Title(title) => title.len(),
            Self::Event(event) => event.members().len(),
            Self::Redirect(location) => location.as_str().len(),
            _ => self.fragment().map_or(0, |fragment| fragment.html().len()),
        };
        1 + text + self.id().map_or(0, |id| id.as_str().len())
    }
}

/// What can be published: every component, and a [`Patch`] itself.
///
/// ```
/// use htmx_ws_components::{DomId, Patch, ToPatch};
///
/// let patch = Patch::remove(DomId::new("job-7")?);
/// assert_eq!(patch.to_patch().unwrap(), patch);
/// # Ok::<(), htmx_ws_components::InvalidDomId>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be published",
    label = "neither a component nor a `Patch`",
    note = "derive one of `StatusBadge`, `ProgressBar`, `TimelineStep`, `Overlay`, `Component` for it"
)]
pub trait ToPatch {
    /// The patch that brings a page to this value.
    ///
    /// # Errors
    /// [`InvalidFragment`] when the markup of a component's own `render` cannot be its element.
    fn to_patch(&self) -> Result<Patch, InvalidFragment>;

    /// The parts of the value, where it has some: then a publish sends no more than those that changed.
    ///
    /// # Errors
    /// As [`ToPatch::to_patch`], for the value and for each of its parts.
    fn to_composition(&self) -> Result<Option<Composition>, InvalidFragment> {
        Ok(None)
    }
}

impl ToPatch for Patch {
    fn to_patch(&self) -> Result<Patch, InvalidFragment> {
        Ok(self.clone())
    }
}
