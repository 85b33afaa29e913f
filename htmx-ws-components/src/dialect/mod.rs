//! How a patch is written for htmx: the only place that knows a wire attribute.

mod htmx2;
mod htmx4;
mod piece;

pub(crate) use piece::{Context, Piece};

use std::fmt::Display;

use crate::html::patch::Patch;

/// The generation of htmx that the pages load.
///
/// The markup of a page is the same for all; what differs is how a patch is written, which files the page loads, and what an update of a component leaves alone:
///
/// | | outside of the component | inside, `V2` | inside, `V2Morph` and `V4` |
/// |---|---|---|---|
/// | focus, selected text | stays | is lost | stays |
/// | typed text, choices | stays | is lost | stays, unless the markup has a new value |
/// | scroll position | stays | is lost | stays |
/// | an open `<details>` | stays | closes | closes |
/// | a transition of a class or attribute | goes on | does not run | runs |
///
/// ```
/// use htmx_ws_components::{Htmx, Hub};
///
/// let hub = Hub::builder().htmx(Htmx::V2).build();
/// assert_eq!(hub.htmx(), Htmx::V2);
/// assert_eq!(Hub::new().htmx(), Htmx::V4);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Htmx {
    /// htmx 2 with the `ws` extension of htmx-ext-ws. It replaces where the others morph. Pages that use idiomorph in some way want [`Htmx::V2Morph`].
    V2,
    /// htmx 2 with the `ws` extension, and with idiomorph for what htmx 4 does by itself.
    ///
    /// [`Live::head`](crate::Live::head) loads what that takes, and nothing is to be written in the page. Idiomorph's own extension (`idiomorph-ext.js`) is not
    /// loaded: while it is active, htmx puts the wrapper of every insertion into the page. Ours takes its name, so `hx-swap="morph"` works as well.
    V2Morph,
    /// htmx 4 with its own `hx-ws` extension.
    ///
    /// When a morph puts a *new* SVG element around one with an id that the page has already, htmx 4.0.1 makes the new one an element of HTML, and it is not drawn: keep
    /// elements with ids at the same depth of a picture.
    #[default]
    V4,
}

impl Htmx {
    /// Every one of them.
    pub const ALL: [Self; 3] = [Self::V2, Self::V2Morph, Self::V4];

    /// The patch as top-level elements of a frame, in the order in which they must arrive.
    pub(crate) fn pieces(self, patch: &Patch) -> Vec<Piece> {
        match self {
            Self::V2 => htmx2::pieces(patch, htmx2::replace),
            Self::V2Morph => htmx2::pieces(patch, htmx2::morph),
            Self::V4 => htmx4::pieces(patch),
        }
    }
}

/// A frame that changes nothing in the page: our script takes the ticket of this region out of its comment.
pub(crate) fn renewed(page: impl Display, ticket: &str) -> String {
    format!("<!--htmx-ws-ticket {page} {ticket}-->")
}

/// The state of a connection that is no WebSocket.
pub(crate) const FALLBACK: &str = "fallback";
/// The state of the connection where nothing comes from other nodes: what the page shows may be old.
pub(crate) const STALE: &str = "stale";

/// A sign of life, for our script: it cannot see those of the protocol. It says the state of the connection.
pub(crate) fn beat(state: &str) -> String {
    format!("<!--htmx-ws-beat {state}-->")
}

/// A sign of life that says nothing else.
pub(crate) const SILENCE: &str = "<!--htmx-ws-silence-->";

/// From where on frames come, for our script: `topic~cursor`, separated by commas; and the state of the connection.
pub(crate) fn begins_at(places: impl Display, state: &str) -> String {
    format!("<!--htmx-ws-at {places} {state}-->")
}

/// A frame that makes the page load itself anew, in both generations. The comment is for our script, which does it at a moment of its own; a page
/// without the script does what the element says.
pub(crate) fn refresh(reason: &str) -> String {
    format!("<!--htmx-ws! {reason}-->{}", piece::leave("1", "").html)
}
