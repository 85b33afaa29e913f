//! htmx 4: the targets of all elements of a frame are resolved before any of them is swapped.

use crate::dialect::piece::{self, Piece};
use crate::html::fragment::Fragment;
use crate::html::patch::{Patch, Position};

pub(super) fn pieces(patch: &Patch) -> Vec<Piece> {
    match patch {
        Patch::Replace(fragment) => vec![state(fragment, "outerHTML")],
        // `morph` throws here; the style is called `outerMorph`.
        Patch::Morph(fragment) => vec![state(fragment, "outerMorph")],
        // Since targets are resolved first, exactly one of the two finds its target.
        Patch::Upsert { list, fragment } => {
            vec![piece::insert_if_absent(fragment, Position::LastChild, list), state(fragment, "outerMorph")]
        }
        other => piece::alike(other).into_iter().collect(),
    }
}

/// Here a wrapper can be taken off in every style. So a row stands in one frame with its insertion, and with other rows.
fn state(fragment: &Fragment, style: &str) -> Piece {
    if piece::needs_wrapper(fragment) {
        return piece::wrapped(fragment, &format!("{style} strip:true target:#{}", fragment.id()));
    }
    piece::state(fragment, if style == "outerHTML" { "true" } else { style })
}
