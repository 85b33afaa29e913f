//! htmx 2: every top-level element of a frame is swapped out of band, one after the other.

use crate::dialect::piece::{self, Piece};
use crate::html::fragment::Fragment;
use crate::html::patch::{Patch, Position};

pub(super) fn pieces(patch: &Patch) -> Vec<Piece> {
    match patch {
        // Without idiomorph's extension htmx 2 takes `morph` for `innerHTML`, which puts the element into itself.
        Patch::Replace(fragment) | Patch::Morph(fragment) => state(fragment, "true"),
        Patch::Upsert { list, fragment } => {
            let mut pieces = vec![piece::insert_if_absent(fragment, Position::LastChild, list)];
            pieces.extend(state(fragment, "true"));
            pieces
        }
        Patch::Remove(id) => vec![piece::remove(id)],
        Patch::Update { target, html } => vec![piece::update(target, html)],
        Patch::Insert { position, anchor, fragment } => vec![piece::insert_if_absent(fragment, *position, anchor)],
    }
}

fn state(fragment: &Fragment, style: &str) -> Vec<Piece> {
    if !piece::is_foreign(fragment) {
        return vec![piece::state(fragment, style)];
    }
    // A replacement would put the wrapper into the page as well, and every other style leaves the element itself: so the new one comes before the old one, and the
    // old one goes. The new one is the first of the two, because htmx gives elements that it preserves to the first that it finds.
    vec![piece::wrapped(fragment, &format!("beforebegin:#{}", fragment.id())), piece::remove_second(fragment.id())]
}
