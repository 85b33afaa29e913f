//! htmx 4: the targets of all elements of a frame are resolved before any of them is swapped.

use crate::dialect::piece::{self, Piece};
use crate::html::patch::{Patch, Position};

pub(super) fn pieces(patch: &Patch) -> Vec<Piece> {
    match patch {
        Patch::Replace(fragment) => vec![piece::state(fragment, "true")],
        // `morph` throws here; the style is called `outerMorph`.
        Patch::Morph(fragment) => vec![piece::state(fragment, "outerMorph")],
        // Since targets are resolved first, exactly one of the two finds its target.
        Patch::Upsert { list, fragment } => {
            vec![piece::insert_if_absent(fragment, Position::LastChild, list), piece::state(fragment, "outerMorph")]
        }
        Patch::Remove(id) => vec![piece::remove(id)],
        Patch::Update { target, html } => vec![piece::update(target, html)],
        Patch::Insert { position, anchor, fragment } => vec![piece::insert_if_absent(fragment, *position, anchor)],
    }
}
