//! How a patch is written for htmx: the only place that knows a wire attribute.

mod htmx2;
mod htmx4;
mod piece;

pub(crate) use piece::{Context, Piece};

use crate::html::patch::Patch;

/// The generation of htmx that the pages load.
///
/// The markup of a page is the same for both; what differs is how a patch is written, and which files the page loads.
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
    /// htmx 2 with the `ws` extension of htmx-ext-ws.
    V2,
    /// htmx 4 with its own `hx-ws` extension.
    #[default]
    V4,
}

impl Htmx {
    /// Both generations.
    pub const ALL: [Self; 2] = [Self::V2, Self::V4];

    /// The patch as top-level elements of a frame, in the order in which they must arrive.
    pub(crate) fn pieces(self, patch: &Patch) -> Vec<Piece> {
        match self {
            Self::V2 => htmx2::pieces(patch),
            Self::V4 => htmx4::pieces(patch),
        }
    }
}

/// A frame that makes the page load itself anew, in both generations. The comment is for our script, which does it at a moment of its own; a page
/// without the script does what the element says.
pub(crate) fn refresh(reason: &str) -> String {
    format!("<!--htmx-ws! {reason}--><div hx-swap-oob=\"beforeend:body\"><meta http-equiv=\"refresh\" content=\"1\"></div>")
}
