//! htmx 2: every top-level element of a frame is swapped out of band, one after the other.

use crate::dialect::piece::{self, Piece};
use crate::html::patch::{Patch, Position};

pub(super) fn pieces(patch: &Patch) -> Vec<Piece> {
    match patch {
        // Without idiomorph's extension htmx 2 takes `morph` for `innerHTML`, which puts the element into itself.
        Patch::Replace(fragment) | Patch::Morph(fragment) => vec![piece::state(fragment, "true")],
        Patch::Upsert { list, fragment } => {
            vec![piece::insert_if_absent(fragment, Position::LastChild, list), piece::state(fragment, "true")]
        }
        Patch::Remove(id) => vec![piece::remove(id)],
        Patch::Update { target, html } => vec![piece::update(target, html)],
        Patch::Insert { position, anchor, fragment } => vec![piece::insert_if_absent(fragment, *position, anchor)],
    }
}
